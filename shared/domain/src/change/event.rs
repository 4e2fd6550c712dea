//! The envelope of domain events.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use super::{State, Topic};
use crate::{AccountId, EventId, Fingerprint, ObjectId, ObjectKind, TraceParent};

/// The version of every schema. It grows when a field changes its meaning or goes
/// away; new fields and new enum members come without.
pub const SCHEMA_VERSION: u32 = 1;

/// Digits of the longest sequence number of a change feed.
const SEQUENCE_DIGITS_MAX: usize = 40;

/// The place of a step among the steps of one row. Texts compare as the numbers
/// they are: all are padded to one length.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sequence(String);

impl Default for Sequence {
    /// The place before every step.
    fn default() -> Self {
        Self::new("0")
    }
}

impl Sequence {
    /// Takes the feed's number for a step, without sign or leading zeros.
    pub fn new(number: &str) -> Self {
        Self(format!("{number:0>SEQUENCE_DIGITS_MAX$}"))
    }

    /// The place right behind a step, before every later one: of what a look at the row
    /// showed that the step did not tell.
    #[must_use]
    pub fn behind(&self) -> Self {
        // Longer than the step's text, and equal to it that far; digits come after.
        Self(format!("{}+", self.0))
    }

    /// The padded text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What happened to an object, seen from the mirror.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// The mirror sees it for the first time, or again after its deletion.
    Created,
    /// It says something else than before.
    Updated,
    /// It is gone.
    Deleted,
}

/// Which object changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectRef {
    /// What it is.
    pub kind: ObjectKind,
    /// Its id, or its kind for a singleton such as `balance`.
    pub id: ObjectId,
}

/// The version of the object that the event shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AsOf {
    /// By Stripe's clock, unix seconds.
    pub created: i64,
    /// The event or the fetch that showed it.
    pub event: EventId,
}

/// One change of one object, in the domain's terms and without personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Wire")]
pub struct DomainEvent {
    /// What it is about; names the schema.
    #[serde(rename = "schema")]
    pub topic: Topic,
    /// The schema's version.
    pub version: u32,
    /// Equal for every publication of one step and for nothing else: dedupe by it.
    pub id: Fingerprint,
    /// Order of the events of one object: the greatest shows the object as the
    /// mirror last knew it.
    pub sequence: Sequence,
    /// Whether it is about real money.
    pub livemode: bool,
    /// The connected account whose object it is; `None` for the platform's own.
    pub account: Option<AccountId>,
    /// Which object.
    pub object: ObjectRef,
    /// What happened to it.
    pub change: ChangeKind,
    /// Which version of it is shown.
    pub as_of: AsOf,
    /// The version is a guess among several of one second; a fetch is under way.
    pub ambiguous: bool,
    /// The field for which the object could not be read; its state is `None` then.
    pub unreadable: Option<String>,
    /// States were left out because the event would have been too large.
    pub truncated: bool,
    /// The object now; `None` if it is gone, unreadable, or of no known topic.
    pub state: Option<State>,
    /// The object before, if the mirror knew it.
    pub previous: Option<State>,
    /// The trace that began with the event that showed it.
    #[serde(serialize_with = "trace_text")]
    pub traceparent: TraceParent,
}

fn trace_text<S: Serializer>(trace: &TraceParent, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(trace.as_str())
}

/// Why a text is not a domain event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// Written by a newer publisher.
    #[error("schema version {0} is not known")]
    Version(u32),
    /// A state lacks a field of its schema.
    #[error("state: {0}")]
    State(String),
    /// Not a W3C trace context.
    #[error("malformed traceparent")]
    Trace,
}

/// The same fields before it is known which states they hold.
#[derive(Deserialize)]
struct Wire {
    schema: Topic,
    version: u32,
    id: Fingerprint,
    sequence: Sequence,
    livemode: bool,
    account: Option<AccountId>,
    object: ObjectRef,
    change: ChangeKind,
    as_of: AsOf,
    ambiguous: bool,
    unreadable: Option<String>,
    truncated: bool,
    state: Value,
    previous: Value,
    traceparent: String,
}

impl TryFrom<Wire> for DomainEvent {
    type Error = EventError;

    fn try_from(wire: Wire) -> Result<Self, EventError> {
        if wire.version != SCHEMA_VERSION {
            return Err(EventError::Version(wire.version));
        }
        let state = |value: Value| match value {
            Value::Null => Ok(None),
            value => State::read(&wire.object.kind, value)
                .map_err(|error| EventError::State(error.to_string())),
        };
        Ok(Self {
            topic: wire.schema,
            version: wire.version,
            id: wire.id,
            sequence: wire.sequence,
            livemode: wire.livemode,
            account: wire.account,
            state: state(wire.state)?,
            previous: state(wire.previous)?,
            object: wire.object,
            change: wire.change,
            as_of: wire.as_of,
            ambiguous: wire.ambiguous,
            unreadable: wire.unreadable,
            truncated: wire.truncated,
            traceparent: TraceParent::parse(&wire.traceparent).ok_or(EventError::Trace)?,
        })
    }
}
