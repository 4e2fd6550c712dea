//! The function with a list, a ledger and a queue in memory.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use post_ledger::handler::PostLedger;
use tributary_pipeline::ledger::{PullRequest, Watch};
use tributary_pipeline::reconcile::AsFindings;
use tributary_reconciliation::State;
use tributary_testkit::ledger::list::{Failure, Scene};
use tributary_testkit::ledger::samples::{connected, contradictory, payment, platform, unheard_of};
use tributary_testkit::ledger::{MemoryDoubts, MemoryLedger, MemoryList, MemoryPulls};
use tributary_testkit::reconcile::MemoryFindings;

const NOON: i64 = 1_795_348_800;

type Posting = PostLedger<MemoryList, MemoryLedger, MemoryDoubts, MemoryPulls>;

struct Always(bool);

impl Watch for Always {
    fn now(&self) -> i64 {
        NOON
    }

    fn has_time(&self) -> bool {
        let Self(has_time) = self;
        *has_time
    }
}

fn posting() -> Posting {
    PostLedger {
        list: MemoryList::default(),
        ledger: MemoryLedger::default(),
        doubts: MemoryDoubts::default(),
        queue: MemoryPulls::default(),
    }
}

fn request(book: tributary_ledger::Book) -> PullRequest {
    PullRequest {
        book,
        until: NOON,
        since: None,
        stake: 0,
    }
}

fn batch(bodies: &[String]) -> SqsEvent {
    let mut event = SqsEvent::default();
    for (n, body) in bodies.iter().enumerate() {
        let mut message = SqsMessage::default();
        message.message_id = Some(n.to_string());
        message.body = Some(body.clone());
        event.records.push(message);
    }
    event
}

async fn failures(posting: &Posting, bodies: &[String], has_time: bool) -> Vec<String> {
    let watch = Always(has_time);
    let answer = posting.handle(batch(bodies), "worker", &watch).await;
    let failures = answer.batch_item_failures;
    failures.into_iter().map(|it| it.item_identifier).collect()
}

#[tokio::test]
async fn a_batch_pulls_each_book_once_and_names_what_failed() {
    let posting = posting();
    posting
        .list
        .book(&platform(), [payment(1, NOON - 5), unheard_of(2, NOON - 4)]);
    let platforms = request(platform()).to_body();
    let bodies = [platforms.clone(), platforms, "neither".to_owned()];
    assert_eq!(failures(&posting, &bodies, true).await, ["2"]);
    assert_eq!(posting.list.calls(), 1);
    assert_eq!(posting.ledger.kept(&platform()).all_entries().count(), 2);
    assert_eq!(posting.doubts.noted().len(), 1);
}

#[tokio::test]
async fn a_book_that_cannot_be_listed_now_costs_only_its_own_messages() {
    let posting = posting();
    posting.list.at(0, Scene::Fails(Failure::Unavailable));
    posting.list.at(1, Scene::Fails(Failure::Closed));
    let bodies = [0, 1, 2].map(|n| request(connected(n)).to_body());
    let failed = failures(&posting, &bodies, true).await;
    assert_eq!(
        failed,
        ["0"],
        "a closed account is given up, the third is pulled"
    );
    assert_eq!(posting.list.calls(), 3);
}

#[tokio::test]
async fn without_time_every_book_is_asked_for_anew() {
    let posting = posting();
    let bodies = [0, 1].map(|n| request(connected(n)).to_body());
    assert!(failures(&posting, &bodies, false).await.is_empty());
    let asked = posting.queue.take();
    assert_eq!(asked, [0, 1].map(|n| (request(connected(n)), 0)));
    assert_eq!(posting.list.calls(), 0);
}

/// What is doubted is a finding, under the code and subject that reconciliation would
/// find it by: posted again or listed again, it is one.
#[tokio::test]
async fn what_is_doubted_becomes_one_finding() {
    let posting = PostLedger {
        list: MemoryList::default(),
        ledger: MemoryLedger::default(),
        doubts: AsFindings(MemoryFindings::default()),
        queue: MemoryPulls::default(),
    };
    let odd = [unheard_of(2, NOON - 4), contradictory(3, NOON - 3)];
    posting.list.book(&platform(), odd);
    for since in [None, Some(0)] {
        let again = PullRequest {
            since,
            ..request(platform())
        };
        let watch = Always(true);
        let answer = posting
            .handle(batch(&[again.to_body()]), "worker", &watch)
            .await;
        assert!(answer.batch_item_failures.is_empty());
    }
    let AsFindings(findings) = &posting.doubts;
    let open = State::Open;
    let expected = [
        ("MISSING_LEDGER_ENTRY", "txn_00003x".to_owned(), open),
        ("UNKNOWN_TYPE", "txn_00002u".to_owned(), open),
    ];
    assert_eq!(findings.brief(), expected);
    for finding in findings.all() {
        assert_eq!(finding.scope.as_str(), "day:2026-11-22", "{finding:?}");
        assert!(finding.stake.amount > 0, "{finding:?}");
    }
}
