//! Thin events: only the name of what changed.

use serde_json::Value;
use tributary_domain::{Effect, EventFacts, FetchRequest, Unusable};

use super::identity;
use crate::resource;

pub(super) fn effect(facts: &EventFacts, event: &Value) -> Result<Effect, Unusable> {
    let Some(related) = event.get("related_object") else {
        return Ok(Effect::Record);
    };
    let Some(object) = identity::of(&facts.key, related.get("type"), related.get("id"))? else {
        return Ok(Effect::Record);
    };
    let url = related
        .get("url")
        .and_then(Value::as_str)
        .filter(|url| resource::is_safe_path(url));
    Ok(Effect::Fetch(FetchRequest {
        object,
        url: url.map(str::to_owned),
        cause: facts.key.id.to_string(),
        fetches: 0,
    }))
}
