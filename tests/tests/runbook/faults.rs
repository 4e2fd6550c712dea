//! The faults, one for each section, and what is so when they are mended.

use serde_json::{Value, json};
use tributary_aws::reconcile::DynamoFindings;
use tributary_aws::secrets::put_signing_secrets;
use tributary_aws::{ControlTable, DynamoLedger, S3Blobs, SqsQuarantine};
use tributary_domain::{Mode, Owner};
use tributary_ledger::Book;
use tributary_pacing::ControlStore;
use tributary_pipeline::ledger::{BookState, Ledger, PullRequest};
use tributary_pipeline::message::Quarantined;
use tributary_pipeline::ports::Quarantine;
use tributary_pipeline::reconcile::Findings;
use tributary_reconciliation::{Code, Finding, Scope};

use crate::desk::Desk;
use crate::road::{event, eventually};

/// The sections that are done below.
pub(crate) const SECTIONS: &[&str] = &[
    "BreakerOpen",
    "EventsDeadLetters",
    "FetchDeadLetters",
    "ImportDeadLetters",
    "LedgerDeadLetters",
    "PublishDeadLetters",
    "Quarantine",
    "ReconcileDeadLetters",
    "Residual",
    "SecondBody",
    "WebhookErrors",
];

pub(crate) async fn all(desk: &Desk<'_>) {
    // Before the door has learned its secrets.
    a_missing_secret_is_stored(desk).await;
    dead_letters_of_events_are_sent_back(desk).await;
    a_quarantined_event_is_released_and_garbage_dropped(desk).await;
    a_second_body_is_looked_at_and_dropped(desk).await;
    dead_letters_of_fetches_are_sent_back(desk).await;
    dead_letters_of_the_ledger_are_sent_back(desk).await;
    dead_letters_of_imports_are_sent_back(desk).await;
    a_letter_of_the_stream_is_dropped(desk).await;
    a_balance_that_differs_is_seen(desk).await;
    a_job_of_reconciliation_is_sent_back(desk).await;
    an_open_breaker_closes(desk).await;
}

const NOBODY: &[(&str, &str)] = &[];

/// The first webhook of an endpoint whose secret was never stored, or was emptied.
async fn a_missing_secret_is_stored(desk: &Desk<'_>) {
    let road = desk.road;
    let id = road.stack.output("ThinSigningSecretId").unwrap();
    let secret = road.stack.signing_secrets["thin"].clone();
    put_signing_secrets(&road.aws, id, &[]).await.unwrap();
    let webhook = event("door", 100, "door", "At last");
    assert_eq!(road.post("thin", &webhook).await.status, 503);
    let check = "tributary secrets rotate-check";
    assert_eq!(desk.run(check).await.1, 2, "something is wrong");
    put_signing_secrets(&road.aws, id, &[&secret])
        .await
        .unwrap();
    eventually("a webhook that is taken", || async {
        (road.post("thin", &webhook).await.status == 200).then_some(())
    })
    .await;
    desk.follow("WebhookErrors", NOBODY, &[]).await;
    assert_eq!(desk.run(check).await.1, 0, "nothing is wrong any more");
}

async fn dead_letters_of_events_are_sent_back(desk: &Desk<'_>) {
    let road = desk.road;
    let letters = road.stack.output("EventsDeadLettersUrl").unwrap();
    let late = event("letter", 100, "letter", "Late").to_string();
    road.queues
        .send(letters, Some("event"), &late)
        .await
        .unwrap();
    desk.sounds("EventsDeadLetters", "page-stuck").await;
    desk.follow("EventsDeadLetters", NOBODY, &["redrive"]).await;
    let content = road.content("live#platform#customer#cus_letter").await;
    assert_eq!(content["name"], "Late");
    desk.until_empty("EventsDeadLettersUrl").await;
}

async fn a_quarantined_event_is_released_and_garbage_dropped(desk: &Desk<'_>) {
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
async fn the_only_id(desk: &Desk<'_>, command: &str) -> String {
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

async fn a_second_body_is_looked_at_and_dropped(desk: &Desk<'_>) {
    let road = desk.road;
    road.post("platform", &event("twin", 100, "twin", "Alice"))
        .await;
    road.content("live#platform#customer#cus_twin").await;
    road.until_quiet().await;
    road.post("platform", &event("twin", 200, "twin", "Mallory"))
        .await;
    // The function says so in a line of its log, which is the metric.
    desk.sounds("SecondBody", "page-right").await;
    let id = the_only_id(desk, "tributary quarantine list").await;
    let filling = [("ID", id.as_str()), ("EVENT", "evt_twin")];
    desk.follow("SecondBody", &filling, &["quarantine drop"])
        .await;
    desk.until_empty("QuarantineQueueUrl").await;
    let content = road.content("live#platform#customer#cus_twin").await;
    assert_eq!(content["name"], "Alice", "the first one stays");
}

/// A customer of the simulated Stripe: the account, the id, the truth.
fn customer(desk: &Desk<'_>, place: usize) -> (String, String, Value) {
    let world = desk.road.world.lock().unwrap();
    let mut customers = world
        .objects()
        .filter(|(object, _)| object.livemode && object.kind == "customer");
    let (object, value) = customers.nth(place).unwrap();
    let account = object.owner.account_id().unwrap().to_owned();
    (account, object.id.clone(), value.clone())
}

fn fetch_of(account: &str, id: &str) -> String {
    let object = json!({
        "mode": "live", "owner": {"Account": account}, "kind": "customer", "id": id,
    });
    json!({"object": object, "cause": "evt_runbook"}).to_string()
}

async fn dead_letters_of_fetches_are_sent_back(desk: &Desk<'_>) {
    let road = desk.road;
    let (account, id, truth) = customer(desk, 0);
    let letters = road.stack.output("FetchDeadLettersUrl").unwrap();
    road.queues
        .send(letters, None, &fetch_of(&account, &id))
        .await
        .unwrap();
    desk.sounds("FetchDeadLetters", "ticket-stuck").await;
    desk.follow("FetchDeadLetters", NOBODY, &["redrive"]).await;
    let content = road.content(&format!("live#{account}#customer#{id}")).await;
    assert_eq!(content, truth);
    desk.until_empty("FetchDeadLettersUrl").await;
}

async fn dead_letters_of_the_ledger_are_sent_back(desk: &Desk<'_>) {
    let road = desk.road;
    let (account, _, _) = customer(desk, 0);
    let book = Book {
        mode: Mode::Live,
        owner: Owner::parse(&account).unwrap(),
    };
    let until = road.world.lock().unwrap().now();
    let wanted = PullRequest {
        book: book.clone(),
        until,
        since: None,
    };
    let letters = road.stack.output("LedgerDeadLettersUrl").unwrap();
    road.queues
        .send(letters, None, &wanted.to_body())
        .await
        .unwrap();
    desk.sounds("LedgerDeadLetters", "ticket-stuck").await;
    desk.follow("LedgerDeadLetters", NOBODY, &["redrive"]).await;
    let table = road.stack.output("LedgerTableName").unwrap();
    let ledger = DynamoLedger::new(&road.aws, table.to_owned());
    eventually("a book that was pulled", || async {
        let state = ledger.state(&book).await.unwrap();
        (state != BookState::default()).then_some(())
    })
    .await;
    desk.until_empty("LedgerDeadLettersUrl").await;
}

/// S3's word that it may send: nothing is to be imported, and the letter is done.
async fn dead_letters_of_imports_are_sent_back(desk: &Desk<'_>) {
    let road = desk.road;
    let letters = road.stack.output("ImportDeadLettersUrl").unwrap();
    let greeting = r#"{"Service":"Amazon S3","Event":"s3:TestEvent"}"#;
    road.queues.send(letters, None, greeting).await.unwrap();
    desk.sounds("ImportDeadLetters", "ticket-stuck").await;
    desk.follow("ImportDeadLetters", NOBODY, &["redrive"]).await;
    desk.until_empty("ImportDeadLettersUrl").await;
}

/// What it points at the stream has forgotten, or it was handed in again.
async fn a_letter_of_the_stream_is_dropped(desk: &Desk<'_>) {
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

/// A balance that differs, told with the next plan, until it is explained.
async fn a_balance_that_differs_is_seen(desk: &Desk<'_>) {
    let road = desk.road;
    // Of the world that the stack's key opens.
    let book = Book {
        mode: Mode::of(road.stack.api_key.contains("_live_")),
        owner: Owner::Platform,
    };
    let table = road.stack.output("FindingsTableName").unwrap();
    let findings = DynamoFindings::new(&road.aws, table.to_owned());
    let scope = Scope::new("balance", "usd");
    let mut finding =
        Finding::new(Code::BalanceMismatchPlatform, &book, "usd", &scope, 100).at_stake(5, "usd");
    findings.save(&finding, 0).await.unwrap();
    let jobs = road.stack.output("ReconcileQueueUrl").unwrap();
    road.queues
        .send(jobs, None, r#"{"plan":"due"}"#)
        .await
        .unwrap();
    desk.sounds("Residual", "page-right").await;
    desk.sounds("FindingsLeft", "ticket-right").await;
    desk.follow("Residual", &[("ACCT", "platform")], &[]).await;
    finding.gone(200);
    findings.save(&finding, 1).await.unwrap();
    let (shown, _) = desk.run("tributary account show platform").await;
    assert!(!shown.to_string().contains("BALANCE_MISMATCH"), "{shown}");
}

async fn a_job_of_reconciliation_is_sent_back(desk: &Desk<'_>) {
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

/// Open, and a probe is due: the next call is it, and Stripe answers.
async fn an_open_breaker_closes(desk: &Desk<'_>) {
    let road = desk.road;
    let table = road.stack.output("ControlTableName").unwrap();
    let control = ControlTable::new(&road.aws, table.to_owned());
    let key = "stripe#circuit#customers";
    let seen = control.load(key).await.unwrap();
    let open = r#"{"state":"open","until_ms":0,"openings":3}"#;
    let seen = seen.map(|stored| stored.version);
    control.replace(key, open, seen).await.unwrap();
    let (status, _) = desk.run("tributary status").await;
    assert!(status.to_string().contains("customers"), "{status}");

    let (account, id, truth) = customer(desk, 1);
    let letters = road.stack.output("FetchDeadLettersUrl").unwrap();
    road.queues
        .send(letters, None, &fetch_of(&account, &id))
        .await
        .unwrap();
    desk.follow("BreakerOpen", NOBODY, &["redrive fetch"]).await;
    let content = road.content(&format!("live#{account}#customer#{id}")).await;
    assert_eq!(content, truth);
    eventually("a closed circuit", || async {
        let stored = control.load(key).await.unwrap()?;
        stored.text.contains(r#""state":"closed""#).then_some(())
    })
    .await;
}
