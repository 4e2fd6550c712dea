//! Payouts on their way, paid, and back.

use proptest::prelude::*;
use tributary_domain::change::State;
use tributary_pipeline::reconcile::{PaidOut, PaidOuts};
use tributary_pipeline::trace::{Remedy, Step};
use tributary_reconciliation::finding::{Code, Finding, Scope};
use tributary_testkit::ledger::samples::{id, payment};

use crate::story::{DAY_S, NOON, Story, book, codes, failed_after_paid, moving, payout, po, words};

#[tokio::test]
async fn a_payout_that_failed_after_it_was_paid_is_told_from_its_making_to_what_is_to_be_done() {
    let timeline = failed_after_paid().await.trace(NOON).await;
    assert_eq!(
        words(&timeline),
        [
            "entry payout -970",
            "payout.created",
            "payout.paid",
            "derived payout_settlement",
            "entry payout_failure 970",
            "payout.failed",
            "mirror failed",
            "reversed payout_settlement 1",
        ]
    );
    let next = ["failed_after_paid", "account_must_act", "paid_out_again"];
    assert_eq!(codes(&timeline), (vec![], next.to_vec()));
    let act = &timeline.next[1];
    assert_eq!(act.remedy, Some(Remedy::AskAccount));
    assert!(act.says.contains("name another one"), "{}", act.says);
}

/// Events overtake each other: the ledger hears of the failure alone, and the log has both.
#[tokio::test]
async fn a_payout_whose_failure_came_first_was_paid_all_the_same() {
    let mut story = Story::default();
    let failed = tributary_domain::change::state::Payout {
        failure_code: Some("account_closed".to_owned()),
        ..payout("failed")
    };
    story.hear("evt_2", "payout.failed", NOON, &failed).await;
    assert!(
        !codes(&story.trace(NOON).await)
            .1
            .contains(&"failed_after_paid")
    );
    let paid = State::Payout(Box::new(payout("paid")));
    story.log(&po(), "evt_1", "payout.paid", NOON - DAY_S, Some(paid));
    assert!(
        codes(&story.trace(NOON).await)
            .1
            .contains(&"failed_after_paid")
    );
}

#[tokio::test]
async fn a_payout_under_way_is_expected_then_late_then_stuck() {
    let mut story = Story::default();
    let sent = payout("in_transit");
    story
        .hear("evt_1", "payout.created", sent.created, &sent)
        .await;
    story
        .book(&book(), &moving("txn_out", "payout", -970, sent.created))
        .await;
    let arrival = sent.arrival_date;
    let at = |now| story.trace(now);
    let early = at(arrival - DAY_S).await;
    assert_eq!(
        codes(&early),
        (vec![], vec!["arrival_expected", "explanation_expected"])
    );
    assert_eq!(early.next[0].at, Some(arrival));
    let late = at(arrival + 2 * DAY_S).await;
    assert!(late.next[0].says.contains("is late until"), "{late:?}");
    let stuck = at(arrival + 12 * DAY_S).await;
    assert_eq!(codes(&stuck).0, ["payout_stuck"]);
}

/// Stripe is asked what a payout consists of while it is among those that are compared.
#[tokio::test]
async fn a_payout_that_was_never_explained_is_asked_about_only_while_it_is_compared() {
    let mut story = Story::default();
    let paid = tributary_domain::change::state::Payout {
        reconciliation_status: Some("completed".to_owned()),
        ..payout("paid")
    };
    story
        .hear("evt_1", "payout.paid", paid.created, &paid)
        .await;
    for (days, code, remedy) in [
        (40, "not_explained_yet", Remedy::ReconcileHoldings),
        (41, "never_explained", Remedy::AskStripe),
    ] {
        let timeline = story.trace(paid.created + days * DAY_S).await;
        let mut notes = timeline.next.iter();
        let note = notes.find(|note| note.code == code);
        assert_eq!(note.unwrap().remedy, Some(remedy));
    }
}

/// Stripe lists what a payout consists of; the money that came back is looked for in
/// the payouts after it.
#[tokio::test]
async fn what_a_payout_paid_out_is_summed_and_the_next_one_takes_back_what_came_back() {
    let story = failed_after_paid().await;
    let ledger = &story.ground.ledger;
    let sold = payment(1, NOON - 22 * DAY_S);
    story.book(&book(), &sold).await;
    let out = moving("txn_out", "payout", -970, payout("paid").created);
    let (paid, lines) = PaidOut::of(&po().id, payout("paid").created, &[sold, out]);
    ledger.keep_paid_out(&book(), &paid, &lines).await.unwrap();
    let back = moving("txn_back", "payout_failure", 970, NOON);
    let (later, lines) = PaidOut::of(&id("po_2"), NOON - 10 * DAY_S, &[back]);
    ledger.keep_paid_out(&book(), &later, &lines).await.unwrap();
    let timeline = story.trace(NOON).await;
    let words = words(&timeline);
    assert!(words.contains(&"paid out 2".to_owned()), "{words:?}");
    assert!(words.contains(&"paid by po_2".to_owned()), "{words:?}");
    assert_eq!(
        codes(&timeline),
        (vec![], vec!["failed_after_paid", "account_must_act"])
    );
}

#[tokio::test]
async fn findings_are_told_step_by_step() {
    let mut story = failed_after_paid().await;
    let mut found = Finding::new(
        Code::PayoutNotExplained,
        &book(),
        "po_1",
        &scope(),
        NOON - 9,
    );
    found.note("heal:pull_3_days", NOON - 5);
    found.gone(NOON - 1);
    story.ground.findings.push(found);
    let other = Finding::new(Code::PayoutStuck, &book(), "po_2", &scope(), NOON);
    story.ground.findings.push(other);
    let late = Finding::new(Code::MissingEvent, &book(), "evt_3", &scope(), NOON);
    story.ground.findings.push(late);
    let words = words(&story.trace(NOON).await);
    assert_eq!(
        words[words.len() - 4..],
        [
            "PAYOUT_NOT_EXPLAINED seen",
            "PAYOUT_NOT_EXPLAINED heal:pull_3_days",
            "PAYOUT_NOT_EXPLAINED gone",
            "MISSING_EVENT seen",
        ]
    );
}

fn scope() -> Scope {
    Scope::new("holdings", "payouts")
}

/// The events of a life, and when each came: any of them may be lost or late.
fn lives() -> impl Strategy<Value = Vec<bool>> {
    proptest::collection::vec(any::<bool>(), 5)
}

async fn told(life: &[bool]) -> Story {
    let mut story = Story::default();
    let (made, arrived) = (payout("paid").created, payout("paid").arrival_date);
    if life[0] {
        let pending = payout("pending");
        story.hear("evt_1", "payout.created", made, &pending).await;
    }
    if life[1] {
        story
            .book(&book(), &moving("txn_out", "payout", -970, made))
            .await;
    }
    if life[2] {
        let paid = payout("paid");
        story.hear("evt_2", "payout.paid", arrived, &paid).await;
    }
    if life[3] {
        let back = moving("txn_back", "payout_failure", 970, arrived + 9);
        story.book(&book(), &back).await;
    }
    if life[4] {
        let failed = crate::story::failed();
        story
            .hear("evt_3", "payout.failed", arrived + 9, &failed)
            .await;
    }
    story
}

proptest! {
    /// Whatever was lost: what is there is told, each thing once and in order, and
    /// nothing is told that is not there.
    #[test]
    fn everything_is_told_once_and_in_order(life in lives()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (story, timeline) = runtime.block_on(async {
            let story = told(&life).await;
            let timeline = story.trace(NOON).await;
            (story, timeline)
        });
        let kept = story.ground.ledger.kept(&book());
        let there = story.ground.events.len()
            + story.ground.rows.len()
            + kept.all_entries().count()
            + kept.all_derived().count();
        prop_assert_eq!(timeline.steps.len(), there);
        let is_ordered = timeline.steps.is_sorted_by_key(Step::order);
        prop_assert!(is_ordered);
        let mut texts: Vec<_> = timeline.steps.iter().map(|it| format!("{it:?}")).collect();
        texts.sort();
        texts.dedup();
        prop_assert_eq!(texts.len(), there, "each once");
        prop_assert_eq!(timeline.is_empty(), there == 0);
    }
}
