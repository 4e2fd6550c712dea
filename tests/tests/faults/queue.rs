//! Rows 16 to 18, 21 and 26: what the queue does with poison, names and noise.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::runtime::Builder;

use crate::events::{NOON, charge, event, numbered, of_account};
use crate::rig::{Fault, sound};
use crate::sqs::{Queue, RECEIVES_MAX};
use crate::world::{Record, World, invocation, named};

/// A message of a kind that only a later version knows.
fn poison(id: &str) -> Record {
    Record {
        kind: Some("a_kind_of_next_year".to_owned()),
        ..Record::event(id, &numbered(99))
    }
}

async fn work(queue: &mut Queue, world: &World) -> BTreeMap<String, u32> {
    let mut received = BTreeMap::new();
    while !queue.is_empty() {
        let batch = queue.receive(10);
        for record in &batch {
            *received.entry(record.id.clone()).or_insert(0) += 1;
        }
        let failed = world.worker(&sound).handle(invocation(&batch)).await;
        queue.settle(&batch, Some(&named(failed)));
    }
    received
}

/// One message of ten is poison: it alone comes again, five times, and becomes a
/// dead letter; the nine others are applied and acknowledged at once.
#[tokio::test]
async fn fault_16_a_poison_message_alone_goes_to_the_dead_letters() {
    let world = World::default();
    let good = (0..9).map(|n| Record::event(format!("good{n}"), &numbered(n)));
    let mut queue = Queue::of(good.chain([poison("poison")]));
    let received = work(&mut queue, &world).await;
    assert_eq!(queue.dead(), ["poison"]);
    assert_eq!(received["poison"], RECEIVES_MAX);
    assert!(
        received
            .iter()
            .all(|(id, times)| id == "poison" || *times == 1)
    );
    assert_eq!(world.store.mirror().len(), 9);
}

/// No queue here is FIFO, so a poison message blocks none of its group: the later
/// events of its account and object are applied, and once the poison can be read it
/// takes nothing back. Convergent rows stand in the place of a group's order.
#[tokio::test]
async fn fault_17_poison_blocks_nothing_of_its_account_and_comes_late_without_harm() {
    let refunded = |n: i64| charge("1", "succeeded", n * 100);
    let events: Vec<Value> = (0..6)
        .map(|n| {
            let event = event(&format!("{n}"), "charge.updated", NOON + n, &refunded(n));
            of_account("acct_1", event)
        })
        .collect();
    let in_order = World::default();
    for event in &events {
        in_order.apply(&[Record::event("m", event)]).await;
    }
    for bad in 0..events.len() {
        let world = World::default();
        let records = events.iter().enumerate().map(|(n, event)| {
            let mut record = Record::event(n.to_string(), event);
            if n == bad {
                record.kind = Some("a_kind_of_next_year".to_owned());
            }
            record
        });
        let mut queue = Queue::of(records);
        work(&mut queue, &world).await;
        assert_eq!(queue.dead(), [bad.to_string()]);
        assert_eq!(world.store.receipts().len(), events.len() - 1);
        // The later version that knows the kind takes it from the dead letters.
        let late = Record::event("late", &events[bad]);
        work(&mut Queue::of([late]), &world).await;
        assert_eq!(
            world.store.mirror(),
            in_order.store.mirror(),
            "poison {bad}"
        );
        assert_eq!(world.store.receipts(), in_order.store.receipts());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    /// Some messages of a batch fail: the response names exactly those, each by the
    /// id that it came with, so that nothing is deleted that was not done.
    #[test]
    fn fault_18_a_response_names_what_failed_and_nothing_else(
        ids in proptest::collection::hash_set("[a-zA-Z0-9_#/\\-]{1,36}", 1..=10),
        broken in proptest::collection::vec(any::<bool>(), 10),
        poisoned in proptest::collection::vec(any::<bool>(), 10),
    ) {
        let runtime = Builder::new_current_thread().enable_time().build();
        runtime.unwrap().block_on(async {
            let world = World::default();
            let batch: Vec<Record> = ids.iter().enumerate().map(|(n, id)| match poisoned[n] {
                true => poison(id),
                false => Record::event(id, &numbered(n)),
            }).collect();
            let rule = |call: &str| {
                let fails = (0..10).any(|n| broken[n] && call.ends_with(&format!("#cus_{n}")));
                if fails { Fault::Refused } else { Fault::None }
            };
            let mut answered = named(world.worker(&rule).handle(invocation(&batch)).await);
            answered.sort();
            let failed = batch.iter().enumerate();
            let failed = failed.filter(|(n, _)| broken[*n] || poisoned[*n]);
            let mut failed: Vec<String> = failed.map(|(_, record)| record.id.clone()).collect();
            failed.sort();
            assert_eq!(answered, failed);
        });
    }
}

/// A message without an id cannot be named: if it fails, the response has an empty
/// name, which SQS takes for the whole batch. Nothing is deleted in silence.
#[tokio::test]
async fn fault_18_a_message_without_an_id_fails_its_whole_batch() {
    let world = World::default();
    let batch = [Record::event("good", &numbered(1)), poison("")];
    let failed = named(world.worker(&sound).handle(invocation(&batch)).await);
    assert_eq!(failed, [""]);
    let mut queue = Queue::of(batch.clone());
    let received = queue.receive(10);
    queue.settle(&received, Some(&failed));
    assert_eq!(queue.receive(10), batch, "all of it comes again");
}

/// How an event source holds a function back.
#[derive(Clone, Copy)]
enum Limit {
    /// The poller takes no more than the function may run.
    MaximumConcurrency(usize),
    /// The poller takes what it can; what finds no room is throttled and was received.
    ReservedConcurrency(usize),
}

/// Rounds of a model of Lambda's pollers: five at least, each with a batch. Returns
/// how many messages became dead letters though the function never failed.
fn dead_letters_of_a_busy_function(messages: usize, limit: Limit) -> usize {
    const POLLERS: usize = 5;
    let mut queue = Queue::of((0..messages).map(|n| Record::event(n.to_string(), &json!({}))));
    while !queue.is_empty() {
        let (pollers, runs) = match limit {
            Limit::MaximumConcurrency(most) => (most, most),
            Limit::ReservedConcurrency(most) => (POLLERS, most),
        };
        let batches: Vec<_> = (0..pollers).map(|_| queue.receive(10)).collect();
        for (n, batch) in batches.iter().enumerate() {
            let throttled = n >= runs;
            queue.settle(batch, (!throttled).then_some(&[]));
        }
    }
    queue.dead().len()
}

/// More messages come than the function may run at once: they wait in the queue
/// instead of being received and throttled until they are dead letters. The template
/// limits by maximum concurrency, which is why; reserved concurrency would do that.
#[test]
fn fault_21_a_busy_function_makes_no_dead_letters() {
    let template = include_str!("../../../template.yaml");
    for function in ["ApplyEvent", "FetchObject"] {
        let (_, rest) = template.split_once(&format!("\n  {function}:\n")).unwrap();
        let (function, _) = rest
            .split_once("\n  ApplyEventLog:\n")
            .unwrap_or((rest, ""));
        let (function, _) = function
            .split_once("\n  FetchObjectLog:\n")
            .unwrap_or((function, ""));
        assert!(function.contains("MaximumConcurrency:"));
        assert!(!function.contains("ReservedConcurrentExecutions"));
    }
    let maximum = dead_letters_of_a_busy_function(1000, Limit::MaximumConcurrency(2));
    assert_eq!(maximum, 0);
    let reserved = dead_letters_of_a_busy_function(1000, Limit::ReservedConcurrency(2));
    assert!(reserved > 0, "the model cannot tell the two apart");
}

/// A deployment is rolled back, and messages that only the newer version knows are in
/// the queue: this version applies none of them, loses none, and from the dead letters
/// the newer one applies them.
#[tokio::test]
async fn fault_43_messages_of_a_later_version_wait_for_it_in_the_dead_letters() {
    let world = World::default();
    let later = (0..3).map(|n| Record {
        kind: Some("event_v2".to_owned()),
        ..Record::event(format!("later{n}"), &numbered(n))
    });
    let now = (3..9).map(|n| Record::event(n.to_string(), &numbered(n)));
    let mut queue = Queue::of(later.chain(now));
    work(&mut queue, &world).await;
    assert_eq!(queue.dead(), ["later0", "later1", "later2"]);
    assert_eq!(
        world.store.mirror().len(),
        6,
        "and what it knows is applied"
    );

    // The newer version, as far as it matters: it knows that kind for an event.
    queue.redrive();
    while !queue.is_empty() {
        let mut batch = queue.receive(10);
        for record in &mut batch {
            record.kind = Some("event".to_owned());
        }
        let failed = world.worker(&sound).handle(invocation(&batch)).await;
        queue.settle(&batch, Some(&named(failed)));
    }
    assert!(queue.dead().is_empty());
    assert_eq!(
        (world.store.mirror().len(), world.store.receipts().len()),
        (9, 9)
    );
}
