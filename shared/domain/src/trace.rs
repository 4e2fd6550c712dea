//! W3C trace context, made from what happened rather than from chance.

use std::fmt;

use crate::Fingerprint;

/// A `traceparent` header value (W3C Trace Context, level 1).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TraceParent(String);

impl TraceParent {
    /// The trace of one event. It is derived from the event's id, so that every
    /// delivery and redelivery of one event lands in one trace, and nothing has
    /// to be stored to find it again.
    pub fn of_event(event_id: &str) -> Self {
        let trace = Fingerprint::of([b"trace".as_slice(), event_id.as_bytes()]);
        let span = Fingerprint::of([b"span".as_slice(), event_id.as_bytes()]);
        let span = span.as_str().get(..16).unwrap_or("0000000000000001");
        Self(["00-", trace.as_str(), "-", span, "-01"].concat())
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

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests;
