//! What scenario tests share: a quiet world and a way to read its books.
#![allow(dead_code, missing_docs, unreachable_pub)]
#![allow(clippy::expect_used, clippy::indexing_slicing)]

use serde_json::Value;
use tributary_simulator::{AccountParams, Fields, Owner, World, WorldConfig};

/// A world without accounts in which nothing happens by itself.
pub fn quiet_world() -> World {
    World::new(config(1, 0, 0))
}

pub fn config(seed: u64, accounts: usize, events_min: usize) -> WorldConfig {
    WorldConfig {
        seed,
        accounts,
        start: 1_790_000_000,
        days: 1,
        events_min,
        livemode: true,
        api_version: "2026-10-28.endive".to_owned(),
    }
}

/// A quiet world with one connected account of a country.
pub fn world_with(country: &'static str) -> (World, String) {
    let mut world = quiet_world();
    let account = world.create_account(&AccountParams::express(country));
    (world, account)
}

/// `type amount fee net` of every balance transaction, oldest first.
pub fn book(world: &World, owner: &Owner) -> Vec<(String, i64, i64, i64)> {
    let row = |it: &Value| {
        (
            it.text("type").to_owned(),
            it.int("amount"),
            it.int("fee"),
            it.int("net"),
        )
    };
    world.balance_transactions(owner).iter().map(row).collect()
}

/// The rows a test expects.
pub fn rows(expected: &[(&str, i64, i64, i64)]) -> Vec<(String, i64, i64, i64)> {
    expected
        .iter()
        .map(|(kind, amount, fee, net)| ((*kind).to_owned(), *amount, *fee, *net))
        .collect()
}

/// Types of the events from a position on.
pub fn told(world: &World, from: usize) -> Vec<&str> {
    world.events()[from..]
        .iter()
        .map(|event| event.kind.as_str())
        .collect()
}

pub fn object<'a>(world: &'a World, owner: &Owner, id: &str) -> &'a Value {
    world.object(owner, id).expect("the object exists")
}

pub fn total(world: &World, owner: &Owner, currency: &str) -> i64 {
    world
        .balance(owner)
        .get(currency)
        .map_or(0, |money| money.total())
}
