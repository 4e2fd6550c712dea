//! Two hundred instances and one Stripe, on simulated time.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod world;

use std::time::Duration;

use tributary_pacing::{FULL, Outcome};
use world::{Call, Health, WORKERS, World, peak};

/// Calls that no second may exceed.
const LIMIT: u32 = 100;
const SEEDS: u64 = 3;

fn during(calls: &[Call], world: &World, from_s: f64, until_s: f64) -> Vec<Call> {
    let seconds = |call: &&Call| {
        let at_s = (call.at - world.started).as_secs_f64();
        (from_s..until_s).contains(&at_s)
    };
    calls.iter().filter(seconds).copied().collect()
}

fn holds_always(world: &World, seed: u64) {
    assert!(
        world.stripe.peak() <= LIMIT as usize,
        "SEED={seed} {}",
        world.stripe.peak()
    );
    assert!(world.stripe.probes_peak() <= 1, "SEED={seed}");
}

#[tokio::test(start_paused = true)]
async fn the_budget_is_kept_and_used() {
    for seed in 0..SEEDS {
        let world = World::start(seed, LIMIT, 0);
        world.run(60).await;
        holds_always(&world, seed);
        let calls = world.stripe.calls().len();
        assert!(
            (3_400..=3_660).contains(&calls),
            "SEED={seed} {calls} calls, 60 per s"
        );
    }
}

/// Fewer workers than 45 % of the limit: no phases can bring them over it.
#[test]
fn the_worst_phases_of_few_workers_stay_below_the_limit() {
    for limit in 3..=500_u32 {
        for workers in 1..=limit * 45 / 100 {
            let slot = tributary_pacing::Share::of(limit, workers, 0)
                .slot()
                .as_secs_f64();
            // Calls of one worker within a half-open second, at most.
            let most = ((1.0 / slot).floor() + 1.0) * f64::from(workers);
            assert!(
                most <= f64::from(limit) * 0.9 + 1e-9,
                "{workers} workers make {most} of {limit}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn fault_36_an_outage_opens_the_circuit_and_one_probe_closes_it() {
    for (seed, health) in [
        (1, Health::Failing),
        (2, Health::Hanging),
        (3, Health::Failing),
    ] {
        let world = World::start(seed, LIMIT, 0);
        world.run(20).await;
        world.stripe.be(health);
        world.run(60).await;
        world.stripe.be(Health::Well);
        world.run(80).await;
        holds_always(&world, seed);

        let calls = world.stripe.calls();
        // Half a minute in, everybody knows: whoever calls is the probe.
        let later = during(&calls, &world, 40.0, 80.0);
        assert!(later.iter().all(|call| call.is_probe), "SEED={seed}");
        assert!(
            (1..=5).contains(&later.len()),
            "SEED={seed} {} probes",
            later.len()
        );
        let closing = calls
            .iter()
            .filter(|call| call.is_probe && call.outcome == Outcome::Answered);
        assert_eq!(
            closing.count(),
            1,
            "SEED={seed} one answer closes it for all"
        );
        // And all of them work again.
        let last = during(&calls, &world, 145.0, 160.0).len();
        assert!(last >= 800, "SEED={seed} {last} calls in the last 15 s");
    }
}

#[tokio::test(start_paused = true)]
async fn fault_36_a_tenth_of_failures_opens_nothing() {
    for seed in 0..SEEDS {
        let world = World::start(seed, LIMIT, 0);
        world.stripe.be(Health::Flaky(100));
        world.run(60).await;
        holds_always(&world, seed);
        let calls = world.stripe.calls();
        assert!(calls.iter().all(|call| !call.is_probe), "SEED={seed}");
        assert!(calls.len() >= 3_300, "SEED={seed} {}", calls.len());
    }
}

/// Whoever was refused is told the same time to come back: they come back together,
/// and are let through one by one all the same.
#[tokio::test(start_paused = true)]
async fn fault_36_nobody_stampedes_when_the_circuit_closes() {
    for seed in 0..SEEDS {
        let world = World::start(seed, LIMIT, 0);
        world.stripe.be(Health::Failing);
        world.run(30).await;
        let before = world.stripe.calls().len();
        world.stripe.be(Health::Well);
        world.run(60).await;
        let calls = world.stripe.calls();
        let most = peak(calls[before..].iter().map(|call| call.at));
        assert!(most <= LIMIT as usize, "SEED={seed} {most}");
        assert!(calls.len() > before + 1_000, "SEED={seed} it closed");
    }
}

#[tokio::test(start_paused = true)]
async fn fault_35_one_throttled_instance_slows_all() {
    for seed in 0..SEEDS {
        let world = World::start(seed, LIMIT, 0);
        world.stripe.be(Health::Allowing(40));
        world.run(120).await;
        holds_always(&world, seed);
        let calls = world.stripe.calls();
        let settled = during(&calls, &world, 20.0, 120.0);
        let answered = settled
            .iter()
            .filter(|call| call.outcome == Outcome::Answered)
            .count();
        let refused = settled.len() - answered;
        // 40 are allowed, 60 would be sent: the fleet finds its way below, and far
        // below where its instances' phases happen to crowd.
        assert!(
            refused * 10 <= settled.len(),
            "SEED={seed} {refused} of {}",
            settled.len()
        );
        assert!(answered >= 900, "SEED={seed} {answered} in 100 s");
        let pace = world.store.text("stripe#pace").unwrap();
        assert!(!pace.contains(&format!("\"reduced_to\":{FULL}")), "{pace}");
    }
}

#[tokio::test(start_paused = true)]
async fn fault_37_without_the_shared_state_everybody_keeps_to_its_share() {
    for seed in 0..SEEDS {
        let world = World::start(seed, LIMIT, 0);
        world.store.set_down(true);
        world.run(60).await;
        holds_always(&world, seed);
        let calls = world.stripe.calls().len();
        assert!(
            (3_300..=3_660).contains(&calls),
            "SEED={seed} {calls} calls, 60 per s"
        );
    }
}

/// Without the shared state nobody can be the one probe, so nobody calls.
#[tokio::test(start_paused = true)]
async fn fault_37_an_open_circuit_stays_open_until_the_shared_state_is_back() {
    for seed in 0..SEEDS {
        let world = World::start(seed, LIMIT, 0);
        world.stripe.be(Health::Failing);
        world.run(20).await;
        world.store.set_down(true);
        world.stripe.be(Health::Well);
        let before = world.stripe.calls().len();
        world.run(120).await;
        let meanwhile = world.stripe.calls().len() - before;
        assert!(meanwhile <= 1, "SEED={seed} {meanwhile}");
        world.store.set_down(false);
        world.run(60).await;
        holds_always(&world, seed);
        let after = world.stripe.calls().len() - before - meanwhile;
        assert!(after > 1_000, "SEED={seed} {after}");
    }
}

/// Everything at once: calls to the store that fail before and after their effect,
/// conflicts, outages of both, and a Stripe that allows less than it says.
#[tokio::test(start_paused = true)]
async fn fault_37_conflicts_and_outages_break_neither_promise() {
    for seed in 0..SEEDS {
        let world = World::start(seed, LIMIT, 200);
        for (health, is_down, seconds) in [
            (Health::Well, false, 10),
            (Health::Failing, false, 30),
            (Health::Well, true, 30),
            (Health::Hanging, false, 60),
            (Health::Allowing(30), false, 60),
            (Health::Failing, true, 30),
            (Health::Well, false, 120),
        ] {
            world.stripe.be(health);
            world.store.set_down(is_down);
            world.run(seconds).await;
        }
        holds_always(&world, seed);
        assert!(
            world.store.conflicts() > 0,
            "SEED={seed} nobody came between"
        );
        let calls = world.stripe.calls();
        let last = during(&calls, &world, 300.0, 340.0);
        assert!(last.len() > 1_500, "SEED={seed} {} at the end", last.len());
        assert_eq!(world.gates.len(), WORKERS as usize);
        assert!(world.started.elapsed() >= Duration::from_secs(340));
    }
}
