//! Rows 28 and 29: the mirror's stream, poisoned and repeated.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use aws_lambda_events::dynamodb::Event;
use proptest::prelude::*;
use publish_changes::handler::Publish;
use serde_json::{Value, json};
use tokio::runtime::Builder;
use tributary_aws::codec::{Text, pack};
use tributary_domain::{Change, Document, EventId, Row, Version};
use tributary_pipeline::ports::SendError;
use tributary_pipeline::publish::{BusEntry, EventBus, Pause};
use tributary_testkit::{MemoryBlobs, MemoryQueues};

/// A bus that never takes events about payout `po_cursed`, and crashes the function
/// at `po_crash`.
#[derive(Default)]
struct Bus(Mutex<Vec<Value>>);

impl EventBus for Bus {
    async fn put(&self, entries: &[BusEntry]) -> Result<Vec<Result<(), SendError>>, SendError> {
        let one = |entry: &BusEntry| {
            let detail: Value = serde_json::from_str(&entry.detail).unwrap();
            match detail["object"]["id"].as_str().unwrap() {
                "po_cursed" => Err(SendError::Transient("InternalFailure".to_owned())),
                "po_crash" => panic!("a bug"),
                _ => {
                    self.0.lock().unwrap().push(detail);
                    Ok(())
                }
            }
        };
        Ok(entries.iter().map(one).collect())
    }
}

struct NoPause;

impl Pause for NoPause {
    async fn up_to(&self, _: Duration) {}
}

/// The row of a payout after `step` steps.
fn row(id: &str, step: i64) -> Row {
    let body = json!({"id": id, "object": "payout", "amount": step, "currency": "usd",
        "status": "pending", "livemode": true});
    let mut row = Row::default();
    row.join(Version {
        at: step,
        source: EventId::parse(&format!("evt_{step}")).unwrap(),
        change: Change::Changed,
        body: Document::from_value(&body).unwrap(),
        previous: None,
    });
    row
}

fn image(id: &str, step: i64) -> Value {
    use base64::Engine;
    let packed = pack(Text::Row, &row(id, step).to_json()).unwrap();
    let text = base64::engine::general_purpose::STANDARD.encode(packed);
    json!({"pk": {"S": format!("live#platform#payout#{id}")}, "text": {"B": text}})
}

/// Step `step` of a payout, the shard's record number `sequence`.
fn record(sequence: usize, id: &str, step: i64) -> Value {
    let mut change = json!({
        "ApproximateCreationDateTime": 1_762_000_000.0, "SequenceNumber": sequence.to_string(),
        "SizeBytes": 100, "StreamViewType": "NEW_AND_OLD_IMAGES",
        "Keys": {"pk": {"S": format!("live#platform#payout#{id}")}}, "NewImage": image(id, step),
    });
    if step > 1 {
        change["OldImage"] = image(id, step - 1);
    }
    json!({"eventID": sequence.to_string(), "eventName": "MODIFY", "eventVersion": "1.1",
        "eventSource": "aws:dynamodb", "awsRegion": "us-east-1", "dynamodb": change})
}

type Publisher = Publish<Bus, NoPause, MemoryBlobs, MemoryQueues>;

fn publisher() -> Publisher {
    Publish {
        bus: Bus::default(),
        pause: NoPause,
        blobs: MemoryBlobs::default(),
        quarantine: MemoryQueues::default(),
    }
}

/// Hands a batch to the function. `None` if it crashed.
async fn invoke(publisher: &Publisher, records: &[Value]) -> Option<Vec<String>> {
    use futures_util::FutureExt;
    let event: Event = serde_json::from_str(&json!({"Records": records}).to_string()).unwrap();
    let run = std::panic::AssertUnwindSafe(publisher.handle(event)).catch_unwind();
    let failures = run.await.ok()?.batch_item_failures.into_iter();
    Some(
        failures
            .map(|failure| failure.item_identifier.unwrap())
            .collect(),
    )
}

fn sequence(record: &Value) -> String {
    record["dynamodb"]["SequenceNumber"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// What Lambda does with a shard under the template's settings: it starts again at
/// the first record that failed, halves a batch whose function crashed, and gives a
/// record that keeps failing to the destination, so that the checkpoint advances.
async fn drain(publisher: &Publisher, shard: &[Value]) -> Vec<String> {
    const TRIES_MAX: usize = 3;
    let mut dead = Vec::new();
    let mut work: Vec<&[Value]> = vec![shard];
    let mut tries = 0;
    while let Some(batch) = work.pop() {
        let done = match invoke(publisher, batch).await {
            None if batch.len() > 1 => {
                let (left, right) = batch.split_at(batch.len() / 2);
                work.extend([right, left]);
                continue;
            }
            None => 0,
            Some(failed) => {
                let is_failed = |record: &Value| failed.contains(&sequence(record));
                batch.iter().position(is_failed).unwrap_or(batch.len())
            }
        };
        tries = if done > 0 { 0 } else { tries + 1 };
        let mut rest = &batch[done..];
        if tries == TRIES_MAX {
            dead.push(sequence(&rest[0]));
            rest = &rest[1..];
            tries = 0;
        }
        if !rest.is_empty() {
            work.push(rest);
        }
    }
    dead
}

/// One record of a shard never gets through, be it that the bus never takes it or
/// that the function crashes on it: it alone goes to the failure destination, and
/// everything before and behind it is published.
#[tokio::test]
async fn fault_28_a_poison_record_alone_goes_to_the_failure_destination() {
    for curse in ["po_cursed", "po_crash"] {
        for place in [0, 1, 7, 15] {
            let id = |n: usize| match n == place {
                true => curse.to_owned(),
                false => format!("po_{n}"),
            };
            let shard: Vec<Value> = (0..16).map(|n| record(n, &id(n), 1)).collect();
            let publisher = publisher();
            assert_eq!(drain(&publisher, &shard).await, [place.to_string()]);
            let events = publisher.bus.0.lock().unwrap();
            let mut published: Vec<_> = events.iter().map(|e| e["object"]["id"].clone()).collect();
            published.sort_by_key(Value::to_string);
            published.dedup();
            assert_eq!(published.len(), 15, "{curse} at {place}");
        }
    }
}

/// What a consumer keeps of each object: the state of the greatest sequence.
fn consume(events: &[Value]) -> BTreeMap<String, (String, Value)> {
    let mut known: BTreeMap<String, (String, Value)> = BTreeMap::new();
    for event in events {
        let object = event["object"]["id"].as_str().unwrap().to_owned();
        let sequence = event["sequence"].as_str().unwrap().to_owned();
        let newer = known.get(&object).is_none_or(|(seen, _)| *seen < sequence);
        if newer {
            known.insert(object, (sequence, event["state"].clone()));
        }
    }
    known
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 30, ..ProptestConfig::default() })]

    /// Every batch of the stream is handed in again, in any order: the same steps
    /// have the same events with the same ids, and a consumer that goes by object and
    /// sequence ends with the same state.
    #[test]
    fn fault_29_batches_handed_in_again_change_nothing_for_a_consumer(
        again in Just((0..24_usize).chain(0..24).collect::<Vec<_>>()).prop_shuffle(),
        size in 1..8_usize,
    ) {
        let records: Vec<Value> = (0..24)
            .map(|n| record(n + 1, &format!("po_{}", n % 3), i64::try_from(n / 3).unwrap() + 1))
            .collect();
        let repeated: Vec<Value> = again.iter().map(|n| records[*n].clone()).collect();
        let (once, twice) = (publisher(), publisher());
        Builder::new_current_thread().build().unwrap().block_on(async {
            for (publisher, records) in [(&once, &records), (&twice, &repeated)] {
                for batch in records.chunks(size) {
                    assert_eq!(invoke(publisher, batch).await.unwrap(), [""; 0]);
                }
            }
        });
        let (once, twice) = (once.bus.0.into_inner().unwrap(), twice.bus.0.into_inner().unwrap());
        let by_id = |events: &[Value]| -> BTreeMap<String, String> {
            events.iter().map(|e| (e["id"].to_string(), e.to_string())).collect()
        };
        prop_assert_eq!((once.len(), twice.len()), (24, 48));
        prop_assert_eq!(by_id(&once).len(), 24);
        prop_assert_eq!(by_id(&twice), by_id(&once));
        prop_assert_eq!(consume(&twice), consume(&once));
    }
}
