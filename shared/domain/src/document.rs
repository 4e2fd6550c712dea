//! JSON documents that the domain compares and rewinds without reading them.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::Fingerprint;

/// Why a text is not a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// Not JSON, or nested deeper than 128 levels.
    #[error("not a JSON document: {0}")]
    NotJson(String),
    /// JSON, but not an object.
    #[error("not a JSON object")]
    NotAnObject,
}

/// A JSON object in canonical text: keys sorted, no white space, numbers as they
/// were written. Two deliveries of one object, formatted differently, are equal.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Document(Box<str>);

impl fmt::Debug for Document {
    /// Shows the fingerprint, never the content: documents hold personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Document({}, {} bytes)",
            self.fingerprint(),
            self.0.len()
        )
    }
}

impl Document {
    /// Reads any JSON object.
    ///
    /// # Errors
    /// When the text is not JSON or not an object.
    pub fn parse(text: &str) -> Result<Self, DocumentError> {
        let value =
            serde_json::from_str(text).map_err(|e| DocumentError::NotJson(e.to_string()))?;
        Self::from_value(&value)
    }

    /// Takes a parsed JSON object.
    ///
    /// # Errors
    /// When the value is not an object.
    pub fn from_value(value: &Value) -> Result<Self, DocumentError> {
        if !value.is_object() {
            return Err(DocumentError::NotAnObject);
        }
        Ok(Self(canonical(value)))
    }

    /// Takes back a text that [`Document::as_str`] gave out.
    pub fn from_canonical(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// The canonical text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A hash of the content.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of_text(&self.0)
    }

    /// The parsed object; `Null` if the stored text was damaged.
    pub fn value(&self) -> Value {
        serde_json::from_str(&self.0).unwrap_or(Value::Null)
    }

    /// What the object was before a change that lists the previous values of the
    /// attributes it changed. Nested objects list only what changed in them,
    /// arrays stand whole (Stripe, "Event object", `data.previous_attributes`).
    pub fn rewind(&self, previous: &Document) -> Document {
        let mut value = self.value();
        if let (Value::Object(object), Value::Object(before)) = (&mut value, previous.value()) {
            rewind_map(object, before);
        }
        Self(canonical(&value))
    }

    /// Whether both say the same, an absent attribute meaning `null`: a key that
    /// an update added is listed with a previous value of `null`.
    pub fn says_the_same_as(&self, other: &Document) -> bool {
        self == other || without_nulls(self.value()) == without_nulls(other.value())
    }
}

impl Serialize for Document {
    /// Writes the object itself, not a string that holds it.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.0.to_string())
            .map_err(serde::ser::Error::custom)?
            .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Document::parse(raw.get()).map_err(serde::de::Error::custom)
    }
}

/// Sorts keys itself: `serde_json::Map` keeps another order as soon as any crate
/// of a build asks for that, and stored fingerprints must not depend on it.
fn canonical(value: &Value) -> Box<str> {
    let mut text = String::new();
    write_canonical(value, &mut text);
    text.into_boxed_str()
}

fn write_canonical(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| key.as_str());
            out.push('{');
            for (index, (key, value)) in entries.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push(':');
                write_canonical(value, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_canonical(item, out);
            }
            out.push(']');
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}

fn rewind_map(object: &mut Map<String, Value>, before: Map<String, Value>) {
    for (key, old) in before {
        match (object.get_mut(&key), old) {
            (Some(Value::Object(inner)), Value::Object(old)) => rewind_map(inner, old),
            (_, old) => {
                object.insert(key, old);
            }
        }
    }
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(
            map.into_iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(key, value)| (key, without_nulls(value)))
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.into_iter().map(without_nulls).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests;
