//! Workers die at every call, and others go on.

use std::collections::BTreeSet;

use tributary_domain::Origin;
use tributary_pipeline::reconcile::{Control, Job, Outcome};
use tributary_reconciliation::State;
use tributary_testkit::ledger::Life;
use tributary_testkit::ledger::samples::{connected, payment};
use tributary_testkit::reconcile::MortalWorld;

use crate::rig::{DAY_S, NOON, Rig, day_job, event, then, yesterday};

/// A day of which two lines of many are missing, on pages of two.
async fn a_day() -> (Rig, Job) {
    let rig = Rig::with_pages_of(2);
    let book = connected(1);
    rig.book(&book, (0..8).map(|n| payment(n, then() + n as i64)));
    rig.pull(&book, None).await;
    rig.book(
        &book,
        [payment(77, then() - 9_000), payment(78, then() - 8_000)],
    );
    let job = day_job(&rig, &book, yesterday()).await;
    (rig, job)
}

async fn an_audit() -> (Rig, Job) {
    let rig = Rig::with_pages_of(2);
    let job = make_events(&rig).await;
    (rig, job)
}

/// Eight events, of which every third was never received, and their audit.
async fn make_events(rig: &Rig) -> Job {
    let book = connected(1);
    for n in 0..8 {
        let event = event(&book, n, NOON - DAY_S + n as i64);
        if n % 3 != 0 {
            rig.receive(&event.key, Origin::Webhook).await;
        }
        rig.world.stripe.make(&book, event);
    }
    Job::Events {
        book,
        from: NOON - 2 * DAY_S,
        to: NOON - 60,
        round: 0,
    }
}

/// Lets a worker die at its `call`th call; says whether it did.
async fn die(rig: &Rig, job: &Job, call: usize, with_effect: bool) -> bool {
    let life = Life::ending_at(call, with_effect);
    let mortal = MortalWorld::of(&rig.world, &life);
    let ended = rig.work_in(&mortal, "first", job).await;
    assert_eq!(ended.is_err(), life.is_over(), "{ended:?}");
    life.is_over()
}

fn assert_settled(rig: &Rig, subjects: &[&str], context: &str) {
    let found = rig.found();
    let healed: BTreeSet<_> = found
        .iter()
        .map(|(_, subject, _)| subject.as_str())
        .collect();
    assert_eq!(healed, subjects.iter().copied().collect(), "{context}");
    assert_eq!(
        found.len(),
        subjects.len(),
        "{context}: none is found twice"
    );
    assert!(
        found.iter().all(|one| one.2 == State::Healed),
        "{context}: {found:?}"
    );
}

#[tokio::test]
async fn fault_33_a_worker_that_dies_at_any_call_of_a_day_costs_repetition_only() {
    let mut deaths = 0;
    for with_effect in [false, true] {
        for call in 0.. {
            let (rig, job) = a_day().await;
            if !die(&rig, &job, call, with_effect).await {
                break;
            }
            deaths += 1;
            rig.clock.advance(rig.rules.lease_s);
            rig.work_in(&rig.world, "second", &job).await.unwrap();
            rig.run().await;
            let context = format!("died at {call}, effect: {with_effect}");
            assert_settled(&rig, &["txn_00077", "txn_00078"], &context);
            let kept = rig.world.ledger.kept(&connected(1));
            assert_eq!(kept.all_entries().count(), 10, "{context}");
        }
    }
    println!("{deaths} deaths");
    assert!(deaths > 50, "{deaths}");
}

#[tokio::test]
async fn fault_33_a_worker_that_dies_at_any_call_of_an_audit_costs_repetition_only() {
    for with_effect in [false, true] {
        for call in 0.. {
            let (rig, job) = an_audit().await;
            if !die(&rig, &job, call, with_effect).await {
                break;
            }
            rig.clock.advance(rig.rules.lease_s);
            rig.work_in(&rig.world, "second", &job).await.unwrap();
            rig.run().await;
            let context = format!("died at {call}, effect: {with_effect}");
            assert_settled(&rig, &["evt_0000", "evt_0003", "evt_0006"], &context);
            let coverage = rig.world.control.coverage(&connected(1)).await.unwrap();
            assert_eq!(coverage.events_to, Some(NOON - 60), "{context}");
        }
    }
}

async fn ninety_events() -> (Rig, Job) {
    let rig = Rig::with_pages_of(2);
    let book = connected(1);
    for n in 0..90 {
        rig.world
            .stripe
            .make(&book, event(&book, n, NOON - DAY_S + n as i64));
    }
    let job = Job::Events {
        book,
        from: NOON - 2 * DAY_S,
        to: NOON - 60,
        round: 0,
    };
    (rig, job)
}

/// After a crash on the 37th page, the 36 before it are not read again.
#[tokio::test]
async fn fault_33_a_crash_on_page_37_resumes_there() {
    // A page takes four calls at least.
    for call in 150.. {
        let (rig, job) = ninety_events().await;
        assert!(die(&rig, &job, call, true).await);
        if rig.world.stripe.calls() < 37 {
            continue;
        }
        rig.clock.advance(rig.rules.lease_s);
        let ended = rig.work_in(&rig.world, "second", &job).await.unwrap();
        assert!(matches!(ended, Outcome::Done(_)));
        assert_eq!(rig.world.stripe.calls(), 46, "45 pages, one of them twice");
        assert_eq!(rig.found().len(), 90, "none is found twice");
        return;
    }
}

/// Fault 45: jobs whose first workers died, moved back from the dead letters, are finished;
/// moved back once more, all of them change nothing.
#[tokio::test]
async fn fault_45_jobs_moved_back_from_the_dead_letters_change_nothing() {
    for call in [3, 7, 12, 20] {
        let (rig, day) = a_day().await;
        let jobs = [day, make_events(&rig).await];
        for job in &jobs {
            assert!(die(&rig, job, call, true).await, "{call}");
        }
        rig.clock.advance(rig.rules.lease_s);
        for job in &jobs {
            let ended = rig.work(job).await.unwrap();
            assert!(matches!(ended, Outcome::Done(_)), "{call}: {ended:?}");
        }
        rig.run().await;
        let context = format!("died at {call}");
        let subjects = ["txn_00077", "txn_00078", "evt_0000", "evt_0003", "evt_0006"];
        assert_settled(&rig, &subjects, &context);
        let (found, done) = (rig.world.findings.all(), rig.world.control.done());
        let kept = rig.world.ledger.kept(&connected(1));
        for job in &jobs {
            assert_eq!(rig.work(job).await.unwrap(), Outcome::WasDone);
        }
        assert_eq!(rig.world.outbox.take_jobs(), [], "{context}");
        assert_eq!(
            (rig.world.findings.all(), rig.world.control.done()),
            (found, done),
            "{context}"
        );
        assert_eq!(rig.world.ledger.kept(&connected(1)), kept, "{context}");
    }
}
