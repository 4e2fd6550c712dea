//! Workers die at every call, and others go on.

use tributary_pipeline::ledger::Pulled;
use tributary_testkit::ledger::samples::{
    contradictory, payment, platform, refund, transfer, unheard_of,
};
use tributary_testkit::ledger::{Life, list::Scene};

use crate::world::{NOON, Worker, World};

const DAY_S: i64 = 86_400;

/// Nine movements of seven days on pages of three: the oldest days are closed at
/// once, one type is unknown, one amount contradicts itself.
fn eventful() -> World {
    let world = World::with_pages_of(3);
    let mut movements: Vec<_> = (1..6_usize)
        .map(|n| payment(n, NOON - n as i64 * DAY_S))
        .collect();
    movements.push(transfer(2, 400, NOON - DAY_S));
    movements.push(refund(5, NOON - 60));
    movements.push(unheard_of(7, NOON - 6 * DAY_S));
    movements.push(contradictory(8, NOON - 30));
    world.list.book(&platform(), movements);
    world
}

/// Lets a worker die at one call after the other, until one lives to the end.
/// Answers how many died.
async fn die_everywhere(
    world: impl Fn() -> World,
    with_effect: bool,
    second_death: Option<usize>,
) -> usize {
    for call in 0.. {
        let world = world();
        let request = world.request();
        let life = Life::ending_at(call, with_effect);
        let (first, _) = world.pull_by(Worker::of("first", &life), &request).await;
        if !life.is_over() {
            assert_eq!(first.unwrap(), Pulled::Finished);
            return call;
        }
        if let Some(later) = second_death {
            world.let_leases_run_out();
            let life = Life::ending_at(later, !with_effect);
            let _ = world.pull_by(Worker::of("second", &life), &request).await;
        }
        world.let_leases_run_out();
        let (last, _) = world.pull(&request).await;
        let context = format!("died at {call}, effect: {with_effect}, then at {second_death:?}");
        assert!(
            matches!(last, Pulled::Finished | Pulled::Answered),
            "{context}"
        );
        world.assert_exact(&platform(), &context);
        let concerns = world.doubts.noted();
        assert_eq!(concerns.len(), 2, "{context}: {concerns:?}");
    }
    unreachable!()
}

#[tokio::test]
async fn fault_33_a_pull_that_dies_at_any_call_is_finished_by_another_worker() {
    for with_effect in [false, true] {
        let deaths = die_everywhere(eventful, with_effect, None).await;
        assert!(deaths > 20, "only {deaths} calls");
    }
}

#[tokio::test]
async fn a_worker_that_dies_finishing_anothers_pull_is_finished_by_a_third() {
    for with_effect in [false, true] {
        for later in 0..16 {
            die_everywhere(eventful, with_effect, Some(later)).await;
        }
    }
}

/// A late movement pushes those that were counted to the next page.
#[tokio::test]
async fn what_was_counted_is_posted_though_its_page_has_shifted() {
    let shifting = || {
        let world = eventful();
        let late = (20..24).map(|n| payment(n, NOON - 2 * DAY_S - 5));
        world
            .list
            .at(1, Scene::ThenBooked(platform(), late.collect()));
        world
    };
    for with_effect in [false, true] {
        for call in 0.. {
            let world = shifting();
            let request = world.request();
            let life = Life::ending_at(call, with_effect);
            let _ = world.pull_by(Worker::of("first", &life), &request).await;
            world.let_leases_run_out();
            world.pull(&request).await;
            // What came late behind the cursor is for a pull that looks further back.
            let mut again = world.request();
            again.since = Some(NOON - 30 * DAY_S);
            world.pull(&again).await;
            world.assert_exact(&platform(), &format!("died at {call}"));
            if !life.is_over() {
                break;
            }
        }
    }
}
