//! Thin events: only the name of what changed.

use tributary_domain::{
    Change, Effect, EventFacts, FetchRequest, ObjectKey, Observation, Tree, Unusable, Version,
};

use super::{change, document, identity};
use crate::event_types::tells_of_missing_events;
use crate::resource;

/// What a notice of missing events is mirrored as: the event itself.
const NOTICE: &str = "v2.core.event";

pub(super) fn effect(facts: &EventFacts, event: &Tree<'_>) -> Result<Effect, Unusable> {
    if tells_of_missing_events(&facts.kind) {
        return notice(facts, event);
    }
    let Some(related) = event.get("related_object") else {
        return Ok(Effect::Record);
    };
    if identity::is_preview(&facts.kind) {
        return Ok(Effect::Record);
    }
    let Some(object) = identity::of(&facts.key, related.get("type"), related.get("id"))? else {
        return Ok(Effect::Record);
    };
    if change::of(&facts.kind, related) == Change::Deleted {
        return deletion(facts, object, related);
    }
    let url = related
        .get("url")
        .and_then(Tree::as_str)
        .filter(|url| resource::is_safe_path(url));
    Ok(Effect::Fetch(FetchRequest {
        object,
        url: url.map(str::to_owned),
        cause: facts.key.id.to_string(),
        fetches: 0,
    }))
}

/// A notice is mirrored, so that it is announced like every change: reconciliation
/// hears of it on the bus, and opens the window that it is about.
fn notice(facts: &EventFacts, event: &Tree<'_>) -> Result<Effect, Unusable> {
    let kind = Tree::String(NOTICE.into());
    let id = Tree::String(facts.key.id.as_str().into());
    let Some(object) = identity::of(&facts.key, Some(&kind), Some(&id))? else {
        return Ok(Effect::Record);
    };
    let version = Version {
        at: facts.created,
        source: facts.key.id.clone(),
        change: Change::Created,
        body: document(event, "the event")?,
        previous: None,
    };
    Ok(Effect::Mirror(Box::new(Observation {
        object,
        version,
        fetches: 0,
    })))
}

/// What is gone cannot be fetched: Stripe would answer that there is no such
/// object, and the mirror would show it for ever. Its name is all that is left.
fn deletion(facts: &EventFacts, object: ObjectKey, related: &Tree<'_>) -> Result<Effect, Unusable> {
    let version = Version {
        at: facts.created,
        source: facts.key.id.clone(),
        change: Change::Deleted,
        body: document(related, "related_object")?,
        previous: None,
    };
    Ok(Effect::Mirror(Box::new(Observation {
        object,
        version,
        fetches: 0,
    })))
}
