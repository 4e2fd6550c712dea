//! What every peer is sent: charges on several accounts, 4 KB each, and the requests
//! that are refused.

use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use serde_json::{Value, json};
use tributary_simulator::{ChargeParams, World, WorldConfig};
use tributary_stripe::{EmptySecret, Secret, signature};

use crate::error::BenchError;
use crate::event::{self, SECRET};

/// Connected accounts.
const ACCOUNTS: usize = 7;
/// Different events; more than these are these again.
const EVENTS: usize = 100;
/// What someone signs with who does not know the secret.
const OTHER_SECRET: &str = "whsec_00000000000000000000000000000000";

/// The events, and the secret of their endpoint.
#[derive(Debug)]
pub struct Sample {
    bodies: Vec<String>,
    secret: Secret,
    other: Secret,
}

impl Sample {
    /// The same on every machine.
    ///
    /// # Errors
    /// When the simulator makes no charges.
    pub fn new() -> Result<Self, BenchError> {
        let bodies = bodies();
        if bodies.len() < EVENTS {
            let text = format!("the simulator made {} charges", bodies.len());
            return Err(BenchError::Unexpected(text));
        }
        let unusable = |error: EmptySecret| BenchError::Unexpected(error.to_string());
        Ok(Self {
            bodies,
            secret: Secret::new(SECRET).map_err(unusable)?,
            other: Secret::new(OTHER_SECRET).map_err(unusable)?,
        })
    }

    /// Mean size of the signed bodies.
    pub fn mean_bytes(&self) -> usize {
        let total: usize = self.bodies.iter().map(String::len).sum();
        total / self.bodies.len().max(1)
    }

    /// `count` invocations, signed now: valid for five minutes.
    pub fn invocations(&self, count: usize) -> Vec<Bytes> {
        let bodies = self.bodies.iter().cycle().take(count);
        bodies
            .map(|body| Bytes::from(self.signed(body).to_string()))
            .collect()
    }

    /// One invocation of every kind that has an answer of its own, by name.
    pub fn of_every_kind(&self) -> Vec<(&'static str, Bytes)> {
        let Some(body) = self.bodies.first() else {
            return Vec::new();
        };
        let change = |change: &dyn Fn(&mut Value)| {
            let mut invocation = self.signed(body);
            change(&mut invocation);
            Bytes::from(invocation.to_string())
        };
        let test_mode = body.replace(r#""livemode": true"#, r#""livemode": false"#);
        let text = body.replace("gift wrapped", "emballé 🎁 “doublé”\\n\\u00e9");
        let platform = match serde_json::from_str::<Value>(body) {
            Ok(Value::Object(mut event)) => {
                event.remove("account");
                Value::Object(event).to_string()
            }
            _ => String::new(),
        };
        let signed = |body: &str| Bytes::from(self.signed(body).to_string());
        vec![
            ("charge", signed(body)),
            ("test mode", signed(&test_mode)),
            ("beyond ASCII", signed(&text)),
            ("of the platform, compact", signed(&platform)),
            ("base64", Bytes::from(self.encoded(body).to_string())),
            (
                "forged",
                Bytes::from(by(&self.other, body, now()).to_string()),
            ),
            (
                "tampered with",
                change(&|i| set(i, "/body", body.replace("usd", "eur").into())),
            ),
            ("unsigned", change(&|i| set(i, "/headers", json!({})))),
            (
                "other method",
                change(&|i| set(i, "/requestContext/http/method", "GET".into())),
            ),
            (
                "other endpoint",
                change(&|i| set(i, "/pathParameters/endpoint", "nobody".into())),
            ),
        ]
    }

    fn signed(&self, body: &str) -> Value {
        by(&self.secret, body, now())
    }

    fn encoded(&self, body: &str) -> Value {
        use base64::Engine;
        let mut invocation = self.signed(body);
        let encoded = base64::engine::general_purpose::STANDARD.encode(body);
        set(&mut invocation, "/body", encoded.into());
        set(&mut invocation, "/isBase64Encoded", true.into());
        invocation
    }
}

fn by(secret: &Secret, body: &str, at: i64) -> Value {
    let signature = signature::sign(body.as_bytes(), secret, at);
    event::request("connect", &signature, body)
}

fn set(invocation: &mut Value, pointer: &str, value: Value) {
    if let Some(place) = invocation.pointer_mut(pointer) {
        *place = value;
    }
}

fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    i64::try_from(now.unwrap_or_default().as_secs()).unwrap_or(i64::MAX)
}

/// `charge.succeeded` of direct charges, with the platform's notes about the order.
fn bodies() -> Vec<String> {
    let mut world = World::new(WorldConfig {
        seed: 3,
        accounts: ACCOUNTS,
        start: 1_763_800_000,
        days: 1,
        events_min: 0,
        livemode: true,
        api_version: "2026-10-28.endive".to_owned(),
    });
    let owners = world.events().iter().filter_map(|e| e.owner.account_id());
    let mut owners: Vec<String> = owners.map(str::to_owned).collect();
    owners.sort_unstable();
    owners.dedup();
    let seen = world.events().len();
    for (number, account) in (0..).zip(owners.iter().cycle().take(EVENTS)) {
        let params = ChargeParams {
            application_fee_amount: Some(500 + number),
            ..ChargeParams::new(12_345 + number, "usd")
        };
        // The world has moved on by its own when an account was closed.
        let _ = world.create_direct_charge(account, &params);
        world.advance_to(world.now() + 1);
    }
    let made = world.events().iter().skip(seen);
    let charges = made.filter(|event| event.kind == "charge.succeeded");
    charges.map(|event| with_order(&event.json)).collect()
}

fn with_order(json: &Value) -> String {
    let mut json = json.clone();
    set(&mut json, "/data/object/metadata", event::order());
    format!("{json:#}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn events_are_4_kb_and_of_several_accounts() {
        let sample = Sample::new().unwrap();
        assert!(sample.bodies.len() >= EVENTS);
        assert!((3_900..4_300).contains(&sample.mean_bytes()));
        let account = |body: &String| {
            let event: Value = serde_json::from_str(body).unwrap();
            event["account"].as_str().unwrap().to_owned()
        };
        let accounts: BTreeSet<String> = sample.bodies.iter().map(account).collect();
        assert!(accounts.len() > 2, "{accounts:?}");
    }

    #[test]
    fn every_kind_is_another_request() {
        let kinds = Sample::new().unwrap().of_every_kind();
        let different: BTreeSet<&Bytes> = kinds.iter().map(|(_, bytes)| bytes).collect();
        assert_eq!(different.len(), kinds.len());
    }
}
