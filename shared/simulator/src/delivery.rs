//! What Stripe would send to the webhook endpoints, and in which order.
//!
//! The plan is pure: each body is signed with [`sign`] at the moment it is sent, by a
//! [`Poster`](crate::poster::Poster) or by the caller.

mod forged;
mod malformed;
mod signature;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;

use crate::{Event, Owner, World};
pub use signature::sign;

/// The endpoints that deliveries go to. Each has secrets of its own.
pub const ENDPOINTS: [&str; 3] = ["platform", "connect", "thin"];

/// How far a plan departs from one perfect delivery per event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DeliveryConfig {
    /// Seed of every choice; the same world and configuration give the same plan.
    pub seed: u64,
    /// Events per thousand that arrive a second time.
    pub duplicate_per_mille: u32,
    /// How many places an event may fall back behind its true position; 0 keeps the true order.
    pub reorder_window: usize,
    /// Events per thousand that fall back much farther, as if their endpoint had been down: between
    /// `reorder_window` and `delay_max` places on top of what reordering does to them.
    pub delayed_per_mille: u32,
    /// How many places a delay takes at most. Less than `reorder_window` counts as that.
    pub delay_max: usize,
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

impl Intent {
    /// The intent in one word, for counts and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Genuine => "genuine",
            Self::Duplicate => "duplicate",
            Self::Resent => "resent",
            Self::Forged => "forged",
            Self::Malformed => "malformed",
        }
    }
}

/// One request to one webhook endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// One of [`ENDPOINTS`].
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
        if world.is_lost(&event.id) {
            continue;
        }
        if one_of_mille(&mut draw, config.lost_per_mille) {
            resent.push(again(event, Intent::Resent, &mut draw));
            continue;
        }
        let reordered = position + draw.random_range(0..=config.reorder_window);
        let slot = reordered + delay(config, &mut draw);
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

/// How many further places the next event falls back; most of the time none.
fn delay(config: &DeliveryConfig, draw: &mut ChaCha8Rng) -> usize {
    if !one_of_mille(draw, config.delayed_per_mille) {
        return 0;
    }
    let least = config.reorder_window;
    draw.random_range(least..=config.delay_max.max(least))
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
