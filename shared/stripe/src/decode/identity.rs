//! Which object an event is about.

use serde_json::Value;
use tributary_domain::{EventKey, IdError, ObjectId, ObjectKey, ObjectKind, Unusable};

use crate::resource;

/// The identity of an object of the event's account and mode; `None` for what
/// exists in the event only, such as the preview in `invoice.upcoming`.
pub(super) fn of(
    event: &EventKey,
    kind: Option<&Value>,
    id: Option<&Value>,
) -> Result<Option<ObjectKey>, Unusable> {
    let Some(kind) = kind.and_then(Value::as_str) else {
        return Ok(None);
    };
    let id = match id {
        Some(Value::String(id)) if !id.is_empty() => id,
        None | Some(Value::Null | Value::String(_)) if resource::is_singleton(kind) => kind,
        None | Some(Value::Null | Value::String(_)) => return Ok(None),
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
pub(super) fn check_mode(event: &EventKey, object: &Value) -> Result<(), Unusable> {
    match object.get("livemode").and_then(Value::as_bool) {
        Some(livemode) if livemode != event.mode.livemode() => Err(Unusable::new(
            "mode_mix",
            "the event and its object differ in livemode",
        )),
        _ => Ok(()),
    }
}
