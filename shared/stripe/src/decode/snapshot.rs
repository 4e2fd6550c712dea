//! Snapshot events: the object as it was when the event was made.

use tributary_domain::{
    Change, Effect, EventFacts, FetchRequest, ObjectKey, Observation, Tree, Unusable, Version,
};

use super::{change, document, identity, money};
use crate::resource;

pub(super) fn effect(facts: &EventFacts, event: &Tree<'_>) -> Result<Effect, Unusable> {
    let data = event.get("data");
    let body = data
        .and_then(|data| data.get("object"))
        .filter(|object| object.as_branch().is_some())
        .ok_or_else(|| Unusable::new("missing_field", "data.object is not an object"))?;
    identity::check_mode(&facts.key, body)?;
    if identity::is_preview(&facts.kind) {
        return Ok(Effect::Record);
    }
    let Some(object) = identity::of(&facts.key, body.get("object"), body.get("id"))? else {
        return Ok(Effect::Record);
    };
    let change = change::of(&facts.kind, body);
    if change != Change::Deleted {
        money::check(&object, body).map_err(|unusable| Unusable {
            repair: repair(facts, &object),
            ..unusable
        })?;
    }
    let previous = data
        .and_then(|data| data.get("previous_attributes"))
        .filter(|previous| previous.as_branch().is_some())
        .map(|previous| document(previous, "data.previous_attributes"))
        .transpose()?;
    let version = Version {
        at: facts.created,
        source: facts.key.id.clone(),
        change,
        body: document(body, "data.object")?,
        previous,
    };
    Ok(Effect::Mirror(Box::new(Observation {
        object,
        version,
        fetches: 0,
    })))
}

/// The API may still show rightly what the event showed wrongly.
fn repair(facts: &EventFacts, object: &ObjectKey) -> Option<Box<FetchRequest>> {
    resource::path(object)?;
    Some(Box::new(FetchRequest {
        object: object.clone(),
        url: None,
        cause: facts.key.id.to_string(),
        fetches: 0,
    }))
}
