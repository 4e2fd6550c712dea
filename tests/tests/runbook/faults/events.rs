//! A webhook that fails until it is a dead letter, and its trace on the way back.

use serde_json::{Value, json};
use tributary_aws::operate::Peeked;
use tributary_domain::TraceParent;

use super::NOBODY;
use crate::desk::Desk;
use crate::road::{event, eventually};

const KEY: &str = "live#platform#customer#cus_damaged";
const EVENT: &str = "evt_damaged";

/// A receipt that cannot be read: its event waits until it can, or is gone.
fn receipt(desk: &Desk<'_>) -> Value {
    json!({"TableName": desk.output("EventsTableName"), "Item": {
        "pk": {"S": format!("live#platform#{EVENT}")}, "text": {"S": "damaged"},
    }})
}

/// It becomes a dead letter within a minute: five receives.
pub(super) async fn a_webhook_meets_a_damaged_receipt(desk: &Desk<'_>) {
    desk.emulator.dynamodb("PutItem", &receipt(desk)).await;
    let webhook = event("damaged", 100, "damaged", "Late");
    assert_eq!(desk.road.post("platform", &webhook).await.status, 200);
}

/// The trace that began at the door goes with the letter and with what is sent back, and
/// is that of what is announced in the end.
pub(super) async fn dead_letters_of_events_are_sent_back(desk: &Desk<'_>) {
    let road = desk.road;
    let trace = TraceParent::of_event(EVENT);
    desk.sounds("EventsDeadLetters", "page-stuck").await;
    let is_of_trace = |message: &Peeked| {
        message.attributes.get("traceparent").map(String::as_str) == Some(trace.as_str())
    };
    let letters = desk.output("EventsDeadLettersUrl");
    let (shown, _) = desk.run("tributary dlq peek events").await;
    assert!(shown.to_string().contains("item_unreadable"), "{shown}");
    road.message_when(&letters, is_of_trace).await;

    let Value::Object(mut damaged) = receipt(desk) else {
        panic!("no call");
    };
    let pk = damaged.remove("Item").unwrap()["pk"].clone();
    damaged.insert("Key".to_owned(), json!({ "pk": pk }));
    desk.emulator.dynamodb("DeleteItem", &damaged.into()).await;
    // Nobody reads what is sent back before it was looked at.
    let reader = desk.output("ApplyEventName");
    desk.emulator.set_reading(&reader, false).await;
    // A look hides it for a second.
    eventually("a letter that can be taken", || async {
        let depth = road.queues.depth(&letters).await.unwrap();
        (depth.visible == 1).then_some(())
    })
    .await;
    desk.follow("EventsDeadLetters", NOBODY, &["redrive"]).await;
    let events = desk.output("EventsQueueUrl");
    road.message_when(&events, is_of_trace).await;
    desk.emulator.set_reading(&reader, true).await;
    assert_eq!(road.content(KEY).await["name"], "Late");
    desk.until_empty("EventsDeadLettersUrl").await;
    let told = road.message_when(&road.bus_queue, |told| told.body.contains("cus_damaged"));
    let told: Value = serde_json::from_str(&told.await.body).unwrap();
    let told = TraceParent::parse(told["detail"]["traceparent"].as_str().unwrap());
    assert_eq!(told.unwrap().trace_id(), trace.trace_id());
}
