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
    let wanted = wanted(entry);
    assert!(!wanted.is_empty(), "it stands alone");
    let mut found = wanted
        .iter()
        .filter_map(|wanted| compare(entry, wanted, other, &scope(), NOW));
    let finding = found.next()?;
    assert!(found.next().is_none(), "found twice");
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
    assert_eq!(wanted(&refund), [Wanted::Transfer(id("trr_1"))]);
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
    assert_eq!(wanted(&entry(&platform(), &charge(1))), []);
    assert_eq!(wanted(&entry(&connected(), &charge(1))), []);
}

/// What comes back of `tr_1`: the platform's side.
fn reversal(amount: i64) -> Entry {
    let mut movement = movement("txn_p", "transfer_refund", "trr_1", amount, 0);
    movement.source.as_mut().unwrap().links.transfer = Some(id("tr_1"));
    entry(&platform(), &movement)
}

/// What goes back for a reversal: the account's side.
fn given_back(amount: i64, reversal: &str) -> Entry {
    let mut movement = movement("txn_c", "payment_refund", "pyr_1", -amount, 0);
    let links = &mut movement.source.as_mut().unwrap().links;
    links.charge = Some(id("py_1"));
    links.source_transfer_reversal = Some(id(reversal));
    entry(&connected(), &movement)
}

#[test]
fn a_reversal_wants_the_refund_that_names_it() {
    let connected = connected();
    let reversal = reversal(300);
    let wanted = wanted(&reversal);
    assert_eq!(wanted[0].told_by(), Some(&id("tr_1")));
    let place = wanted[0].place(&[transfer(900)]).unwrap();
    assert_eq!(place.owner, connected.owner);
    assert_eq!(place.above, Some(id("py_1")));
    assert_eq!(wanted[0].place(&[]), None, "nothing tells whose it was");

    // The payment itself, and a reversal of another part, are not what it wants.
    let others = [payment(900), given_back(500, "trr_2")];
    let orphan = Some((Code::OrphanTransfer, 300));
    assert_eq!(verdict(&reversal, (&connected, &others)), orphan);
    assert_eq!(verdict(&reversal, (&connected, &[])), orphan);
    let mut both = others.to_vec();
    both.push(given_back(300, "trr_1"));
    assert_eq!(verdict(&reversal, (&connected, &both)), None);
    assert_eq!(
        verdict(&reversal, (&connected, &[given_back(290, "trr_1")])),
        Some((Code::TransferAmountMismatch, 10))
    );
    let euros = Entry {
        currency: "eur".to_owned(),
        ..given_back(280, "trr_1")
    };
    assert_eq!(verdict(&reversal, (&connected, &[euros])), None);
    let young = Entry {
        created: NOW - GRACE_S,
        ..reversal
    };
    assert_eq!(verdict(&young, (&connected, &[])), None);
}

/// A payment of the account that an application fee was taken from.
fn charged(fee: i64) -> Entry {
    let mut charge = movement("txn_c", "charge", "ch_1", 1_000, fee);
    charge.fee_details[0].kind = "application_fee".to_owned();
    charge.source.as_mut().unwrap().links.application_fee = Some(id("fee_1"));
    entry(&connected(), &charge)
}

fn earned(amount: i64) -> Entry {
    let mut fee = movement("txn_p", "application_fee", "fee_1", amount, 0);
    let links = &mut fee.source.as_mut().unwrap().links;
    links.account = Some("acct_1".to_owned());
    links.charge = Some(id("ch_1"));
    entry(&platform(), &fee)
}

#[test]
fn a_payment_and_the_application_fee_that_it_names() {
    let platform = platform();
    assert_eq!(wanted(&charged(100)), [Wanted::Fee(id("fee_1"))]);
    assert_eq!(verdict(&charged(100), (&platform, &[earned(100)])), None);
    assert_eq!(
        verdict(&charged(100), (&platform, &[earned(90)])),
        Some((Code::AppFeeMismatch, 10))
    );
    assert_eq!(
        verdict(&charged(100), (&platform, &[])),
        Some((Code::AppFeeMismatch, 100))
    );
    let euros = Entry {
        currency: "eur".to_owned(),
        ..earned(90)
    };
    assert_eq!(verdict(&charged(100), (&platform, &[euros])), None);
    let converted = Entry {
        exchange_rate: Some("1.3".to_owned()),
        ..earned(99)
    };
    assert_eq!(
        verdict(&charged(100), (&platform, &[converted])),
        None,
        "at a rate of its own"
    );
    // A payment that came back pays no fee, and Stripe's own is no application fee.
    let mut back = movement("txn_d", "payment_failure_refund", "py_1", -1_000, -100);
    back.fee_details[0].kind = "application_fee".to_owned();
    back.source.as_mut().unwrap().links.application_fee = Some(id("fee_1"));
    assert_eq!(wanted(&entry(&connected(), &back)), []);
}

#[test]
fn a_transfer_that_arrives_with_a_fee_wants_both() {
    let mut movement = charged(100).movement();
    movement.kind = "payment".to_owned();
    movement.source.as_mut().unwrap().links.source_transfer = Some(id("tr_1"));
    let arrived = entry(&connected(), &movement);
    let both = [Wanted::Transfer(id("tr_1")), Wanted::Fee(id("fee_1"))];
    assert_eq!(wanted(&arrived), both);
}

/// What the platform gave back of `fee_1`.
fn fee_back(amount: i64) -> Entry {
    let mut back = movement("txn_p", "application_fee_refund", "fr_1", -amount, 0);
    back.source.as_mut().unwrap().links.application_fee = Some(id("fee_1"));
    entry(&platform(), &back)
}

/// A refund of the payment with which so much of the fee comes back, booked so many
/// seconds after the platform's side.
fn refunded(fee: i64, later_s: i64) -> Entry {
    let mut refund = movement("txn_c", "refund", "re_1", -1_000, -fee);
    if let Some(detail) = refund.fee_details.first_mut() {
        detail.kind = "application_fee".to_owned();
    }
    refund.created += later_s;
    refund.source.as_mut().unwrap().links.charge = Some(id("ch_1"));
    entry(&connected(), &refund)
}

/// A share that comes back without a refund of the payment.
fn credited(amount: i64) -> Entry {
    let mut credit = movement("txn_c", "adjustment", "fr_1", amount, 0);
    credit.reporting_category = "other_adjustment".to_owned();
    entry(&connected(), &credit)
}

#[test]
fn a_fee_given_back_wants_what_its_payer_got() {
    let connected = connected();
    let back = fee_back(100);
    let wanted = wanted(&back);
    assert_eq!(wanted[0].told_by(), Some(&id("fee_1")));
    let place = wanted[0].place(&[earned(250)]).unwrap();
    assert_eq!(
        (place.owner, place.object),
        (connected.owner.clone(), id("fr_1"))
    );
    assert_eq!(place.above, Some(id("ch_1")));
    assert_eq!(wanted[0].place(&[]), None);

    assert_eq!(verdict(&back, (&connected, &[refunded(100, 0)])), None);
    assert_eq!(verdict(&back, (&connected, &[credited(100)])), None);
    let missing = Some((Code::AppFeeMismatch, 100));
    assert_eq!(verdict(&back, (&connected, &[])), missing);
    assert_eq!(
        verdict(&back, (&connected, &[refunded(0, 0)])),
        missing,
        "a refund with which nothing of the fee came back"
    );
    let differs = Some((Code::AppFeeMismatch, 10));
    assert_eq!(verdict(&back, (&connected, &[refunded(90, 0)])), differs);
    assert_eq!(verdict(&back, (&connected, &[credited(90)])), differs);
}

#[test]
fn of_several_parts_of_a_fee_given_back_each_wants_its_own() {
    let (connected, back) = (connected(), fee_back(100));
    // The credit that names it counts, whatever else comes to the same.
    assert_eq!(
        verdict(&back, (&connected, &[refunded(100, 0), credited(95)])),
        Some((Code::AppFeeMismatch, 5))
    );
    let parts = [refunded(40, 0), refunded(100, 60), refunded(30, 3_600)];
    assert_eq!(verdict(&back, (&connected, &parts)), None);
    // Of others, the nearest in time tells most.
    let others = [refunded(70, 7_200), refunded(80, 60)];
    assert_eq!(
        verdict(&back, (&connected, &others)),
        Some((Code::AppFeeMismatch, 20))
    );
    // The part of an earlier refund is not this one's.
    let earlier = [refunded(100, -2 * GRACE_S)];
    assert_eq!(
        verdict(&back, (&connected, &earlier)),
        Some((Code::AppFeeMismatch, 100))
    );
    // An account that was short of money refunds later.
    assert_eq!(
        verdict(&back, (&connected, &[refunded(100, 3 * 86_400)])),
        None
    );
    let euros = Entry {
        currency: "eur".to_owned(),
        ..refunded(92, 0)
    };
    assert_eq!(verdict(&back, (&connected, &[euros])), None);
    let young = Entry {
        created: NOW - GRACE_S,
        ..fee_back(100)
    };
    assert_eq!(verdict(&young, (&connected, &parts[..1])), None);
}
