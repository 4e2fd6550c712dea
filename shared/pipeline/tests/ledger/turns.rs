//! Two workers on one book.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tributary_pipeline::ledger::{LedgerError, PullError, Pulled};
use tributary_testkit::ledger::samples::{payment, platform, refund};
use tributary_testkit::ledger::turns::take_turns;
use tributary_testkit::ledger::{Life, list::Scene};

use crate::world::{NOON, Worker, World};

fn busy() -> World {
    let world = World::with_pages_of(2);
    let movements = (1..8).map(|n| payment(n, NOON - 40 * n as i64));
    world.list.book(&platform(), movements);
    world
}

async fn settle(world: &World, context: &str) {
    world.let_leases_run_out();
    let mut request = world.request();
    request.since = Some(0);
    // The second meets what is booked while the first lists.
    for _ in 0..2 {
        let (last, _) = world.pull(&request).await;
        assert_eq!(last, Pulled::Finished, "{context}");
    }
    world.assert_exact(&platform(), context);
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
}

#[test]
fn two_workers_in_any_order_post_each_movement_once() {
    for seed in 0..1_000 {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let world = busy();
        let late = vec![refund(3, NOON - 90), payment(9, NOON - 5)];
        world
            .list
            .at(rng.random_range(0..4), Scene::ThenBooked(platform(), late));
        let request = world.request();
        let lives = [(); 2].map(|()| match rng.random_bool(0.5) {
            true => Life::eternal(),
            false => Life::ending_at(rng.random_range(0..40), rng.random_bool(0.5)),
        });
        let first = world.pull_by(Worker::of("first", &lives[0]), &request);
        let second = world.pull_by(Worker::of("second", &lives[1]), &request);
        let steady = rng.random_range(1..40);
        let mut turn = false;
        let _ = take_turns(first, second, || {
            // Long pauses, over which a lease runs out, and short ones.
            if rng.random_range(0..40) < steady {
                turn = !turn;
            }
            if rng.random_bool(0.1) {
                world.let_leases_run_out();
            }
            turn
        });
        runtime().block_on(settle(&world, &format!("seed {seed}")));
    }
}

/// The first worker stops for so long that its lease runs out; the second takes the
/// book, finishes, and even begins and ends another pull. Then the first goes on.
#[test]
fn a_worker_whose_lease_ran_out_cannot_count_any_more() {
    let mut refused = 0;
    for stops_at in 1..60 {
        let world = busy();
        let request = world.request();
        let (one, other) = (Life::eternal(), Life::eternal());
        let first = world.pull_by(Worker::of("first", &one), &request);
        let second = async {
            world.let_leases_run_out();
            world
                .pull_by(Worker::of("second", &other), &request)
                .await
                .0
                .unwrap();
            world.list.book(&platform(), [payment(30, NOON + 1)]);
            world.let_leases_run_out();
            let later = world.request();
            world
                .pull_by(Worker::of("second", &other), &later)
                .await
                .0
                .unwrap();
        };
        let mut turns = 0;
        let ((first, _), ()) = take_turns(first, second, || {
            turns += 1;
            turns > stops_at
        });
        let finished = one.calls() < stops_at;
        if let Err(PullError::Ledger(LedgerError::Conflict)) = first {
            panic!("a conflict is for the pull to solve");
        }
        refused += usize::from(!finished);
        runtime().block_on(settle(&world, &format!("stopped at {stops_at}")));
    }
    assert!(refused > 10, "the first worker was hardly ever overtaken");
}
