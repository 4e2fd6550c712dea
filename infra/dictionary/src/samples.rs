//! What is stored, for the dictionaries to learn from.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tributary_domain::{Effect, ObjectKey, Origin, Row};
use tributary_simulator::{World, WorldConfig};
use tributary_stripe::decode;

use crate::stripe_text::pretty;

const START: i64 = 1_763_800_000;
const ACCOUNTS: usize = 24;
const EVENTS: usize = 1_500;
/// The version that Tributary pins, and one of a platform that never upgraded.
const API_VERSIONS: [&str; 2] = ["2026-10-28.endive", "2020-08-27"];
/// Events made of each example object; each with ids of its own.
const COPIES: usize = 12;

/// Texts of both kinds.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    /// Bodies of webhooks.
    pub(crate) events: Vec<String>,
    /// Rows of the mirror.
    pub(crate) rows: Vec<String>,
}

impl Texts {
    /// The simulated days of some seeds.
    pub(crate) fn simulated(seeds: impl IntoIterator<Item = u64>) -> Self {
        let mut texts = Self::default();
        for seed in seeds {
            let version = API_VERSIONS.get(usize::from(seed % 4 == 3));
            let mut world = World::new(WorldConfig {
                seed,
                accounts: ACCOUNTS,
                start: START + i64::try_from(seed).unwrap_or(0) * 7_654_321,
                days: 3,
                events_min: EVENTS,
                livemode: seed % 3 != 0,
                api_version: (*version.unwrap_or(&"")).to_owned(),
            });
            world.run();
            let mut rows = BTreeMap::new();
            for event in world.events() {
                texts.take(&event.json, &mut rows);
            }
        }
        texts
    }

    /// Events around example objects, such as those that Stripe publishes with its
    /// OpenAPI description: kinds that the simulator does not know.
    pub(crate) fn of_examples(objects: &[Value], rng: &mut fastrand::Rng) -> Self {
        let mut texts = Self::default();
        for object in objects {
            for copy in 0..COPIES {
                let mut object = object.clone();
                renew_ids(&mut object, rng);
                texts.take(&event_about(&object, copy, rng), &mut BTreeMap::new());
            }
        }
        texts
    }

    fn take(&mut self, event: &Value, rows: &mut BTreeMap<ObjectKey, Row>) {
        // As Stripe writes it, and as others write what they pass on.
        let text = pretty(event);
        self.events.push(format!("{event:#}"));
        if let Ok(arrival) = decode(&text, Origin::Webhook)
            && let Effect::Mirror(seen) = arrival.effect
        {
            let row = rows.entry(seen.object).or_default();
            if row.join(seen.version) {
                self.rows.push(row.to_json());
            }
        }
        self.events.push(text);
    }

    /// Adds the texts of another.
    pub(crate) fn extend(&mut self, other: Self) {
        self.events.extend(other.events);
        self.rows.extend(other.rows);
    }
}

fn event_about(object: &Value, copy: usize, rng: &mut fastrand::Rng) -> Value {
    let kind = object.get("object").and_then(Value::as_str).unwrap_or("");
    let version = API_VERSIONS.get(copy % API_VERSIONS.len());
    let mut event = json!({
        "id": new_id("evt", 23, rng), "object": "event", "api_version": version,
        "created": START + i64::from(rng.u32(..)), "data": { "object": object },
        "livemode": !copy.is_multiple_of(3), "pending_webhooks": rng.u8(0..3),
        "request": { "id": new_id("req", 13, rng), "idempotency_key": null },
        "type": format!("{kind}.{}", if copy.is_multiple_of(2) { "created" } else { "updated" }),
    });
    if !copy.is_multiple_of(4)
        && let Some(fields) = event.as_object_mut()
    {
        fields.insert("account".to_owned(), new_id("acct", 15, rng).into());
    }
    event
}

/// Gives every id another ending, so that none of them is learnt.
fn renew_ids(value: &mut Value, rng: &mut fastrand::Rng) {
    match value {
        Value::String(text) => {
            if let Some((prefix, rest)) = text.rsplit_once("_1")
                && rest.len() > 8
                && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
            {
                *text = new_id(prefix, rest.len(), rng);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| renew_ids(item, rng)),
        Value::Object(fields) => fields.values_mut().for_each(|field| renew_ids(field, rng)),
        _ => {}
    }
}

fn new_id(prefix: &str, length: usize, rng: &mut fastrand::Rng) -> String {
    let ending: String = (0..length).map(|_| rng.alphanumeric()).collect();
    format!("{prefix}_1{ending}")
}
