//! What comes through the queue: files, entries, and what is neither.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use import_entries::handler::{Import, Windows};
use import_entries::notice::Notice;
use serde_json::{Value, json};
use tributary_domain::{Fingerprint, Mode, Owner};
use tributary_ledger::Day;
use tributary_pipeline::own_book::{Dropped, entries};
use tributary_pipeline::reconcile::Job;
use tributary_testkit::MemoryQueues;
use tributary_testkit::own_book::MemoryOwnBook;
use tributary_testkit::reconcile::MemoryOutbox;

type Function = Import<MemoryOwnBook, MemoryOwnBook, MemoryOutbox, MemoryQueues>;

fn function() -> Function {
    Import {
        files: MemoryOwnBook::default(),
        book: MemoryOwnBook::default(),
        jobs: MemoryOutbox::default(),
        quarantine: MemoryQueues::default(),
        windows: Windows::of_seconds(900),
    }
}

fn envelope(source: &str, kind: &str, detail: &Value) -> String {
    json!({
        "version": "0", "id": Fingerprint::of_text(&detail.to_string()), "account": "1",
        "time": "2026-11-22T10:00:00Z", "region": "us-east-1", "resources": [],
        "source": source, "detail-type": kind, "detail": detail,
    })
    .to_string()
}

fn dropped(file: &Dropped) -> String {
    let detail = json!({
        "bucket": {"name": "imports"},
        "object": {
            "key": file.key, "size": file.bytes, "etag": file.etag, "sequencer": "00AB",
        },
    });
    envelope("aws.s3", "Object Created", &detail)
}

fn recorded(entries: &Value) -> String {
    let detail = json!({ "entries": entries });
    envelope("platform.live", "own_entry.recorded", &detail)
}

fn entry(id: &str) -> Value {
    json!({
        "id": id, "account": "acct_1", "kind": "order", "currency": "usd",
        "occurred_at": "2026-11-20T10:00:00Z", "amount": "12.34", "order": "1001",
    })
}

/// Hands one message over, and says whether it has to come again.
async fn deliver(function: &Function, body: &str) -> bool {
    let mut message = SqsMessage::default();
    message.message_id = Some("m".to_owned());
    message.body = Some(body.to_owned());
    let mut event = SqsEvent::default();
    event.records = vec![message];
    !function.handle(event).await.batch_item_failures.is_empty()
}

async fn ids(function: &Function) -> Vec<String> {
    let days = Day::parse("2026-11-01").unwrap()..=Day::parse("2026-11-30").unwrap();
    let account = Owner::parse("acct_1").unwrap();
    let found = entries(&function.book, Mode::Live, &account, days).await;
    found.unwrap().into_iter().map(|entry| entry.id).collect()
}

#[tokio::test]
async fn a_file_comes_in_and_its_books_are_matched() {
    let function = function();
    let text = "id,account,occurred_at,currency,amount\na,acct_1,2026-11-20,usd,1\nb,acct_2,2026-11-20,usd,1\n";
    let key = "imports/live/a.csv";
    let file = function.files.drop_file(key, text.as_bytes(), 1);
    for _ in 0..2 {
        assert!(!deliver(&function, &dropped(&file)).await);
        assert_eq!(ids(&function).await, ["a"]);
        let jobs = function.jobs.take_jobs();
        assert_eq!(jobs.len(), 2);
        assert!(jobs.iter().all(|(_, delay)| *delay == 0), "{jobs:?}");
    }
    assert_eq!(function.book.import_count(), 1, "the same import twice");
}

#[tokio::test]
async fn a_report_is_no_import() {
    let function = function();
    let file = function
        .files
        .drop_file("imports/live/a.csv.errors.csv", b"x", 1);
    assert!(!deliver(&function, &dropped(&file)).await);
    assert_eq!(function.book.import_count(), 0);
}

#[tokio::test]
async fn entries_of_one_window_are_matched_by_one_job() {
    let function = function();
    for id in ["a", "b", "a"] {
        assert!(!deliver(&function, &recorded(&json!([entry(id)]))).await);
    }
    assert_eq!(ids(&function).await, ["a", "b"]);
    let jobs = function.jobs.take_jobs();
    // The window may have ended in between.
    assert!((1..=2).contains(&jobs.len()), "{jobs:?}");
    for (job, delay) in jobs {
        assert!(matches!(job, Job::Match { .. }));
        assert!(delay > 0, "after the window");
    }
}

#[tokio::test]
async fn what_cannot_be_used_is_held_with_a_code_and_the_field() {
    let with = |name: &str, value: Value| {
        let mut entry = entry("a");
        entry[name] = value;
        json!([entry])
    };
    let mut nameless = entry("a");
    nameless.as_object_mut().unwrap().remove("id");
    for (entries, code, says) in [
        (json!([]), "no_entries", "entries"),
        (json!("a"), "no_entries", "entries"),
        (json!([1]), "bad_entry", "entries[0]."),
        (
            with("amount", json!(12.34)),
            "bad_entry",
            "amount: the amount is a floating-point",
        ),
        (
            with("amount", json!("1e3")),
            "bad_entry",
            "amount: the amount is not a plain number",
        ),
        (
            with("amount", json!("12.345")),
            "bad_entry",
            "amount: the amount has more decimals",
        ),
        (
            with("currency", json!("usdollars")),
            "bad_entry",
            "currency: the currency is unknown",
        ),
        (with("account", json!("cus_1")), "bad_entry", "account: "),
        (
            with("occurred_at", json!("yesterday")),
            "bad_entry",
            "occurred_at: ",
        ),
        (with("order", json!({"id": 1})), "bad_entry", "order: "),
        (
            with("colour", json!("red")),
            "bad_entry",
            "colour: the column is unknown",
        ),
        (json!([nameless]), "bad_entry", "id: the column is missing"),
        (
            json!([entry("a"), entry("a")]),
            "repeated_entry",
            "entries[1].id",
        ),
    ] {
        let function = function();
        assert!(!deliver(&function, &recorded(&entries)).await, "{entries}");
        let held = function.quarantine.quarantine();
        assert_eq!(held.len(), 1, "{entries}");
        assert_eq!((held[0].code, held[0].stage), (code, "import"), "{entries}");
        assert!(
            held[0].detail.contains(says),
            "{entries}: {}",
            held[0].detail
        );
        assert_eq!(function.book.page_count(), 0, "nothing of it is stored");
        assert_eq!(function.jobs.take_jobs(), []);
    }
}

#[tokio::test]
async fn what_is_neither_comes_again_until_somebody_looks() {
    let function = function();
    for body in [
        String::new(),
        "{}".to_owned(),
        envelope("somebody", "own_entry.recorded", &json!({})),
        envelope("platform.prod", "own_entry.recorded", &json!({})),
        envelope("aws.s3", "Object Deleted", &json!({})),
        envelope("aws.s3", "Object Created", &json!({"object": {}})),
    ] {
        assert_eq!(Notice::read(&body), None, "{body}");
        assert!(deliver(&function, &body).await, "{body}");
    }
}
