//! Payouts by the report of the day on which they arrive.

use tributary_domain::change::State as Shown;
use tributary_pipeline::reconcile::{Job, PaidOut, PaidOuts};
use tributary_reconciliation::State;
use tributary_testkit::ledger::samples::{connected, id, payment};

use crate::holdings::{look, paying, payout};
use crate::rig::{NOON, Rig, then, yesterday};

/// The movement of a payout itself.
fn itself(amount: i64) -> tributary_domain::BalanceTransaction {
    let mut movement = paying(amount);
    "payout".clone_into(&mut movement.kind);
    "payout".clone_into(&mut movement.reporting_category);
    movement
}

/// A payout of so much, which Stripe says paid out a payment of 9.70, both shown and
/// pulled.
async fn paid(rig: &Rig, status: &str, amount: i64) {
    let (book, (key, state)) = (connected(1), payout(status, amount));
    rig.book(&book, [payment(1, then()), itself(amount)]);
    rig.pull(&book, None).await;
    show(rig, status, amount).await;
    let movements = vec![payment(1, then()), itself(amount)];
    rig.world.stripe.pay_out(&book, key, state, movements);
}

async fn show(rig: &Rig, status: &str, amount: i64) {
    let (key, mut state) = payout(status, amount);
    if status == "failed" {
        state.failure_balance_transaction = Some("txn_back".to_owned());
    }
    rig.show(&key, Shown::Payout(Box::new(state))).await;
}

async fn kept(rig: &Rig) -> Option<PaidOut> {
    let (book, (key, state)) = (connected(1), payout("paid", 0));
    let ledger = &rig.world.ledger;
    let kept = ledger.paid_out_by(&book, &key.id, state.created).await;
    kept.unwrap()
}

#[tokio::test]
async fn a_report_explains_payouts_without_a_call_for_any() {
    let rig = Rig::new();
    paid(&rig, "paid", 970).await;
    assert_eq!(rig.reports().await, 10, "begun, and read");
    assert_eq!(rig.found(), []);
    let kept = kept(&rig).await.unwrap();
    assert!(kept.rest().is_empty() && !kept.is_listed, "{kept:?}");
    assert_eq!((kept.count, kept.sums.len()), (2, 2));
    let before = rig.world.stripe.calls();
    rig.work(&look()).await.unwrap();
    let calls = rig.world.stripe.calls() - before;
    assert_eq!(
        calls, 2,
        "the payouts and the balance: it is not listed again"
    );
}

#[tokio::test]
async fn a_payout_that_the_report_does_not_explain_is_listed() {
    let rig = Rig::new();
    paid(&rig, "paid", 1_000).await;
    assert!(rig.reports().await > 10);
    let expected = ("PAYOUT_NOT_EXPLAINED", "po_1".to_owned(), State::Open);
    assert_eq!(rig.found(), [expected]);
    let finding = &rig.world.findings.all()[0];
    assert_eq!(finding.stake.amount, 30);
    let evidence = finding.evidence.get("movements");
    assert!(evidence.is_some(), "the list is what says so");
    let stakes = rig.world.stripe.payout_stakes();
    assert!(!stakes.is_empty());
    assert!(
        stakes.iter().all(|it| *it == (id("po_1"), 1_000)),
        "{stakes:?}"
    );
}

#[tokio::test]
async fn a_payout_without_an_entry_is_pulled() {
    let rig = Rig::new();
    let (book, (key, state)) = (connected(1), payout("paid", 970));
    rig.book(&book, [payment(1, then())]);
    rig.pull(&book, None).await;
    rig.book(&book, [itself(970)]);
    show(&rig, "paid", 970).await;
    let movements = vec![payment(1, then()), itself(970)];
    rig.world.stripe.pay_out(&book, key, state, movements);
    rig.reports().await;
    let expected = ("PAYOUT_NOT_EXPLAINED", "po_1".to_owned(), State::Healed);
    assert_eq!(rig.found(), [expected]);
}

/// Somebody will ask for each of its lines.
#[tokio::test]
async fn a_payout_that_came_back_is_listed() {
    let rig = Rig::new();
    paid(&rig, "failed", 970).await;
    rig.reports().await;
    assert!(kept(&rig).await.unwrap().is_listed);
    assert_eq!(rig.found(), []);
}

/// A payout failed after the report of its day: the bus says so, and it is listed, once.
#[tokio::test]
async fn a_payout_that_comes_back_after_its_report_is_listed_once() {
    let rig = Rig::new();
    paid(&rig, "paid", 970).await;
    let notice = |day| Job::Payouts {
        book: connected(1),
        day: yesterday().plus(day),
        paid_out: [(id("po_1"), vec![])].into(),
        round: 0,
    };
    let calls = async |day| {
        let before = rig.world.stripe.calls();
        rig.work(&notice(day)).await.unwrap();
        rig.world.stripe.calls() - before
    };
    assert_eq!(calls(0).await, 0, "it has not come back");
    assert_eq!(kept(&rig).await, None);
    rig.reports().await;
    assert!(!kept(&rig).await.unwrap().is_listed);
    show(&rig, "failed", 970).await;
    assert_eq!((calls(1).await, calls(2).await), (1, 0));
    let kept = kept(&rig).await.unwrap();
    assert!(kept.is_listed && kept.rest().is_empty());
    assert_eq!(rig.found(), []);
}

/// Nothing of it was pulled yet: what is missing, another comparison says.
#[tokio::test]
async fn a_payout_that_came_back_before_it_was_pulled_is_no_finding() {
    let rig = Rig::new();
    let (book, (key, state)) = (connected(1), payout("failed", 970));
    show(&rig, "failed", 970).await;
    let movements = vec![payment(1, then()), itself(970)];
    rig.world.stripe.pay_out(&book, key, state, movements);
    let notice = Job::Payouts {
        book,
        day: yesterday(),
        paid_out: [(id("po_1"), vec![])].into(),
        round: 0,
    };
    rig.work(&notice).await.unwrap();
    assert!(kept(&rig).await.unwrap().is_listed);
    assert_eq!(rig.found(), []);
}

#[tokio::test]
async fn who_asks_for_holdings_gets_the_lines_too() {
    let rig = Rig::new();
    paid(&rig, "paid", 970).await;
    rig.reports().await;
    let job = Job::Holdings {
        book: connected(1),
        at: NOON,
        before: None,
        lists: true,
        round: 0,
    };
    rig.work(&job).await.unwrap();
    let kept = kept(&rig).await.unwrap();
    assert!(kept.is_listed && kept.rest().is_empty());
    let lines = rig
        .world
        .ledger
        .paid_lines(&connected(1), &kept, None)
        .await;
    assert_eq!(lines.unwrap().lines.len(), 2);
}
