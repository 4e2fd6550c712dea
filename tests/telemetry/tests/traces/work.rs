//! The steps of a payout's road, each as its function does it, between ports in
//! memory and a queue as SQS promises it.

use std::time::Duration;

use apply_event::handler::Apply;
use aws_lambda_events::sqs::{SqsEvent, SqsMessage, SqsMessageAttribute};
use ingest_webhook::answer::Answer;
use ingest_webhook::handler::Ingest;
use ingest_webhook::request::Request;
use serde_json::json;
use tokio::sync::{Mutex, MutexGuard};
use tributary_aws::records::delivered;
use tributary_aws::telemetry::Traces;
use tributary_domain::change::{RowChange, Sequence};
use tributary_domain::{ObjectKey, Row};
use tributary_pipeline::apply::Fate;
use tributary_pipeline::message::Message;
use tributary_pipeline::ports::{SecretSource, SendError};
use tributary_pipeline::publish::{BusEntry, EventBus, Pause, publish};
use tributary_pipeline::secrets::SecretCache;
use tributary_stripe::{Secret, normalize, signature};
use tributary_telemetry::span::recorder;
use tributary_testkit::queue::{Rules, SimQueue};
use tributary_testkit::{Faulty, MemoryBlobs, MemoryQueues, MemoryStore};

/// 2026-11-22, noon, unix seconds.
pub(crate) const NOON: i64 = 1_795_348_800;
const SECRET: &str = "whsec_of_the_connect_endpoint";
const RECEIVES_MAX: u32 = 5;

pub(crate) struct Secrets;

impl SecretSource for Secrets {
    type Secret = Secret;

    async fn fetch(&self, _: &str) -> Result<Vec<Secret>, SendError> {
        Ok(vec![Secret::new(SECRET).unwrap()])
    }
}

/// Spans wait in one place for each process: one test at a time.
static TURN: Mutex<()> = Mutex::const_new(());

/// Everything between the door and the bus.
pub(crate) struct Works {
    _turn: MutexGuard<'static, ()>,
    pub(crate) traces: Traces,
    pub(crate) queues: MemoryQueues,
    pub(crate) blobs: MemoryBlobs,
    pub(crate) store: MemoryStore,
    pub(crate) bus: Bus,
}

#[derive(Debug, Default)]
pub(crate) struct Bus(std::sync::Mutex<Vec<String>>);

impl EventBus for &Bus {
    async fn put(&self, entries: &[BusEntry]) -> Result<Vec<Result<(), SendError>>, SendError> {
        let mut kept = self.0.lock().unwrap();
        kept.extend(entries.iter().map(|entry| entry.detail.clone()));
        Ok(entries.iter().map(|_| Ok(())).collect())
    }
}

/// A bus that takes nothing.
struct Refusing;

impl EventBus for Refusing {
    async fn put(&self, _: &[BusEntry]) -> Result<Vec<Result<(), SendError>>, SendError> {
        Err(SendError::Invalid("malformed".to_owned()))
    }
}

struct NoPause;

impl Pause for NoPause {
    async fn up_to(&self, _: Duration) {}
}

impl Works {
    pub(crate) async fn seen_by(endpoint: &str) -> Self {
        let turn = TURN.lock().await;
        recorder::drain();
        Self {
            _turn: turn,
            traces: Traces::to("a_function", endpoint, None).await,
            queues: MemoryQueues::default(),
            blobs: MemoryBlobs::default(),
            store: MemoryStore::default(),
            bus: Bus::default(),
        }
    }

    /// What Stripe posts, and what the function answers.
    pub(crate) async fn ingest(&self, body: &str) -> Answer {
        let sound = |seed| Faulty::new(&self.queues, seed, 0);
        let ingest = Ingest {
            queue: sound(0),
            quarantine: sound(1),
            blobs: Faulty::new(&self.blobs, 2, 0),
            secrets: SecretCache::new(Secrets),
            endpoints: vec!["connect".to_owned()],
        };
        let header = signature::sign(body.as_bytes(), &Secret::new(SECRET).unwrap(), NOON);
        let request = Request {
            method: http::Method::POST,
            endpoint: Some("connect".to_owned()),
            signatures: vec![header],
            body: Some(body.to_owned()),
            ..Request::default()
        };
        self.traces.around(ingest.handle(request, NOON)).await
    }

    /// Applies one message, by a store that fails `per_mille` of its calls.
    pub(crate) async fn apply(&self, message: SqsMessage, per_mille: u32) -> Fate {
        let apply = Apply {
            store: Faulty::new(&self.store, 3, per_mille),
            fetches: Faulty::new(&self.queues, 4, 0),
            quarantine: Faulty::new(&self.queues, 5, 0),
            blobs: Faulty::new(&self.blobs, 6, 0),
        };
        let mut event = SqsEvent::default();
        event.records.push(message);
        let fates = self
            .traces
            .around(apply.apply(delivered(event), NOON))
            .await;
        fates[0].1
    }

    /// Publishes the step that a row has made, and gives what is on the bus.
    pub(crate) async fn publish(&self, key: &ObjectKey, old: Option<Row>) -> Vec<String> {
        let steps = [self.step(key, old)];
        let bus = &self.bus;
        let work = publish(&bus, &NoPause, &steps, normalize::state);
        let published = self.traces.around(work).await;
        assert_eq!((published.published, published.failed.len()), (1, 0));
        self.bus.0.lock().unwrap().clone()
    }

    /// Tries to publish the step of a new row, and is refused.
    pub(crate) async fn publish_in_vain(&self, key: &ObjectKey) {
        let steps = [self.step(key, None)];
        let work = publish(&Refusing, &NoPause, &steps, normalize::state);
        assert_eq!(self.traces.around(work).await.failed, [0]);
    }

    fn step(&self, key: &ObjectKey, old: Option<Row>) -> RowChange {
        RowChange {
            key: key.clone(),
            sequence: Sequence::new("1"),
            old,
            new: self.store.row(key),
        }
    }
}

/// The events queue, five receives, then its dead letters.
pub(crate) fn queue() -> SimQueue<SqsMessage> {
    SimQueue::new(Rules {
        visibility_s: 180,
        receives_max: RECEIVES_MAX,
    })
}

/// A message as SQS hands it out.
pub(crate) fn in_sqs(message: &Message) -> SqsMessage {
    let mut sqs = SqsMessage::default();
    sqs.message_id = Some("019a0000-0000-4000-8000-00000000000a".to_owned());
    sqs.body = Some(message.body.clone());
    for (name, value) in [
        ("kind", message.kind.as_str()),
        ("traceparent", message.trace.as_str()),
    ] {
        let mut attribute = SqsMessageAttribute::default();
        attribute.string_value = Some(value.to_owned());
        sqs.message_attributes.insert(name.to_owned(), attribute);
    }
    sqs
}

/// An event about a payout of a connected account, with a text of so many bytes in it.
pub(crate) fn payout_event(id: &str, payout: &str, status: &str, filling: usize) -> String {
    json!({
        "id": id, "object": "event", "account": "acct_1", "api_version": "2026-10-28.endive",
        "created": NOON - 10, "livemode": true, "pending_webhooks": 1,
        "type": format!("payout.{status}"), "request": null,
        "data": {"object": {
            "id": payout, "object": "payout", "amount": 970, "currency": "usd",
            "created": NOON - 86_400, "arrival_date": NOON, "automatic": true,
            "status": status, "livemode": true, "balance_transaction": "txn_00077", "type": "bank_account", "method": "standard",
            "description": "Canary Person <canary@example.com>",
            "metadata": {"filling": "x".repeat(filling)},
        }},
    })
    .to_string()
}
