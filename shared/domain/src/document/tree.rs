//! A JSON text as a tree that borrows from it.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// The key under which `serde_json`, built to keep numbers as they are written, hands
/// out one that is no integer of 64 bits.
const NUMBER: &str = "$serde_json::private::Number";

/// A JSON value. Numbers stay as they are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tree<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number's text.
    Number(Cow<'a, str>),
    /// A string, borrowed unless it holds escapes.
    String(Cow<'a, str>),
    /// A list.
    Array(Vec<Tree<'a>>),
    /// An object.
    Object(Branch<'a>),
}

/// The attributes of an object, by ascending name. Of a name that is there twice the
/// last one counts. They are sorted here: a `serde_json::Map` keeps another order as
/// soon as any crate of a build asks for that, and stored fingerprints must not depend
/// on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch<'a> {
    fields: Vec<(Cow<'a, str>, Tree<'a>)>,
    repeats: bool,
}

impl<'a> Tree<'a> {
    /// Reads any JSON.
    ///
    /// # Errors
    /// When the text is not JSON, or nested deeper than 128 levels.
    pub fn parse(text: &'a str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// An attribute of an object.
    pub fn get(&self, name: &str) -> Option<&Self> {
        let fields = &self.as_branch()?.fields;
        let place = fields.binary_search_by(|(other, _)| other.as_ref().cmp(name));
        fields.get(place.ok()?).map(|(_, value)| value)
    }

    /// The attributes of an object.
    pub fn as_branch(&self) -> Option<&Branch<'a>> {
        match self {
            Self::Object(branch) => Some(branch),
            _ => None,
        }
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// A truth value.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(is) => Some(*is),
            _ => None,
        }
    }

    /// A number that is written as an integer and fits 64 bits.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Number(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// Writes the text in canonical form.
    pub(super) fn write(&self, out: &mut String) {
        match self {
            Self::Object(branch) => {
                out.push('{');
                for (index, (name, value)) in branch.fields.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    write_string(name, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
            Self::Array(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    item.write(out);
                }
                out.push(']');
            }
            Self::String(text) => write_string(text, out),
            Self::Number(text) => out.push_str(text),
            Self::Bool(true) => out.push_str("true"),
            Self::Bool(false) => out.push_str("false"),
            Self::Null => out.push_str("null"),
        }
    }
}

/// Few strings hold anything to escape; of those `serde_json` knows how.
fn write_string(text: &str, out: &mut String) {
    if text.bytes().any(|b| b < b' ' || b == b'"' || b == b'\\') {
        out.push_str(&Value::from(text).to_string());
    } else {
        out.push('"');
        out.push_str(text);
        out.push('"');
    }
}

impl<'a> Branch<'a> {
    fn of(mut fields: Vec<(Cow<'a, str>, Tree<'a>)>) -> Self {
        fields.sort_by(|(one, _), (other, _)| one.cmp(other));
        let count = fields.len();
        fields.dedup_by(|later, earlier| {
            let is_same = later.0 == earlier.0;
            if is_same {
                std::mem::swap(later, earlier);
            }
            is_same
        });
        let repeats = fields.len() < count;
        Self { fields, repeats }
    }

    /// Whether a name was there twice.
    pub fn repeats(&self) -> bool {
        self.repeats
    }

    /// Takes an attribute out.
    pub fn remove(&mut self, name: &str) {
        self.fields.retain(|(other, _)| other != name);
    }
}

impl<'a> From<&'a Value> for Tree<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(is) => Self::Bool(*is),
            Value::Number(number) => Self::Number(Cow::Borrowed(number.as_str())),
            Value::String(text) => Self::String(Cow::Borrowed(text)),
            Value::Array(items) => Self::Array(items.iter().map(Self::from).collect()),
            Value::Object(map) => {
                let fields = map.iter();
                let fields = fields.map(|(name, value)| (Cow::from(name), Self::from(value)));
                Self::Object(Branch::of(fields.collect()))
            }
        }
    }
}

/// A string, borrowed unless it holds escapes.
#[derive(Deserialize)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Deserialize<'de> for Tree<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Grow)
    }
}

struct Grow;

impl<'de> Visitor<'de> for Grow {
    type Value = Tree<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Tree<'de>, E> {
        Ok(Tree::Null)
    }

    fn visit_bool<E>(self, is: bool) -> Result<Tree<'de>, E> {
        Ok(Tree::Bool(is))
    }

    // What fits 64 bits comes as a number, and has one text only; all else as a text.
    fn visit_u64<E>(self, number: u64) -> Result<Tree<'de>, E> {
        Ok(Tree::Number(Cow::Owned(number.to_string())))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Tree<'de>, E> {
        Ok(Tree::Number(Cow::Owned(number.to_string())))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Tree<'de>, E> {
        Ok(Tree::String(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Tree<'de>, E> {
        Ok(Tree::String(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Tree<'de>, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element()? {
            array.push(item);
        }
        Ok(Tree::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tree<'de>, A::Error> {
        let mut fields = Vec::new();
        while let Some(Text(name)) = map.next_key()? {
            if name == NUMBER {
                let Text(number) = map.next_value()?;
                return Ok(Tree::Number(number));
            }
            fields.push((name, map.next_value()?));
        }
        Ok(Tree::Object(Branch::of(fields)))
    }
}

#[cfg(test)]
mod tests;
