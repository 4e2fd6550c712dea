//! Ingest with ports in memory, and requests as Stripe makes them.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, dead_code)]

use std::sync::atomic::{AtomicBool, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ingest_webhook::answer::Answer;
use ingest_webhook::handler::Ingest;
use ingest_webhook::request::Request;
use serde_json::{Value, json};
use tributary_pipeline::accept::CLAIMS;
use tributary_pipeline::carriage::redeem;
use tributary_pipeline::ports::{SecretSource, SendError};
use tributary_pipeline::secrets::SecretCache;
use tributary_stripe::Secret;
use tributary_testkit::{Faulty, MemoryBlobs, MemoryQueues};

pub(crate) const NOW: i64 = 1_763_800_000;
pub(crate) const SECRET: &str = "whsec_of_the_connect_endpoint";
pub(crate) const OTHER_SECRET: &str = "whsec_of_somebody_else";

/// One endpoint's secrets, which may be out of reach.
#[derive(Default)]
pub(crate) struct Secrets {
    down: AtomicBool,
}

impl Secrets {
    pub(crate) fn is_down(&self) {
        self.down.store(true, Ordering::SeqCst);
    }
}

impl SecretSource for &Secrets {
    type Secret = Secret;

    async fn fetch(&self, _endpoint: &str) -> Result<Vec<Secret>, SendError> {
        if self.down.load(Ordering::SeqCst) {
            return Err(SendError::Transient("injected".to_owned()));
        }
        Ok(vec![Secret::new(SECRET).unwrap()])
    }
}

#[derive(Default)]
pub(crate) struct World {
    pub(crate) queues: MemoryQueues,
    pub(crate) blobs: MemoryBlobs,
    pub(crate) secrets: Secrets,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) async fn send(&self, request: Request) -> Answer {
        let sound = |port| Faulty::new(port, 0, 0);
        self.ingest(sound(&self.queues)).handle(request, NOW).await
    }

    pub(crate) async fn with_queue_down(request: Request) -> Answer {
        let world = Self::default();
        world
            .ingest(Faulty::new(&world.queues, 0, 1000))
            .handle(request, NOW)
            .await
    }

    pub(crate) async fn redeem(&self, pointer: &str) -> Vec<u8> {
        redeem(&self.blobs, CLAIMS, pointer).await.unwrap()
    }

    #[allow(clippy::type_complexity)]
    fn ingest<'a>(
        &'a self,
        queue: Faulty<'a, MemoryQueues>,
    ) -> Ingest<
        Faulty<'a, MemoryQueues>,
        Faulty<'a, MemoryQueues>,
        Faulty<'a, MemoryBlobs>,
        &'a Secrets,
    > {
        let per_mille = queue.per_mille();
        Ingest {
            queue,
            quarantine: Faulty::new(&self.queues, 1, per_mille),
            blobs: Faulty::new(&self.blobs, 2, per_mille),
            secrets: SecretCache::new(&self.secrets),
            endpoints: vec!["platform".to_owned(), "connect".to_owned()],
        }
    }
}

/// A charge on a connected account, formatted as Stripe formats it.
pub(crate) fn event() -> String {
    let event = serde_json::json!({
        "id": "evt_1NG8Du2eZvKYlo2CUI79vXWy",
        "object": "event",
        "account": "acct_1Nv0FGQ9RKHgCVdK",
        "api_version": "2026-10-28.endive",
        "created": 1_686_089_970,
        "data": {"object": {
            "id": "ch_3NG8Du2eZvKYlo2C1", "object": "charge", "amount": 2000, "currency": "usd",
            "status": "succeeded", "livemode": true, "description": "a charge",
        }},
        "livemode": true,
        "pending_webhooks": 1,
        "request": {"id": null, "idempotency_key": null},
        "type": "charge.succeeded",
    });
    serde_json::to_string_pretty(&event).unwrap()
}

/// The header that Stripe sends, one `v1` for each secret.
pub(crate) fn sign(secrets: &[&str], at: i64, body: &[u8]) -> String {
    let one = |secret: &&str| {
        let header = tributary_stripe::signature::sign(body, &Secret::new(secret).unwrap(), at);
        header.split_once(',').unwrap().1.to_owned()
    };
    let signatures: Vec<String> = secrets.iter().map(one).collect();
    format!("t={at},{}", signatures.join(","))
}

pub(crate) fn post(endpoint: &str, body: &[u8], signatures: &[&str]) -> Request {
    post_with(endpoint, body, signatures, json!({}))
}

/// The same with more headers, read from the JSON in which Lambda hands it over.
pub(crate) fn post_with(
    endpoint: &str,
    body: &[u8],
    signatures: &[&str],
    mut headers: Value,
) -> Request {
    headers["stripe-signature"] = json!(signatures);
    let invocation = json!({
        "version": "2.0",
        "rawPath": format!("/webhooks/stripe/{endpoint}"),
        "headers": headers,
        "requestContext": {"http": {"method": "POST"}},
        "pathParameters": {"endpoint": endpoint},
        "body": String::from_utf8_lossy(body),
        "isBase64Encoded": false,
    });
    serde_json::from_str(&invocation.to_string()).unwrap()
}

pub(crate) fn post_base64(endpoint: &str, body: &[u8], signatures: &[&str]) -> Request {
    let mut request = post(endpoint, b"", signatures);
    request.body = Some(STANDARD.encode(body));
    request.is_base64_encoded = true;
    request
}
