//! I1 to I6: kept by what holds, broken by what does not.

use tributary_ledger::invariants::{
    balance, entry, payout, reserve, settled, sums_to_zero, transfer,
};
use tributary_ledger::{Balances, Book, Entry, Severity, Story, Violation};

use crate::sample::{Movement, account, connected, id, movement, payout as payout_fact, platform};

fn balances(lines: &[(&str, i64)]) -> Balances {
    let mut balances = Balances::default();
    for (name, amount) in lines {
        balances.add(account(name), *amount).unwrap();
    }
    balances
}

fn sale() -> Entry {
    let (entry, _) = movement("charge", "charge", 10_000)
        .from("charge", "ch_1")
        .fee("stripe_fee", 320)
        .post(&platform());
    entry
}

#[test]
fn i1_entries_sum_to_zero_and_move_the_net() {
    assert_eq!(entry(&sale()), None);
    let mut broken = sale();
    broken.lines[0].amount += 1;
    assert_eq!(entry(&broken), Some(Violation::Unbalanced { sum: 1 }));
    assert_eq!(
        sums_to_zero(&broken.lines),
        Some(Violation::Unbalanced { sum: 1 })
    );
    // Balanced, but not what Stripe moved.
    broken.lines[1].amount -= 1;
    let violation = entry(&broken).unwrap();
    assert_eq!(
        violation,
        Violation::NotTheNet {
            net: 9_680,
            moves: 9_681
        }
    );
    assert_eq!((violation.invariant(), violation.at_stake()), ("I1", 1));
    assert_eq!(violation.severity(), Severity::Hard);
}

#[test]
fn i2_entries_add_up_to_the_payments_balance() {
    let ours = balances(&[
        ("stripe_balance:payments", 900),
        ("stripe_balance:issuing", 77),
    ]);
    assert_eq!(balance("usd", &ours, 900), None);
    let violation = balance("usd", &ours, 1_000).unwrap();
    assert_eq!((violation.invariant(), violation.at_stake()), ("I2", 100));
    assert_eq!(violation.severity(), Severity::Soft);
}

#[test]
fn i3_entries_add_up_to_the_reserve() {
    let ours = balances(&[("connect_reserved", 1_320)]);
    assert_eq!(reserve("usd", &ours, 1_320), None);
    let violation = reserve("usd", &ours, 0).unwrap();
    assert_eq!((violation.invariant(), violation.at_stake()), ("I3", 1_320));
    assert_eq!(violation.severity(), Severity::Soft);
}

fn told(book: Book, movements: &[Movement]) -> Story {
    let mut story = Story::new(book.clone(), id("ch_1"));
    for (number, movement) in movements.iter().enumerate() {
        let named = movement.clone().named(&format!("txn_{number}"));
        story.add_entry(named.post(&book).0);
    }
    story
}

#[test]
fn i4_what_is_passed_on_arrives() {
    let out = |amount: i64| movement("transfer", "transfer", -amount).from("transfer", "tr_1");
    let back = |amount| {
        movement("transfer_refund", "transfer_reversal", amount).linked(
            "transfer_reversal",
            "trr_1",
            |links| links.transfer = Some(id("tr_1")),
        )
    };
    let into = |amount, currency| {
        movement("payment", "charge", amount)
            .currency(currency)
            .linked("charge", "py_1", |links| {
                links.source_transfer = Some(id("tr_1"));
            })
    };
    let check = |sent: &[Movement], received: &[Movement]| {
        let (sent, received) = (told(platform(), sent), told(connected(), received));
        transfer(&id("tr_1"), &sent, &id("py_1"), &received).unwrap()
    };
    assert_eq!(check(&[out(500)], &[into(500, "usd")]), None);
    assert_eq!(check(&[out(500), back(200)], &[into(300, "usd")]), None);
    assert_eq!(check(&[], &[]), None);
    // At another rate, one side says nothing of the other.
    assert_eq!(check(&[out(500)], &[into(460, "eur")]), None);
    for (sent, received, at_stake) in [
        (vec![out(500)], vec![into(450, "usd")], 50),
        (vec![out(500)], vec![], 500),
        (vec![], vec![into(450, "usd")], 450),
        (vec![out(500), back(500)], vec![into(500, "usd")], 500),
    ] {
        let violation = check(&sent, &received).unwrap();
        assert_eq!(
            (violation.invariant(), violation.at_stake()),
            ("I4", at_stake)
        );
        assert_eq!(violation.severity(), Severity::Hard);
    }
}

#[test]
fn i5_an_automatic_payout_is_the_sum_of_what_it_pays_out() {
    assert_eq!(payout(&id("po_1"), [9_680, -680, -9_000]), None);
    let violation = payout(&id("po_1"), [9_680, -9_000]).unwrap();
    assert_eq!((violation.invariant(), violation.at_stake()), ("I5", 680));
    // Sums are wide: no list can hide by overflowing.
    assert!(payout(&id("po_1"), [i64::MAX, i64::MAX]).is_some());
}

#[test]
fn i6_nothing_is_under_way_once_a_payout_is_over() {
    let moving = balances(&[("payout_in_transit:po_1", 5_000)]);
    for (status, is_over) in [
        ("pending", false),
        ("in_transit", false),
        ("paid", true),
        ("failed", true),
        ("canceled", true),
    ] {
        let fact = payout_fact(status);
        let found = settled(&id("po_1"), &fact, &moving);
        assert_eq!(found.is_some(), is_over, "{status}");
        assert_eq!(settled(&id("po_1"), &fact, &Balances::default()), None);
    }
    let violation = settled(&id("po_1"), &payout_fact("paid"), &moving).unwrap();
    assert_eq!((violation.invariant(), violation.at_stake()), ("I6", 5_000));
}
