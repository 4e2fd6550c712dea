//! What reaches the core: a decoded event and the one thing it asks for.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{EventKey, Fingerprint, ObjectKey, Version};

/// By which way an event came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A signed webhook.
    Webhook,
    /// Stripe's partner event source on EventBridge.
    EventBridge,
    /// An object fetched from the API; no Stripe event stands behind it.
    Fetch,
    /// An event that reconciliation found missing and listed from the API.
    Backfill,
}

/// What is known of an event apart from its object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventFacts {
    /// Its identity.
    pub key: EventKey,
    /// Stripe's `type`, an open set.
    pub kind: String,
    /// Stripe's `created`, unix seconds. One-second resolution: never an order by
    /// itself.
    pub created: i64,
    /// The version that rendered the payload, when the event names one.
    pub api_version: Option<String>,
    /// By which way it came.
    pub origin: Origin,
    /// A hash of the content, without the fields that differ between deliveries.
    pub fingerprint: Fingerprint,
}

/// How far ahead of our clock an event may be made, in seconds. Beyond, a clock is
/// wrong, and an order that rests on it would be too.
const AHEAD_S_MAX: i64 = 86_400;

/// A decoded event.
#[derive(Clone, PartialEq, Eq)]
pub struct Arrival {
    /// Who, what and when.
    pub facts: EventFacts,
    /// What it asks for.
    pub effect: Effect,
    /// The body as Stripe sent it, kept for replay.
    pub raw: Box<str>,
}

impl fmt::Debug for Arrival {
    /// Leaves the body out: it may hold personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (facts, effect, bytes) = (&self.facts, &self.effect, self.raw.len());
        write!(f, "Arrival({facts:?}, {effect:?}, {bytes} bytes)")
    }
}

impl Arrival {
    /// Distrusts an event from the future: its version would win until then, so its
    /// object is fetched instead. `now` is unix seconds.
    pub fn grounded(mut self, now: i64) -> Self {
        if let Effect::Mirror(seen) = &self.effect
            && seen.version.at > now.saturating_add(AHEAD_S_MAX)
        {
            self.effect = Effect::Fetch(FetchRequest {
                object: seen.object.clone(),
                url: None,
                cause: self.facts.key.id.to_string(),
                fetches: seen.fetches.saturating_add(1),
            });
        }
        self
    }
}

/// The one thing an event asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Its object joins the mirror.
    Mirror(Box<Observation>),
    /// It only says that an object changed: fetch it.
    Fetch(FetchRequest),
    /// Nothing to mirror (an object without identity): keep the event.
    Record,
}

impl Effect {
    /// The object that it is about, if it has an identity.
    pub fn object(&self) -> Option<&ObjectKey> {
        match self {
            Self::Mirror(seen) => Some(&seen.object),
            Self::Fetch(request) => Some(&request.object),
            Self::Record => None,
        }
    }
}

/// One version of one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// The object.
    pub object: ObjectKey,
    /// What was seen of it.
    pub version: Version,
    /// How many fetches in a row led here without a clear answer.
    pub fetches: u8,
}

/// A wish to read one object from Stripe's API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchRequest {
    /// The object.
    pub object: ObjectKey,
    /// Where it is, when the event said so (thin events do).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The event because of which.
    pub cause: String,
    /// How many fetches in a row came before this one.
    #[serde(default)]
    pub fetches: u8,
}

/// An authentic message that cannot be used. Never dropped: quarantined.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct Unusable {
    /// A stable code for dashboards and runbooks, such as `not_json`.
    pub code: &'static str,
    /// What exactly, naming the field; never a value from the payload.
    pub detail: String,
    /// The event, when so much could be read.
    pub facts: Option<Box<EventFacts>>,
    /// A fetch that would repair it, when the object is known.
    pub repair: Option<Box<FetchRequest>>,
}

impl Unusable {
    /// A message of which nothing could be read.
    pub fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            facts: None,
            repair: None,
        }
    }
}

#[cfg(test)]
mod tests;
