//! A simulated world as its readers see it, without a wire in between.
#![allow(dead_code, missing_docs, unreachable_pub)]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

pub mod stripe;

use std::collections::BTreeMap;

use serde_json::Value;
use tributary_books::labels;
use tributary_domain::change::State;
use tributary_domain::{Document, ObjectKind};
use tributary_ledger::{Book, Entry, post};
use tributary_simulator::{Owner, World, WorldConfig};
use tributary_stripe::{normalize, read_transaction};

/// Two weeks with so many flaws of each kind.
pub fn played(seed: u64, flaws: usize) -> World {
    let mut world = World::new(WorldConfig::two_weeks(seed));
    world.inject_all(flaws);
    world.run();
    world
}

/// The same with fewer accounts and less business.
pub fn small(seed: u64, flaws: usize) -> World {
    let mut world = World::new(WorldConfig {
        accounts: 40,
        events_min: 2_000,
        ..WorldConfig::two_weeks(seed)
    });
    world.inject_all(flaws);
    world.run();
    world
}

/// The platform and the accounts that it can still read.
pub fn owners(world: &World) -> Vec<Owner> {
    let accounts = world
        .accounts()
        .iter()
        .filter(|id| !world.is_deauthorized(id));
    std::iter::once(Owner::Platform)
        .chain(accounts.map(|id| Owner::account(id)))
        .collect()
}

/// A transaction as the API shows it with its source expanded.
pub fn expanded(world: &World, owner: &Owner, transaction: &Value) -> Value {
    let mut json = transaction.clone();
    let source = json["source"].as_str().map(str::to_owned);
    let found = source.and_then(|id| {
        let owners = [owner.clone(), Owner::Platform, Owner::account(&id)];
        owners
            .iter()
            .find_map(|owner| world.object(owner, &id))
            .cloned()
    });
    if let Some(found) = found {
        json["source"] = found;
    }
    json
}

/// Every book, posted.
pub fn posted(world: &World) -> BTreeMap<Book, Vec<Entry>> {
    let mut posted = BTreeMap::new();
    for owner in owners(world) {
        let book = labels::book(&owner).unwrap();
        let entries = world.balance_transactions(&owner).iter().map(|json| {
            let read = read_transaction(&expanded(world, &owner, json), "order_id").unwrap();
            post(&book, &read).unwrap().entry
        });
        posted.insert(book.clone(), entries.collect());
    }
    posted
}

/// An object as the domain sees it.
pub fn state(json: &Value) -> Option<State> {
    let kind = ObjectKind::parse(json["object"].as_str()?).ok()?;
    let document = Document::from_value(json).ok()?;
    normalize::state(&kind, &document).unwrap()
}
