//! What is counted for people to look at, and how it is found.

use std::collections::BTreeMap;

use tributary_domain::change::Sequence;
use tributary_domain::{Mode, ObjectId};
use tributary_ledger::fact::PayoutFact;
use tributary_ledger::views::{FeeKey, Fees, Month, MonthView, Shelf, Taker};
use tributary_ledger::{Book, Fact, Says};
use tributary_pipeline::ledger::{Commit, Ledger, Stories, Views};

use super::{done, is_conflict, state};
use crate::ledger::samples::id;

pub(super) async fn hold(ledger: &(impl Ledger + Stories + Views), books: [&Book; 2]) {
    views_are_committed_whole_or_not_at_all(ledger, books).await;
    payouts_change_shelves(ledger, books).await;
}

/// So many months, each with something in it.
pub(super) fn a_month_for_each(count: usize) -> BTreeMap<Month, MonthView> {
    let months = (0..count).map(|n| month(&format!("{}-{:02}", 2020 + n / 12, n % 12 + 1)));
    months.map(|month| (month, view(1))).collect()
}

fn month(text: &str) -> Month {
    Month::parse(text).unwrap_or_else(|error| unreachable!("{text}: {error}"))
}

/// A view with the largest of numbers and so many payments.
fn view(count: u64) -> MonthView {
    let key = FeeKey {
        taker: Taker::Stripe,
        method: "card".to_owned(),
        country: "DE".to_owned(),
        currency: "usd".to_owned(),
    };
    let fees = Fees {
        count,
        gross: i128::from(i64::MIN) * 1_000,
        ..Fees::default()
    };
    MonthView {
        fees: BTreeMap::from([(key, fees)]),
        ..MonthView::default()
    }
}

async fn views_are_committed_whole_or_not_at_all(
    ledger: &(impl Ledger + Views),
    [ours, theirs]: [&Book; 2],
) {
    let (may, june) = (month("2019-05"), month("2019-06"));
    let commit = |seq, writer: &str, count| Commit {
        state: state(seq, writer),
        months: BTreeMap::from([(may.clone(), view(count))]),
        ..Commit::default()
    };
    let both = [may.clone(), june.clone()];
    assert!(done(ledger.months(ours, &both).await).is_empty());
    done(ledger.commit(ours, &commit(1, "one", 7)).await);
    done(ledger.commit(ours, &commit(1, "one", 7)).await);
    let late = ledger.commit(ours, &commit(1, "other", 9)).await;
    assert!(is_conflict(&late), "{late:?}");
    let known = done(ledger.months(ours, &both).await);
    assert_eq!(known, BTreeMap::from([(may.clone(), view(7))]));
    done(ledger.commit(theirs, &commit(1, "one", 5)).await);
    done(ledger.commit(ours, &commit(2, "one", 8)).await);

    let all = done(ledger.month(ours.mode, &may, None).await);
    let expected = [(ours.clone(), view(8)), (theirs.clone(), view(5))];
    assert_eq!(all, BTreeMap::from(expected.clone()));
    let one = done(ledger.month(ours.mode, &may, Some(&theirs.owner)).await);
    assert_eq!(one, BTreeMap::from_iter(expected.into_iter().skip(1)));
    assert!(done(ledger.month(ours.mode, &june, None).await).is_empty());
    let other = match ours.mode {
        Mode::Live => Mode::Test,
        Mode::Test => Mode::Live,
    };
    assert!(done(ledger.month(other, &may, None).await).is_empty());
}

fn payout(id: ObjectId, status: &str, sequence: &str) -> Fact {
    Fact {
        id,
        sequence: Sequence::new(sequence),
        says: Says::Payout(PayoutFact {
            status: status.to_owned(),
            was_paid: false,
            amount: 5_000,
            currency: "usd".to_owned(),
            created: 1_557_000_000,
            // 2019-05-05.
            arrival_date: 1_557_014_400,
            automatic: true,
            method: None,
            destination: None,
            failure_code: None,
            reconciliation_status: None,
        }),
    }
}

async fn payouts_change_shelves(ledger: &(impl Stories + Views), [ours, theirs]: [&Book; 2]) {
    let failed = Shelf::Failed(month("2019-05"));
    let begun = payout(id("po_a"), "in_transit", "1");
    let other = payout(id("po_b"), "pending", "1");
    let arrived = payout(id("po_c"), "paid", "1");
    for (book, fact) in [(ours, &begun), (theirs, &other), (ours, &arrived)] {
        done(ledger.learn(book, fact, None).await);
    }
    let (mode, owner) = (ours.mode, Some(&ours.owner));
    let mut under_way = done(ledger.payouts(mode, &Shelf::UnderWay, None).await);
    under_way.sort_by_key(|(_, fact)| fact.id.clone());
    let both = [(ours.clone(), begun.clone()), (theirs.clone(), other)];
    assert_eq!(under_way, both);
    let mine = done(ledger.payouts(mode, &Shelf::UnderWay, owner).await);
    assert_eq!(mine, [(ours.clone(), begun.clone())]);
    assert!(done(ledger.payouts(mode, &failed, None).await).is_empty());

    let came_back = payout(begun.id.clone(), "failed", "2");
    done(ledger.learn(ours, &came_back, Some(&begun.sequence)).await);
    let mine = done(ledger.payouts(mode, &Shelf::UnderWay, owner).await);
    assert!(mine.is_empty(), "{mine:?}");
    let all = done(ledger.payouts(mode, &failed, None).await);
    assert_eq!(all, [(ours.clone(), came_back)]);
}
