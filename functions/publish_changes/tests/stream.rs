//! Batches as Lambda hands them in, from their JSON to the bus and back.

#![cfg(test)]

use std::sync::Mutex;
use std::time::Duration;

use aws_lambda_events::dynamodb::Event;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use publish_changes::handler::Publish;
use serde_json::{Value, json};
use tributary_aws::codec::{Text, pack};
use tributary_domain::{Change, Document, EventId, Row, Version};
use tributary_pipeline::ports::{Blobs, SendError};
use tributary_pipeline::publish::{BusEntry, EventBus, Pause};
use tributary_testkit::{MemoryBlobs, MemoryQueues};

/// Takes everything but events about objects whose ids start with `bad`.
#[derive(Default)]
struct Bus(Mutex<Vec<Value>>);

impl EventBus for Bus {
    async fn put(&self, entries: &[BusEntry]) -> Result<Vec<Result<(), SendError>>, SendError> {
        let one = |entry: &BusEntry| {
            let detail: Value = serde_json::from_str(&entry.detail).unwrap();
            if detail["object"]["id"].as_str().unwrap().starts_with("bad") {
                return Err(SendError::Transient("throttled".to_owned()));
            }
            self.0.lock().unwrap().push(detail);
            Ok(())
        };
        Ok(entries.iter().map(one).collect())
    }
}

struct NoPause;

impl Pause for NoPause {
    async fn up_to(&self, _: Duration) {}
}

fn publish() -> Publish<Bus, NoPause, MemoryBlobs, MemoryQueues> {
    Publish {
        bus: Bus::default(),
        pause: NoPause,
        blobs: MemoryBlobs::default(),
        quarantine: MemoryQueues::default(),
    }
}

/// A row that saw a fee refund of that amount.
fn row(amount: i64) -> Row {
    let body = json!({"id": "fr_1", "object": "fee_refund", "amount": amount, "currency": "usd",
        "created": 1, "fee": "fee_1"});
    let mut row = Row::default();
    row.join(Version {
        at: amount,
        source: EventId::parse(&format!("evt_{amount}")).unwrap(),
        change: Change::Changed,
        body: Document::from_value(&body).unwrap(),
        previous: None,
    });
    row
}

fn image(id: &str, row: &Row) -> Value {
    json!({
        "pk": {"S": format!("live#acct_1#fee_refund#{id}")},
        "token": {"S": row.token().as_str()},
        "at": {"N": "5"},
        "text": {"B": STANDARD.encode(pack(Text::Row, &row.to_json()).unwrap())},
    })
}

fn record(number: u32, old: Option<Value>, new: Option<Value>) -> Value {
    let mut change = json!({
        "ApproximateCreationDateTime": 1_762_000_000.0, "SequenceNumber": number.to_string(),
        "SizeBytes": 100, "StreamViewType": "NEW_AND_OLD_IMAGES",
        "Keys": {"pk": {"S": "live#acct_1#fee_refund#fr_1"}},
    });
    if let Some(old) = old {
        change["OldImage"] = old;
    }
    if let Some(new) = new {
        change["NewImage"] = new;
    }
    json!({"eventID": format!("record-{number}"), "eventName": "MODIFY", "eventVersion": "1.1",
        "eventSource": "aws:dynamodb", "awsRegion": "eu-central-1", "dynamodb": change})
}

fn batch(records: Vec<Value>) -> Event {
    serde_json::from_str(&json!({"Records": records}).to_string()).unwrap()
}

async fn failures(
    publish: &Publish<Bus, NoPause, MemoryBlobs, MemoryQueues>,
    records: Vec<Value>,
) -> Value {
    let response = publish.handle(batch(records)).await;
    serde_json::to_value(&response).unwrap()
}

#[tokio::test]
async fn a_step_becomes_an_event() {
    let publish = publish();
    let images = [1, 2].map(|amount| Some(image("fr_1", &row(amount))));
    let [old, new] = images;
    let response = failures(&publish, vec![record(7, old, new)]).await;
    assert_eq!(response, json!({"batchItemFailures": []}));
    let events = publish.bus.0.lock().unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!(
        events[0]["schema"],
        "tributary.application_fee_refund.changed"
    );
    assert_eq!(events[0]["change"], "updated");
    assert_eq!(events[0]["state"]["amount"], 2);
    assert_eq!(events[0]["previous"]["amount"], 1);
    assert_eq!(events[0]["sequence"], format!("{:040}", 7));
    assert_eq!(events[0]["account"], "acct_1");
}

#[tokio::test]
async fn a_removal_is_silent() {
    let publish = publish();
    let response = failures(
        &publish,
        vec![record(7, Some(image("fr_1", &row(1))), None)],
    )
    .await;
    assert_eq!(response, json!({"batchItemFailures": []}));
    assert!(publish.bus.0.lock().unwrap().is_empty());
}

#[tokio::test]
async fn failures_are_named_in_order_and_stop_nothing_else() {
    let publish = publish();
    let mut damaged = image("fr_3", &row(1));
    damaged["text"] = json!({"B": STANDARD.encode([9, 9, 9])});
    let response = failures(
        &publish,
        vec![
            record(1, None, Some(image("fr_1", &row(1)))),
            record(2, None, Some(image("bad_2", &row(1)))),
            record(3, None, Some(damaged)),
            record(4, None, None),
            record(5, None, Some(image("bad_5", &row(1)))),
            record(6, None, Some(image("fr_6", &row(1)))),
        ],
    )
    .await;
    let held = publish.quarantine.quarantine();
    assert_eq!(
        (held.len(), held[0].code),
        (1, "unreadable_row"),
        "and not in the shard's way"
    );
    assert!(String::from_utf8_lossy(&held[0].body).contains("live#acct_1#fee_refund#fr_1"));
    let names = ["2", "5"].map(|name| json!({"itemIdentifier": name}));
    assert_eq!(response, json!({"batchItemFailures": names}));
    let published: Vec<_> = publish
        .bus
        .0
        .lock()
        .unwrap()
        .iter()
        .map(|event| event["object"]["id"].clone())
        .collect();
    assert_eq!(published, ["fr_1", "fr_6"]);
}

#[tokio::test]
async fn a_row_too_large_for_an_item_is_read_from_the_bucket() {
    let publish = publish();
    publish
        .blobs
        .put("bodies/x", &pack(Text::Row, &row(3).to_json()).unwrap())
        .await
        .unwrap();
    let mut item = image("fr_1", &row(3));
    item.as_object_mut().unwrap().remove("text");
    item["text_at"] = json!({"S": "bodies/x"});
    let response = failures(&publish, vec![record(1, None, Some(item.clone()))]).await;
    assert_eq!(response, json!({"batchItemFailures": []}));
    assert_eq!(publish.bus.0.lock().unwrap()[0]["state"]["amount"], 3);
    item["text_at"] = json!({"S": "bodies/missing"});
    let response = failures(&publish, vec![record(2, None, Some(item))]).await;
    assert_eq!(response, json!({"batchItemFailures": []}));
    assert_eq!(publish.quarantine.quarantine().len(), 1);
}
