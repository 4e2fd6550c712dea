//! One instance at its gate, on simulated time.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::{Instant, sleep};
use tributary_pacing::{
    COOL_DOWN_MS, Clock, ControlStore, Deferred, Gate, LEASE_MS, MoneyAtRisk, Outcome, Share,
};
use tributary_testkit::MemoryControl;
use tributary_testkit::control::keeps_the_contract;

const FAMILY: &str = "charges";
const PATIENCE: Duration = Duration::from_secs(20);
const CIRCUIT: &str = "stripe#circuit#charges";

/// A gate with ten slots a second.
fn gate(store: &Arc<MemoryControl>) -> Gate {
    let started = Instant::now();
    let clock: Clock =
        Arc::new(move || 1_700_000_000_000 + i64::try_from(started.elapsed().as_millis()).unwrap());
    Gate::with_clock(Share::of(50, 3, 0), store.clone(), clock)
}

async fn call(gate: &Gate, outcome: Outcome) -> Result<(), Deferred> {
    let permit = gate.enter(FAMILY, MoneyAtRisk(0), PATIENCE).await?;
    permit.settle(outcome).await;
    Ok(())
}

/// Calls until the circuit opens; when it may be asked again.
async fn fail_until_open(gate: &Gate) -> Duration {
    for _ in 0..50 {
        if let Err(deferred) = call(gate, Outcome::Failed).await {
            assert!(matches!(deferred, Deferred::CircuitOpen { .. }));
            return deferred.retry_after();
        }
    }
    panic!("fifty failures open nothing")
}

#[tokio::test]
async fn the_store_in_memory_keeps_the_contract() {
    keeps_the_contract(&MemoryControl::default(), "any").await;
}

#[tokio::test(start_paused = true)]
async fn the_greatest_stake_goes_first() {
    let store = Arc::default();
    let gate = Arc::new(gate(&store));
    let order = Arc::new(Mutex::new(Vec::new()));
    call(&gate, Outcome::Answered).await.unwrap();
    let waiting = [3, 9, 1, 9, 7]
        .into_iter()
        .enumerate()
        .map(|(arrival, stake)| {
            let (gate, order) = (gate.clone(), order.clone());
            async move {
                let entered = gate.enter(FAMILY, MoneyAtRisk(stake), PATIENCE).await;
                order.lock().unwrap().push((stake, arrival));
                entered.unwrap().settle(Outcome::Answered).await;
            }
        });
    futures_util::future::join_all(waiting).await;
    let order = order.lock().unwrap().clone();
    assert_eq!(order, [(9, 1), (9, 3), (7, 4), (3, 0), (1, 2)]);
}

#[tokio::test(start_paused = true)]
async fn calls_that_hang_take_no_more_than_their_places() {
    let store = Arc::default();
    let gate = gate(&store);
    let mut hanging = Vec::new();
    for _ in 0..4 {
        hanging.push(gate.enter(FAMILY, MoneyAtRisk(0), PATIENCE).await.unwrap());
    }
    let fifth = gate.enter(FAMILY, MoneyAtRisk(9), PATIENCE).await;
    assert!(matches!(fifth, Err(Deferred::BudgetSpent { .. })));
    hanging.pop();
    assert!(gate.enter(FAMILY, MoneyAtRisk(0), PATIENCE).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn who_cannot_wait_for_the_slot_is_told_at_once() {
    let store = Arc::default();
    let gate = gate(&store);
    call(&gate, Outcome::Answered).await.unwrap();
    let asked_at = Instant::now();
    let patience = Duration::from_millis(20);
    let Err(deferred) = gate.enter(FAMILY, MoneyAtRisk(0), patience).await else {
        panic!("the next slot is 100 ms away")
    };
    assert!(matches!(deferred, Deferred::BudgetSpent { .. }));
    assert_eq!(asked_at.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn fault_35_everybody_pauses_as_long_as_stripe_asks() {
    let store = Arc::default();
    let (one, other) = (gate(&store), gate(&store));
    call(&other, Outcome::Answered).await.unwrap();
    let retry_after = Some(Duration::from_secs(7));
    call(&one, Outcome::Throttled { retry_after })
        .await
        .unwrap();
    sleep(Duration::from_secs(1)).await;
    let asked_at = Instant::now();
    call(&other, Outcome::Answered).await.unwrap();
    assert!(
        asked_at.elapsed() >= Duration::from_millis(5_900),
        "{:?}",
        asked_at.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn fault_36_families_fail_apart() {
    let store = Arc::default();
    let gate = gate(&store);
    fail_until_open(&gate).await;
    assert!(
        gate.enter("payouts", MoneyAtRisk(0), PATIENCE)
            .await
            .is_ok()
    );
}

/// Somebody hears of every opening, from the instance that opened it and no other, and
/// also while nothing can be shared.
#[tokio::test(start_paused = true)]
async fn every_opening_is_told_once() {
    let store = Arc::default();
    let (one, other) = (gate(&store), gate(&store));
    let pause = fail_until_open(&one).await;
    assert_eq!(store.openings(), 1);
    let refused = call(&other, Outcome::Failed).await;
    assert!(matches!(refused, Err(Deferred::CircuitOpen { .. })));
    assert_eq!(store.openings(), 1, "the other one only reads of it");
    sleep(pause).await;
    call(&one, Outcome::Failed).await.unwrap();
    assert_eq!(store.openings(), 2, "a probe failed");
    sleep(Duration::from_secs(60)).await;
    call(&one, Outcome::Answered).await.unwrap();
    assert_eq!(store.openings(), 2);
    store.set_down(true);
    fail_until_open(&gate(&store)).await;
    assert_eq!(store.openings(), 3, "nobody else can know");
}

#[tokio::test(start_paused = true)]
async fn fault_36_a_probe_that_never_ends_is_taken_over_when_its_lease_has() {
    let store = Arc::default();
    let (one, other) = (gate(&store), gate(&store));
    sleep(fail_until_open(&one).await).await;
    let probe = one.enter(FAMILY, MoneyAtRisk(0), PATIENCE).await.unwrap();
    assert!(probe.is_probe());
    let lease = Duration::from_millis(u64::try_from(LEASE_MS).unwrap());
    assert!(
        probe.time_max().unwrap() * 2 < lease,
        "it gives up long before"
    );
    drop(probe);
    let Err(refused) = other.enter(FAMILY, MoneyAtRisk(0), PATIENCE).await else {
        panic!("another probe is under way")
    };
    assert!(refused.retry_after() > lease - Duration::from_secs(2));
    sleep(refused.retry_after()).await;
    let probe = other.enter(FAMILY, MoneyAtRisk(0), PATIENCE).await.unwrap();
    assert!(probe.is_probe());
    probe.settle(Outcome::Answered).await;
    sleep(Duration::from_secs(1)).await;
    assert!(
        !one.enter(FAMILY, MoneyAtRisk(0), PATIENCE)
            .await
            .unwrap()
            .is_probe()
    );
}

/// Each instance would believe to be the only one that calls.
#[tokio::test(start_paused = true)]
async fn fault_37_an_answer_that_nobody_can_be_told_of_closes_nothing() {
    let store: Arc<MemoryControl> = Arc::default();
    let gate = gate(&store);
    sleep(fail_until_open(&gate).await).await;
    let probe = gate.enter(FAMILY, MoneyAtRisk(0), PATIENCE).await.unwrap();
    assert!(probe.is_probe());
    store.set_down(true);
    probe.settle(Outcome::Answered).await;
    let refused = call(&gate, Outcome::Answered).await;
    assert!(matches!(refused, Err(Deferred::CircuitOpen { .. })));
}

/// What a later version wrote is no reason to go faster, or to stop.
#[tokio::test(start_paused = true)]
async fn fault_37_state_of_a_later_version_leaves_everybody_with_its_share() {
    let store: Arc<MemoryControl> = Arc::default();
    store
        .replace(CIRCUIT, r#"{"state":"ajar"}"#, None)
        .await
        .unwrap();
    let gate = gate(&store);
    let started = Instant::now();
    for _ in 0..10 {
        call(&gate, Outcome::Answered).await.unwrap();
    }
    assert!(started.elapsed() >= Duration::from_millis(900));
    let open_for = fail_until_open(&gate).await;
    assert!(open_for <= Duration::from_millis(u64::try_from(COOL_DOWN_MS).unwrap()));
    assert_eq!(
        store.text(CIRCUIT).as_deref(),
        Some(r#"{"state":"ajar"}"#),
        "left as it is"
    );
}
