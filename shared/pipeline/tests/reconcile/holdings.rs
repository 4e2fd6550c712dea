//! What accounts hold and pay out.

use tributary_domain::change::State as Shown;
use tributary_domain::change::state::Payout;
use tributary_domain::{ObjectKey, ObjectKind};
use tributary_pipeline::reconcile::{Control, Coverage, Findings, Job, PaidOut, PaidOuts};
use tributary_reconciliation::finding::{Code, Finding, Scope, State};
use tributary_testkit::ledger::samples::{self, connected, id, payment};

use crate::rig::{DAY_S, NOON, Rig, then};

pub(crate) fn look() -> Job {
    Job::Holdings {
        book: connected(1),
        at: NOON,
        before: None,
        lists: false,
        round: 0,
    }
}

#[tokio::test]
async fn a_balance_that_agrees_costs_one_reading() {
    let rig = Rig::new();
    rig.book(&connected(1), (0..10).map(|n| payment(n, then())));
    rig.pull(&connected(1), None).await;
    let before = rig.world.stripe.calls();
    rig.work(&look()).await.unwrap();
    rig.run().await;
    assert_eq!(
        rig.world.stripe.calls() - before,
        2,
        "the payouts, the balance"
    );
    assert_eq!(rig.found(), []);
    let coverage = rig.world.control.coverage(&connected(1)).await.unwrap();
    assert_eq!(coverage.holdings_at, Some(NOON));
}

/// A book that agrees and has not moved for as long as payouts are looked at has none, if
/// Stripe lists no event of it either.
#[tokio::test]
async fn a_book_that_stands_still_is_asked_for_nothing_but_its_balance() {
    let rig = Rig::new();
    let book = connected(1);
    rig.book(&book, [payment(1, NOON - 41 * DAY_S)]);
    rig.pull(&book, None).await;
    let calls = async || {
        let before = rig.world.stripe.calls();
        // A look is done once: each is another.
        rig.clock.advance(1);
        let mut look = look();
        if let Job::Holdings { at, .. } = &mut look {
            *at = rig.clock.now();
        }
        rig.work(&look).await.unwrap();
        rig.world.outbox.take_jobs();
        rig.world.stripe.calls() - before
    };
    assert_eq!(calls().await, 2, "of its events nothing is known");
    let control = &rig.world.control;
    let known = control.coverage(&book).await.unwrap();
    let silent = Coverage {
        seq: known.seq + 1,
        is_silent: true,
        ..known
    };
    control.cover(&book, &silent).await.unwrap();
    assert_eq!(calls().await, 1, "the balance");
    let known = control.coverage(&book).await.unwrap();
    assert_eq!(known.payouts_to, Some(rig.clock.now()), "there are none");
    let scope = Scope::new("holdings", "payouts");
    let stuck = Finding::new(Code::PayoutStuck, &book, id("po_9"), &scope, NOON);
    rig.world.findings.save(&stuck, 0).await.unwrap();
    assert_eq!(calls().await, 2, "of a payout something was found");
    assert_eq!(rig.found()[0].2, State::Resolved);
    assert_eq!(calls().await, 1);
    rig.book(&book, [payment(2, NOON - 50 * DAY_S)]);
    assert_eq!(calls().await, 2, "it does not agree");
    rig.pull(&book, Some(NOON - 60 * DAY_S)).await;
    rig.book(&book, [payment(3, NOON - 39 * DAY_S)]);
    rig.pull(&book, None).await;
    assert_eq!(calls().await, 2, "it has moved");
}

/// Money that moved between two readings is no finding: the book is pulled, and the
/// balance read again.
#[tokio::test]
async fn a_balance_is_compared_only_if_two_readings_around_the_pull_agree() {
    let rig = Rig::new();
    rig.book(&connected(1), [payment(1, then())]);
    rig.pull(&connected(1), None).await;
    rig.book(&connected(1), [payment(2, NOON)]);
    rig.work(&look()).await.unwrap();
    assert_eq!(rig.found(), [], "a difference of one reading says nothing");
    rig.run().await;
    assert_eq!(rig.found(), []);
}

/// A movement that no pull has found: the difference stays, a wider one finds it.
#[tokio::test]
async fn a_balance_that_differs_is_healed_by_looking_further_back() {
    let rig = Rig::new();
    let book = connected(1);
    rig.book(&book, [payment(1, NOON - 60)]);
    rig.pull(&book, None).await;
    rig.book(&book, [payment(2, NOON - 20 * DAY_S)]);
    rig.work(&look()).await.unwrap();
    rig.run().await;
    let found = rig.world.findings.all();
    assert_eq!(
        rig.found(),
        [(
            "BALANCE_MISMATCH_CONNECTED",
            "usd".to_owned(),
            State::Healed
        )]
    );
    let steps: Vec<_> = found[0]
        .history
        .iter()
        .map(|step| step.what.as_str())
        .collect();
    assert_eq!(
        steps,
        ["seen", "heal:pull_3_days", "heal:pull_30_days", "gone"]
    );
    assert_eq!(rig.world.ledger.kept(&book).all_entries().count(), 2);
}

pub(crate) fn payout(status: &str, amount: i64) -> (ObjectKey, Payout) {
    let book = connected(1);
    let key = ObjectKey {
        mode: book.mode,
        owner: book.owner,
        kind: ObjectKind::parse("payout").unwrap(),
        id: id("po_1"),
    };
    let payout = Payout {
        status: status.to_owned(),
        ..samples::payout(amount, NOON - 2 * DAY_S, NOON - DAY_S)
    };
    (key, payout)
}

pub(crate) fn paying(amount: i64) -> tributary_domain::BalanceTransaction {
    let mut movement = payment(50, then());
    movement.source.as_mut().unwrap().id = id("po_1");
    (movement.amount, movement.fee, movement.net) = (-amount, 0, -amount);
    (movement.currency, movement.fee_details) = ("usd".to_owned(), vec![]);
    movement
}

#[tokio::test]
async fn an_automatic_payout_is_explained_to_zero_once() {
    let rig = Rig::new();
    let (key, state) = payout("paid", 970);
    rig.show(&key, Shown::Payout(Box::new(state.clone()))).await;
    rig.world.stripe.pay_out(
        &connected(1),
        key,
        state,
        vec![payment(1, then()), paying(970)],
    );
    rig.work(&look()).await.unwrap();
    assert_eq!((rig.found(), rig.world.stripe.calls()), (vec![], 3));
    let later = Job::Holdings {
        book: connected(1),
        at: NOON + 1,
        before: None,
        lists: false,
        round: 0,
    };
    rig.work(&later).await.unwrap();
    assert_eq!(rig.world.stripe.calls(), 5, "it is not explained again");
}

#[tokio::test]
async fn a_payout_that_is_not_explained_is_looked_at_again_and_left() {
    let rig = Rig::new();
    let (key, state) = payout("paid", 1_000);
    rig.show(&key, Shown::Payout(Box::new(state.clone()))).await;
    rig.world.stripe.pay_out(
        &connected(1),
        key,
        state,
        vec![payment(1, then()), paying(1_000)],
    );
    rig.work(&look()).await.unwrap();
    rig.run().await;
    assert_eq!(
        rig.found(),
        [("PAYOUT_NOT_EXPLAINED", "po_1".to_owned(), State::Open)]
    );
    let finding = &rig.world.findings.all()[0];
    assert_eq!(finding.stake.amount, 30);
    assert_eq!(finding.history.last().unwrap().what, "left:did_not_help");
}

/// The mirror missed that a payout failed after it was paid: it is fetched.
#[tokio::test]
async fn a_mirror_that_shows_another_status_is_brought_up_to_date() {
    let rig = Rig::new();
    let (key, paid) = payout("paid", 970);
    let (_, failed) = payout("failed", 970);
    rig.show(&key, Shown::Payout(Box::new(paid))).await;
    let movements = vec![payment(1, then()), paying(970)];
    rig.world
        .stripe
        .pay_out(&connected(1), key.clone(), failed.clone(), movements);
    rig.work(&look()).await.unwrap();
    assert_eq!(
        rig.found(),
        [("STATUS_MISMATCH", "po_1".to_owned(), State::Open)]
    );
    let fetches = rig.world.outbox.queues.fetches();
    assert_eq!((fetches.len(), &fetches[0].0.object), (1, &key));
    rig.show(&key, Shown::Payout(Box::new(failed))).await;
    rig.run().await;
    assert_eq!(
        rig.found(),
        [("STATUS_MISMATCH", "po_1".to_owned(), State::Healed)]
    );
}

/// What a payout paid out is kept, for whoever asks later, and once.
#[tokio::test]
async fn what_an_explained_payout_paid_out_is_kept() {
    let rig = Rig::new();
    let (key, state) = payout("paid", 970);
    rig.show(&key, Shown::Payout(Box::new(state.clone()))).await;
    let movements = vec![payment(1, then()), paying(970)];
    let created = state.created;
    rig.world
        .stripe
        .pay_out(&connected(1), key.clone(), state, movements.clone());
    rig.work(&look()).await.unwrap();
    rig.run().await;
    let ledger = &rig.world.ledger;
    let kept = ledger.paid_out_by(&connected(1), &key.id, created).await;
    let kept = kept.unwrap().unwrap();
    assert_eq!(kept, PaidOut::of(&key.id, created, &movements).0);
    assert!(kept.rest().is_empty(), "it is explained");
    let lines = ledger.paid_lines(&connected(1), &kept, None).await.unwrap();
    assert_eq!(lines.lines.len(), 2);
}
