//! What a span says of itself beside its name and its times.

use std::fmt;

use tracing::field::DisplayValue;

/// A value of a field of the vocabulary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attribute {
    /// A number.
    Number(i64),
    /// True or false.
    Flag(bool),
    /// A code, a key, a handle or a reason.
    Text(String),
}

impl From<i64> for Attribute {
    fn from(value: i64) -> Self {
        Self::Number(value)
    }
}

impl From<bool> for Attribute {
    fn from(value: bool) -> Self {
        Self::Flag(value)
    }
}

impl From<&str> for Attribute {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl<T: fmt::Display> From<DisplayValue<T>> for Attribute {
    fn from(value: DisplayValue<T>) -> Self {
        Self::Text(format!("{value:?}"))
    }
}
