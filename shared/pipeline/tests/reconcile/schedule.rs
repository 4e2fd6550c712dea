//! A schedule that fires twice, late, or not at all.

use tributary_pipeline::reconcile::{Control, Job, Outcome, Plan, WorkError};
use tributary_testkit::ledger::samples::{connected, payment, platform};

use crate::rig::{DAY_S, LIVE, NOON, Rig, then, yesterday};

fn reports(rig: &Rig) -> Vec<String> {
    let jobs = rig.world.outbox.take_jobs().into_iter();
    let days = jobs.filter_map(|(job, _)| match job {
        Job::Reports { day, .. } => Some(day.to_string()),
        _ => None,
    });
    days.collect()
}

#[tokio::test]
async fn fault_32_a_schedule_that_fires_twice_plans_once() {
    let rig = Rig::new();
    let plan = Plan::daily(LIVE);
    let first = rig.plan(&plan).await.unwrap();
    assert!(first.jobs > 0);
    rig.world.outbox.take_jobs();
    assert_eq!(rig.plan(&plan).await, None);
    rig.clock.advance(59);
    assert_eq!(
        rig.plan(&plan).await,
        None,
        "a little later, in the same window"
    );
    assert_eq!(rig.world.outbox.take_jobs(), []);
}

#[tokio::test]
async fn fault_32_a_schedule_that_did_not_fire_is_caught_up_with() {
    let rig = Rig::new();
    rig.plan(&Plan::daily(LIVE)).await.unwrap();
    assert_eq!(reports(&rig).last(), Some(&yesterday().to_string()));
    rig.clock.advance(DAY_S);
    rig.plan(&Plan::daily(LIVE)).await.unwrap();
    assert_eq!(reports(&rig), ["2026-11-22"]);
    rig.clock.advance(4 * DAY_S);
    let after = rig.plan(&Plan::daily(LIVE)).await.unwrap();
    assert_eq!(
        reports(&rig),
        ["2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26"]
    );
    assert_eq!(after.days, 4);
    rig.clock.advance(3_600);
    rig.plan(&Plan::daily(LIVE)).await.unwrap();
    assert_eq!(reports(&rig), [""; 0], "nothing is due twice");
}

#[tokio::test]
async fn fault_32_two_workers_on_one_window_do_it_once() {
    let rig = Rig::new();
    rig.book(&connected(1), [payment(1, then())]);
    let job = Job::Reports {
        mode: LIVE,
        day: yesterday(),
    };
    // One is at it and has not said anything for a while.
    let name = job.name();
    let now = rig.clock.now();
    rig.world
        .control
        .claim(&name, "first", now, now + 300)
        .await
        .unwrap();
    let second = rig.work(&job).await;
    assert!(matches!(second, Err(WorkError::Held)), "{second:?}");
    // It died. The message comes again when the lease has ended.
    rig.clock.advance(300);
    assert!(matches!(rig.work(&job).await.unwrap(), Outcome::Done(_)));
    assert_eq!(rig.work(&job).await.unwrap(), Outcome::WasDone);
    assert_eq!(rig.world.outbox.take_jobs().len(), 1);
}

/// What is due is read from how far everything has come: an account that was looked at
/// is not looked at again until its time has come.
#[tokio::test]
async fn every_account_is_looked_at_when_its_time_has_come() {
    let rig = Rig::new();
    for n in 1..=5 {
        rig.world
            .stripe
            .connect(connected(n).owner.account().unwrap().clone());
    }
    rig.plan(&Plan::daily(LIVE)).await.unwrap();
    rig.run().await;
    let calls = rig.world.stripe.calls();
    let mut days = 0;
    while days < 84 {
        rig.clock.advance(DAY_S);
        rig.plan(&Plan::daily(LIVE)).await.unwrap();
        rig.run().await;
        days += 1;
    }
    let spent = rig.world.stripe.calls() - calls;
    let reports = 2 * days;
    let accounts = days / 7;
    let looks = spent - reports - accounts;
    println!("{looks} calls for 6 books in {days} days");
    assert!(looks <= 6 * days / 10, "{looks} calls");
    let coverage = rig.world.control.coverage(&platform()).await.unwrap();
    assert!(coverage.events_to.unwrap() > NOON + 65 * DAY_S);
}
