//! W3C trace context, made from what happened rather than from chance.

use std::fmt;

use crate::{Fingerprint, Mode, ObjectId, ObjectKey, Owner};

/// The kind of object that has a trace of its own.
const PAYOUT: &str = "payout";
/// A span id that is not zero, should a hash be too short: it never is.
const SPAN: &str = "0000000000000001";

/// A `traceparent` header value (W3C Trace Context, level 1).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TraceParent(String);

impl TraceParent {
    /// The trace of one event. It is derived from the event's id, so that every
    /// delivery and redelivery of one event lands in one trace, and nothing has
    /// to be stored to find it again.
    pub fn of_event(event_id: &str) -> Self {
        let trace = Fingerprint::of([b"trace".as_slice(), event_id.as_bytes()]);
        Self::new(&trace, &root(event_id))
    }

    /// The trace of an event about a payout. Its trace id is made from mode, owner and
    /// the payout's id: whatever touches the payout lands in one trace, whichever
    /// event, pull or comparison it comes from, and nobody has to look it up. Its span
    /// is the event's.
    pub fn of_payout(mode: Mode, owner: &Owner, payout: &ObjectId, event_id: &str) -> Self {
        let parts = [PAYOUT, mode.as_str(), owner.as_str(), payout.as_str()];
        let trace = Fingerprint::of(parts.map(str::as_bytes));
        Self::new(&trace, &root(event_id))
    }

    /// The trace in which an event about an object is seen: the payout's if it is one,
    /// or else the event's own.
    pub fn of_object(object: &ObjectKey, event_id: &str) -> Self {
        if object.kind.as_str() == PAYOUT {
            Self::of_payout(object.mode, &object.owner, &object.id, event_id)
        } else {
            Self::of_event(event_id)
        }
    }

    /// The trace of work that no event began: known by its name, such as a job's.
    pub fn of_work(name: &str) -> Self {
        let trace = Fingerprint::of([b"work".as_slice(), name.as_bytes()]);
        Self::new(&trace, &root(name))
    }

    /// A step on the same trace. Its span id is made from the step and from what it is
    /// done to, so that whoever does the next step knows its parent without being
    /// told, and a step that is repeated is the same span.
    pub fn at(&self, step: &str, what: &str) -> Self {
        let span = Fingerprint::of([b"step".as_slice(), step.as_bytes(), what.as_bytes()]);
        let span = span.as_str().get(..16).unwrap_or(SPAN);
        Self(["00-", self.trace_id(), "-", span, "-01"].concat())
    }

    fn new(trace: &Fingerprint, span: &str) -> Self {
        Self(["00-", trace.as_str(), "-", span, "-01"].concat())
    }

    /// The trace's id: 32 hex digits.
    pub fn trace_id(&self) -> &str {
        self.0.get(3..35).unwrap_or_default()
    }

    /// The span's id: 16 hex digits.
    pub fn span_id(&self) -> &str {
        self.0.get(36..52).unwrap_or_default()
    }

    /// Accepts a well-formed version-00 header.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let lengths = [2, 32, 16, 2];
        for length in lengths {
            let part = parts.next()?;
            let hex = part
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
            if part.len() != length || !hex {
                return None;
            }
        }
        (parts.next().is_none() && text.starts_with("00-")).then(|| Self(text.to_owned()))
    }

    /// The header's value.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The span id of what an event or a job begins with.
fn root(of: &str) -> String {
    let span = Fingerprint::of([b"span".as_slice(), of.as_bytes()]);
    span.as_str().get(..16).unwrap_or(SPAN).to_owned()
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests;
