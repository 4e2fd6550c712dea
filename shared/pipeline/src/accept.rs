//! Accepting a webhook: what is authentic becomes durable, usable or not.

use std::fmt;

use tributary_domain::{EventId, Mode, ObjectId, Owner, TraceParent, Unusable};

use crate::carriage::check_in;
use crate::message::{Kind, Message, Quarantined, fits_a_queue, group};
use crate::ports::{Blobs, EventQueue, Quarantine, SendError};

/// Where oversize events wait in the bucket.
pub const CLAIMS: &str = "claims";

/// The ports that ingest needs.
#[derive(Debug)]
pub struct Ports<'a, Q, H, B> {
    /// The events queue.
    pub queue: &'a Q,
    /// The quarantine.
    pub quarantine: &'a H,
    /// The bucket.
    pub blobs: &'a B,
}

/// What a first look at an authentic body showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The event's id.
    pub event_id: EventId,
    /// Live or test.
    pub mode: Mode,
    /// Whose event.
    pub owner: Owner,
    /// The payout that it is about, if it is about one.
    pub payout: Option<ObjectId>,
}

impl Seen {
    /// The trace in which it is seen.
    pub fn trace(&self) -> TraceParent {
        match &self.payout {
            Some(payout) => {
                TraceParent::of_payout(self.mode, &self.owner, payout, self.event_id.as_str())
            }
            None => TraceParent::of_event(self.event_id.as_str()),
        }
    }
}

/// A body as it came. What is text is known to be, so that it travels on without
/// being looked at again or copied: every event passes here.
#[derive(Clone, PartialEq, Eq)]
pub enum Body {
    /// UTF-8.
    Text(String),
    /// Anything else.
    Bytes(Vec<u8>),
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        String::from_utf8(bytes).map_or_else(|no| Self::Bytes(no.into_bytes()), Self::Text)
    }
}

impl Body {
    /// The bytes that were signed.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Bytes(bytes) => bytes,
        }
    }

    fn into_bytes(self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.into_bytes(),
            Self::Bytes(bytes) => bytes,
        }
    }
}

impl fmt::Debug for Body {
    /// Leaves the body out: it may hold personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} bytes)", self.as_bytes().len())
    }
}

/// What became of an authentic body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// In the events queue.
    Queued,
    /// In the events queue, its body in the bucket.
    Claimed,
    /// In quarantine.
    Quarantined,
}

/// Makes an authentic body durable. Only after this returns `Ok` may Stripe be
/// told 2xx.
///
/// # Errors
/// When neither queue took it; Stripe has to send it again.
pub async fn accept<Q: EventQueue, H: Quarantine, B: Blobs>(
    ports: &Ports<'_, Q, H, B>,
    endpoint: &str,
    body: Body,
    seen: Result<Seen, Unusable>,
) -> Result<Accepted, SendError> {
    let seen = match seen {
        Ok(seen) => seen,
        Err(unusable) => return hold(ports, endpoint, body, &unusable).await,
    };
    let (kind, text, checked_in) = match body {
        Body::Text(text) if fits_a_queue(&text) => (Kind::Event, text, None),
        body => {
            let pointer = check_in(ports.blobs, CLAIMS, body.as_bytes()).await?;
            (Kind::Claim, pointer, Some(body))
        }
    };
    let message = Message {
        kind,
        body: text,
        group: group(seen.mode, &seen.owner),
        endpoint: Some(endpoint.to_owned()),
        trace: seen.trace(),
    };
    match ports.queue.send(&message).await {
        Ok(()) if checked_in.is_some() => Ok(Accepted::Claimed),
        Ok(()) => Ok(Accepted::Queued),
        // Sent again, it would be refused again, until Stripe gives up.
        Err(SendError::Invalid(reason)) => {
            let unusable = Unusable::new("not_sendable", reason);
            let body = checked_in.unwrap_or(Body::Text(message.body));
            hold(ports, endpoint, body, &unusable).await
        }
        Err(error) => Err(error),
    }
}

async fn hold<Q, H: Quarantine, B>(
    ports: &Ports<'_, Q, H, B>,
    endpoint: &str,
    body: Body,
    unusable: &Unusable,
) -> Result<Accepted, SendError> {
    let held = Quarantined {
        code: unusable.code,
        detail: unusable.detail.clone(),
        stage: "ingest",
        event: unusable.facts.as_ref().map(|facts| facts.key.to_string()),
        endpoint: Some(endpoint.to_owned()),
        body: body.into_bytes(),
    };
    ports.quarantine.hold(&held).await?;
    Ok(Accepted::Quarantined)
}
