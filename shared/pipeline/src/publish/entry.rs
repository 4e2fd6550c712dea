//! One entry on the bus.

use tributary_domain::change::DomainEvent;

/// Largest entry, in bytes. The bus takes more since 2026, but a target's queue
/// and the services behind it may still not.
pub const ENTRY_BYTES_MAX: usize = 256 * 1024;

/// A domain event as the bus takes it.
#[derive(Clone, PartialEq, Eq)]
pub struct BusEntry {
    /// `tributary.live` or `tributary.test`: no rule for one can match the other.
    pub source: &'static str,
    /// The topic, such as `charge.changed`.
    pub detail_type: &'static str,
    /// The event as JSON.
    pub detail: String,
}

impl std::fmt::Debug for BusEntry {
    /// Leaves the detail out: business data has no place in logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "BusEntry({}, {}, {} bytes)",
            self.source,
            self.detail_type,
            self.size_bytes()
        )
    }
}

impl BusEntry {
    /// The size as the bus counts it.
    pub fn size_bytes(&self) -> usize {
        self.source.len() + self.detail_type.len() + self.detail.len()
    }
}

/// The entry of an event, and whether states were left out to make it fit. What
/// was before goes first: the mirror's history has it, and fewer consumers ask.
pub(super) fn of(mut event: DomainEvent) -> (BusEntry, bool) {
    let entry = plain(&event);
    if entry.size_bytes() <= ENTRY_BYTES_MAX {
        return (entry, false);
    }
    event.truncated = true;
    event.previous = None;
    let entry = plain(&event);
    if entry.size_bytes() <= ENTRY_BYTES_MAX {
        return (entry, true);
    }
    event.state = None;
    (plain(&event), true)
}

fn plain(event: &DomainEvent) -> BusEntry {
    BusEntry {
        source: if event.livemode {
            "tributary.live"
        } else {
            "tributary.test"
        },
        detail_type: event.topic.detail_type(),
        // Writing a struct of texts and numbers into memory cannot fail.
        detail: serde_json::to_string(event).unwrap_or_default(),
    }
}
