//! Accepting a webhook: what is authentic becomes durable, usable or not.

use tributary_domain::{EventId, Mode, ObjectId, Owner, TraceParent, Unusable};

use crate::carriage::{Carried, carry};
use crate::message::{Kind, Message, Quarantined, group};
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
    body: &[u8],
    seen: Result<Seen, Unusable>,
) -> Result<Accepted, SendError> {
    let seen = match seen {
        Ok(seen) => seen,
        Err(unusable) => {
            ports
                .quarantine
                .hold(&held(endpoint, body, &unusable))
                .await?;
            return Ok(Accepted::Quarantined);
        }
    };
    let (kind, text, accepted) = match carry(ports.blobs, CLAIMS, body).await? {
        Carried::Inline(text) => (Kind::Event, text, Accepted::Queued),
        Carried::Claim(pointer) => (Kind::Claim, pointer, Accepted::Claimed),
    };
    let message = Message {
        kind,
        body: text,
        group: group(seen.mode, &seen.owner),
        endpoint: Some(endpoint.to_owned()),
        trace: seen.trace(),
    };
    match ports.queue.send(&message).await {
        Ok(()) => Ok(accepted),
        // Sent again, it would be refused again, until Stripe gives up.
        Err(SendError::Invalid(reason)) => {
            let unusable = Unusable::new("not_sendable", reason);
            ports
                .quarantine
                .hold(&held(endpoint, body, &unusable))
                .await?;
            Ok(Accepted::Quarantined)
        }
        Err(error) => Err(error),
    }
}

fn held(endpoint: &str, body: &[u8], unusable: &Unusable) -> Quarantined {
    Quarantined {
        code: unusable.code,
        detail: unusable.detail.clone(),
        stage: "ingest",
        event: unusable.facts.as_ref().map(|facts| facts.key.to_string()),
        endpoint: Some(endpoint.to_owned()),
        body: body.to_vec(),
    }
}
