//! Bodies of someone who does not know the endpoint's secret.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use super::{Delivery, Intent, delivery};
use crate::Event;

/// The amount a forger would like to see booked, in minor units.
const WISHED_AMOUNT: i64 = 99_999_999;

/// The `number`-th forgery: a random event of the world, altered so that it would do harm if it
/// were believed. Every second one keeps the genuine id, the others invent one. `None` if there
/// is no event to start from.
pub(super) fn forged(events: &[Event], number: usize, draw: &mut ChaCha8Rng) -> Option<Delivery> {
    let event = events.get(draw.random_range(0..events.len().max(1)))?;
    let mut body = event.json.clone();
    if number % 2 == 1 {
        set(&mut body, "id", json!(format!("evt_1Forged{number:018}")));
    }
    if let Some(object) = body.pointer_mut("/data/object") {
        set(object, "amount", json!(WISHED_AMOUNT));
        set(object, "status", json!("succeeded"));
    } else {
        set(&mut body, "type", json!("v2.core.account.closed"));
    }
    Some(delivery(event, &body, Intent::Forged))
}

fn set(object: &mut Value, key: &str, value: Value) {
    if let Value::Object(members) = object {
        members.insert(key.to_owned(), value);
    }
}
