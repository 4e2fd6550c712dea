//! Webhooks on their way to the bus, through doors, tables and queues that fail.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use apply_event::handler::Apply;
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use fetch_object::handler::{Api, Fetch};
use ingest_webhook::handler::Ingest;
use ingest_webhook::request::Request;
use serde_json::Value;
use tributary_domain::change::{RowChange, Sequence};
use tributary_domain::{Effect, FetchRequest, Owner};
use tributary_pipeline::message::{Delivered, Kind};
use tributary_pipeline::ports::{SecretSource, SendError};
use tributary_pipeline::publish::{BusEntry, EventBus, Pause, publish};
use tributary_pipeline::secrets::SecretCache;
use tributary_stripe::client::{FetchError, Fetched};
use tributary_stripe::{Secret, decode, glance, normalize, signature};
use tributary_testkit::{Faulty, MemoryBlobs, MemoryQueues, MemoryStore};

use crate::heard::Heard;
use crate::payloads::{PERSON, WORD, events, everywhere, texts, with};

const NOW: i64 = 1_763_800_000;
const SECRET: &str = "whsec_canary_of_the_endpoint";

struct Secrets;

impl SecretSource for Secrets {
    type Secret = Secret;

    async fn fetch(&self, _: &str) -> Result<Vec<Secret>, SendError> {
        Ok(vec![Secret::new(SECRET).unwrap()])
    }
}

/// Refuses, is down, and takes, in turn.
#[derive(Default)]
struct Bus(AtomicUsize);

impl EventBus for Bus {
    async fn put(&self, entries: &[BusEntry]) -> Result<Vec<Result<(), SendError>>, SendError> {
        let why = || "PutEvents: InternalException".to_owned();
        match self.0.fetch_add(1, Ordering::Relaxed) % 4 {
            0 => Err(SendError::Invalid(why())),
            1 => Err(SendError::Transient(why())),
            2 => Ok(entries
                .iter()
                .map(|_| Err(SendError::Invalid(why())))
                .collect()),
            _ => Ok(entries.iter().map(|_| Ok(())).collect()),
        }
    }
}

struct NoPause;

impl Pause for NoPause {
    async fn up_to(&self, _: Duration) {}
}

/// Answers with the object, or refuses with its words.
struct Stripe {
    body: String,
    refuses: bool,
}

impl Api for Stripe {
    async fn get(&self, _: &str, _: &Owner) -> Result<Fetched, FetchError> {
        match self.refuses {
            true => Err(FetchError::Refused {
                status: 400,
                code: PERSON.to_owned(),
            }),
            false => Ok(Fetched {
                body: self.body.clone(),
                observed_at: NOW,
            }),
        }
    }
}

struct Road {
    heard: Heard,
    bus: Bus,
}

impl Road {
    async fn ingest(&self, body: &str, per_mille: u32) {
        let (queues, blobs) = (MemoryQueues::default(), MemoryBlobs::default());
        let ingest = Ingest {
            queue: Faulty::new(&queues, 0, per_mille),
            quarantine: Faulty::new(&queues, 1, per_mille),
            blobs: Faulty::new(&blobs, 2, per_mille),
            secrets: SecretCache::new(Secrets),
            endpoints: vec!["connect".to_owned()],
        };
        for secret in [SECRET, "whsec_other"] {
            let header = signature::sign(body.as_bytes(), &Secret::new(secret).unwrap(), NOW);
            let request = Request {
                method: http::Method::POST,
                endpoint: Some("connect".to_owned()),
                signatures: vec![header],
                body: Some(body.to_owned()),
                ..Request::default()
            };
            self.heard.shown(&ingest.handle(request, NOW).await);
        }
        self.heard.shown(&glance(body.as_bytes()).map(|_| ()));
        self.heard.shown(&queues.events());
        self.heard.shown(&queues.quarantine());
    }

    /// Every kind of message, twice, and what is published of it.
    async fn apply(&self, body: &str, per_mille: u32) {
        let (queues, blobs) = (MemoryQueues::default(), MemoryBlobs::default());
        let store = MemoryStore::default();
        let apply = Apply {
            store: Faulty::new(&store, 3, per_mille),
            fetches: Faulty::new(&queues, 4, per_mille),
            quarantine: Faulty::new(&queues, 5, per_mille),
            blobs: Faulty::new(&blobs, 6, per_mille),
        };
        let kinds = [
            Some(Kind::Event),
            Some(Kind::Claim),
            Some(Kind::Fetched),
            Some(Kind::Backfill),
            Some(Kind::EventBridge),
            None,
            Some(Kind::Event),
        ];
        let messages = kinds.iter().enumerate().map(|(n, kind)| Delivered {
            message_id: format!("message-{n}"),
            kind: *kind,
            body: body.to_owned(),
            trace: None,
        });
        let messages: Vec<_> = messages.collect();
        self.heard.shown(&messages);
        self.heard.shown(&apply.apply(messages, NOW).await);
        let decoded = decode(body, tributary_domain::Origin::Webhook);
        if let Ok(arrival) = &decoded
            && let Effect::Mirror(seen) = &arrival.effect
            && let Some(new) = store.row(&seen.object)
        {
            let steps = [RowChange {
                key: seen.object.clone(),
                sequence: Sequence::new("1"),
                old: None,
                new: Some(new),
            }];
            let published = publish(&self.bus, &NoPause, &steps, normalize::state).await;
            self.heard.shown(&published);
        }
        self.heard.shown(&queues.quarantine());
    }

    async fn fetch(&self, event: &Value, refuses: bool) {
        let Ok(arrival) = decode(&event.to_string(), tributary_domain::Origin::Webhook) else {
            return;
        };
        let Effect::Mirror(seen) = &arrival.effect else {
            return;
        };
        let (queues, blobs) = (MemoryQueues::default(), MemoryBlobs::default());
        let fetch = Fetch {
            api: Stripe {
                body: event["data"]["object"].to_string(),
                refuses,
            },
            queue: Faulty::new(&queues, 7, 0),
            blobs: Faulty::new(&blobs, 8, 0),
        };
        let request = FetchRequest {
            object: seen.object.clone(),
            url: None,
            cause: arrival.facts.key.id.to_string(),
            fetches: 0,
        };
        let mut batch = SqsEvent::default();
        for body in [serde_json::to_string(&request).unwrap(), event.to_string()] {
            let mut message = SqsMessage::default();
            message.message_id = Some("message-1".to_owned());
            message.body = Some(body);
            batch.records.push(message);
        }
        self.heard
            .shown(&fetch.handle(batch).await.batch_item_failures.len());
        self.heard.shown(&queues.events());
    }

    async fn all(&self, event: &Value, about: &str) -> usize {
        let body = event.to_string();
        for per_mille in [0, 1_000] {
            self.ingest(&body, per_mille).await;
            self.apply(&body, per_mille).await;
        }
        self.fetch(event, false).await;
        self.fetch(event, true).await;
        self.heard.assert_silent(about)
    }
}

fn road() -> Road {
    Road {
        heard: Heard::begin(),
        bus: Bus::default(),
    }
}

#[tokio::test(start_paused = true)]
async fn no_field_of_any_payload_is_told() {
    let road = road();
    let mut lines = 0;
    for event in events() {
        let type_ = event["type"].as_str().unwrap().to_owned();
        for text in [PERSON, WORD] {
            lines += road.all(&everywhere(&event, text), &type_).await;
        }
    }
    assert!(lines > 500, "only {lines} lines were heard");
}

/// Fields that say who and what it is too: then it is refused, for many reasons.
#[tokio::test(start_paused = true)]
async fn no_field_is_told_that_makes_an_event_unusable() {
    let road = road();
    for event in events() {
        let type_ = event["type"].as_str().unwrap();
        for path in texts(&event) {
            let planted = with(&event, &path, PERSON).to_string();
            road.ingest(&planted, 0).await;
            road.apply(&planted, 0).await;
            road.heard.assert_silent(&format!("{type_} {path}"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_no_event_is_not_told() {
    let road = road();
    for body in [
        PERSON.to_owned(),
        format!("[\"{PERSON}\"]"),
        format!("{{\"{PERSON}\":1}}"),
        format!("{{\"id\":\"{PERSON}"),
        String::new(),
    ] {
        road.ingest(&body, 0).await;
        road.apply(&body, 1_000).await;
        road.heard.assert_silent(&body);
    }
}
