//! What comes back from an account, and application fees: both sides of each, found
//! from either.

use tributary_domain::change::Sequence;
use tributary_domain::{BalanceTransaction, FeeDetail, Links};
use tributary_ledger::Fact;
use tributary_ledger::fact::{RefundFact, Says};
use tributary_pipeline::ledger::Stories;
use tributary_reconciliation::State;
use tributary_testkit::ledger::samples::{connected, id, payment, platform, refund, transfer};

use crate::rig::{Rig, day_job, then, yesterday};

/// A movement in dollars without a fee of Stripe's.
fn moved(kind: &str, number: usize, source: &str, amount: i64) -> BalanceTransaction {
    let mut movement = payment(number, then());
    (movement.kind, movement.reporting_category) = (kind.to_owned(), kind.to_owned());
    (movement.amount, movement.net, movement.fee) = (amount, amount, 0);
    (movement.currency, movement.fee_details) = ("usd".to_owned(), Vec::new());
    let of = movement.source.as_mut().unwrap();
    (of.id, of.kind, of.links) = (id(source), None, Links::default());
    movement
}

/// The same with so much of an application fee within it; negative when it comes back.
fn with_fee(mut movement: BalanceTransaction, fee: i64) -> BalanceTransaction {
    (movement.fee, movement.net) = (fee, movement.amount - fee);
    movement.fee_details = vec![FeeDetail {
        kind: "application_fee".to_owned(),
        amount: fee,
        currency: "usd".to_owned(),
        application: None,
    }];
    movement
}

fn links(movement: &mut BalanceTransaction) -> &mut Links {
    &mut movement.source.as_mut().unwrap().links
}

/// A transfer of 9.00 that arrived, of which the platform has 3.00 back.
async fn a_reversal() -> Rig {
    let rig = Rig::new();
    let mut sent = transfer(3, 900, then());
    links(&mut sent).destination = Some("acct_1".to_owned());
    links(&mut sent).destination_payment = Some(id("py_3"));
    let mut back = moved("transfer_refund", 4, "trr_4", 300);
    links(&mut back).transfer = Some(id("tr_00003"));
    rig.book(&platform(), [payment(3, then()), sent, back]);
    let mut received = moved("payment", 6, "py_3", 900);
    links(&mut received).source_transfer = Some(id("tr_00003"));
    rig.book(&connected(1), [received]);
    for book in [platform(), connected(1)] {
        rig.pull(&book, None).await;
    }
    rig
}

/// What the account gave up for it.
fn given_up(amount: i64) -> BalanceTransaction {
    let mut given = moved("payment_refund", 7, "pyr_7", -amount);
    links(&mut given).charge = Some(id("py_3"));
    links(&mut given).source_transfer_reversal = Some(id("trr_4"));
    given
}

/// Compares the platform's day, and works off all that follows.
async fn compare(rig: &Rig, book: &tributary_ledger::Book) {
    let job = day_job(rig, book, yesterday()).await;
    rig.work(&job).await.unwrap();
}

#[tokio::test]
async fn a_reversal_finds_its_refund_once_the_other_book_is_pulled() {
    let rig = a_reversal().await;
    rig.book(&connected(1), [given_up(300)]);
    compare(&rig, &platform()).await;
    let orphan = |state| [("ORPHAN_TRANSFER", "trr_4".to_owned(), state)];
    assert_eq!(rig.found(), orphan(State::Open));
    let evidence = &rig.world.findings.all()[0].evidence;
    assert_eq!(evidence["object"], "tr_00003", "whose part it is");
    rig.run().await;
    assert_eq!(rig.found(), orphan(State::Healed));
}

#[tokio::test]
async fn a_reversal_without_a_refund_is_left_for_a_person() {
    let rig = a_reversal().await;
    compare(&rig, &platform()).await;
    rig.run().await;
    let orphan = ("ORPHAN_TRANSFER", "trr_4".to_owned(), State::Open);
    assert_eq!(rig.found(), [orphan]);
    let finding = &rig.world.findings.all()[0];
    assert_eq!(finding.history.last().unwrap().what, "left:did_not_help");
    assert_eq!(finding.stake.amount, 300);
}

#[tokio::test]
async fn a_reversal_and_a_refund_of_other_money_differ() {
    let rig = a_reversal().await;
    rig.book(&connected(1), [given_up(280)]);
    rig.pull(&connected(1), Some(then() - 1)).await;
    compare(&rig, &platform()).await;
    rig.run().await;
    let differs = ("TRANSFER_AMOUNT_MISMATCH", "trr_4".to_owned(), State::Open);
    assert_eq!(rig.found(), [differs]);
}

/// An account's payment of 10.00, of which 1.00 is the platform's.
fn charged() -> BalanceTransaction {
    let mut charge = with_fee(moved("charge", 1, "ch_1", 1_000), 100);
    links(&mut charge).application_fee = Some(id("fee_1"));
    charge
}

fn earned(amount: i64) -> BalanceTransaction {
    let mut fee = moved("application_fee", 2, "fee_1", amount);
    links(&mut fee).account = Some("acct_1".to_owned());
    links(&mut fee).charge = Some(id("ch_1"));
    fee
}

#[tokio::test]
async fn a_fee_that_an_account_paid_is_found_where_it_was_earned() {
    for (earning, left) in [(Some(100), State::Healed), (None, State::Open)] {
        let rig = Rig::new();
        rig.book(&connected(1), [charged()]);
        rig.pull(&connected(1), None).await;
        rig.book(&platform(), earning.map(earned));
        compare(&rig, &connected(1)).await;
        let missing = |state| [("APPFEE_MISMATCH", "ch_1".to_owned(), state)];
        assert_eq!(rig.found(), missing(State::Open));
        assert_eq!(rig.world.findings.all()[0].stake.amount, 100);
        rig.run().await;
        assert_eq!(rig.found(), missing(left));
    }
}

/// The payment with its fee in both books, and 0.50 of it given back by the platform.
async fn a_fee_given_back() -> Rig {
    let rig = Rig::new();
    let mut back = moved("application_fee_refund", 8, "fr_8", -50);
    links(&mut back).application_fee = Some(id("fee_1"));
    rig.book(&platform(), [earned(100), back]);
    rig.book(&connected(1), [charged()]);
    for book in [platform(), connected(1)] {
        rig.pull(&book, None).await;
    }
    rig
}

/// The refund of half the payment, with so much of the fee.
fn half_back(fee: i64) -> BalanceTransaction {
    let mut half = with_fee(moved("refund", 9, "re_9", -500), -fee);
    links(&mut half).charge = Some(id("ch_1"));
    half
}

#[tokio::test]
async fn a_fee_given_back_arrives_within_the_refund_or_as_a_credit() {
    let mut credit = moved("adjustment", 9, "fr_8", 50);
    credit.reporting_category = "other_adjustment".to_owned();
    for arrived in [half_back(50), credit] {
        let rig = a_fee_given_back().await;
        rig.book(&connected(1), [arrived]);
        compare(&rig, &platform()).await;
        let missing = |state| [("APPFEE_MISMATCH", "fr_8".to_owned(), state)];
        assert_eq!(rig.found(), missing(State::Open), "before it is pulled");
        rig.run().await;
        assert_eq!(rig.found(), missing(State::Healed));
    }
}

#[tokio::test]
async fn a_fee_given_back_that_did_not_arrive_is_left_for_a_person() {
    for (arrived, stake) in [(0, 50), (30, 20)] {
        let rig = a_fee_given_back().await;
        rig.book(&connected(1), [half_back(arrived)]);
        rig.pull(&connected(1), Some(then() - 1)).await;
        compare(&rig, &platform()).await;
        rig.run().await;
        let missing = ("APPFEE_MISMATCH", "fr_8".to_owned(), State::Open);
        assert_eq!(rig.found(), [missing], "{arrived}");
        assert_eq!(rig.world.findings.all()[0].stake.amount, stake);
    }
}

/// An account that is short of money refunds later, the fee with it.
#[tokio::test]
async fn a_fee_that_comes_back_with_a_pending_refund_is_waited_for() {
    let rig = a_fee_given_back().await;
    let fact = Fact {
        id: id("re_9"),
        sequence: Sequence::new("1"),
        says: Says::Refund(RefundFact {
            status: Some("pending".to_owned()),
            charge: Some(id("ch_1")),
        }),
    };
    let ledger = &rig.world.ledger;
    ledger.learn(&connected(1), &fact, None).await.unwrap();
    compare(&rig, &platform()).await;
    rig.run().await;
    assert_eq!(rig.found(), []);
}

/// Refunds and payments without the platform's part want nothing.
#[tokio::test]
async fn what_concerns_one_book_is_looked_for_in_no_other() {
    let rig = Rig::new();
    rig.book(&connected(1), [payment(1, then()), refund(1, then())]);
    rig.pull(&connected(1), None).await;
    compare(&rig, &connected(1)).await;
    assert_eq!(rig.found(), []);
}
