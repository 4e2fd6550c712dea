//! How the world tells what happened.

use serde_json::{Map, Value, json};

use crate::{
    accounts::LEGACY_API_VERSION,
    event::Event,
    fields::Fields,
    refs::{ObjectRef, Owner},
    world::World,
};

impl World {
    /// Emits an event with the stored object as it is now.
    pub(crate) fn emit(&mut self, owner: &Owner, id: &str, kind: &str) {
        self.emit_stored(owner, id, kind, None);
    }

    /// Emits an event with the object as it is now and what changed since `before`; nothing at all
    /// when nothing changed.
    pub(crate) fn emit_change(&mut self, owner: &Owner, id: &str, kind: &str, before: &Value) {
        let Some(after) = self.store.get(owner, id) else {
            return;
        };
        let previous = previous_attributes(before, after);
        if !previous.is_empty() {
            self.emit_stored(owner, id, kind, Some(Value::Object(previous)));
        }
    }

    /// Changes a stored object and emits an event that says what it was before.
    pub(crate) fn change(
        &mut self,
        owner: &Owner,
        id: &str,
        kind: &str,
        change: impl FnOnce(&mut Value),
    ) {
        let Some(before) = self.store.get(owner, id).cloned() else {
            return;
        };
        self.store.edit(owner, id, change);
        self.emit_change(owner, id, kind, &before);
    }

    fn emit_stored(&mut self, owner: &Owner, id: &str, kind: &str, previous: Option<Value>) {
        let (Some(object), Some(snapshot)) = (
            self.store.reference(owner, id).cloned(),
            self.store.get(owner, id).cloned(),
        ) else {
            return;
        };
        self.emit_snapshot(object, kind, snapshot, previous);
    }

    /// Emits a snapshot event for any object, stored or not.
    pub(crate) fn emit_snapshot(
        &mut self,
        object: ObjectRef,
        kind: &str,
        snapshot: Value,
        previous: Option<Value>,
    ) {
        let mut data = json!({ "object": snapshot });
        if let Some(previous) = previous {
            data.set("previous_attributes", previous);
        }
        let id = self.ids.next("evt");
        let (request, key) = self
            .request
            .clone()
            .map_or((None, None), |(id, key)| (Some(id), key));
        let mut event = json!({
            "id": id, "object": "event", "api_version": self.api_version(&object.owner),
            "created": self.now, "data": data, "livemode": object.livemode,
            "pending_webhooks": 1, "request": { "id": request, "idempotency_key": key },
            "type": kind,
        });
        if let Some(account) = object.owner.account_id() {
            event.set("account", account);
        }
        self.record(id, kind, object, event);
    }

    /// Appends an event that is already rendered.
    pub(crate) fn record(&mut self, id: String, kind: &str, object: ObjectRef, json: Value) {
        let event = Event {
            id,
            owner: object.owner.clone(),
            livemode: object.livemode,
            kind: kind.to_owned(),
            created: self.now,
            object,
            json,
        };
        if !self.swallows(&event) {
            self.events.push(event);
        }
    }

    fn api_version(&self, owner: &Owner) -> &str {
        if self.is_legacy(owner) {
            LEGACY_API_VERSION
        } else {
            &self.config.api_version
        }
    }
}

/// The attributes of `before` that differ in `after`: objects by their changed members, everything
/// else (arrays too) whole, and null for what did not exist.
fn previous_attributes(before: &Value, after: &Value) -> Map<String, Value> {
    let (Some(before), Some(after)) = (before.as_object(), after.as_object()) else {
        return Map::new();
    };
    let mut previous = Map::new();
    for (key, new) in after {
        let old = before.get(key).unwrap_or(&Value::Null);
        if old == new {
            continue;
        }
        let shown = if old.is_object() && new.is_object() {
            Value::Object(previous_attributes(old, new))
        } else {
            old.clone()
        };
        previous.insert(key.clone(), shown);
    }
    for (key, old) in before {
        if !after.contains_key(key) {
            previous.insert(key.clone(), old.clone());
        }
    }
    previous
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changed_is_named() {
        let before = json!({ "a": 1, "b": { "c": 2, "d": 3 }, "list": [1], "gone": null });
        let after = json!({ "a": 1, "b": { "c": 4, "d": 3 }, "list": [1, 2], "gone": "x" });
        let previous = Value::Object(previous_attributes(&before, &after));
        assert_eq!(
            previous,
            json!({ "b": { "c": 2 }, "list": [1], "gone": null })
        );
    }
}
