//! A payout of ten thousand transactions, and a payment that is passed on to many.

use tributary_ledger::{Entry, post};
use tributary_pipeline::ledger::Ledger;
use tributary_pipeline::reconcile::{PaidOut, PaidOuts};
use tributary_pipeline::trace::gather::OBJECTS_MAX;
use tributary_pipeline::trace::{Place, What, trace};
use tributary_testkit::ledger::samples::{id, payment, platform, transfer};

use crate::story::{DAY_S, NOON, book, codes, failed_after_paid, payout, po};

const TRANSACTIONS: usize = 10_000;

/// Every one of the movements is held against the ledger, by a hundred requests of a
/// hundred; besides them a payout costs the same whatever it consists of.
#[tokio::test]
async fn a_payout_of_ten_thousand_transactions_is_told_by_as_many_requests_as_hundreds() {
    let story = failed_after_paid().await;
    let ledger = &story.ground.ledger;
    let before = story.ground.requests();
    story.trace(NOON).await;
    let alone = story.ground.requests() - before;
    let movements: Vec<_> = (0..TRANSACTIONS).map(|n| payment(n, NOON)).collect();
    let entries: Vec<Entry> = movements
        .iter()
        .map(|movement| post(&book(), movement).unwrap().entry)
        .collect();
    let (lost, posted) = entries.split_at(3);
    ledger.post(&book(), posted).await.unwrap();
    let (paid, lines) = PaidOut::of(&po().id, payout("paid").created, &movements);
    ledger.keep_paid_out(&book(), &paid, &lines).await.unwrap();

    let before = story.ground.requests();
    let timeline = story.trace(NOON).await;
    let requests = story.ground.requests() - before;
    println!("{requests} requests, {alone} of them without its transactions");
    assert!(alone <= 8, "{alone} requests");
    assert_eq!(requests - alone, TRANSACTIONS / 100 + 1);
    assert_eq!(timeline.steps.len(), 9, "sums, not lines");
    let told = timeline.steps.iter().find_map(|step| match &step.what {
        What::PaidOut(paid) => Some(paid),
        _ => None,
    });
    let told = told.unwrap();
    assert_eq!((told.paid.count, told.without_entry), (TRANSACTIONS, 3));
    let lost: Vec<_> = lost.iter().map(|entry| entry.transaction.clone()).collect();
    assert_eq!(told.named, lost);
    assert!(codes(&timeline).0.contains(&"entries_missing"));
    assert!(codes(&timeline).0.contains(&"paid_out_differs"));
}

#[tokio::test]
async fn a_payment_that_is_passed_on_to_many_is_told_in_part_and_says_so() {
    let story = failed_after_paid().await;
    let book = platform();
    story.book(&book, &payment(1, NOON - DAY_S)).await;
    for n in 0..OBJECTS_MAX {
        let mut passed_on = transfer(1, 1, NOON);
        passed_on.id = id(&format!("txn_t{n}"));
        passed_on.source.as_mut().unwrap().id = id(&format!("tr_{n}"));
        story.book(&book, &passed_on).await;
    }
    let charge = Place {
        book,
        id: id("ch_00001"),
    };
    let before = story.ground.requests();
    let told = trace(&story.ground, &charge, NOON).await.unwrap();
    assert!(told.is_cut);
    assert_eq!(told.objects.len(), OBJECTS_MAX);
    assert!(story.ground.requests() - before < 2 * OBJECTS_MAX);
}
