//! Queues that are not worked off, and a stream.

use std::time::Duration;

use serde_json::Value;

use super::fetches::{fetch_of, payment};
use super::imports::{recorded, until_imported};
use super::{NOBODY, pull_of};
use crate::cloudwatch::Published;
use crate::desk::Desk;
use crate::road::event;

/// Published so long ago, an age is out of the alarm's minute soon.
const AGO: Duration = Duration::from_secs(40);

/// Something that waits: the alarm and whom it tells, the outputs with its reader's name
/// and its queue's address, and the seconds after which it has waited too long.
struct Waiting {
    section: &'static str,
    notifies: &'static str,
    reader: &'static str,
    queue: &'static str,
    too_long_s: u32,
}

const QUEUES: [Waiting; 5] = [
    Waiting {
        section: "EventsQueueAge",
        notifies: "page-flow",
        reader: "ApplyEventName",
        queue: "EventsQueueUrl",
        too_long_s: 300,
    },
    Waiting {
        section: "FetchQueueAge",
        notifies: "ticket-flow",
        reader: "FetchObjectName",
        queue: "FetchQueueUrl",
        too_long_s: 3_600,
    },
    Waiting {
        section: "LedgerQueueAge",
        notifies: "ticket-flow",
        reader: "PostLedgerName",
        queue: "LedgerQueueUrl",
        too_long_s: 3_600,
    },
    Waiting {
        section: "ImportQueueAge",
        notifies: "ticket-flow",
        reader: "ImportEntriesName",
        queue: "ImportQueueUrl",
        too_long_s: 7_200,
    },
    Waiting {
        section: "ReconcileQueueAge",
        notifies: "ticket-flow",
        reader: "ReconcileName",
        queue: "ReconcileQueueUrl",
        too_long_s: 21_600,
    },
];

/// The readers are off, as nothing else lets a message wait for hours. What waits is
/// seen, and worked off when they are on again.
pub(super) async fn readers_that_are_off_are_turned_on(desk: &Desk<'_>) {
    let road = desk.road;
    for waiting in &QUEUES {
        let reader = desk.output(waiting.reader);
        desk.emulator.set_reading(&reader, false).await;
    }
    let (account, id, truth) = payment(desk, 3);
    let now = road.world.lock().unwrap().now();
    let bodies = [
        event("waits", 100, "waits", "Patient").to_string(),
        fetch_of("charge", &account, &id),
        pull_of(&account, now).to_body(),
        recorded("own-waits"),
        r#"{"plan":"due"}"#.to_owned(),
    ];
    for (waiting, body) in QUEUES.iter().zip(&bodies) {
        let url = desk.output(waiting.queue);
        let kind = (waiting.queue == "EventsQueueUrl").then_some("event");
        road.queues.send(&url, kind, body).await.unwrap();
        has_waited(desk, waiting).await;
    }
    for waiting in &QUEUES {
        desk.sounds(waiting.section, waiting.notifies).await;
        desk.follow(waiting.section, NOBODY, &[]).await;
    }
    let (shown, _) = desk.run("tributary status").await;
    let queues = shown["queues"].as_array().unwrap();
    for waiting in &QUEUES {
        assert!(is_stopped(&shown, waiting.reader), "{shown}");
        let url = desk.output(waiting.queue);
        let mut queues = queues.iter().filter(|queue| queue["role"] == "work");
        let shown = queues.find(|queue| url.contains(queue["queue"].as_str().unwrap()));
        assert_eq!(shown.unwrap()["waiting"], 1, "{shown:?}");
    }
    for waiting in &QUEUES {
        let reader = desk.output(waiting.reader);
        desk.emulator.set_reading(&reader, true).await;
    }
    let content = road.content("live#platform#customer#cus_waits").await;
    assert_eq!(content["name"], "Patient");
    let content = road.content(&format!("live#{account}#charge#{id}")).await;
    assert_eq!(content, truth);
    until_imported(desk, "own-waits").await;
    for waiting in &QUEUES {
        desk.until_empty(waiting.queue).await;
        desk.emulator.is_quiet(waiting.section).await;
    }
}

/// Whether `status` shows that a function does not read; by the output with its name.
fn is_stopped(shown: &Value, output: &str) -> bool {
    let mut stopped = shown["stopped_consumers"].as_array().unwrap().iter();
    stopped.any(|it| it["function"] == output.trim_end_matches("Name"))
}

/// SQS publishes it every minute; here it says what it would say by then.
async fn has_waited(desk: &Desk<'_>, waiting: &Waiting) {
    let url = desk.output(waiting.queue);
    let name = url.rsplit('/').next().unwrap();
    let age = Published {
        namespace: "AWS/SQS",
        metric: "ApproximateAgeOfOldestMessage",
        dimension: ("QueueName", name),
        value: f64::from(waiting.too_long_s + 1),
        ago: AGO,
    };
    desk.emulator.publish(&[age]).await;
}

/// The stream's reader is off; what it has not read is announced when it is on again.
pub(super) async fn changes_that_waited_are_announced(desk: &Desk<'_>) {
    let road = desk.road;
    let publisher = desk.output("PublishChangesName");
    desk.emulator.set_reading(&publisher, false).await;
    let webhook = event("unheard", 100, "unheard", "Late");
    assert_eq!(road.post("platform", &webhook).await.status, 200);
    road.content("live#platform#customer#cus_unheard").await;
    // Lambda publishes the age of a stream's records with every batch that it hands over.
    let age = Published {
        namespace: "AWS/Lambda",
        metric: "IteratorAge",
        dimension: ("FunctionName", &publisher),
        value: 300_001.0,
        ago: AGO,
    };
    desk.emulator.publish(&[age]).await;
    desk.sounds("PublishAge", "page-flow").await;
    let (shown, _) = desk.run("tributary status").await;
    assert!(is_stopped(&shown, "PublishChangesName"), "{shown}");
    desk.emulator.set_reading(&publisher, true).await;
    road.message_when(&road.bus_queue, |told| told.body.contains("cus_unheard"))
        .await;
    desk.emulator.is_quiet("PublishAge").await;
    desk.follow("PublishAge", NOBODY, &[]).await;
}
