//! JSON documents that the domain compares and rewinds without reading them.

mod tree;

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::Fingerprint;

pub use tree::Tree;

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
        let tree = Tree::parse(text).map_err(|e| DocumentError::NotJson(e.to_string()))?;
        Self::from_tree(&tree)
    }

    /// Takes a parsed JSON object.
    ///
    /// # Errors
    /// When the value is not an object.
    pub fn from_value(value: &Value) -> Result<Self, DocumentError> {
        Self::from_tree(&Tree::from(value))
    }

    /// Takes a parsed JSON object.
    ///
    /// # Errors
    /// When the tree is not an object.
    pub fn from_tree(tree: &Tree<'_>) -> Result<Self, DocumentError> {
        match tree {
            Tree::Object(_) => Ok(Self(canonical(tree))),
            _ => Err(DocumentError::NotAnObject),
        }
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
        Self(canonical(&Tree::from(&value)))
    }

    /// Whether both say the same, an absent attribute meaning `null`: a key that
    /// an update added is listed with a previous value of `null`.
    pub fn says_the_same_as(&self, other: &Document) -> bool {
        self == other || self.without_nulls() == other.without_nulls()
    }

    /// The canonical text without the attributes that are `null`: equal for documents
    /// that say the same.
    pub(crate) fn without_nulls(&self) -> Cow<'_, str> {
        // What could be one, or stands in a string and looks like one.
        if !self.0.contains("\":null") {
            return Cow::Borrowed(&self.0);
        }
        let mut value = self.value();
        drop_nulls(&mut value);
        Cow::Owned(canonical(&Tree::from(&value)).into_string())
    }
}

impl Serialize for Document {
    /// Writes the object itself, not a string that holds it.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_json::from_str::<&RawValue>(&self.0)
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

fn canonical(tree: &Tree<'_>) -> Box<str> {
    let mut text = String::with_capacity(1024);
    tree.write(&mut text);
    text.into_boxed_str()
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

fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
