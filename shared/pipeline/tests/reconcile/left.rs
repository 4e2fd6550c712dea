//! Accounts that leave, and come back.

use tributary_pipeline::reconcile::{Control, Coverage, Job, Outcome, Plan};
use tributary_reconciliation::State;
use tributary_testkit::ledger::samples::{connected, platform};

use crate::rig::{DAY_S, LIVE, NOON, Rig, event};

const HOUR_S: i64 = 3_600;

/// Two accounts that were looked at.
async fn two_accounts() -> Rig {
    let rig = Rig::new();
    for n in [1, 2] {
        let account = connected(n).owner.account().unwrap().clone();
        rig.world.stripe.connect(account);
    }
    rig.plan(&Plan::daily(LIVE)).await.unwrap();
    rig.run().await;
    rig
}

/// Plans every hour of some days, and works everything off. Says what was not covered
/// at worst, seconds.
async fn hourly(rig: &Rig, days: i64) -> i64 {
    let mut worst = 0;
    for _ in 0..days * 24 {
        let next = rig.clock.now().div_euclid(HOUR_S) * HOUR_S + HOUR_S;
        rig.clock.advance(next - rig.clock.now());
        let planned = rig.plan(&Plan::daily(LIVE)).await.unwrap();
        worst = worst.max(planned.uncovered_s);
        rig.run().await;
    }
    worst
}

async fn coverage(rig: &Rig) -> Coverage {
    rig.world.control.coverage(&connected(1)).await.unwrap()
}

/// Whoever has left is asked about once a week, and hides nobody who has not.
#[tokio::test]
async fn an_account_that_left_is_seldom_asked_about() {
    let rig = two_accounts().await;
    rig.world.stripe.leave(&connected(1));
    let worst = hourly(&rig, 60).await;
    // Its audit is due after 18 days: then it is known, and asked about once a week.
    let refused = rig.world.stripe.refused();
    assert!((5..=8).contains(&refused), "{refused} calls were refused");
    assert!(worst < 19 * DAY_S, "{worst} seconds");
    let known = coverage(&rig).await;
    assert!(known.closed_at.is_some_and(|at| at > NOON + 52 * DAY_S));
    let other = rig.world.control.coverage(&connected(2)).await.unwrap();
    assert_eq!(other.closed_at, None);
}

/// One that was never read, such as one that left before we came.
#[tokio::test]
async fn an_account_that_was_never_read_sets_off_no_alarm() {
    let rig = Rig::new();
    let first = Coverage {
        seq: 1,
        ..Coverage::default()
    };
    rig.world
        .control
        .cover(&connected(1), &first)
        .await
        .unwrap();
    rig.world.stripe.leave(&connected(1));
    rig.plan(&Plan::daily(LIVE)).await.unwrap();
    rig.run().await;
    let worst = hourly(&rig, 40).await;
    let refused = rig.world.stripe.refused();
    assert!(refused <= 8, "{refused} calls were refused");
    assert!(worst < 19 * DAY_S, "{worst} seconds");
}

/// An account that comes back is covered from where it was, as far as Stripe lists.
#[tokio::test]
async fn an_account_that_comes_back_is_covered_from_where_it_was() {
    let rig = two_accounts().await;
    let before = coverage(&rig).await.events_to.unwrap();
    rig.world.stripe.leave(&connected(1));
    hourly(&rig, 19).await;
    assert!(coverage(&rig).await.closed_at.is_some());
    let missed = event(&connected(1), 7, before + HOUR_S);
    rig.world.stripe.make(&connected(1), missed);
    rig.world.stripe.come_back(&connected(1));
    let refused = rig.world.stripe.refused();
    hourly(&rig, 8).await;
    assert_eq!(rig.world.stripe.refused(), refused);
    let after = coverage(&rig).await;
    assert_eq!(after.closed_at, None);
    assert!(after.events_to.unwrap() > before + 19 * DAY_S, "{after:?}");
    let found = ("MISSING_EVENT", "evt_0007".to_owned(), State::Healed);
    assert_eq!(rig.found(), [found]);
    // It is one of the others again.
    hourly(&rig, 20).await;
    let later = coverage(&rig).await.events_to.unwrap();
    assert!(later > after.events_to.unwrap(), "{later}");
}

/// Who asks for everything wants to know it now.
#[tokio::test]
async fn everything_asks_about_those_that_left_too() {
    let rig = two_accounts().await;
    rig.world.stripe.leave(&connected(1));
    let job = Job::Holdings {
        book: connected(1),
        at: NOON + 1,
        before: None,
        lists: false,
        round: 0,
    };
    assert_eq!(rig.work(&job).await.unwrap(), Outcome::Closed);
    rig.world.stripe.come_back(&connected(1));
    rig.clock.advance(120);
    rig.plan(&Plan::everything(LIVE)).await.unwrap();
    rig.run().await;
    assert_eq!(coverage(&rig).await.closed_at, None);
}

/// The platform does not leave: an alarm has to say that nobody can read it.
#[tokio::test]
async fn the_platform_is_never_taken_for_an_account_that_left() {
    let rig = two_accounts().await;
    rig.world.stripe.leave(&platform());
    let worst = hourly(&rig, 21).await;
    assert!(worst > 20 * DAY_S, "{worst} seconds");
    let known = rig.world.control.coverage(&platform()).await.unwrap();
    assert_eq!(known.closed_at, None);
}
