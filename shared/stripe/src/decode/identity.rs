//! Which object an event is about.

use tributary_domain::{EventKey, IdError, ObjectId, ObjectKey, ObjectKind, Tree, Unusable};

use crate::event_types::snapshot_type;
use crate::resource;

/// Its invoice is a preview that exists nowhere, although recent API versions give
/// it an id (`upcoming_in_…`): another one for each event, and none can be read.
const PREVIEW: &str = "invoice.upcoming";

/// Whether events of this type show an object that exists in the event only.
pub(super) fn is_preview(event_type: &str) -> bool {
    snapshot_type(event_type) == PREVIEW
}

/// The identity of an object of the event's account and mode; `None` for what has
/// none.
pub(super) fn of(
    event: &EventKey,
    kind: Option<&Tree<'_>>,
    id: Option<&Tree<'_>>,
) -> Result<Option<ObjectKey>, Unusable> {
    let Some(kind) = kind.and_then(Tree::as_str) else {
        return Ok(None);
    };
    let id = match id {
        Some(Tree::String(id)) if !id.is_empty() => id,
        None | Some(Tree::Null | Tree::String(_)) if resource::is_singleton(kind) => kind,
        None | Some(Tree::Null | Tree::String(_)) => return Ok(None),
        Some(_) => return Err(Unusable::new("bad_object", "the object's id is not a text")),
    };
    let refuse = |error: IdError| Unusable::new("bad_object", error.to_string());
    Ok(Some(ObjectKey {
        mode: event.mode,
        owner: event.owner.clone(),
        kind: ObjectKind::parse(kind).map_err(refuse)?,
        id: ObjectId::parse(id).map_err(refuse)?,
    }))
}

/// Refuses an object of the other mode: test data under a live key would end in a
/// live ledger.
pub(super) fn check_mode(event: &EventKey, object: &Tree<'_>) -> Result<(), Unusable> {
    match object.get("livemode").and_then(Tree::as_bool) {
        Some(livemode) if livemode != event.mode.livemode() => Err(Unusable::new(
            "mode_mix",
            "the event and its object differ in livemode",
        )),
        _ => Ok(()),
    }
}
