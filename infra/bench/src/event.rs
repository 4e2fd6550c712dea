//! The event that is sent: a charge on a connected account, as Stripe writes it.

use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use serde_json::{Value, json};
use tributary_simulator::{ChargeParams, World, WorldConfig};
use tributary_stripe::{Secret, signature};

use crate::error::BenchError;

/// What signs it. As long as Stripe's.
pub const SECRET: &str = "whsec_5f3b1a9c7e2d4860b1c3d5e7f9a0b2c4";

/// Lines of the order that is in the charge's metadata.
const ORDER_LINES: u32 = 17;

/// An event and the secret of the endpoint that it is for.
#[derive(Debug)]
pub struct Event {
    body: String,
    secret: Secret,
}

impl Event {
    /// `charge.succeeded` of a direct charge with an application fee, 4 KB with the
    /// platform's notes about the order.
    pub fn charge() -> Result<Self, BenchError> {
        let mut json = simulated_charge()
            .ok_or_else(|| BenchError::Unexpected("the simulator made no charge".to_owned()))?;
        if let Some(metadata) = json.pointer_mut("/data/object/metadata") {
            *metadata = order();
        }
        Ok(Self {
            body: format!("{json:#}"),
            secret: Secret::new(SECRET).map_err(|e| BenchError::Unexpected(e.to_string()))?,
        })
    }

    /// The bytes that Stripe signs and ingest verifies.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// Unix seconds.
    pub fn now() -> i64 {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        i64::try_from(now.unwrap_or_default().as_secs()).unwrap_or(i64::MAX)
    }

    /// The invocation that the HTTP API makes of it (payload format 2.0), signed now.
    pub fn invocation(&self) -> Bytes {
        let signature = signature::sign(self.body.as_bytes(), &self.secret, Self::now());
        Bytes::from(request("connect", &signature, &self.body).to_string())
    }
}

fn simulated_charge() -> Option<Value> {
    let mut world = World::new(WorldConfig {
        seed: 1,
        accounts: 1,
        start: 1_763_800_000,
        days: 1,
        events_min: 0,
        livemode: true,
        api_version: "2026-10-28.endive".to_owned(),
    });
    let account = world.events().iter().find_map(|e| e.owner.account_id());
    let account = account?.to_owned();
    let params = ChargeParams {
        application_fee_amount: Some(500),
        ..ChargeParams::new(12_345, "usd")
    };
    world.create_direct_charge(&account, &params).ok()?;
    let mut events = world.events().iter();
    let charge = events.find(|event| event.kind == "charge.succeeded")?;
    Some(charge.json.clone())
}

/// What platforms attach to their charges, and most of what makes one charge longer
/// than another.
pub fn order() -> Value {
    let line = |n| {
        let name = format!("line_item_{n:02}");
        (name, Value::from("2 x SKU-80417-B at 1295, gift wrapped"))
    };
    Value::Object((1..=ORDER_LINES).map(line).collect())
}

/// What the HTTP API (payload format 2.0) makes of Stripe's request to an endpoint.
pub fn request(endpoint: &str, signature: &str, body: &str) -> Value {
    let path = format!("/webhooks/stripe/{endpoint}");
    json!({
        "version": "2.0",
        "routeKey": "POST /webhooks/stripe/{endpoint}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {
            "accept": "*/*; q=0.5, application/xml",
            "cache-control": "no-cache",
            "content-length": body.len().to_string(),
            "content-type": "application/json; charset=utf-8",
            "host": "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
            "stripe-signature": signature,
            "user-agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            "x-amzn-trace-id": "Root=1-6922400a-1b2c3d4e5f60718293a4b5c6",
            "x-forwarded-for": "192.0.2.1",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
        },
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "a1b2c3d4e5",
            "domainName": "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
            "domainPrefix": "a1b2c3d4e5",
            "http": {
                "method": "POST",
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            },
            "requestId": "UeJ2ehsPoAMEP5g=",
            "routeKey": "POST /webhooks/stripe/{endpoint}",
            "stage": "$default",
            "time": "22/Nov/2025:22:53:30 +0000",
            "timeEpoch": 1_763_852_010_000_i64,
        },
        "pathParameters": { "endpoint": endpoint },
        "body": body,
        "isBase64Encoded": false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_4_kb_long() {
        let bytes = Event::charge().unwrap().body().len();
        assert!((4_000..4_200).contains(&bytes), "{bytes}");
    }

    #[test]
    fn what_is_sent_is_what_was_signed() {
        let event = Event::charge().unwrap();
        let request: Value = serde_json::from_slice(&event.invocation()).unwrap();
        let header = request["headers"]["stripe-signature"].as_str().unwrap();
        let at = header[2..12].parse().unwrap();
        let body = request["body"].as_str().unwrap();
        assert_eq!(body, event.body());
        signature::verify(&[header], body.as_bytes(), &[event.secret], at).unwrap();
    }
}
