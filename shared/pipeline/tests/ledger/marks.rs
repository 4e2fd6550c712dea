//! What events mean to the ledger.

use serde_json::json;
use tributary_domain::change::{DomainEvent, State};
use tributary_ledger::{Book, Says};
use tributary_pipeline::ledger::{Message, PullRequest, mark};
use tributary_testkit::ledger::samples::{connected, platform};

use crate::events::{Told, charge, payout, state};
use crate::world::{NOON, World};

fn told(kind: &str, state: Option<State>, previous: Option<State>) -> DomainEvent {
    let told = Told {
        book: &platform(),
        kind,
        object: "x_1",
        created: NOON,
        sequence: 1,
        state,
        previous,
    };
    told.event()
}

fn books(event: &DomainEvent) -> Vec<Book> {
    let pulls = mark(event).pulls;
    assert!(pulls.iter().all(|it| (it.until, it.since) == (NOON, None)));
    pulls.into_iter().map(|it| it.book).collect()
}

#[test]
fn a_book_is_pulled_when_an_object_names_a_transaction_it_did_not_name() {
    let (without, with) = (charge(None, None), charge(Some("txn_1"), None));
    let cases = [
        (Some(without.clone()), None, vec![]),
        (Some(with.clone()), None, vec![platform()]),
        (Some(with.clone()), Some(without), vec![platform()]),
        (Some(with.clone()), Some(with), vec![]),
        // It was deleted, or nothing more is known of it.
        (None, None, vec![]),
    ];
    for (state, previous, expected) in cases {
        assert_eq!(books(&told("charge", state, previous)), expected);
    }
}

#[test]
fn money_that_another_book_has_too_is_looked_for_there() {
    let destination = charge(Some("txn_1"), Some("acct_7"));
    let transfer = json!({
        "amount": 9, "amount_reversed": 0, "currency": "usd", "created": 1, "reversed": false,
        "destination": "acct_7", "balance_transaction": "txn_1",
    });
    let fee = json!({
        "amount": 9, "amount_refunded": 0, "currency": "usd", "created": 1, "refunded": false,
        "account": "acct_7", "balance_transaction": "txn_1",
    });
    for (kind, state) in [
        ("charge", destination),
        ("transfer", state("transfer", &transfer)),
        ("application_fee", state("application_fee", &fee)),
    ] {
        let both = books(&told(kind, Some(state), None));
        assert_eq!(both, [platform(), connected(7)], "{kind}");
    }
}

#[test]
fn what_could_not_be_read_or_did_not_fit_is_pulled() {
    let mut unreadable = told("charge", None, None);
    unreadable.unreadable = Some("amount".to_owned());
    let mut truncated = told("charge", None, None);
    truncated.truncated = true;
    for event in [unreadable, truncated] {
        assert_eq!(books(&event), [platform()]);
    }
}

#[test]
fn a_payout_that_arrives_is_a_fact_and_one_that_fails_afterwards_is_booked() {
    let (paid, failed) = (payout("paid", None), payout("failed", Some("txn_2")));
    let arrives = told(
        "payout",
        Some(paid.clone()),
        Some(payout("in_transit", None)),
    );
    assert_eq!(books(&arrives), []);
    let fails = told("payout", Some(failed), Some(paid));
    assert_eq!(books(&fails), [platform()]);
    for (event, was_paid) in [(arrives, true), (fails, false)] {
        let (book, fact) = mark(&event).fact.unwrap();
        assert_eq!(book, platform());
        assert!(matches!(fact.says, Says::Payout(it) if it.was_paid == was_paid));
    }
}

#[test]
fn only_facts_that_entries_are_derived_from_are_kept() {
    let dispute = json!({
        "amount": 9, "currency": "usd", "status": "lost", "reason": "fraudulent", "created": 1,
        "charge": "ch_1", "balance_transactions": ["txn_1"], "evidence": {},
    });
    let kept = told("dispute", Some(state("dispute", &dispute)), None);
    assert!(mark(&kept).fact.is_some());
    let left = told("charge", Some(charge(Some("txn_1"), None)), None);
    assert_eq!(mark(&left).fact, None);
    // Of refunds, those that wait for money, and what becomes of these.
    let refund = |status: &str| {
        let fields = json!({
            "amount": 9, "currency": "usd", "status": status, "created": 1, "charge": "ch_1",
        });
        Some(state("refund", &fields))
    };
    for (now, before, is_kept) in [
        ("pending", None, true),
        ("pending", refund("requires_action"), true),
        ("succeeded", refund("pending"), true),
        ("failed", refund("pending"), true),
        ("succeeded", None, false),
        ("failed", refund("succeeded"), false),
    ] {
        let fact = mark(&told("refund", refund(now), before)).fact;
        assert_eq!(fact.is_some(), is_kept, "{now}");
    }
}

#[test]
fn messages_are_read_back_and_others_are_refused() {
    let request = PullRequest {
        book: connected(3),
        until: NOON,
        since: Some(5),
        stake: 0,
    };
    assert_eq!(
        Message::read(&request.to_body()).unwrap(),
        Message::Pull(request)
    );
    let paid = told("payout", Some(payout("paid", None)), None);
    let (book, fact) = mark(&paid).fact.unwrap();
    let missed = tributary_pipeline::ledger::Missed { book, fact };
    assert_eq!(
        Message::read(&missed.to_body()).unwrap(),
        Message::Missed(missed)
    );
    let event = told("charge", Some(charge(None, None)), None);
    let body = serde_json::to_string(&event).unwrap();
    assert_eq!(
        Message::read(&body).unwrap(),
        Message::Event(Box::new(event))
    );
    for body in ["", "{}", "[]", r#"{"tributary":"push"}"#] {
        assert!(Message::read(body).is_err(), "{body}");
    }
}

/// A hundred thousand accounts with business on their books, and events about three.
#[tokio::test]
async fn a_hundred_thousand_quiet_accounts_cost_nothing() {
    let world = World::with_pages_of(100);
    for n in 0..100_000 {
        let sold = tributary_testkit::ledger::samples::payment(n, NOON - 5);
        world.list.book(&connected(n), [sold]);
    }
    let mut bodies = Vec::new();
    for n in [7, 7_000, 70_000] {
        for sequence in 0..10 {
            let told = Told {
                book: &connected(n),
                kind: "charge",
                object: "ch_1",
                created: NOON,
                sequence,
                state: Some(charge(Some("txn_1"), None)),
                previous: None,
            };
            bodies.push(serde_json::to_string(&told.event()).unwrap());
        }
    }
    let worked = world.work(&bodies).await;
    assert_eq!((worked.pulled, worked.tally.posted), (3, 3), "{worked:?}");
    assert_eq!(
        world.list.calls(),
        3,
        "one for each account that events are about"
    );
    assert_eq!(world.ledger.books().len(), 3);
    println!(
        "30 events of 3 accounts among 100,000: {:?}",
        world.ledger.cost()
    );
}
