//! Messages that wait for a person.

use serde_json::{Value, json};
use tributary_aws::{S3Blobs, SqsQuarantine};
use tributary_pipeline::ledger::{BookState, Ledger};
use tributary_pipeline::message::Quarantined;
use tributary_pipeline::ports::Quarantine;

use super::fetches::{customer, fetch_of};
use super::{NOBODY, PARTNER_SOURCE, pull_of};
use crate::desk::Desk;
use crate::road::{event, eventually};

pub(super) async fn a_quarantined_event_is_released_and_garbage_dropped(desk: &Desk<'_>) {
    let road = desk.road;
    // What an older version could not use, and this one can.
    hold(
        desk,
        "bad_object",
        event("held", 100, "held", "Free").to_string(),
    )
    .await;
    desk.sounds("Quarantine", "ticket-stuck").await;
    desk.follow("Quarantine", NOBODY, &["release"]).await;
    let content = road.content("live#platform#customer#cus_held").await;
    assert_eq!(content["name"], "Free");
    desk.until_empty("QuarantineQueueUrl").await;

    hold(desk, "not_json", "{".to_owned()).await;
    let id = the_only_id(desk, "tributary quarantine list").await;
    desk.follow("Quarantine", &[("ID", &id)], &["drop"]).await;
    desk.until_empty("QuarantineQueueUrl").await;
}

async fn hold(desk: &Desk<'_>, code: &'static str, body: String) {
    let road = desk.road;
    let bucket = road.stack.output("ArchiveBucketName").unwrap();
    let url = road.stack.output("QuarantineQueueUrl").unwrap();
    let blobs = S3Blobs::new(&road.aws, bucket.to_owned());
    let held = Quarantined {
        code,
        detail: String::new(),
        stage: "apply",
        event: None,
        endpoint: None,
        body: body.into_bytes(),
    };
    let quarantine = SqsQuarantine::new(&road.aws, url.to_owned(), blobs);
    quarantine.hold(&held).await.unwrap();
}

/// The id of the one message that a command lists.
pub(super) async fn the_only_id(desk: &Desk<'_>, command: &str) -> String {
    let (answer, _) = desk.run(command).await;
    let tables = answer.as_object().unwrap().values();
    let rows: Vec<&Value> = tables
        .filter_map(Value::as_array)
        .flatten()
        .filter(|row| row["id"].is_string())
        .collect();
    assert_eq!(rows.len(), 1, "{answer}");
    rows[0]["id"].as_str().unwrap().to_owned()
}

pub(super) async fn dead_letters_of_fetches_are_sent_back(desk: &Desk<'_>) {
    let road = desk.road;
    let (account, id, truth) = customer(desk, 0);
    let letters = road.stack.output("FetchDeadLettersUrl").unwrap();
    road.queues
        .send(letters, None, &fetch_of("customer", &account, &id))
        .await
        .unwrap();
    desk.sounds("FetchDeadLetters", "ticket-stuck").await;
    desk.follow("FetchDeadLetters", NOBODY, &["redrive"]).await;
    let content = road.content(&format!("live#{account}#customer#{id}")).await;
    assert_eq!(content, truth);
    desk.until_empty("FetchDeadLettersUrl").await;
}

pub(super) async fn dead_letters_of_the_ledger_are_sent_back(desk: &Desk<'_>) {
    let road = desk.road;
    let (account, _, _) = customer(desk, 0);
    let until = road.world.lock().unwrap().now();
    let wanted = pull_of(&account, until);
    let book = wanted.book.clone();
    let letters = road.stack.output("LedgerDeadLettersUrl").unwrap();
    road.queues
        .send(letters, None, &wanted.to_body())
        .await
        .unwrap();
    desk.sounds("LedgerDeadLetters", "ticket-stuck").await;
    desk.follow("LedgerDeadLetters", NOBODY, &["redrive"]).await;
    let ledger = road.stack.ledger(&road.aws).unwrap();
    eventually("a book that was pulled", || async {
        let state = ledger.state(&book).await.unwrap();
        (state != BookState::default()).then_some(())
    })
    .await;
    desk.until_empty("LedgerDeadLettersUrl").await;
}

/// What it points at the stream has forgotten, or it was handed in again.
pub(super) async fn a_letter_of_the_stream_is_dropped(desk: &Desk<'_>) {
    let road = desk.road;
    let letters = road.stack.output("PublishDeadLettersUrl").unwrap();
    let pointer = json!({"DDBStreamBatchInfo": {
        "shardId": "shardId-00000001", "startSequenceNumber": "1", "endSequenceNumber": "1",
        "batchSize": 1,
    }});
    road.queues
        .send(letters, None, &pointer.to_string())
        .await
        .unwrap();
    desk.sounds("PublishDeadLetters", "page-stuck").await;
    let id = the_only_id(desk, "tributary dlq peek publish").await;
    desk.follow("PublishDeadLetters", &[("ID", &id)], &[]).await;
    desk.until_empty("PublishDeadLettersUrl").await;
}

pub(super) async fn a_job_of_reconciliation_is_sent_back(desk: &Desk<'_>) {
    let road = desk.road;
    let letters = road.stack.output("ReconcileDeadLettersUrl").unwrap();
    road.queues
        .send(letters, None, r#"{"plan":"due"}"#)
        .await
        .unwrap();
    desk.sounds("ReconcileDeadLetters", "ticket-stuck").await;
    desk.follow("ReconcileDeadLetters", NOBODY, &["redrive"])
        .await;
    desk.until_empty("ReconcileDeadLettersUrl").await;
}

/// As EventBridge hands over what it could not put into the queue.
pub(super) async fn dead_letters_of_the_partner_rule_are_sent_on(desk: &Desk<'_>) {
    let road = desk.road;
    let event = event("partner", 100, "partner", "By the bus");
    let envelope = json!({
        "version": "0", "id": "8f1b3a52-0000-4000-8000-00000000abcd", "account": "123456789012",
        "source": PARTNER_SOURCE, "detail-type": event["type"], "region": "us-east-1",
        "time": "2026-11-20T10:00:00Z", "resources": [], "detail": event,
    });
    let letters = desk.output("PartnerDeadLettersUrl");
    let why = [("ERROR_CODE".to_owned(), "NO_PERMISSIONS".to_owned())].into();
    let envelope = envelope.to_string();
    let sent = road.queues.post(&letters, None, &why, &envelope);
    sent.await.unwrap();
    desk.sounds("PartnerDeadLetters", "page-stuck").await;
    let (shown, _) = desk.run("tributary dlq peek partner").await;
    assert!(shown.to_string().contains("NO_PERMISSIONS"), "{shown}");
    desk.follow("PartnerDeadLetters", NOBODY, &["redrive"])
        .await;
    let content = road.content("live#platform#customer#cus_partner").await;
    assert_eq!(content["name"], "By the bus");
    desk.until_empty("PartnerDeadLettersUrl").await;
}
