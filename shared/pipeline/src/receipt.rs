//! The event record: proof that an event's effects are in place.

use serde::{Deserialize, Serialize};
use tributary_domain::{Arrival, Effect, EventFacts, Fingerprint, ObjectKey};

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Its object is in the mirror, or a newer version is.
    Applied,
    /// A fetch of its object was asked for.
    FetchRequested,
    /// It has no object with an identity; the event itself is kept.
    Recorded,
    /// It could not be used and waits for a person.
    Quarantined,
}

impl Outcome {
    /// The stored form.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::FetchRequested => "fetch_requested",
            Self::Recorded => "recorded",
            Self::Quarantined => "quarantined",
        }
    }

    /// Reads the stored form; `None` for an outcome of a later version.
    pub fn parse(text: &str) -> Option<Self> {
        use Outcome::{Applied, FetchRequested, Quarantined, Recorded};
        [Applied, FetchRequested, Recorded, Quarantined]
            .into_iter()
            .find(|outcome| outcome.as_str() == text)
    }
}

/// One line of the event log. Written after the effects that it vouches for, so a
/// crash in between repeats them, which changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Who, what and when.
    pub facts: EventFacts,
    /// What became of it.
    pub outcome: Outcome,
    /// The mirrored object, if any.
    pub object: Option<ObjectKey>,
    /// The event as Stripe sent it, for replay.
    pub raw: Box<str>,
}

impl Receipt {
    /// The receipt of an arrival whose effects are in place.
    pub fn of(arrival: &Arrival) -> Self {
        let (outcome, object) = match &arrival.effect {
            Effect::Mirror(observation) => (Outcome::Applied, Some(observation.object.clone())),
            Effect::Fetch(request) => (Outcome::FetchRequested, Some(request.object.clone())),
            Effect::Record => (Outcome::Recorded, None),
        };
        Self {
            facts: arrival.facts.clone(),
            outcome,
            object,
            raw: arrival.raw.clone(),
        }
    }

    /// What later deliveries are compared with.
    pub fn mark(&self) -> ReceiptMark {
        ReceiptMark::of(&self.facts, self.outcome == Outcome::Quarantined)
    }
}

/// The part of a stored receipt that tells a duplicate from a forgery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptMark {
    /// The content's hash.
    pub fingerprint: Fingerprint,
    /// The version that rendered it.
    pub api_version: Option<String>,
    /// The event waits in quarantine. Delivered again to a version that can use
    /// it, it is applied and its receipt replaced.
    pub held: bool,
}

/// How a delivery relates to the receipt of the same event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// The same content again.
    Same,
    /// The same event, rendered by another API version for another endpoint.
    OtherRendering,
    /// Another content under the same id. Stripe never does that.
    OtherBody,
}

impl ReceiptMark {
    pub(crate) fn of(facts: &EventFacts, held: bool) -> Self {
        Self {
            fingerprint: facts.fingerprint.clone(),
            api_version: facts.api_version.clone(),
            held,
        }
    }

    /// Whether a receipt takes this one's place: the same event, usable at last,
    /// be it in another API version's rendering.
    pub fn gives_way_to(&self, receipt: &Receipt) -> bool {
        self.held
            && receipt.outcome != Outcome::Quarantined
            && self.relation(&receipt.facts) != Relation::OtherBody
    }

    /// Compares a delivery with the stored receipt.
    pub fn relation(&self, facts: &EventFacts) -> Relation {
        if self.fingerprint == facts.fingerprint {
            Relation::Same
        } else if self.api_version != facts.api_version {
            Relation::OtherRendering
        } else {
            Relation::OtherBody
        }
    }
}
