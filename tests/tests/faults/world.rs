//! The real handlers around ports in memory.

use apply_event::handler::Apply;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use serde_json::{Value, json};
use tributary_aws::records::delivered;
use tributary_aws::telemetry::unix_now;
use tributary_domain::ObjectKey;
use tributary_pipeline::apply::{Fate, Fates};
use tributary_pipeline::message::Message;
use tributary_testkit::{MemoryBlobs, MemoryQueues, MemoryStore};

use crate::rig::{Rigged, Rule, sound};

/// What outlives a function: tables, queues, bucket.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) store: MemoryStore,
    pub(crate) queues: MemoryQueues,
    pub(crate) blobs: MemoryBlobs,
}

pub(crate) type Worker<'a> = Apply<
    Rigged<'a, MemoryStore>,
    Rigged<'a, MemoryQueues>,
    Rigged<'a, MemoryQueues>,
    Rigged<'a, MemoryBlobs>,
>;

impl World {
    /// A new environment of `apply_event`, whose calls obey a rule.
    pub(crate) fn worker<'a>(&'a self, rule: Rule<'a>) -> Worker<'a> {
        Apply {
            store: Rigged::new(&self.store, rule),
            fetches: Rigged::new(&self.queues, rule),
            quarantine: Rigged::new(&self.queues, rule),
            blobs: Rigged::new(&self.blobs, rule),
        }
    }

    /// Applies a batch with nothing going wrong.
    pub(crate) async fn apply(&self, batch: &[Record]) -> Vec<Fate> {
        let worker = self.worker(&sound);
        only_fates(worker.apply(delivered(invocation(batch)), unix_now()).await)
    }

    /// What a row says of its object, and whether that is a guess.
    pub(crate) fn content(&self, key: &str) -> Option<(Value, bool)> {
        let row = self.store.row(&ObjectKey::parse(key).unwrap())?;
        let state = row.resolve()?;
        Some((state.winner.body.value(), state.ambiguous))
    }
}

pub(crate) fn only_fates(fates: Fates) -> Vec<Fate> {
    fates.into_iter().map(|(_, fate)| fate).collect()
}

/// A message of the events queue as Lambda hands it over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) id: String,
    pub(crate) kind: Option<String>,
    pub(crate) group: String,
    pub(crate) body: String,
}

impl Record {
    /// A webhook's event.
    pub(crate) fn event(id: impl Into<String>, event: &Value) -> Self {
        Self {
            id: id.into(),
            kind: Some("event".to_owned()),
            group: "live:platform".to_owned(),
            body: event.to_string(),
        }
    }

    /// What a function sent.
    pub(crate) fn of(id: impl Into<String>, message: &Message) -> Self {
        Self {
            id: id.into(),
            kind: Some(message.kind.as_str().to_owned()),
            group: message.group.clone(),
            body: message.body.clone(),
        }
    }

    fn json(&self) -> Value {
        let attributes = match &self.kind {
            Some(kind) => json!({"kind": {"stringValue": kind, "dataType": "String",
                "stringListValues": [], "binaryListValues": []}}),
            None => json!({}),
        };
        json!({
            "messageId": self.id, "receiptHandle": "r", "body": self.body, "md5OfBody": "",
            "attributes": {"MessageGroupId": self.group, "ApproximateReceiveCount": "1"},
            "messageAttributes": attributes, "eventSource": "aws:sqs", "awsRegion": "us-east-1",
            "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:events",
        })
    }
}

/// An invocation of a function that reads a queue, through its JSON.
pub(crate) fn invocation(batch: &[Record]) -> SqsEvent {
    let records: Vec<Value> = batch.iter().map(Record::json).collect();
    serde_json::from_str(&json!({ "Records": records }).to_string()).unwrap()
}

/// The messages that a response names.
pub(crate) fn named(response: SqsBatchResponse) -> Vec<String> {
    let failures = response.batch_item_failures.into_iter();
    failures.map(|failure| failure.item_identifier).collect()
}
