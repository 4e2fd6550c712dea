//! Rows 20 and 22 to 25: workers in each other's way, and a table that refuses.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;
use tributary_domain::{EventKey, Fingerprint, ObjectKey, Row};
use tributary_pipeline::apply::{Fate, Incoming, Ports, apply};
use tributary_pipeline::ports::{Loaded, Store, StoreError};
use tributary_pipeline::receipt::Receipt;
use tributary_testkit::samples::{Sample, event_key, object_key};
use tributary_testkit::{MemoryQueues, MemoryStore};

use crate::database::Database;
use crate::wire::{self, Fault};

/// A database whose calls go wrong by a rule.
async fn troubled(rule: impl Fn(&str, &Value) -> Fault + Send + Sync + 'static) -> Database {
    Database::open_through(|client| wire::before(client, rule)).await
}

/// Ten events about three objects, ties among them.
fn samples() -> Vec<Sample> {
    let sample = |event: u32| Sample {
        event,
        object: event % 3,
        at: i64::from(event % 4),
        n: event,
        ..Sample::default()
    };
    (0..10).map(sample).collect()
}

async fn deliver(store: &impl Store, queues: &MemoryQueues, samples: &[Sample]) -> Vec<Fate> {
    let ports = Ports {
        store,
        fetches: queues,
        quarantine: queues,
    };
    let batch: Vec<Incoming> = samples
        .iter()
        .map(|s| s.incoming(s.event.to_string()))
        .collect();
    let fates = apply(&ports, batch).await.into_iter();
    fates.map(|(_, fate)| fate).collect()
}

/// What the mirror has to end as.
async fn expected(samples: &[Sample]) -> Vec<String> {
    let store = MemoryStore::default();
    deliver(&store, &MemoryQueues::default(), samples).await;
    store.mirror().into_values().collect()
}

async fn mirror(database: &Database) -> Vec<String> {
    let rows = database.store.all_rows().await.unwrap();
    rows.values().map(Row::to_json).collect()
}

/// A message's visibility ends while it is still worked on, and a second worker gets
/// it: whatever the two do in turn, each event has one effect.
#[tokio::test]
async fn fault_20_two_workers_on_one_message_have_one_effect() {
    let database = troubled(|_, _| Fault::None).await;
    let (one, other) = (MemoryQueues::default(), MemoryQueues::default());
    let samples = samples();
    let (left, right) = tokio::join!(
        deliver(&database.store, &one, &samples),
        deliver(&database.store, &other, &samples),
    );
    let both = left.iter().zip(&right);
    for (left, right) in both.clone() {
        let fates = [left, right];
        assert!(
            fates
                .iter()
                .all(|fate| matches!(fate, Fate::Applied | Fate::Duplicate)),
            "{fates:?}"
        );
    }
    let applied = both
        .filter(|fates| matches!(fates, (Fate::Applied, Fate::Applied)))
        .count();
    assert_eq!(applied, 0, "two receipts for one event");
    assert_eq!(mirror(&database).await, expected(&samples).await);
    assert_eq!(
        database.store.all_outcomes().await.unwrap().len(),
        samples.len()
    );
}

/// A store in which a rival writes the row first, so many times.
struct Contested<'a, S> {
    store: &'a S,
    losses: AtomicU32,
}

impl<S: Store> Store for Contested<'_, S> {
    async fn load(&self, events: &[EventKey], objects: &[ObjectKey]) -> Result<Loaded, StoreError> {
        self.store.load(events, objects).await
    }

    async fn write_row(
        &self,
        key: &ObjectKey,
        row: &Row,
        expected: Option<&Fingerprint>,
    ) -> Result<(), StoreError> {
        let left = self.losses.load(Ordering::SeqCst);
        if left > 0 {
            self.losses.store(left - 1, Ordering::SeqCst);
            let rival = rival(left);
            let known = self.store.load(&[], std::slice::from_ref(key)).await?;
            let known = known.rows.get(key).cloned();
            let token = known.as_ref().map(Row::token);
            let mut row = known.unwrap_or_default();
            row.join(rival.version());
            self.store.write_row(key, &row, token.as_ref()).await?;
        }
        self.store.write_row(key, row, expected).await
    }

    async fn write_receipt(&self, receipt: &Receipt) -> Result<(), StoreError> {
        self.store.write_receipt(receipt).await
    }
}

/// What a rival writes that leaves so many to come.
fn rival(left: u32) -> Sample {
    Sample {
        event: 100 + left,
        n: left,
        ..Sample::default()
    }
}

/// Another worker writes the row first, again and again: its state is joined, up to
/// eight times; after that the message comes again with nothing half done, and then
/// it is applied.
#[tokio::test]
async fn fault_22_a_conflict_is_joined_eight_times_and_then_comes_again() {
    for (losses, fate) in [(1, Fate::Applied), (7, Fate::Applied), (8, Fate::Failed)] {
        let database = Database::open().await;
        let contested = Contested {
            store: &database.store,
            losses: AtomicU32::new(losses),
        };
        let queues = MemoryQueues::default();
        let mine = Sample::default();
        assert_eq!(
            deliver(&contested, &queues, std::slice::from_ref(&mine)).await,
            [fate],
            "{losses} losses"
        );
        let outcomes = database.store.all_outcomes().await.unwrap();
        assert_eq!(
            outcomes.is_empty(),
            fate == Fate::Failed,
            "no receipt without its effect"
        );
        if fate == Fate::Failed {
            assert_eq!(
                deliver(&contested, &queues, std::slice::from_ref(&mine)).await,
                [Fate::Applied]
            );
        }
        let rows = database.store.all_rows().await.unwrap();
        let row = &rows[&object_key(1)];
        assert!(row.decided_by(&mine.version()), "mine is in it");
        for left in 1..=losses {
            let rival = rival(left).version();
            assert!(row.decided_by(&rival), "so is rival {left}");
        }
    }
}

/// A store whose reads are so stale that they show nothing.
struct Stale<'a, S>(&'a S);

impl<S: Store> Store for Stale<'_, S> {
    async fn load(&self, _: &[EventKey], _: &[ObjectKey]) -> Result<Loaded, StoreError> {
        Ok(Loaded::default())
    }

    async fn write_row(
        &self,
        key: &ObjectKey,
        row: &Row,
        expected: Option<&Fingerprint>,
    ) -> Result<(), StoreError> {
        self.0.write_row(key, row, expected).await
    }

    async fn write_receipt(&self, receipt: &Receipt) -> Result<(), StoreError> {
        self.0.write_receipt(receipt).await
    }
}

/// The receipt's condition fails, for there is one that the read did not show: it is
/// a duplicate only if the content is the same. Another content is quarantined, and
/// the object fetched; the first receipt stays.
#[tokio::test]
async fn fault_23_a_failed_condition_is_a_duplicate_only_of_the_same_content() {
    let first = Sample::default();
    let other = Sample {
        n: 666,
        ..first.clone()
    };
    for (second, fate, held) in [(&first, Fate::Duplicate, 0), (&other, Fate::OtherBody, 1)] {
        let database = Database::open().await;
        let queues = MemoryQueues::default();
        deliver(&database.store, &queues, std::slice::from_ref(&first)).await;
        let stale = Stale(&database.store);
        assert_eq!(
            deliver(&stale, &queues, std::slice::from_ref(second)).await,
            [fate]
        );
        assert_eq!(queues.quarantine().len(), held);
        assert_eq!(
            queues.fetches().len(),
            held,
            "Stripe decides which is right"
        );
        let mark = database.store.load(&[event_key(1)], &[]).await.unwrap();
        let mark = &mark.receipts[&event_key(1)];
        assert_eq!(
            mark.fingerprint,
            first.arrival().facts.fingerprint,
            "the first stays"
        );
    }
}

/// A write happens and its answer is lost, once or always: it is repeated, by the SDK
/// or by the redelivery, and recognised as one's own by what it wrote. No token is
/// involved that would be forgotten after ten minutes.
#[tokio::test(start_paused = true)]
async fn fault_24_a_write_without_an_answer_is_recognised_however_late() {
    for lost in [1, 3] {
        let seen: Mutex<std::collections::BTreeMap<String, u32>> = Mutex::default();
        let database = troubled(move |operation, input| {
            let Some(key) = input["Item"]["pk"]["S"].as_str() else {
                return Fault::None;
            };
            assert_eq!(operation, "PutItem");
            assert!(input.get("ClientRequestToken").is_none());
            let mut seen = seen.lock().unwrap();
            let times = seen.entry(key.to_owned()).or_default();
            *times += 1;
            if *times <= lost {
                Fault::Lost
            } else {
                Fault::None
            }
        });
        let database = database.await;
        let samples = samples();
        let queues = MemoryQueues::default();
        let mut pending = samples.clone();
        for delivery in 0.. {
            let fates = deliver(&database.store, &queues, &pending).await;
            let done = |fate: &Fate| matches!(fate, Fate::Applied | Fate::Duplicate);
            assert!(
                fates.iter().all(|fate| done(fate) || *fate == Fate::Failed),
                "{fates:?}"
            );
            let all = pending.into_iter().zip(&fates);
            pending = all
                .filter(|(_, fate)| !done(fate))
                .map(|(sample, _)| sample)
                .collect();
            if pending.is_empty() {
                assert_eq!(
                    delivery > 0,
                    lost == 3,
                    "one lost answer is the SDK's to bear"
                );
                break;
            }
            // The queue hides them; a worker of another hour takes them.
            tokio::time::sleep(std::time::Duration::from_secs(601)).await;
        }
        assert!(queues.quarantine().is_empty());
        assert_eq!(mirror(&database).await, expected(&samples).await);
        assert_eq!(
            database.store.all_outcomes().await.unwrap().len(),
            samples.len()
        );
    }
}

/// Decides what happens to a call, by its operation and input.
type Decide = Box<dyn Fn(&str, &Value) -> Fault + Send + Sync>;

/// One partition is throttled, for writes or for reads: the messages about what is in
/// it come again and are applied later; all others are applied now.
#[tokio::test(start_paused = true)]
async fn fault_25_a_hot_partition_costs_only_its_own_messages() {
    const THROTTLED: &str = "ProvisionedThroughputExceededException";
    let hot_row = object_key(1).to_string();
    let hot_receipt = event_key(2).to_string();
    let writes = |hot: String| -> Decide {
        Box::new(move |_, input| match input["Item"]["pk"]["S"].as_str() {
            Some(key) if key == hot => Fault::Refused(THROTTLED),
            _ => Fault::None,
        })
    };
    let reads = |hot: String| -> Decide {
        Box::new(move |operation, _| match operation {
            "BatchGetItem" => Fault::Unread(hot.clone()),
            _ => Fault::None,
        })
    };
    let on_row = |sample: &Sample| sample.object == 1;
    let on_receipt = |sample: &Sample| sample.event == 2;
    type Costs = fn(&Sample) -> bool;
    let cases: [(_, Costs); 4] = [
        (writes(hot_row.clone()), on_row),
        (reads(hot_row), on_row),
        (writes(hot_receipt.clone()), on_receipt),
        (reads(hot_receipt), on_receipt),
    ];
    for (case, (rule, costs)) in cases.into_iter().enumerate() {
        let is_hot = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(true));
        let heat = std::sync::Arc::clone(&is_hot);
        let database = troubled(move |operation, input| match heat.load(Ordering::SeqCst) {
            true => rule(operation, input),
            false => Fault::None,
        });
        let database = database.await;
        let (samples, queues) = (samples(), MemoryQueues::default());
        let fates = deliver(&database.store, &queues, &samples).await;
        for (sample, fate) in samples.iter().zip(fates) {
            let expected = if costs(sample) {
                Fate::Failed
            } else {
                Fate::Applied
            };
            assert_eq!(fate, expected, "case {case}, {sample:?}");
        }
        is_hot.store(false, Ordering::SeqCst);
        let fates = deliver(&database.store, &queues, &samples).await;
        assert!(!fates.contains(&Fate::Failed), "case {case}: {fates:?}");
        assert_eq!(
            mirror(&database).await,
            expected(&samples).await,
            "case {case}"
        );
    }
}
