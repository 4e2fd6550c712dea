//! Small events for tests of the core, without Stripe's JSON.

use tributary_domain::arrival::EventFacts;
use tributary_domain::{
    Arrival, Change, Document, Effect, EventId, EventKey, Fingerprint, Mode, ObjectId, ObjectKey,
    ObjectKind, Observation, Origin, Owner, Version,
};
use tributary_pipeline::apply::Incoming;

/// One event about one object.
#[derive(Debug, Clone)]
pub struct Sample {
    /// The number in the event's id.
    pub event: u32,
    /// The number in the object's id.
    pub object: u32,
    /// Unix seconds.
    pub at: i64,
    /// What happened.
    pub change: Change,
    /// The one attribute of the object.
    pub n: u32,
    /// What that attribute was before, if the event says so.
    pub before: Option<u32>,
}

impl Default for Sample {
    fn default() -> Self {
        Self {
            event: 1,
            object: 1,
            at: 1,
            change: Change::Changed,
            n: 1,
            before: None,
        }
    }
}

/// The key of a sample object.
pub fn object_key(n: u32) -> ObjectKey {
    ObjectKey {
        mode: Mode::Live,
        owner: Owner::Platform,
        kind: ObjectKind::parse("charge").unwrap_or_else(|_| unreachable!()),
        id: ObjectId::parse(&format!("ch_{n}")).unwrap_or_else(|_| unreachable!()),
    }
}

/// The key of a sample event.
pub fn event_key(n: u32) -> EventKey {
    let id = EventId::parse(&format!("evt_{n:04}")).unwrap_or_else(|_| unreachable!());
    EventKey {
        mode: Mode::Live,
        owner: Owner::Platform,
        id,
    }
}

fn document(n: u32) -> Document {
    Document::from_canonical(format!(r#"{{"n":{n}}}"#))
}

impl Sample {
    /// The version that it shows.
    pub fn version(&self) -> Version {
        Version {
            at: self.at,
            source: event_key(self.event).id,
            change: self.change,
            body: document(self.n),
            previous: self.before.map(document),
        }
    }

    /// The decoded event.
    pub fn arrival(&self) -> Arrival {
        let key = event_key(self.event);
        let raw = format!("{self:?}");
        Arrival {
            facts: EventFacts {
                key,
                kind: "charge.updated".to_owned(),
                created: self.at,
                api_version: None,
                origin: Origin::Webhook,
                fingerprint: Fingerprint::of_text(&raw),
            },
            effect: Effect::Mirror(Box::new(Observation {
                object: object_key(self.object),
                version: self.version(),
                fetches: 0,
            })),
            raw: raw.into_boxed_str(),
        }
    }

    /// The message, as a queue would hand it over.
    pub fn incoming(&self, message_id: impl Into<String>) -> Incoming {
        let arrival = self.arrival();
        let body = arrival.raw.as_bytes().to_vec();
        Incoming {
            message_id: message_id.into(),
            body,
            decoded: Ok(arrival),
        }
    }
}
