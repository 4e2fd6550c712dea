//! Reading and writing the fields of a JSON object without panics.

use serde_json::Value;

/// Field access on a Stripe object.
pub trait Fields {
    /// A string field; empty when absent or null.
    fn text(&self, key: &str) -> &str;
    /// A string field; `None` when absent or null.
    fn text_opt(&self, key: &str) -> Option<&str>;
    /// An integer field (amounts in minor units, times in seconds); 0 when absent or null.
    fn int(&self, key: &str) -> i64;
    /// A boolean field; false when absent.
    fn flag(&self, key: &str) -> bool;
    /// Sets a field of an object; on anything else it does nothing.
    fn set(&mut self, key: &str, value: impl Into<Value>);
}

impl Fields for Value {
    fn text(&self, key: &str) -> &str {
        self.text_opt(key).unwrap_or_default()
    }

    fn text_opt(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Value::as_str)
    }

    fn int(&self, key: &str) -> i64 {
        self.get(key).and_then(Value::as_i64).unwrap_or_default()
    }

    fn flag(&self, key: &str) -> bool {
        self.get(key).and_then(Value::as_bool).unwrap_or_default()
    }

    fn set(&mut self, key: &str, value: impl Into<Value>) {
        if let Some(object) = self.as_object_mut() {
            object.insert(key.to_owned(), value.into());
        }
    }
}

/// Merges a JSON merge patch, except that null sets a member to null instead of removing it, as
/// Stripe's objects keep their members.
pub(crate) fn merge_patch(target: &mut Value, patch: &Value) {
    match (target, patch) {
        (Value::Object(target), Value::Object(patch)) => {
            for (key, value) in patch {
                merge_patch(target.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (target, patch) => *target = patch.clone(),
    }
}
