//! What is delivered, and what is true when all of it has been.

use std::collections::{BTreeMap, BTreeSet};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;
use serde_json::{Value, json};
use tributary_simulator::{Event, ObjectRef, Owner, World, WorldConfig};

/// Kinds that every engine keeps. Ours keeps all; of the others nothing is sent.
pub const KINDS: [&str; 5] = [
    "charge",
    "customer",
    "dispute",
    "radar.early_fraud_warning",
    "refund",
];
/// Deliveries per thousand that come a second time.
const DUPLICATE_PER_MILLE: u32 = 50;
/// Deliveries per thousand that fall back.
const REORDER_PER_MILLE: u32 = 100;
/// How many places they fall back at most.
const FALL_BACK_MAX: usize = 50;
/// Customers that change twice within the second of their creation, that change and
/// are deleted within one second, and whose id exists on a second account too.
const SCENES: usize = 30;

/// The name of an object: Stripe's ids are unique on one account only.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    /// The connected account; `None` is the platform.
    pub account: Option<String>,
    /// Stripe's `object`.
    pub kind: String,
    /// Stripe's id.
    pub id: String,
}

/// What makes an object hard to keep right; the first that applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Its id exists on another account too.
    SharedId,
    /// It was deleted.
    Deleted,
    /// Its last second has several events.
    Tie,
    /// None of these: its events only come late and repeated.
    Plain,
}

/// What is true of an object in the end.
#[derive(Debug, Clone, PartialEq)]
pub struct Truth {
    /// The object; `None` if it is gone.
    pub state: Option<Value>,
    /// What is hard about it.
    pub class: Class,
}

/// Events in the order in which they happened.
#[derive(Debug)]
pub struct Stream {
    /// The events.
    pub events: Vec<Event>,
    /// The world that they come from.
    pub world: World,
}

impl Stream {
    /// The events of one seed.
    pub fn new(seed: u64, accounts: usize, events_min: usize) -> Self {
        let mut world = World::new(WorldConfig {
            seed,
            accounts,
            start: 1_763_683_200,
            days: 1,
            events_min,
            livemode: true,
            api_version: "2026-10-28.endive".to_owned(),
        });
        world.run();
        play_scenes(&mut world);
        // Not every engine takes the types of event that charges by other means than a
        // card have. Of their objects nothing is sent: a history with gaps is none.
        let told_otherwise = world
            .events()
            .iter()
            .filter(|e| e.kind.starts_with("payment."));
        let told_otherwise: BTreeSet<&ObjectRef> = told_otherwise.map(|e| &e.object).collect();
        let of_interest = |event: &&Event| {
            let is_kept = KINDS.contains(&event.object.kind.as_str());
            let is_kept = is_kept && !told_otherwise.contains(&event.object);
            event.livemode && is_kept && !event.is_thin()
        };
        let mut events: Vec<Event> = world.events().iter().filter(of_interest).cloned().collect();
        share_ids(&mut events, world.accounts());
        Self { events, world }
    }

    /// Positions of events in the order of their delivery.
    pub fn deliveries(&self, seed: u64) -> Vec<usize> {
        let mut draw = ChaCha8Rng::seed_from_u64(seed);
        let mut slots = Vec::new();
        for position in 0..self.events.len() {
            let late = draw.random_range(0..1_000) < REORDER_PER_MILLE;
            let back = draw.random_range(1..=FALL_BACK_MAX);
            let slot = position + if late { back } else { 0 };
            slots.push((slot, position));
            if draw.random_range(0..1_000) < DUPLICATE_PER_MILLE {
                slots.push((slot + draw.random_range(0..=FALL_BACK_MAX), position));
            }
        }
        // A stable sort: a repetition stays behind what it repeats.
        slots.sort_by_key(|(slot, _)| *slot);
        slots.into_iter().map(|(_, position)| position).collect()
    }

    /// What is true when all has been delivered: of each object its last event.
    pub fn truth(&self) -> BTreeMap<Name, Truth> {
        let mut histories: BTreeMap<Name, Vec<&Event>> = BTreeMap::new();
        for event in &self.events {
            histories.entry(name(event)).or_default().push(event);
        }
        let mut accounts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for name in histories.keys() {
            *accounts.entry((&name.kind, &name.id)).or_default() += 1;
        }
        let truth = histories.iter().filter_map(|(name, history)| {
            let last = history.last()?;
            let in_last_second = history.iter().filter(|e| e.created == last.created);
            let class = if accounts.get(&(name.kind.as_str(), name.id.as_str())) > Some(&1) {
                Class::SharedId
            } else if last.is_deletion() {
                Class::Deleted
            } else if in_last_second.count() > 1 {
                Class::Tie
            } else {
                Class::Plain
            };
            let state = (!last.is_deletion()).then(|| last.snapshot().cloned());
            let state = state.flatten();
            Some((name.clone(), Truth { state, class }))
        });
        truth.collect()
    }
}

fn name(event: &Event) -> Name {
    Name {
        account: event.owner.account_id().map(str::to_owned),
        kind: event.object.kind.clone(),
        id: event.object.id.clone(),
    }
}

/// What makes order hard, often enough to be counted.
fn play_scenes(world: &mut World) {
    let owners: Vec<Owner> = world
        .accounts()
        .iter()
        .map(|id| Owner::account(id))
        .collect();
    for owner in owners.iter().cycle().take(SCENES) {
        // An account may have cut the platform off; the next one serves.
        let Ok(twice) = world.create_customer(owner) else {
            continue;
        };
        for tier in ["silver", "gold"] {
            let change = json!({ "metadata": { "tier": tier } });
            let _ = world.update_customer(owner, &twice, &change);
        }
        let Ok(gone) = world.create_customer(owner) else {
            continue;
        };
        let _ = world.create_customer(owner);
        world.advance_to(world.now() + 60);
        let change = json!({ "description": "leaving" });
        let _ = world.update_customer(owner, &gone, &change);
        let _ = world.delete_customer(owner, &gone);
        world.advance_to(world.now() + 60);
    }
}

/// Gives the last customers of connected accounts a namesake on another account, as
/// ids that platforms choose themselves have: a customer of the same id, created a
/// second later, with another name.
fn share_ids(events: &mut Vec<Event>, accounts: &[String]) {
    let created = events.iter().rev().filter(|e| e.kind == "customer.created");
    let originals: Vec<Event> = created.take(3 * SCENES).step_by(3).cloned().collect();
    for (number, original) in originals.into_iter().enumerate() {
        let others = accounts
            .iter()
            .filter(|id| Some(id.as_str()) != original.owner.account_id());
        let Some(other) = others.cycle().nth(number) else {
            return;
        };
        let mut namesake = original;
        namesake.id = format!("evt_namesake{number:08}");
        namesake.owner = Owner::account(other);
        namesake.object.owner = namesake.owner.clone();
        namesake.created += 1;
        for (pointer, value) in [
            ("/id", Value::from(namesake.id.as_str())),
            ("/account", other.as_str().into()),
            ("/created", namesake.created.into()),
            ("/data/object/created", namesake.created.into()),
            ("/data/object/name", "A Namesake".into()),
        ] {
            if let Some(place) = namesake.json.pointer_mut(pointer) {
                *place = value;
            }
        }
        events.push(namesake);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream() -> Stream {
        Stream::new(1, 6, 300)
    }

    #[test]
    fn a_seed_decides_everything() {
        let (one, other) = (stream(), stream());
        assert_eq!(one.events, other.events);
        assert_eq!(one.deliveries(7), other.deliveries(7));
        assert_ne!(one.deliveries(7), one.deliveries(8));
    }

    #[test]
    fn everything_is_delivered_a_twentieth_twice_and_a_tenth_late() {
        let stream = Stream::new(1, 6, 3_000);
        let deliveries = stream.deliveries(7);
        let count = stream.events.len();
        let mut seen = vec![0; count];
        deliveries.iter().for_each(|position| seen[*position] += 1);
        assert!(seen.iter().all(|times| (1..=2).contains(times)));
        let twice = seen.iter().filter(|times| **times == 2).count() as f64 / count as f64;
        assert!((twice - 0.05).abs() < 0.02, "{twice}");
        // Of the first deliveries those are late that come after a later event.
        let mut newest = 0;
        let mut late = 0;
        let mut known = vec![false; count];
        for position in deliveries {
            if !std::mem::replace(&mut known[position], true) {
                late += usize::from(position < newest);
                newest = newest.max(position);
            }
        }
        let late = late as f64 / count as f64;
        assert!((late - 0.1).abs() < 0.03, "{late}");
    }

    #[test]
    fn every_class_occurs_and_the_truth_is_the_worlds() {
        let stream = stream();
        let truth = stream.truth();
        let mut classes: BTreeMap<Class, usize> = BTreeMap::new();
        for one in truth.values() {
            *classes.entry(one.class).or_default() += 1;
        }
        assert!(classes.values().all(|count| *count >= 10), "{classes:?}");
        assert_eq!(classes.len(), 4, "{classes:?}");
        let mut compared = 0;
        for (object, now) in stream.world.objects() {
            let name = Name {
                account: object.owner.account_id().map(str::to_owned),
                kind: object.kind.clone(),
                id: object.id.clone(),
            };
            if let Some(told) = truth.get(&name).filter(|_| object.livemode) {
                assert_eq!(told.state.as_ref(), Some(now), "{name:?}");
                compared += 1;
            }
        }
        assert!(compared > 50, "{compared}");
    }
}
