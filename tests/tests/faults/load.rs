//! Rows 26 and 27: one account's burst, and everybody's.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use futures_util::future::join_all;
use ingest_webhook::answer::Answer;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep};
use tributary_pipeline::message::Message;
use tributary_pipeline::ports::{EventQueue, SendError};
use tributary_testkit::MemoryQueues;

use crate::door::{Vault, door, post, queued, sound_door};
use crate::events::{NOON, numbered, of_account};
use crate::rig::sound;
use crate::world::{Record, World};

/// Every tenth event is of one of nine quiet accounts, all others are the whale's.
fn burst() -> Vec<Value> {
    let owner = |n: usize| match n % 10 {
        0 => format!("acct_quiet{}", n / 10 % 9),
        _ => "acct_whale".to_owned(),
    };
    (0..900)
        .map(|n| of_account(&owner(n), numbered(n)))
        .collect()
}

/// A model of a fair queue: the next message is of the group that was served least,
/// and the oldest of that group. Returns the messages' groups in the order served.
fn served(records: &[Record]) -> Vec<String> {
    let mut lanes: BTreeMap<&str, VecDeque<()>> = BTreeMap::new();
    for record in records {
        lanes.entry(&record.group).or_default().push_back(());
    }
    let mut count: BTreeMap<&str, usize> = lanes.keys().map(|group| (*group, 0)).collect();
    let mut order = Vec::new();
    while order.len() < records.len() {
        let waiting = count
            .iter_mut()
            .filter(|(group, _)| !lanes[*group].is_empty());
        let (group, served) = waiting.min_by_key(|(_, served)| **served).unwrap();
        *served += 1;
        order.push((*group).to_owned());
        lanes.get_mut(group).unwrap().pop_front();
    }
    order
}

/// Messages that were served before the last one of the quiet accounts.
fn wait_of_the_quiet(records: &[Record]) -> usize {
    let order = served(records);
    order
        .iter()
        .rposition(|group| group.contains("quiet"))
        .unwrap()
}

/// One account sends nine of ten events: each account is a group of its own in the
/// fair queue, so that the others wait less than twice as long as without it.
#[tokio::test]
async fn fault_26_a_whale_does_not_keep_the_others_waiting() {
    let (world, vault) = (World::default(), Vault::default());
    let door = sound_door(&world, &vault, &sound);
    for event in burst() {
        assert_eq!(door.handle(post(&event, NOON), NOON).await, Answer::Queued);
    }
    let all = queued(&world);
    let groups: BTreeSet<&str> = all.iter().map(|record| record.group.as_str()).collect();
    assert_eq!(groups.len(), 10);
    let quiet = all.iter().filter(|record| record.group.contains("quiet"));
    let quiet: Vec<Record> = quiet.cloned().collect();
    let (alone, beside_the_whale) = (wait_of_the_quiet(&quiet), wait_of_the_quiet(&all));
    assert!(
        beside_the_whale < 2 * alone,
        "{beside_the_whale} instead of {alone}"
    );

    let test = Value::from(false);
    let mut noise = numbered(901);
    noise["livemode"] = test;
    door.handle(post(&noise, NOON), NOON).await;
    let last = queued(&world).pop().unwrap();
    assert_eq!(last.group, "test", "test mode is nobody's neighbour");
}

/// A queue that takes so many messages a second and lets the rest wait.
struct Narrow<'a> {
    queue: &'a MemoryQueues,
    gate: &'a Semaphore,
}

/// Time that the queue takes for one message; with four at a time, 40 a second.
const SEND: Duration = Duration::from_millis(100);

impl EventQueue for Narrow<'_> {
    async fn send(&self, message: &Message) -> Result<(), SendError> {
        let _turn = self.gate.acquire().await.unwrap();
        sleep(SEND).await;
        self.queue.send(message).await
    }
}

/// Events at a hundred times the rate that the queue takes them, whatever becomes of
/// those before: each is answered 200 or 503 within ten seconds, what was refused is
/// taken when Stripe sends it again, the backlog drains, and an event costs one send
/// and two writes as on a calm day.
#[tokio::test(start_paused = true)]
async fn fault_27_a_storm_is_answered_in_time_and_drains_at_the_usual_cost() {
    const EVENTS: usize = 1000;
    let (world, vault) = (World::default(), Vault::default());
    let gate = Semaphore::new(4);
    let attempt = async |n: usize| {
        // Each in an environment of its own, as Lambda would start them.
        let queue = Narrow {
            queue: &world.queues,
            gate: &gate,
        };
        let door = door(queue, &world, &vault, &sound);
        let started = Instant::now();
        let answer = door.handle(post(&numbered(n), NOON), NOON).await;
        assert!(
            started.elapsed() < Duration::from_secs(10),
            "Stripe has given up"
        );
        assert!([200, 503].contains(&answer.status()), "{answer:?}");
        answer.status()
    };
    let storm = (0..EVENTS).map(async |n| {
        sleep(Duration::from_micros(250) * u32::try_from(n).unwrap()).await;
        let mut attempts = 1;
        // Stripe's pauses grow; the spread keeps its attempts apart.
        while attempt(n).await == 503 {
            sleep(Duration::from_secs(10 << attempts) + SEND * u32::try_from(n % 100).unwrap())
                .await;
            attempts += 1;
        }
        attempts
    });
    let attempts = join_all(storm).await;
    assert!(
        attempts.iter().any(|attempts| *attempts > 1),
        "no storm at all"
    );

    let queued = queued(&world);
    assert_eq!(
        queued.len(),
        EVENTS,
        "one send for each accepted event, none else"
    );
    for batch in queued.chunks(10) {
        world.apply(batch).await;
    }
    assert_eq!(
        (world.store.mirror().len(), world.store.receipts().len()),
        (EVENTS, EVENTS)
    );
    assert_eq!(world.store.writes(), 2 * EVENTS, "as on a calm day");
}

/// Seconds of the storm, and its events a second: a hundred times a quiet platform's.
const STORM_S: u64 = 300;
const STORM_RATE: u64 = 20;
/// How long applying ten events takes: at first the consumers are slower than the storm.
const BATCH: Duration = Duration::from_secs(5);
/// How a standard queue's event source scales (Lambda's guide): it begins with five
/// invocations at once, and adds 300 a minute, here up to the template's
/// `ApplyMaximumConcurrency`.
const CONSUMERS_FIRST: usize = 5;
const CONSUMERS_MAX: usize = 50;

/// Five minutes of a hundred times the events with a sound queue, on a simulated clock.
/// Each is answered 200 within a second, whatever waits behind; the consumers become
/// more until the backlog is gone; and an event costs what it costs on a calm day.
#[tokio::test(start_paused = true)]
async fn fault_27_five_minutes_of_storm_are_taken_at_once_and_drain() {
    let (world, vault) = (World::default(), Vault::default());
    let gate = Semaphore::new(Semaphore::MAX_PERMITS);
    let began = Instant::now();
    let storm = async {
        let sent = (0..STORM_S * STORM_RATE).map(async |n| {
            sleep(Duration::from_millis(1_000 / STORM_RATE * n)).await;
            let queue = Narrow {
                queue: &world.queues,
                gate: &gate,
            };
            let door = door(queue, &world, &vault, &sound);
            let started = Instant::now();
            let event = post(&numbered(usize::try_from(n).unwrap()), NOON);
            assert_eq!(door.handle(event, NOON).await, Answer::Queued);
            assert!(started.elapsed() < Duration::from_secs(1));
        });
        join_all(sent).await;
    };
    let drain = async {
        let (mut taken, mut most_waiting) = (0, 0);
        let events = usize::try_from(STORM_S * STORM_RATE).unwrap();
        while taken < events {
            let second = usize::try_from(began.elapsed().as_secs()).unwrap();
            let consumers = (CONSUMERS_FIRST + 5 * second).min(CONSUMERS_MAX);
            let waiting = queued(&world).split_off(taken);
            most_waiting = most_waiting.max(waiting.len());
            for batch in waiting.chunks(10).take(consumers) {
                world.apply(batch).await;
                taken += batch.len();
            }
            sleep(BATCH).await;
        }
        (most_waiting, began.elapsed())
    };
    let ((), (most_waiting, drained)) = tokio::join!(storm, drain);
    let events = usize::try_from(STORM_S * STORM_RATE).unwrap();
    assert!(most_waiting > 50, "no backlog at all: {most_waiting}");
    assert!(
        drained < Duration::from_secs(STORM_S) + 4 * BATCH,
        "{drained:?}"
    );
    assert_eq!(queued(&world).len(), events, "one send for each");
    assert_eq!(world.store.receipts().len(), events);
    assert_eq!(world.store.writes(), 2 * events, "as on a calm day");
}
