//! What the posting doubts and what a comparison finds are one finding, and it is
//! closed when it is cleared.

use tributary_ledger::{Account, Head, Line};
use tributary_pipeline::ledger::Ledger;
use tributary_pipeline::ledger::replay::Whole;
use tributary_pipeline::reconcile::close_cleared;
use tributary_reconciliation::State;
use tributary_testkit::ledger::samples::{
    connected, contradictory, id, payment, platform, refund, unheard_of,
};

use crate::days::with_round;
use crate::rig::{DAY_S, Rig, day_job, then, yesterday};

#[tokio::test]
async fn a_doubt_of_the_posting_is_what_the_comparison_finds() {
    let rig = Rig::new();
    let book = connected(1);
    let mut overcharged = payment(2, then());
    overcharged.fee_details[0].amount = 25;
    let odd = [unheard_of(1, then()), overcharged, contradictory(3, then())];
    rig.book(&book, odd);
    rig.pull(&book, None).await;
    let doubted = rig.found();
    let codes: Vec<_> = doubted
        .iter()
        .map(|(code, id, _)| (*code, id.as_str()))
        .collect();
    let expected = [
        ("FEE_MISMATCH", "txn_00002"),
        ("MISSING_LEDGER_ENTRY", "txn_00003x"),
        ("UNKNOWN_TYPE", "txn_00001u"),
    ];
    assert_eq!(codes, expected);
    let before = rig.world.findings.all();
    let job = day_job(&rig, &book, yesterday()).await;
    rig.work(&job).await.unwrap();
    let after = rig.world.findings.all();
    assert_eq!(after.len(), before.len(), "{after:?}");
    for (doubted, found) in before.iter().zip(&after) {
        assert_eq!((found.key(), &found.scope), (doubted.key(), &doubted.scope));
        assert_eq!(found.stake, doubted.stake, "{}", found.key());
        assert_eq!(found.first_seen, doubted.first_seen);
    }
}

#[tokio::test]
async fn a_movement_that_nobody_can_read_is_found_until_it_is_read() {
    let rig = Rig::new();
    let book = connected(1);
    rig.book(&book, [payment(1, then()), payment(2, then())]);
    let list = &rig.world.stripe.movements;
    list.garble(&id("txn_00002"), true);
    rig.pull(&book, None).await;
    let missing = |state| ("MISSING_LEDGER_ENTRY", "txn_00002".to_owned(), state);
    assert_eq!(rig.found(), [missing(State::Open)]);
    let job = day_job(&rig, &book, yesterday()).await;
    rig.work(&job).await.unwrap();
    // Nobody can read how much it is, so it does not explain what the report says.
    let report = |state| ("REPORT_MISMATCH", "day:2026-11-21#usd".to_owned(), state);
    assert_eq!(rig.found(), [missing(State::Open), report(State::Open)]);

    list.garble(&id("txn_00002"), false);
    rig.clock.advance(60);
    rig.pull(&book, Some(then() - DAY_S)).await;
    rig.work(&with_round(&job, 1)).await.unwrap();
    assert_eq!(
        rig.found(),
        [missing(State::Healed), report(State::Resolved)]
    );
}

/// A rule has learned the type: the entry is posted again by it, see the replay.
#[tokio::test]
async fn money_that_leaves_suspense_closes_its_finding() {
    let rig = Rig::new();
    let book = connected(1);
    rig.book(&book, [unheard_of(1, then())]);
    rig.pull(&book, None).await;
    let (findings, ledger) = (&rig.world.findings, &rig.world.ledger);
    let closed = close_cleared(findings, ledger, &book, then())
        .await
        .unwrap();
    assert_eq!(closed, 0, "it is still there");
    let seen = ledger.kept(&book).all_entries().next().unwrap().clone();
    let mut known = seen.clone();
    let waits = known
        .lines
        .iter_mut()
        .find(|it| it.account.head() == Head::SuspenseType);
    let waits = waits.unwrap();
    *waits = Line {
        account: Account::plain(Head::Climate),
        amount: waits.amount,
    };
    ledger.replace(&known, &seen).await.unwrap();
    assert!(ledger.present(&book, &[known.key()]).await.unwrap().len() == 1);
    let closed = close_cleared(findings, ledger, &book, then() + 9)
        .await
        .unwrap();
    assert_eq!(closed, 1);
    let resolved = [("UNKNOWN_TYPE", "txn_00001u".to_owned(), State::Resolved)];
    assert_eq!(rig.found(), resolved);
}

/// No comparison covers stories: what was found of one waits for a person.
#[tokio::test]
async fn a_story_that_cannot_be_told_waits_for_a_person() {
    let rig = Rig::new();
    let book = platform();
    rig.book(&book, [payment(1, then())]);
    rig.pull(&book, None).await;
    rig.world.ledger.meddle(&book, |kept| {
        let entries = kept
            .entries
            .values_mut()
            .flat_map(|moved| moved.values_mut());
        for line in entries.flat_map(|entry| &mut entry.lines) {
            line.amount = i64::MAX;
        }
    });
    rig.book(&book, [refund(1, then() + 60)]);
    rig.pull(&book, Some(then())).await;
    let job = day_job(&rig, &book, yesterday()).await;
    rig.work(&job).await.unwrap();
    let found = rig.world.findings.all();
    let one = found.iter().find(|one| one.subject == "ch_00001").unwrap();
    assert_eq!(one.code.as_str(), "MISSING_LEDGER_ENTRY");
    assert_eq!(one.evidence["why"], "unexplained");
    assert!(!one.evidence["reason"].is_empty(), "{one:?}");
    assert!(one.waits_for_a_person());
}
