//! One event as Stripe would deliver it.

use serde_json::Value;

use crate::refs::{ObjectRef, Owner};

/// An event of the world: a snapshot (`event`) or a thin notification (`v2.core.event`).
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// `evt_…` id.
    pub id: String,
    /// Scope: the platform, or the connected account named by the event's `account`.
    pub owner: Owner,
    /// Live mode or test mode.
    pub livemode: bool,
    /// Event type, e.g. `charge.refunded`.
    pub kind: String,
    /// Unix seconds.
    pub created: i64,
    /// The object the event is about; its id is empty when the object carries none.
    pub object: ObjectRef,
    /// The whole Stripe event.
    pub json: Value,
}

impl Event {
    /// Whether this is a thin notification without a snapshot of its object.
    #[must_use]
    pub fn is_thin(&self) -> bool {
        self.snapshot().is_none()
    }

    /// `data.object`: the object as it was right after this event; `None` on thin events.
    #[must_use]
    pub fn snapshot(&self) -> Option<&Value> {
        self.json.get("data")?.get("object")
    }

    /// `data.previous_attributes`, where the event has them.
    #[must_use]
    pub fn previous_attributes(&self) -> Option<&Value> {
        self.json.get("data")?.get("previous_attributes")
    }

    /// Whether the object is gone after this event.
    #[must_use]
    pub fn is_deletion(&self) -> bool {
        self.kind.ends_with(".deleted")
    }
}
