//! Rows 12 to 14, 19 and 45: a worker that dies, is cut short, or is used again.

use std::collections::BTreeSet;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;
use tokio::runtime::Builder;
use tokio::time::timeout;
use tributary_aws::records::delivered;
use tributary_aws::telemetry::unix_now;
use tributary_domain::Fingerprint;
use tributary_pipeline::apply::Fate;
use tributary_pipeline::message::Claim;
use tributary_pipeline::ports::Blobs;
use tributary_pipeline::receipt::Outcome;

use crate::events::{NOON, charge, event, numbered, payout};
use crate::rig::{Death, Fault, When, sound};
use crate::sqs::Queue;
use crate::world::{Record, World, invocation, named, only_fates};

/// A batch with everything that can be in one: versions of one object, a tie, a
/// thin event, a claim check, what cannot be used, and a duplicate.
async fn batch(world: &World) -> Vec<Record> {
    let thin = json!({"id": "evt_thin", "object": "v2.core.event", "type": "v1.customer.updated",
        "livemode": true, "created": "2025-11-21T12:00:00.000Z",
        "related_object": {"id": "cus_7", "type": "customer", "url": "/v1/customers/cus_7"}});
    let mut unusable = charge("9", "succeeded", 0);
    unusable["amount"] = json!(12.5);
    let claimed = numbered(8).to_string();
    let fingerprint = Fingerprint::of([claimed.as_bytes()]);
    let claim = Claim {
        key: format!("claims/{fingerprint}"),
        fingerprint,
        bytes: claimed.len(),
    };
    world
        .blobs
        .put(&claim.key, claimed.as_bytes())
        .await
        .unwrap();
    let events = [
        event("a", "charge.succeeded", NOON, &charge("1", "succeeded", 0)),
        event(
            "b",
            "charge.refunded",
            NOON + 1,
            &charge("1", "succeeded", 500),
        ),
        event("c", "payout.updated", NOON, &payout("1", "paid")),
        event("d", "payout.updated", NOON, &payout("1", "failed")),
        event("e", "charge.succeeded", NOON, &unusable),
        event("a", "charge.succeeded", NOON, &charge("1", "succeeded", 0)),
        thin,
        numbered(1),
    ];
    let records = events.iter().enumerate();
    let mut batch: Vec<Record> = records
        .map(|(n, event)| Record::event(n.to_string(), event))
        .collect();
    batch.push(Record {
        kind: Some("claim".to_owned()),
        body: serde_json::to_string(&claim).unwrap(),
        ..batch[0].clone()
    });
    batch.push(Record {
        body: "no JSON".to_owned(),
        ..batch[0].clone()
    });
    for (n, record) in batch.iter_mut().enumerate() {
        record.id = format!("m{n}");
    }
    batch
}

/// Everything that a world's state promises to end in, whatever happened on the way:
/// what may happen twice counts once.
fn end(world: &World) -> impl PartialEq + std::fmt::Debug {
    let fetches = world.queues.fetches().into_iter();
    let fetches: BTreeSet<String> = fetches.map(|(asked, _)| asked.object.to_string()).collect();
    let held = world.queues.quarantine().into_iter();
    let held: BTreeSet<&str> = held.map(|held| held.code).collect();
    (world.store.mirror(), world.store.receipts(), fetches, held)
}

/// An event that the log calls applied is in the mirror.
fn assert_receipts_vouch(world: &World, when: &str) {
    for receipt in world.store.receipts().into_values() {
        if receipt.outcome == Outcome::Applied {
            let row = world.store.row(&receipt.object.unwrap());
            assert!(row.is_some(), "{when}: a receipt without its effect");
        }
    }
}

async fn dies_and_is_repeated(when: When) {
    let reference = World::default();
    reference.apply(&batch(&reference).await).await;
    let mut deaths = 0;
    loop {
        let world = World::default();
        let batch = batch(&world).await;
        let death = Death::at(deaths, when);
        let rule = |_: &str| death.fault();
        let dying = world.worker(&rule);
        let ran = death.or(dying.handle(invocation(&batch))).await;
        let story = format!("dead {when:?} call {deaths}");
        assert_receipts_vouch(&world, &story);
        // No answer: the queue hands everything to a new process.
        let next = world.worker(&sound).handle(invocation(&batch)).await;
        assert!(named(next).is_empty(), "{story}");
        assert_eq!(end(&world), end(&reference), "{story}");
        if ran.is_some() {
            break;
        }
        deaths += 1;
    }
    assert!(deaths > 15, "{deaths} calls are too few for such a batch");
}

/// The worker dies before a call, at each call of a batch in turn: the messages come
/// again, and the end is that of an untroubled run.
#[tokio::test]
async fn fault_12_a_worker_that_dies_before_a_write_loses_nothing() {
    dies_and_is_repeated(When::Before).await;
}

/// The worker dies after a call's effect and before it can acknowledge, at each call
/// of a batch in turn: the redelivery changes nothing that is done.
#[tokio::test]
async fn fault_13_a_worker_that_dies_after_a_write_repeats_nothing() {
    dies_and_is_repeated(When::After).await;
}

/// Nothing is left to do for what the first run finished: all but the last calls of
/// a batch are made by a worker that dies, and its successor writes what is missing.
#[tokio::test]
async fn fault_13_what_is_done_costs_the_redelivery_no_write() {
    let batch: Vec<Record> = (0..10)
        .map(|n| Record::event(n.to_string(), &numbered(n)))
        .collect();
    // One load, then ten rows and ten receipts.
    for done in 1..=20 {
        let world = World::default();
        let death = Death::at(done, When::After);
        let rule = |_: &str| death.fault();
        let dying = world.worker(&rule);
        assert!(death.or(dying.handle(invocation(&batch))).await.is_none());
        let receipts = world.store.receipts().len();
        let writes = world.store.writes();
        assert_eq!(writes, done, "each call but the first was a write");
        let fates = world.apply(&batch).await;
        let duplicates = fates.iter().filter(|fate| **fate == Fate::Duplicate);
        assert_eq!(duplicates.count(), receipts);
        assert_eq!(
            world.store.writes(),
            20,
            "each row and receipt is written once"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// The function's time is up in the middle of a batch: what is done is not done
    /// again, the rest is, and nothing is left half done.
    #[test]
    fn fault_14_a_timeout_in_mid_batch_repeats_only_what_was_not_done(
        delays_ms in proptest::collection::vec(0..200_u64, 40), deadline_ms in 0..800_u64,
    ) {
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.unwrap().block_on(async {
            let (world, reference) = (World::default(), World::default());
            let messages = batch(&world).await;
            reference.apply(&batch(&reference).await).await;
            let delays = std::sync::Mutex::new(delays_ms.into_iter().cycle());
            let slow = |_: &str| {
                Fault::Slow(Duration::from_millis(delays.lock().unwrap().next().unwrap()))
            };
            let worker = world.worker(&slow);
            let deadline = Duration::from_millis(deadline_ms);
            let _ = timeout(deadline, worker.handle(invocation(&messages))).await;
            assert_receipts_vouch(&world, "timed out");
            let done: BTreeSet<String> = world.store.receipts().keys().map(|k| k.to_string()).collect();
            let writes = world.store.writes();
            let fates = world.worker(&sound).apply(delivered(invocation(&messages)), unix_now()).await;
            assert!(fates.iter().all(|(_, fate)| *fate != Fate::Failed), "{fates:?}");
            let receipts = world.store.receipts();
            let missing = receipts.keys().filter(|key| !done.contains(&key.to_string())).count();
            assert!(world.store.writes() - writes <= 2 * missing, "done work was done again");
            assert_eq!(end(&world), end(&reference));
        });
    }

    /// A batch has the same results in an environment that has seen other batches,
    /// failures and a timeout, as in a fresh one.
    #[test]
    fn fault_19_a_used_environment_works_like_a_fresh_one(
        history in proptest::collection::vec((0..30_usize, 0..4_u8), 0..12),
    ) {
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.unwrap().block_on(async {
            let (used, fresh) = (World::default(), World::default());
            let mood = std::sync::atomic::AtomicU8::new(0);
            let rule = |_: &str| match mood.load(std::sync::atomic::Ordering::SeqCst) {
                1 => Fault::Refused,
                2 => Fault::Lost,
                3 => Fault::Slow(Duration::from_secs(3600)),
                _ => Fault::None,
            };
            let old_worker = used.worker(&rule);
            for (n, fault) in history {
                mood.store(fault, std::sync::atomic::Ordering::SeqCst);
                let one = invocation(&[Record::event(n.to_string(), &numbered(n))]);
                let _ = timeout(Duration::from_secs(30), old_worker.handle(one)).await;
                mood.store(0, std::sync::atomic::Ordering::SeqCst);
                // The same state for both, so that only the environment differs.
                let one = invocation(&[Record::event(n.to_string(), &numbered(n))]);
                old_worker.handle(one.clone()).await;
                fresh.worker(&sound).handle(one).await;
            }
            let (a, b) = (batch(&used).await, batch(&fresh).await);
            let old = old_worker.apply(delivered(invocation(&a)), unix_now()).await;
            let new = fresh.worker(&sound).apply(delivered(invocation(&b)), unix_now()).await;
            assert_eq!(only_fates(old), only_fates(new));
            assert_eq!(used.store.mirror(), fresh.store.mirror());
            assert_eq!(used.store.receipts(), fresh.store.receipts());
        });
    }

    /// After a run in which every call may fail and messages became dead letters,
    /// all dead letters are moved back, and then everything that there ever was:
    /// what was missing is applied, and what was applied does not change.
    #[test]
    fn fault_45_moving_everything_back_changes_only_what_was_missing(
        seed in any::<u64>(), per_mille in 0..700_u64,
    ) {
        let runtime = Builder::new_current_thread().enable_time().build();
        runtime.unwrap().block_on(async {
            let (world, reference) = (World::default(), World::default());
            let mut all = batch(&world).await;
            all.extend((10..30).map(|n| Record::event(format!("m{n}"), &numbered(n))));
            batch(&reference).await;
            reference.apply(&all).await;

            let calls = std::sync::atomic::AtomicU64::new(seed);
            let rule = |_: &str| {
                let step = calls.fetch_add(0x9E37_79B9_7F4A_7C15, std::sync::atomic::Ordering::SeqCst);
                let drawn = Fingerprint::of([step.to_be_bytes().as_slice()]);
                let drawn = u64::from_str_radix(&drawn.as_str()[..8], 16).unwrap();
                match (drawn % 1000 < per_mille, drawn % 2) {
                    (false, _) => Fault::None,
                    (true, 0) => Fault::Refused,
                    (true, _) => Fault::Lost,
                }
            };
            let mut queue = Queue::of(all.clone());
            run(&mut queue, &world, &rule).await;
            assert_receipts_vouch(&world, "after the run");
            let applied = world.store.receipts();

            queue.redrive();
            run(&mut queue, &world, &sound).await;
            assert!(queue.dead().is_empty());
            assert_eq!(end(&world), end(&reference));
            for (key, receipt) in applied {
                assert_eq!(world.store.receipts()[&key], receipt);
            }

            let writes = world.store.writes();
            run(&mut Queue::of(all), &world, &sound).await;
            assert_eq!(end(&world), end(&reference));
            assert_eq!(world.store.writes(), writes, "everything again, and no write");
        });
    }
}

/// Works until the queue is empty.
async fn run(queue: &mut Queue, world: &World, rule: crate::rig::Rule<'_>) {
    while !queue.is_empty() {
        let batch = queue.receive(10);
        let failed = world.worker(rule).handle(invocation(&batch)).await;
        queue.settle(&batch, Some(&named(failed)));
    }
}
