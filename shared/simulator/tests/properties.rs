//! What holds in every world.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod scenario;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use scenario::config;
use serde_json::Value;
use tributary_simulator::{Event, Fields, ObjectRef, Owner, World};

fn played(seed: u64, accounts: usize, events_min: usize) -> World {
    let mut world = World::new(config(seed, accounts, events_min));
    world.run();
    world
}

fn owners(world: &World) -> impl Iterator<Item = Owner> {
    let accounts = world.accounts().iter().map(|id| Owner::account(id));
    std::iter::once(Owner::Platform).chain(accounts)
}

/// Events that carry an object with an id.
fn tellable(world: &World) -> impl Iterator<Item = (&Event, &Value)> {
    let events = world
        .events()
        .iter()
        .filter(|event| !event.object.id.is_empty());
    events.filter_map(|event| Some((event, event.snapshot()?)))
}

fn assert_books_hold(world: &World) {
    for owner in owners(world) {
        let mut sums: BTreeMap<String, (i64, i64)> = BTreeMap::new();
        for transaction in world.balance_transactions(&owner) {
            let (amount, fee, net) = (
                transaction.int("amount"),
                transaction.int("fee"),
                transaction.int("net"),
            );
            assert_eq!(net, amount - fee, "{transaction}");
            let details = transaction["fee_details"].as_array().unwrap();
            assert_eq!(details.iter().map(|it| it.int("amount")).sum::<i64>(), fee);
            let sum = sums
                .entry(transaction.text("currency").to_owned())
                .or_default();
            match transaction.text("status") {
                "available" => sum.0 += net,
                _ => sum.1 += net,
            }
        }
        let balance = world.balance(&owner);
        let shown: BTreeMap<String, (i64, i64)> = balance
            .iter()
            .map(|(currency, money)| (currency.clone(), (money.available, money.pending)))
            .collect();
        assert_eq!(shown, sums);
        let json = world.balance_json(&owner);
        for part in json["available"].as_array().unwrap() {
            assert_eq!(part.int("amount"), sums[part.text("currency")].0);
        }
    }
}

fn assert_automatic_payouts_are_explained(world: &World) {
    for (reference, payout) in world.objects().filter(|(it, _)| it.kind == "payout") {
        let settled = world
            .payout_transactions(&reference.owner, &reference.id)
            .unwrap();
        assert_eq!(settled.is_empty(), !payout.flag("automatic"));
        assert_eq!(settled.iter().map(|it| it.int("net")).sum::<i64>(), 0);
    }
}

fn assert_transfers_meet(world: &World) {
    for (_, transfer) in world.objects().filter(|(it, _)| it.kind == "transfer") {
        let account = Owner::account(transfer.text("destination"));
        let payment = world
            .object(&account, transfer.text("destination_payment"))
            .unwrap();
        let received = world
            .object(&account, payment.text("balance_transaction"))
            .unwrap();
        if received.text("currency") == transfer.text("currency") {
            assert_eq!(received.int("amount"), transfer.int("amount"));
        }
        assert_eq!(
            payment.int("amount_refunded"),
            transfer.int("amount_reversed")
        );
    }
}

/// An application fee is one amount on the fee, in the account's fee details and on the platform.
fn assert_fees_meet(world: &World) {
    for (_, fee) in world
        .objects()
        .filter(|(it, _)| it.kind == "application_fee")
    {
        let account = Owner::account(fee.text("account"));
        let charge = world.object(&account, fee.text("charge")).unwrap();
        let paid = world
            .object(&account, charge.text("balance_transaction"))
            .unwrap();
        let earned = world
            .object(&Owner::Platform, fee.text("balance_transaction"))
            .unwrap();
        let mut details = paid["fee_details"].as_array().unwrap().iter();
        let line = details
            .find(|it| it.text("type") == "application_fee")
            .unwrap();
        for (amount, currency) in [
            (line.int("amount"), line.text("currency")),
            (earned.int("amount"), earned.text("currency")),
        ] {
            assert!(
                currency != fee.text("currency") || amount == fee.int("amount"),
                "{fee}"
            );
        }
    }
}

/// The platform holds back exactly what the accounts it answers for are short of.
fn assert_reserves_match(world: &World) {
    let mut short: BTreeMap<String, i64> = BTreeMap::new();
    for account in world.accounts() {
        let owner = Owner::account(account);
        let json = world.object(&owner, account).unwrap();
        if json["controller"]["losses"].text("payments") == "application" {
            for (currency, money) in world.balance(&owner) {
                *short.entry(currency).or_default() += (-money.total()).max(0);
            }
        }
    }
    for (currency, money) in world.balance(&Owner::Platform) {
        let expected = short.get(&currency).copied().unwrap_or_default();
        assert_eq!(money.connect_reserved, expected, "{currency}");
    }
}

/// The replay of all events is the world's truth for every object that ever had an event.
fn assert_replay_gives_the_truth(world: &World) {
    let mut mirror: BTreeMap<&ObjectRef, &Value> = BTreeMap::new();
    let mut gone: BTreeSet<&ObjectRef> = BTreeSet::new();
    for (event, snapshot) in tellable(world) {
        if event.is_deletion() {
            mirror.remove(&event.object);
            gone.insert(&event.object);
        } else {
            mirror.insert(&event.object, snapshot);
        }
    }
    let told: BTreeSet<&ObjectRef> = tellable(world).map(|(event, _)| &event.object).collect();
    let truth: BTreeMap<&ObjectRef, &Value> = world
        .objects()
        .filter(|(reference, _)| told.contains(reference))
        .collect();
    for (reference, object) in &truth {
        assert_eq!(mirror.get(reference), Some(object), "{reference:?}");
    }
    assert_eq!(mirror.len(), truth.len());
    assert_eq!(gone, world.deleted().collect());
}

/// Undoing the previous attributes of an event gives the snapshot before it.
fn assert_previous_attributes_chain(world: &World) {
    let mut last: BTreeMap<&ObjectRef, &Value> = BTreeMap::new();
    for (event, snapshot) in tellable(world) {
        if let (Some(previous), Some(before)) =
            (event.previous_attributes(), last.get(&event.object))
            && *before != snapshot
        {
            let mut rewound = snapshot.clone();
            rewind(&mut rewound, previous);
            assert_eq!(&rewound, *before, "{}", event.json);
        }
        last.insert(&event.object, snapshot);
    }
}

fn rewind(object: &mut Value, previous: &Value) {
    match (object, previous) {
        (Value::Object(object), Value::Object(previous)) => {
            for (key, value) in previous {
                rewind(object.get_mut(key).unwrap(), value);
            }
        }
        (object, previous) => *object = previous.clone(),
    }
}

fn assert_all(world: &World) {
    assert_books_hold(world);
    assert_automatic_payouts_are_explained(world);
    assert_transfers_meet(world);
    assert_fees_meet(world);
    assert_reserves_match(world);
    assert_replay_gives_the_truth(world);
    assert_previous_attributes_chain(world);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn every_small_world_is_consistent(seed in any::<u64>(), accounts in 1_usize..24) {
        assert_all(&played(seed, accounts, 600));
    }
}

#[test]
fn one_seed_gives_one_world() {
    let (one, other) = (played(7, 10, 400), played(7, 10, 400));
    assert_eq!(one.events(), other.events());
    assert!(one.objects().eq(other.objects()));
    assert_ne!(one.events(), played(8, 10, 400).events());
}

#[test]
fn a_busy_day_of_two_hundred_accounts() {
    let world = played(42, 200, 5_000);
    assert!(world.events().len() >= 5_000);
    assert_all(&world);
}

#[test]
fn a_week_lets_slow_money_arrive() {
    let mut config = config(3, 6, 800);
    config.days = 7;
    let mut world = World::new(config);
    world.run();
    assert_all(&world);
    let automatic = |event: &&Event| {
        event.kind == "payout.paid" && event.snapshot().is_some_and(|it| it.flag("automatic"))
    };
    assert!(world.events().iter().filter(automatic).count() > 5);
}

#[test]
fn events_are_ordered_and_their_ids_unique() {
    let world = played(5, 10, 1_000);
    assert!(world.events().is_sorted_by_key(|event| event.created));
    let ids: BTreeSet<&str> = world
        .events()
        .iter()
        .map(|event| event.id.as_str())
        .collect();
    assert_eq!(ids.len(), world.events().len());
}
