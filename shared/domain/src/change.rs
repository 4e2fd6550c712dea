//! Changes of the mirror as normalized domain events.
//!
//! A step of a row in, at most one event out. Everything that an event says is a
//! function of that step, so publishing a step again gives the same bytes: the
//! transport may repeat itself, and consumers dedupe by [`DomainEvent::id`].

mod event;
pub mod state;
mod topic;

pub use event::{AsOf, ChangeKind, DomainEvent, EventError, ObjectRef, SCHEMA_VERSION, Sequence};
pub use state::State;
pub use topic::Topic;

use crate::mirror::Resolution;
use crate::{Document, Fingerprint, ObjectKey, ObjectKind, Row, TraceParent};

/// The step of a trace in which a domain event is published.
pub const PUBLISH: &str = "publish";

/// One step of one mirror row, as the store's change feed reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowChange {
    /// Whose row.
    pub key: ObjectKey,
    /// The step's place among the steps of this row.
    pub sequence: Sequence,
    /// The row before; `None` if it did not exist.
    pub old: Option<Row>,
    /// The row after; `None` if it was removed.
    pub new: Option<Row>,
}

/// An object that its kind's rules cannot read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{field} is missing or of another type")]
pub struct Unreadable {
    /// The field, never its value.
    pub field: &'static str,
}

/// What a body says in the domain's terms; `None` for a kind of which nothing but
/// the identity is published.
pub type Normalized = Result<Option<State>, Unreadable>;

/// The event that a step amounts to. `None` when nothing changed that a consumer
/// could see: another version joined without winning, or only the source or the
/// certainty of the same content changed.
///
/// An unreadable object is still announced, without state: its consumers have to
/// know that it changed, and that they do not know how.
pub fn changed(
    step: &RowChange,
    normalize: impl Fn(&ObjectKind, &Document) -> Normalized,
) -> Option<DomainEvent> {
    let row = step.new.as_ref()?;
    let now = row.resolve()?;
    let before = step.old.as_ref().and_then(Row::resolve);
    let change = kind_of_change(before.as_ref(), &now)?;
    let read = |resolution: &Resolution<'_>| match resolution.deleted {
        true => Ok(None),
        false => normalize(&step.key.kind, &resolution.winner.body),
    };
    let (state, unreadable) = match read(&now) {
        Ok(state) => (state, None),
        Err(Unreadable { field }) => (None, Some(field.to_owned())),
    };
    let key = step.key.to_string();
    // A row's token never comes back, the winner may: A, then C, then A again
    // when B arrives and chains them. Those are three events, not two.
    let id = Fingerprint::of([key.as_bytes(), row.token().as_str().as_bytes()]);
    let trace = TraceParent::of_object(&step.key, now.winner.source.as_str());
    Some(DomainEvent {
        topic: Topic::of(&step.key.kind),
        version: SCHEMA_VERSION,
        traceparent: trace.at(PUBLISH, id.as_str()),
        id,
        sequence: step.sequence.clone(),
        livemode: step.key.mode.livemode(),
        account: step.key.owner.account().cloned(),
        object: ObjectRef {
            kind: step.key.kind.clone(),
            id: step.key.id.clone(),
        },
        change,
        as_of: AsOf {
            created: now.winner.at,
            event: now.winner.source.clone(),
        },
        ambiguous: now.ambiguous,
        unreadable,
        truncated: false,
        state,
        previous: before.and_then(|before| read(&before).ok().flatten()),
    })
}

fn kind_of_change(before: Option<&Resolution<'_>>, now: &Resolution<'_>) -> Option<ChangeKind> {
    match before {
        Some(before) if before.deleted && now.deleted => None,
        _ if now.deleted => Some(ChangeKind::Deleted),
        None => Some(ChangeKind::Created),
        Some(before) if before.deleted => Some(ChangeKind::Created),
        Some(before) if before.winner.body.says_the_same_as(&now.winner.body) => None,
        Some(_) => Some(ChangeKind::Updated),
    }
}

#[cfg(test)]
mod tests;
