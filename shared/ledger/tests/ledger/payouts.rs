//! Payouts as people look at them, and the shelves on which facts wait for their end.

use tributary_domain::change::Sequence;
use tributary_ledger::fact::{DisputeFact, PayoutFact, TopupFact};
use tributary_ledger::views::{Explained, PayoutRow, Shelf};
use tributary_ledger::{Day, Fact, Says};

use crate::sample::{id, payout, platform};

fn fact(sequence: &str, payout: PayoutFact) -> Fact {
    Fact {
        id: id("po_1"),
        sequence: Sequence::new(sequence),
        says: Says::Payout(payout),
    }
}

fn row(payout: PayoutFact, today: &str, nets: Option<&[i64]>) -> PayoutRow {
    let today = Day::parse(today).unwrap();
    PayoutRow::of(&platform(), &fact("1", payout), today, nets).unwrap()
}

/// Expected on Tuesday 2026-11-24; five business days later is Tuesday 2026-12-01.
#[test]
fn payouts_are_stuck_after_five_business_days() {
    for (status, today, stuck) in [
        ("in_transit", "2026-12-01", false),
        ("in_transit", "2026-12-02", true),
        ("pending", "2026-12-02", true),
        ("paid", "2026-12-02", false),
        ("failed", "2026-12-02", false),
        ("canceled", "2026-12-02", false),
    ] {
        let row = row(payout(status), today, None);
        assert_eq!(row.arrives.to_string(), "2026-11-24");
        assert_eq!(row.stuck, stuck, "{status} on {today}");
    }
}

#[test]
fn payouts_that_fail_after_paid_are_told_in_any_order() {
    let told = [
        fact("1", payout("pending")),
        fact("2", payout("paid")),
        fact("3", payout("failed")),
    ];
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [2, 0, 1]] {
        let joined = order
            .map(|place| told[place].clone())
            .into_iter()
            .reduce(Fact::join)
            .unwrap();
        let today = Day::parse("2026-11-24").unwrap();
        let row = PayoutRow::of(&platform(), &joined, today, None).unwrap();
        assert_eq!(row.status, "failed");
        assert!(row.failed_after_paid);
    }
    let never_paid = row(payout("failed"), "2026-11-24", None);
    assert!(!never_paid.failed_after_paid);
}

#[test]
fn payouts_are_explained_to_zero() {
    let explained = |payout, nets| row(payout, "2026-11-24", nets).explained;
    assert_eq!(explained(payout("paid"), None), Explained::NotYet);
    assert_eq!(
        explained(payout("paid"), Some(&[5_000, -5_000])),
        Explained::ToZero
    );
    assert_eq!(
        explained(payout("paid"), Some(&[4_000, -5_000])),
        Explained::Off(-1_000)
    );
    let manual = PayoutFact {
        automatic: false,
        ..payout("paid")
    };
    assert_eq!(explained(manual, Some(&[])), Explained::Never);
    let instant = PayoutFact {
        method: Some("instant".to_owned()),
        ..payout("paid")
    };
    assert_eq!(explained(instant, Some(&[])), Explained::Never);
}

#[test]
fn payouts_that_arrived_are_on_no_shelf() {
    let shelf = |status| Shelf::of(&fact("1", payout(status))).map(|shelf| shelf.to_string());
    assert_eq!(shelf("pending"), Some("under_way".to_owned()));
    assert_eq!(shelf("in_transit"), Some("under_way".to_owned()));
    assert_eq!(shelf("failed"), Some("failed#2026-11".to_owned()));
    assert_eq!(shelf("paid"), None);
    assert_eq!(shelf("canceled"), None);
}

#[test]
fn disputes_and_topups_are_on_a_shelf_until_they_are_over() {
    let shelf = |says| {
        let fact = Fact {
            says,
            ..fact("1", payout("paid"))
        };
        Shelf::of(&fact).map(|shelf| shelf.to_string())
    };
    let undecided = Some("undecided".to_owned());
    for (status, on) in [
        ("needs_response", &undecided),
        ("warning_under_review", &undecided),
        ("a_status_of_tomorrow", &undecided),
        ("won", &None),
        ("lost", &None),
        ("warning_closed", &None),
    ] {
        let (status, charge) = (status.to_owned(), None);
        assert_eq!(shelf(Says::Dispute(DisputeFact { status, charge })), *on);
    }
    for (status, on) in [
        ("pending", &undecided),
        ("succeeded", &None),
        ("reversed", &None),
    ] {
        let status = status.to_owned();
        assert_eq!(shelf(Says::Topup(TopupFact { status })), *on);
    }
}
