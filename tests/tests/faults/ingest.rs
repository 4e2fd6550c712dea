//! Rows 8 to 11, 26 and 27: the door, when it or the queue behind it fails.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ingest_webhook::answer::Answer;
use serde_json::json;
use tokio::time::Instant;
use tributary_aws::{Aws, SqsEvents};
use tributary_pipeline::apply::Fate;

use crate::cloud::{Cloud, Reply};
use crate::door::{Vault, door, post, queued, sound_door};
use crate::events::{NOON, numbered};
use crate::rig::{Death, Fault, When, sound};
use crate::world::{Record, World};

/// Longest that Stripe may wait: the function's own timeout.
const BUDGET: Duration = Duration::from_secs(10);

/// Ingest dies before or after its message is sent: Stripe has no 2xx and sends the
/// event again, and it is applied once.
#[tokio::test]
async fn fault_08_ingest_dies_between_verifying_and_sending() {
    for (when, messages) in [(When::Before, 1), (When::After, 2)] {
        let (world, vault) = (World::default(), Vault::default());
        let death = Death::at(0, when);
        let rule = |_: &str| death.fault();
        let dying = sound_door(&world, &vault, &rule);
        let answer = death.or(dying.handle(post(&numbered(1), NOON), NOON)).await;
        assert_eq!(answer, None, "Stripe is not told 2xx");
        let next = sound_door(&world, &vault, &sound);
        let answer = next.handle(post(&numbered(1), NOON + 60), NOON + 60).await;
        assert_eq!(answer, Answer::Queued);
        let queued = queued(&world);
        assert_eq!(queued.len(), messages, "{when:?}");
        world.apply(&queued).await;
        assert_eq!(
            (world.store.mirror().len(), world.store.receipts().len()),
            (1, 1)
        );
    }
}

/// What SQS answers when it took a message.
fn sent() -> Reply {
    Reply::Ok(json!({"MessageId": "219f8380-5770-4cc2-8c3e-5c715e145f5e",
        "MD5OfMessageBody": "fafb00f5732ab283681e124bf8747ed1"}))
}

/// An SQS whose first `troubled` sends go wrong in that way.
async fn sqs(troubled: usize, trouble: Reply) -> (Cloud, SqsEvents) {
    let left = AtomicUsize::new(troubled);
    let cloud = Cloud::start(move |_, _| {
        let one_less = |left: usize| left.checked_sub(1);
        match left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less) {
            Ok(_) => trouble.clone(),
            Err(_) => sent(),
        }
    });
    let cloud = cloud.await;
    let aws = Aws::at(&cloud.url(), "us-east-1").await;
    let queue = SqsEvents::new(&aws, format!("{}/123456789012/events", cloud.url()));
    (cloud, queue)
}

/// The messages that a cloud's queue was sent.
fn taken(cloud: &Cloud) -> Vec<Record> {
    let calls = cloud.calls("SendMessage").into_iter().enumerate();
    let record = |(n, call): (usize, serde_json::Value)| Record {
        id: n.to_string(),
        kind: call["MessageAttributes"]["kind"]["StringValue"]
            .as_str()
            .map(str::to_owned),
        group: call["MessageGroupId"].as_str().unwrap().to_owned(),
        body: call["MessageBody"].as_str().unwrap().to_owned(),
    };
    calls.map(record).collect()
}

/// SQS takes a message and its answer is lost, once or always: it may be queued more
/// than once, or Stripe may send it again, and it has one effect.
#[tokio::test]
async fn fault_09_a_send_that_happened_without_an_answer_has_one_effect() {
    for (troubled, expected) in [(1, Answer::Queued), (99, Answer::Unavailable)] {
        let (world, vault) = (World::default(), Vault::default());
        let (cloud, queue) = sqs(troubled, Reply::Cut).await;
        let door = door(queue, &world, &vault, &sound);
        assert_eq!(door.handle(post(&numbered(1), NOON), NOON).await, expected);
        let messages = taken(&cloud);
        assert!(messages.len() > 1, "no second try");
        let fates = world.apply(&messages).await;
        assert_eq!(fates[0], Fate::Applied);
        assert!(
            fates[1..].iter().all(|fate| *fate == Fate::Duplicate),
            "{fates:?}"
        );
        assert_eq!((world.store.mirror().len(), world.store.writes()), (1, 2));
    }
}

/// SQS throttles or fails: it is tried three times in all, within Stripe's ten
/// seconds, and then the answer is 503, so that Stripe sends the event again.
#[tokio::test]
async fn fault_10_a_queue_that_refuses_is_tried_three_times_and_then_503() {
    let troubles = [
        Reply::Refused(400, "ThrottlingException"),
        Reply::Refused(503, "ServiceUnavailable"),
        Reply::Refused(500, "InternalFailure"),
    ];
    for trouble in troubles {
        for (troubled, expected) in [(2, Answer::Queued), (99, Answer::Unavailable)] {
            let (world, vault) = (World::default(), Vault::default());
            let (cloud, queue) = sqs(troubled, trouble.clone()).await;
            let door = door(queue, &world, &vault, &sound);
            let started = Instant::now();
            assert_eq!(door.handle(post(&numbered(1), NOON), NOON).await, expected);
            assert!(started.elapsed() < BUDGET);
            assert_eq!(taken(&cloud).len(), 3, "{trouble:?}");
            assert_eq!(expected.status(), if troubled == 2 { 200 } else { 503 });
        }
    }
}

/// SQS says nothing at all: the answer is 503 before the function's own timeout
/// takes the process, and the answer with it.
#[tokio::test(start_paused = true)]
async fn fault_10_a_queue_that_hangs_is_503_within_the_budget() {
    let (world, vault) = (World::default(), Vault::default());
    let hangs = |call: &str| match call.starts_with("send") {
        true => Fault::DiesBefore,
        false => Fault::None,
    };
    let started = Instant::now();
    let door = sound_door(&world, &vault, &hangs);
    let answer = door.handle(post(&numbered(1), NOON), NOON).await;
    assert_eq!(answer, Answer::Unavailable);
    assert!(started.elapsed() < BUDGET - Duration::from_secs(1));
}

/// The event is queued and the answer to Stripe is lost: Stripe sends it again, and
/// it has one effect.
#[tokio::test]
async fn fault_11_an_answer_that_stripe_never_sees_has_one_effect() {
    let (world, vault) = (World::default(), Vault::default());
    let door = sound_door(&world, &vault, &sound);
    for attempt in 0..4 {
        let at = NOON + attempt * 3600;
        assert_eq!(
            door.handle(post(&numbered(1), at), at).await,
            Answer::Queued
        );
    }
    let queued = queued(&world);
    assert_eq!(queued.len(), 4);
    let fates = world.apply(&queued).await;
    let duplicates = fates
        .iter()
        .filter(|fate| **fate == Fate::Duplicate)
        .count();
    assert_eq!((duplicates, world.store.writes()), (3, 2));
}
