//! The platform's own book.

use serde_json::json;
use tributary_aws::{S3Blobs, S3Files};
use tributary_ledger::Book;
use tributary_pipeline::own_book::Files;
use tributary_pipeline::ports::Blobs;
use tributary_pipeline::reconcile::Findings;

use super::NOBODY;
use crate::desk::Desk;
use crate::road::eventually;

const FILE: &str = "imports/live/runbook.csv";

/// An entry of the platform's book as a message of the import queue.
pub(super) fn recorded(id: &str) -> String {
    let entry = json!({
        "id": id, "account": "platform", "occurred_at": "2026-11-20", "currency": "usd",
        "amount": "1.00",
    });
    let envelope = json!({
        "version": "0", "id": format!("{id}-message"), "account": "123456789012",
        "source": "platform.live", "detail-type": "own_entry.recorded", "region": "us-east-1",
        "time": "2026-11-20T10:00:00Z", "resources": [], "detail": {"entries": [entry]},
    });
    envelope.to_string()
}

/// No movement is behind it, which only an entry that was imported can be told.
pub(super) async fn until_imported(desk: &Desk<'_>, id: &str) {
    let findings = desk.road.stack.findings(&desk.road.aws).unwrap();
    let book = Book::parse("live#platform").unwrap();
    eventually(id, || async {
        let open = findings.open(&book).await.unwrap();
        let mut open = open.iter();
        open.find(|(finding, _)| finding.subject == id).map(|_| ())
    })
    .await;
}

/// As EventBridge hands over what it could not put into the queue.
pub(super) async fn dead_letters_of_imports_are_sent_back(desk: &Desk<'_>) {
    let letters = desk.output("ImportDeadLettersUrl");
    let letter = recorded("own-letter");
    desk.road
        .queues
        .send(&letters, None, &letter)
        .await
        .unwrap();
    desk.sounds("ImportDeadLetters", "ticket-stuck").await;
    desk.follow("ImportDeadLetters", NOBODY, &["redrive"]).await;
    until_imported(desk, "own-letter").await;
    desk.until_empty("ImportDeadLettersUrl").await;
}

pub(super) async fn a_refused_file_is_corrected(desk: &Desk<'_>) {
    let road = desk.road;
    let bucket = desk.output("ImportBucketName");
    let files = S3Files::new(&road.aws, bucket.clone());
    let file = |amount| {
        format!(
            "id,account,occurred_at,currency,amount\n\
             own-runbook,platform,2026-11-20,usd,{amount}\n"
        )
    };
    files.put(FILE, file("1e3")).await.unwrap();
    desk.sounds("ImportsRefused", "ticket-right").await;
    let blobs = S3Blobs::new(&road.aws, bucket);
    let report = eventually("a report", || async {
        blobs.get(&format!("{FILE}.errors.csv")).await.ok()
    })
    .await;
    let report = String::from_utf8(report).unwrap();
    assert!(report.contains("2,amount,"), "{report}");

    files.put(FILE, file("1.00")).await.unwrap();
    until_imported(desk, "own-runbook").await;
    desk.follow("ImportsRefused", NOBODY, &[]).await;
}
