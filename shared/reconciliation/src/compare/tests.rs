//! One case for each way in which two books can disagree, and one for each in which
//! they only seem to.

mod between;
mod holdings;
mod prices;

use tributary_domain::{
    AccountId, BalanceTransaction, FeeDetail, Links, Mode, ObjectId, Owner, Source,
};
use tributary_ledger::{Book, Entry, post};

use super::lines::{Held, agrees, diff, digest, unexplained};
use super::*;
use crate::finding::{Code, Finding, Scope};

const NOW: i64 = 1_763_800_000;

fn platform() -> Book {
    Book {
        mode: Mode::Live,
        owner: Owner::Platform,
    }
}

fn connected() -> Book {
    Book {
        owner: Owner::Account(AccountId::parse("acct_1").unwrap()),
        ..platform()
    }
}

fn id(text: &str) -> ObjectId {
    ObjectId::parse(text).unwrap()
}

fn scope() -> Scope {
    Scope::new("test", "all")
}

fn movement(
    transaction: &str,
    kind: &str,
    source: &str,
    amount: i64,
    fee: i64,
) -> BalanceTransaction {
    let detail = FeeDetail {
        kind: "stripe_fee".to_owned(),
        amount: fee,
        currency: "usd".to_owned(),
        application: None,
    };
    BalanceTransaction {
        id: id(transaction),
        kind: kind.to_owned(),
        reporting_category: kind.to_owned(),
        balance_type: "payments".to_owned(),
        currency: "usd".to_owned(),
        amount,
        fee,
        net: amount - fee,
        fee_details: if fee == 0 { vec![] } else { vec![detail] },
        exchange_rate: None,
        created: NOW - 86_400,
        available_on: NOW,
        status: "pending".to_owned(),
        source: Some(Source {
            id: id(source),
            kind: None,
            links: Links::default(),
        }),
    }
}

fn entry(book: &Book, movement: &BalanceTransaction) -> Entry {
    post(book, movement).unwrap().entry
}

fn held(movement: &BalanceTransaction) -> Held {
    Held {
        transaction: movement.id.clone(),
        source: movement.source.as_ref().unwrap().id.clone(),
        currency: movement.currency.clone(),
        net: movement.net,
    }
}

fn brief(findings: &[Finding]) -> Vec<(Code, &str, u64)> {
    let brief = |one: &'_ Finding| (one.code, one.stake.amount);
    findings
        .iter()
        .map(|one| (brief(one).0, one.subject.as_str(), brief(one).1))
        .collect()
}

fn charge(number: u8) -> BalanceTransaction {
    movement(
        &format!("txn_{number}"),
        "charge",
        &format!("ch_{number}"),
        1_000,
        30,
    )
}

fn compared(ours: &[Held], theirs: &[BalanceTransaction]) -> Vec<(Code, String, u64)> {
    let findings = diff(&connected(), &scope(), ours, theirs, NOW);
    brief(&findings)
        .into_iter()
        .map(|(code, id, at)| (code, id.to_owned(), at))
        .collect()
}

#[test]
fn equal_days_have_no_findings_however_they_are_ordered() {
    let theirs = [charge(1), charge(2), charge(2)];
    let ours = [held(&charge(2)), held(&charge(1))];
    assert_eq!(compared(&ours, &theirs), []);
}

#[test]
fn a_line_that_one_side_lacks() {
    let (one, two) = (charge(1), charge(2));
    let found = compared(&[held(&one)], &[one.clone(), two.clone()]);
    assert_eq!(found, [(Code::MissingLedgerEntry, "txn_2".to_owned(), 970)]);
    let found = compared(&[held(&one), held(&two)], &[one]);
    assert_eq!(found, [(Code::OrphanEntry, "txn_2".to_owned(), 970)]);
}

#[test]
fn a_line_of_other_money() {
    let other_net = Held {
        net: 960,
        ..held(&charge(1))
    };
    let found = compared(&[other_net], &[charge(1)]);
    assert_eq!(found, [(Code::AmountMismatch, "txn_1".to_owned(), 10)]);
    let other_currency = Held {
        currency: "eur".to_owned(),
        ..held(&charge(1))
    };
    let found = compared(&[other_currency], &[charge(1)]);
    assert_eq!(found[0].0, Code::AmountMismatch);
}

#[test]
fn a_line_that_we_have_twice() {
    let again = Held {
        source: id("txn_1"),
        ..held(&charge(1))
    };
    let found = compared(&[held(&charge(1)), again], &[charge(1)]);
    assert_eq!(found, [(Code::DuplicateEntry, "txn_1".to_owned(), 970)]);
}

#[test]
fn a_report_of_activity_leaves_payouts_out() {
    let payout = movement("txn_9", "payout", "po_1", -500, 0);
    let ours = [held(&charge(1)), held(&payout)];
    let report = digest(&ours[..1], "usd");
    assert!(agrees(&ours, "usd", &report));
    assert!(agrees(&ours, "usd", &digest(&ours, "usd")));
    assert!(!agrees(&ours, "usd", &digest(&ours[1..], "usd")));
    assert!(!agrees(&ours, "eur", &report));
}

#[test]
fn a_report_that_no_line_explains() {
    let (ours, report) = (digest([&held(&charge(1))], "usd"), digest([], "usd"));
    let finding = unexplained(&connected(), &scope(), "usd", (&ours, &report), NOW);
    assert_eq!(
        (finding.code, finding.stake.amount),
        (Code::ReportMismatch, 970)
    );
}

fn inspected(movement: &BalanceTransaction) -> Vec<(Code, u64)> {
    let findings = entry::inspect(&entry(&platform(), movement), &scope(), NOW);
    findings
        .iter()
        .map(|one| (one.code, one.stake.amount))
        .collect()
}

#[test]
fn a_fee_that_its_details_do_not_explain() {
    let mut movement = charge(1);
    assert_eq!(inspected(&movement), []);
    movement.fee_details[0].amount = 25;
    assert_eq!(inspected(&movement), [(Code::FeeMismatch, 5)]);
}

#[test]
fn a_type_that_nobody_knows() {
    let movement = movement("txn_1", "moonbeam", "mb_1", -700, 0);
    assert_eq!(inspected(&movement), [(Code::UnknownType, 700)]);
}

#[test]
fn an_amount_that_its_rate_does_not_make() {
    let converted = |amount: i64, presented: i64| {
        let mut movement = movement("txn_1", "charge", "ch_1", amount, 0);
        movement.exchange_rate = Some("1.10".to_owned());
        let links = &mut movement.source.as_mut().unwrap().links;
        links.presentment_amount = Some(presented);
        links.presentment_currency = Some("eur".to_owned());
        movement
    };
    assert_eq!(inspected(&converted(1_100, 1_000)), []);
    assert_eq!(inspected(&converted(1_101, 1_000)), [], "rounding");
    assert_eq!(inspected(&converted(-1_100, 1_000)), [], "a refund");
    assert_eq!(inspected(&converted(1_102, 1_000)), [(Code::FxMismatch, 2)]);
    let won_in_part = |amount| {
        let mut movement = converted(amount, 1_000);
        movement.kind = "adjustment".to_owned();
        movement.reporting_category = "dispute_reversal".to_owned();
        movement
    };
    assert_eq!(inspected(&won_in_part(550)), [], "half of it");
    assert_eq!(inspected(&won_in_part(880)), [], "most of it");
    assert_eq!(inspected(&won_in_part(1_110)), [(Code::FxMismatch, 10)]);
    assert_eq!(
        inspected(&converted(-1_050, 1_000)),
        [(Code::FxMismatch, 50)]
    );
}
