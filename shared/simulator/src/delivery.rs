//! What Stripe would send to the webhook endpoints, and in which order.
//!
//! The plan is pure: the caller signs each body with [`sign`] at the moment it sends it.

mod forged;
mod malformed;
mod signature;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;

use crate::{Event, Owner, World};
pub use signature::sign;

/// How far a plan departs from one perfect delivery per event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DeliveryConfig {
    /// Seed of every choice; the same world and configuration give the same plan.
    pub seed: u64,
    /// Events per thousand that arrive a second time.
    pub duplicate_per_mille: u32,
    /// How many places an event may fall back behind its true position; 0 keeps the true order.
    pub reorder_window: usize,
    /// Events per thousand that get lost at first and are resent after everything else.
    pub lost_per_mille: u32,
    /// How many forged bodies to mix in.
    pub forged: usize,
    /// How many authentic but unusable bodies to mix in.
    pub malformed: usize,
}

/// What a delivery is meant to be, which decides how the caller signs it and what must follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Intent {
    /// The first delivery of an event.
    Genuine,
    /// One more delivery of an event that was sent before.
    Duplicate,
    /// The only delivery of an event whose earlier attempts got lost.
    Resent,
    /// A plausible body of someone who does not know the secret: to be signed with another one.
    Forged,
    /// A body that is signed correctly and cannot be used.
    Malformed,
}

/// One request to one webhook endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// `"platform"`, `"connect"` or `"thin"`; each endpoint has a secret of its own.
    pub endpoint: &'static str,
    /// The event's id as the body states it; `None` if malformed.
    pub event_id: Option<String>,
    /// The exact bytes to sign and send.
    pub body: Vec<u8>,
    /// What the delivery is meant to be.
    pub intent: Intent,
}

/// The deliveries of all events of `world`, in the order of sending.
#[must_use]
pub fn plan(world: &World, config: &DeliveryConfig) -> Vec<Delivery> {
    let mut draw = ChaCha8Rng::seed_from_u64(config.seed);
    let mut queue = Vec::new();
    let mut resent = Vec::new();
    for (position, event) in world.events().iter().enumerate() {
        if one_of_mille(&mut draw, config.lost_per_mille) {
            resent.push(again(event, Intent::Resent, &mut draw));
            continue;
        }
        let slot = position + draw.random_range(0..=config.reorder_window);
        queue.push((slot, delivery(event, &event.json, Intent::Genuine)));
        if one_of_mille(&mut draw, config.duplicate_per_mille) {
            let later = slot + draw.random_range(0..=config.reorder_window);
            queue.push((later, again(event, Intent::Duplicate, &mut draw)));
        }
    }
    let slots = world.events().len();
    for number in 0..config.forged {
        if let Some(forged) = forged::forged(world.events(), number, &mut draw) {
            queue.push((draw.random_range(0..=slots), forged));
        }
    }
    for number in 0..config.malformed {
        let (endpoint, body) = malformed::malformed(number);
        let delivery = Delivery {
            endpoint,
            event_id: None,
            body,
            intent: Intent::Malformed,
        };
        queue.push((draw.random_range(0..=slots), delivery));
    }
    // A stable sort keeps a duplicate behind the delivery that it repeats.
    queue.sort_by_key(|(slot, _)| *slot);
    queue
        .into_iter()
        .map(|(_, delivery)| delivery)
        .chain(resent)
        .collect()
}

fn one_of_mille(draw: &mut ChaCha8Rng, per_mille: u32) -> bool {
    draw.random_range(0..1_000_u32) < per_mille
}

/// The endpoint whose scope covers `event`.
fn endpoint(event: &Event) -> &'static str {
    match event.owner {
        _ if event.json.get("object").and_then(Value::as_str) == Some("v2.core.event") => "thin",
        Owner::Platform => "platform",
        Owner::Account(_) => "connect",
    }
}

fn delivery(event: &Event, json: &Value, intent: Intent) -> Delivery {
    Delivery {
        endpoint: endpoint(event),
        event_id: json.get("id").and_then(Value::as_str).map(str::to_owned),
        // The alternate form is pretty-printed with two spaces, as Stripe's bodies are.
        body: format!("{json:#}").into_bytes(),
        intent,
    }
}

/// A further delivery of `event`. `pending_webhooks` counts the endpoints that still wait for
/// it, so the bytes of two deliveries of one event need not be equal.
fn again(event: &Event, intent: Intent, draw: &mut ChaCha8Rng) -> Delivery {
    let mut json = event.json.clone();
    if let Some(pending) = json.get_mut("pending_webhooks") {
        *pending = draw.random_range(0..4_u8).into();
    }
    delivery(event, &json, intent)
}
