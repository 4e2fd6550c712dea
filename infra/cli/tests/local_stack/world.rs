//! What is played: a small week that has long passed, so that it is the same whenever it
//! is played.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;
use tributary_domain::BalanceTransaction;
use tributary_simulator::{Owner, World, WorldConfig};
use tributary_stripe::read_transaction;

/// Decides everything that happens.
pub(crate) const SEED: u64 = 11;
/// Monday, 17 November 2025, 00:00 UTC.
const START: i64 = 1_763_337_600;

/// A week, and how it ends.
pub(crate) struct Week {
    pub(crate) world: World,
    /// The payout that the bank sends back at the end, and whose it is.
    pub(crate) sent_back: (Owner, String),
}

/// Plays the week. The bank sends back the payout that pays most movements out, and what
/// is left settles until now: Stripe has the reports of days that are over.
pub(crate) fn play() -> Week {
    let mut world = World::new(WorldConfig {
        seed: SEED,
        accounts: 3,
        start: START,
        days: 5,
        events_min: 120,
        livemode: true,
        api_version: "2026-10-28.endive".to_owned(),
    });
    world.run();
    let sent_back = world.fail_largest_payout("account_closed").unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    world.advance_to(i64::try_from(now.as_secs()).unwrap());
    Week { world, sent_back }
}

/// When a payout was made, unix seconds, and what it pays out, as Stripe lists it.
pub(crate) fn paid_out(
    world: &World,
    owner: &Owner,
    payout: &str,
) -> (i64, Vec<BalanceTransaction>) {
    let made = world.object(owner, payout).unwrap()["created"]
        .as_i64()
        .unwrap();
    let movements = world
        .payout_transactions(owner, payout)
        .unwrap()
        .into_iter();
    (made, movements.map(|it| listed(world, owner, it)).collect())
}

/// A movement with its source expanded.
fn listed(world: &World, owner: &Owner, movement: &Value) -> BalanceTransaction {
    let mut movement = movement.clone();
    let source = movement["source"].as_str();
    let source = source.and_then(|id| world.object(owner, id).cloned());
    movement["source"] = source.unwrap_or(Value::Null);
    read_transaction(&movement, "order").unwrap()
}
