//! Reading the fields of a JSON object, one at a time and without surprises.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
pub(crate) use tributary_domain::change::Unreadable;

type Field = &'static str;

/// A JSON object, or the absence of one, which has no fields.
///
/// An absent field and `null` are the same, as they are to Stripe: which of both
/// is sent depends on the API version.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a>(Option<&'a Map<String, Value>>);

impl<'a> Fields<'a> {
    /// The fields of a value; none if it is not an object.
    pub(crate) fn of(value: &'a Value) -> Self {
        Self(value.as_object())
    }

    fn get(self, field: Field) -> Option<&'a Value> {
        self.0?.get(field).filter(|value| !value.is_null())
    }

    fn read<T>(
        self,
        field: Field,
        read: impl Fn(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, Unreadable> {
        self.get(field)
            .map(|value| read(value).ok_or(Unreadable { field }))
            .transpose()
    }

    /// Whether the object itself is there.
    pub(crate) fn exists(self) -> bool {
        self.0.is_some()
    }

    /// Whether a field is there.
    pub(crate) fn has(self, field: Field) -> bool {
        self.get(field).is_some()
    }

    /// A whole number: an amount, a time, a count.
    pub(crate) fn int(self, field: Field) -> Result<Option<i64>, Unreadable> {
        self.read(field, Value::as_i64)
    }

    /// A yes or no.
    pub(crate) fn flag(self, field: Field) -> Result<Option<bool>, Unreadable> {
        self.read(field, Value::as_bool)
    }

    /// A text.
    pub(crate) fn text(self, field: Field) -> Result<Option<String>, Unreadable> {
        self.read(field, |value| value.as_str().map(str::to_owned))
    }

    /// A decimal, as it is written; API versions differ in whether it is quoted.
    pub(crate) fn decimal(self, field: Field) -> Result<Option<String>, Unreadable> {
        self.read(field, |value| match value {
            Value::Number(number) => Some(number.to_string()),
            Value::String(text) => text
                .parse::<serde_json::Number>()
                .is_ok()
                .then(|| text.clone()),
            _ => None,
        })
    }

    /// The id of another object, which may stand there whole.
    pub(crate) fn id(self, field: Field) -> Result<Option<String>, Unreadable> {
        self.read(field, id_of)
    }

    /// An object within.
    pub(crate) fn child(self, field: Field) -> Result<Fields<'a>, Unreadable> {
        let map = self.read(field, Value::as_object)?;
        Ok(Self(map))
    }

    /// An object within, under a name that only the data knows; no fields if there
    /// is none.
    pub(crate) fn part(self, name: &str) -> Self {
        Self(self.0.and_then(|map| map.get(name)?.as_object()))
    }

    /// A text of a dictionary, under a name that only the data knows.
    pub(crate) fn entry(self, name: &str) -> Option<&'a str> {
        self.0?.get(name)?.as_str()
    }

    /// The items of an array, or of a list object's first page.
    pub(crate) fn items(self, field: Field) -> Result<&'a [Value], Unreadable> {
        let items = |value: &'a Value| match value {
            Value::Object(list) => list.get("data")?.as_array(),
            other => other.as_array(),
        };
        Ok(self.read(field, items)?.map_or(&[], Vec::as_slice))
    }

    /// The objects of an array, or of a list object's first page.
    pub(crate) fn list<T>(
        self,
        field: Field,
        read: impl Fn(Fields<'a>) -> Result<T, Unreadable>,
    ) -> Result<Vec<T>, Unreadable> {
        let items = self.items(field)?.iter();
        items
            .map(|item| match item {
                Value::Object(map) => read(Self(Some(map))),
                _ => Err(Unreadable { field }),
            })
            .collect()
    }

    /// The ids of an array's or a list's items.
    pub(crate) fn ids(self, field: Field) -> Result<Vec<String>, Unreadable> {
        let items = self.items(field)?.iter();
        items
            .map(|item| id_of(item).ok_or(Unreadable { field }))
            .collect()
    }

    /// An object used as a dictionary.
    pub(crate) fn dictionary<T>(
        self,
        field: Field,
        read: impl Fn(&'a Value) -> Option<T>,
    ) -> Result<BTreeMap<String, T>, Unreadable> {
        let entries = self.child(field)?.0.into_iter().flatten();
        entries
            .map(|(key, value)| Ok((key.clone(), read(value).ok_or(Unreadable { field })?)))
            .collect()
    }

    /// A list object that goes on beyond its first page.
    pub(crate) fn has_more(self, field: Field) -> Result<bool, Unreadable> {
        match self.get(field) {
            Some(Value::Object(list)) => Ok(Self(Some(list)).flag("has_more")?.unwrap_or(false)),
            _ => Ok(false),
        }
    }

    /// Like [`Fields::int`], but it has to be there.
    pub(crate) fn need_int(self, field: Field) -> Result<i64, Unreadable> {
        self.int(field)?.ok_or(Unreadable { field })
    }

    /// Like [`Fields::flag`], but it has to be there.
    pub(crate) fn need_flag(self, field: Field) -> Result<bool, Unreadable> {
        self.flag(field)?.ok_or(Unreadable { field })
    }

    /// Like [`Fields::text`], but it has to be there.
    pub(crate) fn need_text(self, field: Field) -> Result<String, Unreadable> {
        self.text(field)?.ok_or(Unreadable { field })
    }

    /// Like [`Fields::id`], but it has to be there.
    pub(crate) fn need_id(self, field: Field) -> Result<String, Unreadable> {
        self.id(field)?.ok_or(Unreadable { field })
    }
}

fn id_of(value: &Value) -> Option<String> {
    let id = match value {
        Value::Object(map) => map.get("id")?,
        other => other,
    };
    id.as_str().map(str::to_owned)
}
