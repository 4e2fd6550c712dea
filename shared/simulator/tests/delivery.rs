//! Plans of webhook deliveries over a played world.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, in its helping functions too"
)]

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;
use tributary_simulator::{
    Owner, World, WorldConfig,
    delivery::{Delivery, DeliveryConfig, Intent, plan},
};

fn world() -> World {
    let mut world = World::new(WorldConfig {
        seed: 11,
        accounts: 6,
        start: 1_788_220_800,
        days: 4,
        events_min: 300,
        livemode: true,
        api_version: "2026-10-28.endive".to_owned(),
    });
    world.run();
    world
}

const ROUGH: DeliveryConfig = DeliveryConfig {
    seed: 3,
    duplicate_per_mille: 200,
    reorder_window: 20,
    delayed_per_mille: 50,
    delay_max: 200,
    lost_per_mille: 100,
    forged: 10,
    malformed: 30,
};

fn json(delivery: &Delivery) -> Value {
    serde_json::from_slice(&delivery.body).expect("JSON")
}

fn without_pending(mut event: Value) -> Value {
    event
        .as_object_mut()
        .expect("an object")
        .remove("pending_webhooks");
    event
}

fn of(deliveries: &[Delivery], intent: Intent) -> Vec<&Delivery> {
    deliveries
        .iter()
        .filter(|delivery| delivery.intent == intent)
        .collect()
}

/// How many places each delivery, all of them genuine, is away from where its event happened.
fn moved(world: &World, sent: &[Delivery]) -> Vec<usize> {
    let position: BTreeMap<_, _> = world
        .events()
        .iter()
        .enumerate()
        .map(|(n, event)| (event.id.as_str(), n))
        .collect();
    let moved = sent.iter().enumerate().map(|(slot, delivery)| {
        let id = delivery.event_id.as_deref().expect("all are genuine");
        slot.abs_diff(position[id])
    });
    moved.collect()
}

#[test]
fn without_disturbance_each_event_arrives_once_in_order_at_its_endpoint() {
    let world = world();
    let deliveries = plan(&world, &DeliveryConfig::default());
    assert_eq!(deliveries.len(), world.events().len());
    for (delivery, event) in deliveries.iter().zip(world.events()) {
        let endpoint = match event.owner {
            _ if event.is_thin() => "thin",
            Owner::Platform => "platform",
            Owner::Account(_) => "connect",
        };
        assert_eq!(delivery.endpoint, endpoint);
        assert_eq!(delivery.intent, Intent::Genuine);
        assert_eq!(delivery.event_id.as_deref(), Some(event.id.as_str()));
        assert_eq!(json(delivery), event.json);
        assert!(
            delivery.body.starts_with(b"{\n  \""),
            "pretty-printed with two spaces"
        );
    }
    let endpoints: HashSet<_> = deliveries
        .iter()
        .map(|delivery| delivery.endpoint)
        .collect();
    assert_eq!(endpoints.len(), 3);
}

#[test]
fn a_plan_is_a_function_of_its_seed() {
    let world = world();
    assert_eq!(plan(&world, &ROUGH), plan(&world, &ROUGH));
    assert_ne!(
        plan(&world, &ROUGH),
        plan(&world, &DeliveryConfig { seed: 4, ..ROUGH })
    );
}

#[test]
fn every_event_arrives_however_rough_the_road() {
    let world = world();
    let deliveries = plan(&world, &ROUGH);
    let genuine = of(&deliveries, Intent::Genuine);
    let resent = of(&deliveries, Intent::Resent);
    let duplicates = of(&deliveries, Intent::Duplicate);
    assert!(!resent.is_empty() && !duplicates.is_empty());

    let arrived: HashSet<_> = genuine.iter().chain(&resent).map(|d| &d.event_id).collect();
    assert_eq!(arrived.len(), world.events().len());
    assert_eq!(genuine.len() + resent.len(), world.events().len());
    let tail = &deliveries[deliveries.len() - resent.len()..];
    assert!(
        tail.iter()
            .all(|delivery| delivery.intent == Intent::Resent)
    );
}

#[test]
fn the_order_is_disturbed_within_the_window_only() {
    let world = world();
    let config = DeliveryConfig {
        reorder_window: 20,
        ..DeliveryConfig::default()
    };
    let sent = plan(&world, &config);
    let moved = moved(&world, &sent);
    assert!(moved.iter().all(|places| *places <= 20));
    assert!(moved.iter().any(|places| *places > 5));
}

#[test]
fn delayed_events_fall_back_far_beyond_the_window() {
    let world = world();
    let config = DeliveryConfig {
        reorder_window: 20,
        delayed_per_mille: 50,
        delay_max: 200,
        ..DeliveryConfig::default()
    };
    let sent = plan(&world, &config);
    assert_eq!(sent.len(), world.events().len());
    let moved = moved(&world, &sent);
    let delayed = moved.iter().filter(|places| **places > 40).count();
    assert!((1..moved.len() / 10).contains(&delayed), "{delayed}");
    assert!(moved.iter().all(|places| *places <= 220));
}

#[test]
fn duplicates_repeat_an_earlier_delivery() {
    let world = world();
    let mut seen = BTreeMap::new();
    for delivery in plan(&world, &ROUGH) {
        match delivery.intent {
            Intent::Genuine => {
                seen.insert(delivery.event_id.clone(), without_pending(json(&delivery)));
            }
            Intent::Duplicate => {
                let first = seen.get(&delivery.event_id).expect("the first came before");
                assert_eq!(*first, without_pending(json(&delivery)));
            }
            Intent::Resent | Intent::Forged | Intent::Malformed => {}
        }
    }
}

#[test]
fn forgeries_differ_from_everything_that_happened() {
    let world = world();
    let deliveries = plan(&world, &ROUGH);
    let forged = of(&deliveries, Intent::Forged);
    assert_eq!(forged.len(), ROUGH.forged);
    for forgery in forged {
        let body = json(forgery);
        assert_eq!(body["id"].as_str(), forgery.event_id.as_deref());
        assert!(world.events().iter().all(|event| event.json != body));
    }
}

#[test]
fn malformed_bodies_are_varied_and_none_is_an_event() {
    let world = world();
    let deliveries = plan(&world, &ROUGH);
    let malformed = of(&deliveries, Intent::Malformed);
    assert_eq!(malformed.len(), ROUGH.malformed);
    let bodies: HashSet<_> = malformed.iter().map(|delivery| &delivery.body).collect();
    assert_eq!(bodies.len(), ROUGH.malformed, "no two are equal");
    for delivery in malformed {
        let text = String::from_utf8_lossy(&delivery.body);
        assert!(!is_usable(&delivery.body), "{text:.200}");
    }
}

/// A lenient reading of what an event needs at least.
fn is_usable(body: &[u8]) -> bool {
    let Ok(event) = serde_json::from_slice::<Value>(body) else {
        return false;
    };
    let repeats_id = body
        .windows(6)
        .filter(|window| *window == b"\"id\": ")
        .count()
        > 2;
    let id = event["id"].as_str().unwrap_or_default();
    let id_is_plain = id.len() <= 255
        && id
            .strip_prefix("evt_")
            .is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_alphanumeric()));
    id_is_plain && !repeats_id && event["data"]["object"].is_object()
}
