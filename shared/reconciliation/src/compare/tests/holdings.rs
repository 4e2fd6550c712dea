//! What an account holds and pays out.

use std::collections::BTreeMap;

use tributary_domain::change::State;
use tributary_domain::change::state::{Balance, Funds, Payout};
use tributary_domain::{ObjectKey, ObjectKind};

use super::balance::{Sums, is_still};
use super::*;

fn funds(amount: i64) -> Vec<Funds> {
    vec![Funds {
        amount,
        currency: "usd".to_owned(),
        source_types: BTreeMap::new(),
    }]
}

fn reading(available: i64, pending: i64, reserved: i64) -> Balance {
    Balance {
        available: funds(available),
        pending: funds(pending),
        connect_reserved: funds(reserved),
        instant_available: vec![],
        issuing_available: vec![],
        prefunding_available: vec![],
        prefunding_pending: vec![],
    }
}

fn sums(payments: i128, reserved: i128) -> Sums {
    let of = |sum| BTreeMap::from([("usd".to_owned(), sum)]);
    Sums {
        payments: of(payments),
        reserved: of(reserved),
    }
}

fn balance(book: &Book, reading: &Balance, sums: &Sums) -> Vec<(Code, u64)> {
    let findings = super::balance::compare(book, reading, sums, &scope(), NOW);
    findings
        .iter()
        .map(|one| (one.code, one.stake.amount))
        .collect()
}

#[test]
fn a_balance_is_the_sum_of_its_entries() {
    let (platform, connected) = (platform(), connected());
    assert_eq!(balance(&connected, &reading(70, 30, 0), &sums(100, 0)), []);
    assert_eq!(
        balance(&connected, &reading(70, 31, 0), &sums(100, 0)),
        [(Code::BalanceMismatchConnected, 1)]
    );
    assert_eq!(
        balance(&platform, &reading(70, 31, 5), &sums(100, 9)),
        [
            (Code::BalanceMismatchPlatform, 1),
            (Code::ReserveMismatch, 4)
        ]
    );
    assert_eq!(balance(&connected, &reading(0, 0, 0), &Sums::default()), []);
}

#[test]
fn money_that_becomes_available_moves_nothing() {
    assert!(is_still(&reading(70, 30, 5), &reading(100, 0, 5)));
    assert!(!is_still(&reading(70, 30, 5), &reading(100, 1, 5)));
    assert!(!is_still(&reading(70, 30, 5), &reading(70, 30, 4)));
}

fn payout(status: &str, arrival_date: i64) -> Payout {
    Payout {
        amount: 970,
        currency: "usd".to_owned(),
        status: status.to_owned(),
        created: NOW - 86_400,
        arrival_date,
        automatic: true,
        method: Some("standard".to_owned()),
        kind: None,
        source_type: None,
        destination: None,
        balance_transaction: None,
        failure_balance_transaction: None,
        failure_code: None,
        reconciliation_status: Some("completed".to_owned()),
        original_payout: None,
        reversed_by: None,
        application_fee: None,
        application_fee_amount: None,
        trace: None,
    }
}

fn inspected(payout: &Payout) -> Option<Code> {
    let found = super::payout::inspect(&connected(), &id("po_1"), payout, &scope(), NOW);
    found.map(|finding| finding.code)
}

#[test]
fn a_payout_that_does_not_arrive() {
    // Saturday; five business days later is the Friday after.
    let weekend = 1_763_164_800;
    assert_eq!(
        inspected(&payout("in_transit", weekend)),
        Some(Code::PayoutStuck)
    );
    assert_eq!(inspected(&payout("in_transit", NOW - 4 * 86_400)), None);
    assert_eq!(inspected(&payout("paid", weekend)), None);
    assert_eq!(inspected(&payout("failed", weekend)), None);
}

#[test]
fn a_payout_of_which_stripe_says_nothing() {
    let manual = Payout {
        automatic: false,
        ..payout("paid", NOW)
    };
    assert_eq!(inspected(&manual), Some(Code::PayoutUnattributable));
    let instant = Payout {
        method: Some("instant".to_owned()),
        ..payout("paid", NOW)
    };
    assert_eq!(inspected(&instant), Some(Code::PayoutUnattributable));
    assert!(!super::payout::is_explainable(&manual) && !super::payout::is_explainable(&instant));
}

#[test]
fn a_payout_is_the_sum_of_what_it_paid_out() {
    let explain = |movements: &[BalanceTransaction]| {
        let found = super::payout::explain(&connected(), &id("po_1"), movements, &scope(), NOW);
        found.map(|finding| (finding.code, finding.stake.amount))
    };
    let itself = movement("txn_9", "payout", "po_1", -970, 0);
    assert_eq!(explain(&[itself.clone(), charge(1)]), None);
    let rest = Some((Code::PayoutNotExplained, 970));
    assert_eq!(explain(&[itself.clone(), charge(1), charge(2)]), rest);
    assert_eq!(explain(std::slice::from_ref(&itself)), rest);
    assert_eq!(
        explain(&[]),
        Some((Code::PayoutNotExplained, 0)),
        "not even itself is listed"
    );
    let stranger = BalanceTransaction {
        currency: "eur".to_owned(),
        ..charge(2)
    };
    assert!(explain(&[itself, charge(1), stranger]).is_some());
}

#[test]
fn a_payout_without_an_entry_puts_all_that_it_paid_out_at_stake() {
    let paid = (970, "usd");
    let found = super::payout::without_entry(&connected(), &id("po_1"), paid, &scope(), NOW);
    assert_eq!(
        (found.code, found.stake.amount),
        (Code::PayoutNotExplained, 970)
    );
}

#[test]
fn the_mirror_and_the_api() {
    let key = ObjectKey {
        mode: connected().mode,
        owner: connected().owner,
        kind: ObjectKind::parse("payout").unwrap(),
        id: id("po_1"),
    };
    let state = |status: &str, arrival: i64| State::Payout(Box::new(payout(status, arrival)));
    let compare = |ours: Option<&State>, theirs: &State| {
        let found = super::mirror::compare(&key, ours, theirs, &scope(), NOW);
        found.map(|finding| (finding.code, finding.stake.amount))
    };
    let paid = state("paid", NOW);
    assert_eq!(compare(Some(&paid), &paid), None);
    let failed = state("failed", NOW);
    assert_eq!(
        compare(Some(&paid), &failed),
        Some((Code::StatusMismatch, 970))
    );
    assert_eq!(
        compare(Some(&paid), &state("paid", NOW + 1)),
        Some((Code::StaleMirror, 970))
    );
    assert_eq!(compare(None, &paid), Some((Code::StaleMirror, 970)));
}

#[test]
fn the_ledger_and_the_mirror() {
    use super::fact::{LEDGER, behind, compare};
    use tributary_domain::change::Sequence;
    use tributary_ledger::Fact;

    let key = ObjectKey {
        mode: connected().mode,
        owner: connected().owner,
        kind: ObjectKind::parse("payout").unwrap(),
        id: id("po_1"),
    };
    let state = |status: &str, arrival: i64| State::Payout(Box::new(payout(status, arrival)));
    let told = |state: &State| Fact::told(&key.id, &Sequence::new("7"), state).unwrap();
    let found = |known: Option<&Fact>, shown: &State| {
        let fact = behind(known, &key, shown).unwrap();
        compare(&key, known, &fact, shown, NOW).map(|one| (one.code, one.evidence))
    };
    let (paid, failed) = (state("paid", NOW), state("failed", NOW));
    assert_eq!(found(Some(&told(&paid)), &paid), None);
    let (code, evidence) = found(Some(&told(&paid)), &failed).unwrap();
    let (ledger, mirror) = (&evidence[LEDGER], &evidence["mirror"]);
    assert_eq!(
        (code, ledger.as_str(), mirror.as_str()),
        (Code::StatusMismatch, "paid", "failed")
    );
    let (code, evidence) = found(None, &paid).unwrap();
    assert_eq!(
        (code, evidence[LEDGER].as_str()),
        (Code::StatusMismatch, "none")
    );
    let later = found(Some(&told(&paid)), &state("paid", NOW + 1)).unwrap();
    assert_eq!(later.0, Code::StaleMirror);

    // Behind what is known, before what comes, and with what only the earlier one saw.
    let known = told(&paid);
    let fact = behind(Some(&known), &key, &failed).unwrap();
    assert!(known.sequence < fact.sequence && fact.sequence < Sequence::new("8"));
    assert!(matches!(fact.says, tributary_ledger::Says::Payout(it) if it.was_paid));
    let first = behind(None, &key, &paid).unwrap();
    assert!(first.sequence < Sequence::new("1"));
}
