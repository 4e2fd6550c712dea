//! Reading JSON one level at a time, borrowed, without building a tree.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;
use tributary_domain::{Tree, Unusable};

/// Deepest nesting accepted: what `serde_json` reads without its recursion limit
/// of 128 striking.
pub(crate) const NESTING_MAX: usize = 127;

/// Refuses texts that nest deeper than [`NESTING_MAX`], before any parser sees
/// them. Brackets inside strings do not count.
pub(crate) fn check_nesting(text: &str) -> Result<(), Unusable> {
    // Nearly every text has too few brackets to nest too deep, and counts faster than
    // it is read.
    let opens = |byte: &&u8| matches!(byte, b'{' | b'[');
    if text.as_bytes().iter().filter(opens).count() <= NESTING_MAX {
        return Ok(());
    }
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > NESTING_MAX {
            let detail = format!("nested deeper than {NESTING_MAX} levels");
            return Err(Unusable::new("too_deep", detail));
        }
    }
    Ok(())
}

/// How the keys begin that `serde_json`, built to keep numbers as they are written,
/// takes for its own.
const RESERVED_KEY: &str = "$serde_json::private::";

/// Reads the whole text, borrowing from it, see [`tree`].
pub(crate) fn parse(text: &str) -> Result<Tree<'_>, Unusable> {
    check_keys(text)?;
    Tree::parse(text).map_err(|_| not_json())
}

/// Reads the whole text into a tree. Users choose the keys of `metadata`: one that
/// `serde_json` would take for its own, and show as something else, is refused.
pub(crate) fn tree(text: &str) -> Result<Value, Unusable> {
    check_keys(text)?;
    serde_json::from_str(text).map_err(|_| not_json())
}

fn not_json() -> Unusable {
    Unusable::new("not_json", "the text is not JSON")
}

fn check_keys(text: &str) -> Result<(), Unusable> {
    if may_open_reserved_key(text) && text.split('"').skip(1).any(opens_reserved_key) {
        return Err(Unusable::new(
            "reserved_key",
            "a key is reserved by the JSON reader",
        ));
    }
    Ok(())
}

/// Whether a quote is followed by the first letter of a reserved key, or by an escape.
fn may_open_reserved_key(text: &str) -> bool {
    text.contains("\"$") || text.contains("\"\\u")
}

/// Whether what follows a quote is the beginning of a reserved key, however it is
/// written: `serde_json` compares keys after it has read their escapes, so one that
/// says `\u0024serde_json`, or escapes any other letter of it, is reserved as well.
/// No other escape can stand for a letter of it.
fn opens_reserved_key(text: &str) -> bool {
    let mut rest = text;
    RESERVED_KEY.chars().all(|expected| {
        let after = rest
            .strip_prefix(expected)
            .or_else(|| after_escape(rest, expected));
        rest = after.unwrap_or_default();
        after.is_some()
    })
}

/// What follows the escape `\uXXXX` of a character.
fn after_escape(text: &str, of: char) -> Option<&str> {
    let (digits, rest) = text.strip_prefix("\\u")?.split_at_checked(4)?;
    (u32::from_str_radix(digits, 16) == Ok(u32::from(of))).then_some(rest)
}

/// The fields of one JSON object by ascending name, each as the text that stands in
/// the body.
pub(crate) struct Fields<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

/// Why a text gives no fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoFields {
    /// The text is not JSON.
    NotJson,
    /// The text is JSON, but not an object.
    NotAnObject,
    /// A name comes twice: readers would disagree on which one counts.
    DuplicateKey,
}

impl NoFields {
    /// The refusal of a text that is known in messages as `what`.
    pub(crate) fn of(self, what: &str) -> Unusable {
        match self {
            Self::NotJson => Unusable::new("not_json", format!("{what} is not JSON")),
            Self::NotAnObject => Unusable::new("not_an_event", format!("{what} is not an object")),
            Self::DuplicateKey => Unusable::new("duplicate_key", format!("{what} repeats a name")),
        }
    }
}

impl<'a> Fields<'a> {
    /// Reads one level of an object.
    pub(crate) fn read(text: &'a str) -> Result<Self, NoFields> {
        let Entries(mut fields) = serde_json::from_str(text).map_err(|error| {
            if error.is_data() {
                NoFields::NotAnObject
            } else {
                NoFields::NotJson
            }
        })?;
        fields.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        let is_ascending = fields.is_sorted_by(|(one, _), (other, _)| one < other);
        is_ascending
            .then_some(Self(fields))
            .ok_or(NoFields::DuplicateKey)
    }

    /// The text of a field; `None` when it is absent or `null`.
    pub(crate) fn raw(&self, name: &str) -> Option<&'a str> {
        let place = self
            .0
            .binary_search_by(|(other, _)| other.as_ref().cmp(name));
        let (_, raw) = self.0.get(place.ok()?)?;
        Some(raw.get()).filter(|text| *text != "null")
    }

    /// A string field; `None` when it is absent, `null` or anything else.
    pub(crate) fn string(&self, name: &str) -> Option<Cow<'a, str>> {
        self.raw(name)
            .and_then(|text| serde_json::from_str(text).ok())
            .map(|Text(text)| text)
    }

    /// A boolean field; `None` when it is absent, `null` or anything else.
    pub(crate) fn boolean(&self, name: &str) -> Option<bool> {
        self.raw(name).and_then(|text| text.parse().ok())
    }

    /// An integer field; `None` when it is absent, `null`, written with a fraction
    /// or an exponent, beyond 64 bits, or anything else.
    pub(crate) fn integer(&self, name: &str) -> Option<i64> {
        self.raw(name).and_then(|text| text.parse().ok())
    }
}

/// A string, borrowed unless it holds escapes.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

struct Entries<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Entries<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some((Text(name), value)) = map.next_entry()? {
                    entries.push((name, value));
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(Collect)
    }
}

#[cfg(test)]
mod tests;
