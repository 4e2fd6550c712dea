//! A schedule that fires twice, late, or not at all.

use tributary_pipeline::reconcile::{Control, Coverage, Job, Outcome, Plan, WorkError};
use tributary_testkit::ledger::samples::{connected, payment, platform};

use crate::rig::{DAY_S, LIVE, NOON, Rig, then, yesterday};

/// The first days of the reports that were asked for, and how many days each is about.
fn reports(rig: &Rig) -> Vec<(String, u8)> {
    let jobs = rig.world.outbox.take_jobs().into_iter();
    let days = jobs.filter_map(|(job, _)| match job {
        Job::Reports { day, days, .. } => Some((day.to_string(), days)),
        _ => None,
    });
    days.collect()
}

/// Says how many books there are.
async fn count_books(rig: &Rig, books: usize) {
    let control = &rig.world.control;
    let known = control.coverage(&platform()).await.unwrap();
    let counted = Coverage {
        seq: known.seq + 1,
        books: Some(books),
        ..known
    };
    control.cover(&platform(), &counted).await.unwrap();
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
    let yesterday = (yesterday().to_string(), 1);
    assert_eq!(reports(&rig).last(), Some(&yesterday));
    count_books(&rig, 400).await;
    rig.clock.advance(DAY_S);
    rig.plan(&Plan::daily(LIVE)).await.unwrap();
    assert_eq!(reports(&rig), [("2026-11-22".to_owned(), 1)]);
    count_books(&rig, 400).await;
    rig.clock.advance(3 * DAY_S);
    let after = rig.plan(&Plan::daily(LIVE)).await.unwrap();
    let days = ["2026-11-23", "2026-11-24", "2026-11-25"];
    assert_eq!(reports(&rig), days.map(|day| (day.to_owned(), 1)));
    assert_eq!(after.days, 3);
    rig.clock.advance(3_600);
    count_books(&rig, 400).await;
    rig.plan(&Plan::daily(LIVE)).await.unwrap();
    assert_eq!(reports(&rig), [], "nothing is due twice");
}

/// Stripe has a day whole when it has prepared its reports after the day's end.
#[tokio::test]
async fn a_day_is_asked_for_when_stripe_should_have_it() {
    let rig = Rig::new();
    rig.plan(&Plan::daily(LIVE)).await.unwrap();
    rig.world.outbox.take_jobs();
    count_books(&rig, 400).await;
    rig.clock.advance(DAY_S - 60);
    rig.plan(&Plan::daily(LIVE)).await.unwrap();
    assert_eq!(reports(&rig), []);
    count_books(&rig, 400).await;
    rig.clock.advance(60);
    rig.plan(&Plan::daily(LIVE)).await.unwrap();
    assert_eq!(reports(&rig).len(), 1);
}

/// Reports cost the same for few books as for many, and for few days as for many.
#[tokio::test]
async fn few_books_are_asked_about_some_days_at_a_time() {
    let rig = Rig::new();
    rig.plan(&Plan::daily(LIVE)).await.unwrap();
    rig.world.outbox.take_jobs();
    let mut asked = Vec::new();
    for _ in 0..9 {
        rig.clock.advance(DAY_S);
        let planned = rig.plan(&Plan::daily(LIVE)).await.unwrap();
        let reports = reports(&rig);
        assert_eq!(planned.days, if reports.is_empty() { 0 } else { 4 });
        asked.extend(reports);
    }
    let days = ["2026-11-22", "2026-11-26"];
    assert_eq!(asked, days.map(|day| (day.to_owned(), 4)));
    rig.plan(&Plan::everything(LIVE)).await.unwrap();
    let rest = ("2026-11-30".to_owned(), 1);
    assert_eq!(
        reports(&rig),
        [rest],
        "who asks for everything waits for nothing"
    );
}

#[tokio::test]
async fn fault_32_two_workers_on_one_window_do_it_once() {
    let rig = Rig::new();
    rig.book(&connected(1), [payment(1, then())]);
    let job = Job::Reports {
        mode: LIVE,
        day: yesterday(),
        days: 1,
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
    assert_eq!(rig.work(&job).await.unwrap(), Outcome::Later);
    assert!(matches!(rig.work(&job).await.unwrap(), Outcome::Done(_)));
    assert_eq!(rig.work(&job).await.unwrap(), Outcome::WasDone);
    let follow: Vec<_> = rig.world.outbox.take_jobs();
    let of_days = |(job, _): &&(Job, u16)| matches!(job, Job::Day { .. });
    assert_eq!(follow.iter().filter(of_days).count(), 1);
}

/// Days that are asked for together are compared one by one, and none beside them.
#[tokio::test]
async fn days_that_are_asked_for_together_are_compared_one_by_one() {
    let rig = Rig::new();
    let book = connected(1);
    for (n, days_ago) in [0, 1, 2, 3].into_iter().enumerate() {
        rig.book(&book, [payment(n, then() - days_ago * DAY_S)]);
    }
    let job = Job::Reports {
        mode: LIVE,
        day: yesterday().plus(-2),
        days: 2,
    };
    assert_eq!(rig.work(&job).await.unwrap(), Outcome::Later);
    rig.run().await;
    let found = rig.found();
    let subjects: Vec<_> = found.iter().map(|(_, subject, _)| subject).collect();
    assert_eq!(subjects, ["txn_00001", "txn_00002"], "{found:?}");
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
    let reports = 10 * (days / 4);
    let accounts = days / 7;
    let looks = spent - reports - accounts;
    println!("{looks} calls for 6 books in {days} days");
    assert!(looks <= 6 * days / 10, "{looks} calls");
    let coverage = rig.world.control.coverage(&platform()).await.unwrap();
    assert!(coverage.events_to.unwrap() > NOON + 65 * DAY_S);
}
