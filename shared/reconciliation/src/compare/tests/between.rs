//! Between two books of one platform.

use super::books::{GRACE_S, Wanted, compare, wanted};
use super::*;

fn transfer(amount: i64) -> Entry {
    let mut movement = movement("txn_p", "transfer", "tr_1", -amount, 0);
    let links = &mut movement.source.as_mut().unwrap().links;
    links.destination = Some("acct_1".to_owned());
    links.destination_payment = Some(id("py_1"));
    entry(&platform(), &movement)
}

fn payment(amount: i64) -> Entry {
    let mut movement = movement("txn_c", "payment", "py_1", amount, 0);
    movement.source.as_mut().unwrap().links.source_transfer = Some(id("tr_1"));
    entry(&connected(), &movement)
}

fn verdict(entry: &Entry, other: (&Book, &[Entry])) -> Option<(Code, u64)> {
    let wanted = wanted(entry).unwrap();
    let finding = compare(entry, &wanted, other, &scope(), NOW)?;
    Some((finding.code, finding.stake.amount))
}

#[test]
fn a_transfer_and_the_payment_that_it_is_there() {
    let (platform, connected) = (platform(), connected());
    assert_eq!(verdict(&transfer(900), (&connected, &[payment(900)])), None);
    assert_eq!(verdict(&payment(900), (&platform, &[transfer(900)])), None);
    let differs = Some((Code::TransferAmountMismatch, 50));
    assert_eq!(
        verdict(&transfer(900), (&connected, &[payment(850)])),
        differs
    );
    assert_eq!(
        verdict(&payment(850), (&platform, &[transfer(900)])),
        differs
    );
}

#[test]
fn a_transfer_or_a_payment_alone() {
    let (platform, connected) = (platform(), connected());
    assert_eq!(
        verdict(&transfer(900), (&connected, &[])),
        Some((Code::OrphanTransfer, 900))
    );
    assert_eq!(
        verdict(&payment(900), (&platform, &[])),
        Some((Code::OrphanTransfer, 900))
    );
    let young = Entry {
        created: NOW - GRACE_S,
        ..transfer(900)
    };
    assert_eq!(
        verdict(&young, (&connected, &[])),
        None,
        "the other book is on its way"
    );
}

#[test]
fn a_reversal_and_the_refund_that_it_is_there() {
    let mut refund = movement("txn_c", "payment_refund", "pyr_1", -300, 0);
    refund
        .source
        .as_mut()
        .unwrap()
        .links
        .source_transfer_reversal = Some(id("trr_1"));
    let refund = entry(&connected(), &refund);
    assert_eq!(wanted(&refund), Some(Wanted::Transfer(id("trr_1"))));
    let reversal = entry(
        &platform(),
        &movement("txn_p", "transfer_refund", "trr_1", 300, 0),
    );
    assert_eq!(verdict(&refund, (&platform(), &[reversal])), None);
    assert_eq!(
        verdict(&refund, (&platform(), &[])),
        Some((Code::OrphanTransfer, 300))
    );
}

#[test]
fn two_currencies_cannot_be_compared() {
    let euros = Entry {
        currency: "eur".to_owned(),
        ..payment(850)
    };
    assert_eq!(verdict(&transfer(900), (&connected(), &[euros])), None);
}

#[test]
fn an_application_fee_and_what_its_payer_paid() {
    let mut fee = movement("txn_p", "application_fee", "fee_1", 100, 0);
    let links = &mut fee.source.as_mut().unwrap().links;
    links.account = Some("acct_1".to_owned());
    links.charge = Some(id("ch_1"));
    let fee = entry(&platform(), &fee);
    let paid = |amount: i64| {
        let mut charge = movement("txn_c", "charge", "ch_1", 1_000, amount);
        charge.fee_details[0].kind = "application_fee".to_owned();
        [entry(&connected(), &charge)]
    };
    let connected = connected();
    assert_eq!(verdict(&fee, (&connected, &paid(100))), None);
    assert_eq!(
        verdict(&fee, (&connected, &paid(90))),
        Some((Code::AppFeeMismatch, 10))
    );
    assert_eq!(
        verdict(&fee, (&connected, &[])),
        Some((Code::AppFeeMismatch, 100))
    );
}

#[test]
fn what_stays_in_one_book_wants_nothing() {
    assert_eq!(wanted(&entry(&platform(), &charge(1))), None);
    assert_eq!(wanted(&entry(&connected(), &charge(1))), None);
}
