//! Ingest, and requests as Stripe makes them.

use std::sync::Mutex;

use ingest_webhook::handler::Ingest;
use ingest_webhook::request::Request;
use serde_json::{Value, json};
use tributary_pipeline::ports::{EventQueue, SecretSource, SendError};
use tributary_pipeline::secrets::SecretCache;
use tributary_stripe::{Secret, signature};
use tributary_testkit::{MemoryBlobs, MemoryQueues};

use crate::rig::{Rigged, Rule};
use crate::world::{Record, World};

pub(crate) const SECRET: &str = "whsec_of_the_platform_endpoint";

/// What Secrets Manager holds; nothing while it is down.
pub(crate) struct Vault {
    secrets: Mutex<Option<Vec<String>>>,
    reads: Mutex<usize>,
}

impl Default for Vault {
    fn default() -> Self {
        let vault = Self {
            secrets: Mutex::default(),
            reads: Mutex::default(),
        };
        vault.holds(&[SECRET]);
        vault
    }
}

impl Vault {
    pub(crate) fn holds(&self, secrets: &[&str]) {
        let secrets = secrets.iter().map(|secret| (*secret).to_owned());
        *self.secrets.lock().unwrap() = Some(secrets.collect());
    }

    pub(crate) fn is_down(&self) {
        *self.secrets.lock().unwrap() = None;
    }

    pub(crate) fn reads(&self) -> usize {
        *self.reads.lock().unwrap()
    }
}

impl SecretSource for &Vault {
    type Secret = Secret;

    async fn fetch(&self, _endpoint: &str) -> Result<Vec<Secret>, SendError> {
        *self.reads.lock().unwrap() += 1;
        let secrets = self.secrets.lock().unwrap().clone();
        let secrets = secrets.ok_or_else(|| SendError::Transient("down".to_owned()))?;
        Ok(secrets.iter().map(|s| Secret::new(s).unwrap()).collect())
    }
}

/// Ingest with any events queue.
pub(crate) type Door<'a, Q> =
    Ingest<Q, Rigged<'a, MemoryQueues>, Rigged<'a, MemoryBlobs>, &'a Vault>;

/// A new environment of `ingest_webhook` that sends to `queue`.
pub(crate) fn door<'a, Q: EventQueue>(
    queue: Q,
    world: &'a World,
    vault: &'a Vault,
    rule: Rule<'a>,
) -> Door<'a, Q> {
    Ingest {
        queue,
        quarantine: Rigged::new(&world.queues, rule),
        blobs: Rigged::new(&world.blobs, rule),
        secrets: SecretCache::new(vault),
        endpoints: vec!["platform".to_owned()],
    }
}

/// The same, with the queue in memory.
pub(crate) fn sound_door<'a>(
    world: &'a World,
    vault: &'a Vault,
    rule: Rule<'a>,
) -> Door<'a, Rigged<'a, MemoryQueues>> {
    let queue = Rigged::new(&world.queues, rule);
    door(queue, world, vault, rule)
}

/// Stripe's POST of an event, signed at `at` with each of the secrets.
pub(crate) fn signed(event: &Value, secrets: &[&str], at: i64) -> Request {
    let body = event.to_string();
    let one = |secret: &&str| {
        let header = signature::sign(body.as_bytes(), &Secret::new(secret).unwrap(), at);
        header.split_once(',').unwrap().1.to_owned()
    };
    let signatures: Vec<String> = secrets.iter().map(one).collect();
    let request = json!({
        "version": "2.0", "rawPath": "/webhooks/stripe/platform",
        "headers": {"stripe-signature": format!("t={at},{}", signatures.join(","))},
        "requestContext": {"http": {"method": "POST", "path": "/webhooks/stripe/platform"}},
        "pathParameters": {"endpoint": "platform"}, "body": body, "isBase64Encoded": false,
    });
    serde_json::from_str(&request.to_string()).unwrap()
}

/// Stripe's POST of an event at `at`.
pub(crate) fn post(event: &Value, at: i64) -> Request {
    signed(event, &[SECRET], at)
}

/// What is in the events queue, as Lambda hands it over.
pub(crate) fn queued(world: &World) -> Vec<Record> {
    let messages = world.queues.events();
    let records = messages.iter().enumerate();
    records
        .map(|(n, message)| Record::of(n.to_string(), message))
        .collect()
}
