//! Whose book is pulled first when there is not time for all.

use serde_json::json;
use tributary_domain::change::DomainEvent;
use tributary_ledger::Book;
use tributary_pipeline::ledger::{PullRequest, mark};
use tributary_testkit::ledger::Life;
use tributary_testkit::ledger::samples::{connected, payment};

use crate::events::{Told, charge, payout, state};
use crate::world::{NOON, Worker, World};

/// A payment of 10.00 of an account, told for the `n`th time.
fn sold(book: &Book, n: usize) -> DomainEvent {
    let told = Told {
        book,
        kind: "charge",
        object: "ch_1",
        created: NOON,
        sequence: n,
        state: Some(charge(Some("txn_1"), None)),
        previous: None,
    };
    told.event()
}

fn body(event: &DomainEvent) -> String {
    serde_json::to_string(event).unwrap()
}

/// Accounts 1 and 2 with something on their books, and a worker with time for so many
/// looks at its watch.
async fn work(bodies: &[String], looks: usize) -> (Vec<(Book, u64)>, Vec<PullRequest>) {
    let world = World::with_pages_of(100);
    for n in [1, 2] {
        world.list.book(&connected(n), [payment(n, NOON - 5)]);
    }
    let life = Life::eternal();
    let worker = Worker {
        pages_max: looks,
        ..Worker::of("hasty", &life)
    };
    let worked = world.work_as(worker, bodies).await;
    assert_eq!(worked.failed, Vec::<String>::new());
    let asked = world.pulls.take().into_iter();
    (world.list.stakes(), asked.map(|(it, _)| it).collect())
}

#[tokio::test]
async fn the_book_with_more_at_stake_is_listed_first() {
    let pull = |n, stake| {
        let request = PullRequest {
            book: connected(n),
            until: NOON,
            since: None,
            stake,
        };
        request.to_body()
    };
    // Both are begun, and then there is time for one page.
    for (one, other, first) in [(500, 900, 2), (900, 500, 1)] {
        let (listed, left) = work(&[pull(1, one), pull(2, other)], 3).await;
        assert_eq!(listed, [(connected(first), 900)]);
        let [left] = left.as_slice() else {
            panic!("{left:?}")
        };
        assert_eq!((&left.book, left.stake), (&connected(3 - first), 500));
    }
}

#[tokio::test]
async fn what_several_events_are_about_counts_together() {
    let events = [
        sold(&connected(1), 1),
        sold(&connected(2), 1),
        sold(&connected(2), 2),
    ];
    let (listed, left) = work(&events.map(|event| body(&event)), 3).await;
    assert_eq!(listed, [(connected(2), 2_000)]);
    assert_eq!(left[0].stake, 1_000);
}

#[test]
fn an_event_says_what_is_at_stake() {
    let told = |kind, state| {
        let told = Told {
            book: &connected(1),
            kind,
            object: "x_1",
            created: NOON,
            sequence: 1,
            state: Some(state),
            previous: None,
        };
        mark(&told.event()).pulls
    };
    let refund = json!({
        "amount": 77, "currency": "usd", "status": "succeeded", "created": 1,
        "charge": "ch_1", "balance_transaction": "txn_1",
    });
    let dispute = json!({
        "amount": 88, "currency": "usd", "status": "lost", "reason": "fraudulent", "created": 1,
        "charge": "ch_1", "balance_transactions": ["txn_1"], "evidence": {},
    });
    for (kind, state, stake) in [
        ("charge", charge(Some("txn_1"), Some("acct_7")), 1_000),
        ("payout", payout("paid", None), 900),
        ("refund", state("refund", &refund), 77),
        ("dispute", state("dispute", &dispute), 88),
    ] {
        let pulls = told(kind, state);
        assert!(!pulls.is_empty(), "{kind}");
        assert!(pulls.iter().all(|it| it.stake == stake), "{pulls:?}");
    }
}

/// Messages of before are still in the queue.
#[test]
fn a_request_without_a_stake_is_of_none() {
    let request = PullRequest {
        book: connected(1),
        until: 5,
        since: None,
        stake: 0,
    };
    let written: serde_json::Value = serde_json::from_str(&request.to_body()).unwrap();
    assert_eq!(written.get("stake"), None);
    let read = tributary_pipeline::ledger::Message::read(&request.to_body()).unwrap();
    assert_eq!(read, tributary_pipeline::ledger::Message::Pull(request));
}
