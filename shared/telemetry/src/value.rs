//! Which types may be given to a field of which form.

use std::fmt;

use tributary_domain::{
    AccountId, EventId, EventKey, Fingerprint, Mode, ObjectId, ObjectKey, ObjectKind, Owner,
};
use tributary_ledger::Book;

mod sealed {
    pub trait Sealed {}
}

use sealed::Sealed;

impl<T: Sealed> Sealed for &T {}

/// A whole number. Sealed: counts and times, of any width.
pub trait Number: Sealed {
    /// Itself, or the nearest that a line can hold.
    fn number(&self) -> i64;
}

impl<T: Number> Number for &T {
    fn number(&self) -> i64 {
        (*self).number()
    }
}

macro_rules! numbers {
    ($($type:ty),*) => {$(
        impl Sealed for $type {}
        impl Number for $type {
            fn number(&self) -> i64 {
                i64::try_from(*self).unwrap_or(i64::MAX)
            }
        }
    )*};
}

numbers!(u8, u16, u32, u64, usize, i32, i64);

/// An id that the domain has validated. Sealed: whoever adds a type to it says that
/// none of its values is personal.
pub trait Key: Sealed {
    /// Writes it as the tables know it. An id that a user of Stripe may have made up
    /// (a coupon's, a plan's) is written as a hash, for it may be a name.
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;
}

impl<T: Key> Key for &T {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (*self).write(f)
    }
}

macro_rules! keys {
    ($($type:ty),*) => {$(
        impl Sealed for $type {}
        impl Key for $type {
            fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    )*};
}

keys!(AccountId, Book, EventId, EventKey, Fingerprint, ObjectKind);

impl Sealed for ObjectId {}
impl Key for ObjectId {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_id(self.as_str(), f)
    }
}

impl Sealed for ObjectKey {}
impl Key for ObjectKey {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            mode,
            owner,
            kind,
            id,
        } = self;
        write!(f, "{}#{}#{kind}#", mode.as_str(), owner.as_str())?;
        match id.as_str() == kind.as_str() {
            true => f.write_str(id.as_str()),
            false => write_id(id.as_str(), f),
        }
    }
}

impl Sealed for Owner {}
impl Key for Owner {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Sealed for Mode {}
impl Key for Mode {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

fn write_id(id: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match is_made_by_stripe(id) {
        true => f.write_str(id),
        false => write!(f, "~{}", Fingerprint::of_text(id)),
    }
}

/// A lower-case prefix, an underscore, and letters and digits: `ch_3Nv0`. What people
/// make up has a word behind the underscore, if any: no digit.
fn is_made_by_stripe(id: &str) -> bool {
    let Some((prefix, rest)) = id.rsplit_once('_') else {
        return false;
    };
    let is_prefix = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    !prefix.is_empty()
        && prefix.bytes().all(is_prefix)
        && rest.bytes().all(|b| b.is_ascii_alphanumeric())
        && rest
            .bytes()
            .any(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
}

/// An error whose text is ours: it names what failed, by words and the codes of
/// services. Whoever implements it says that no value of a payload is in it.
pub trait Reason: fmt::Display {}

impl<T: Reason> Reason for &T {}

/// Where JSON is broken. What serde says of it may quote the value.
impl Reason for Place {}

/// Where a JSON text cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    line: usize,
    column: usize,
}

impl From<&serde_json::Error> for Place {
    fn from(error: &serde_json::Error) -> Self {
        Self {
            line: error.line(),
            column: error.column(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "unreadable at line {}, column {}",
            self.line, self.column
        )
    }
}

/// Writes a key where a line wants a display.
#[derive(Clone, Copy)]
pub struct Written<'a, K>(pub &'a K);

impl<K: Key> fmt::Display for Written<'_, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Form;

    fn written(id: &str) -> String {
        Written(&ObjectId::parse(id).unwrap()).to_string()
    }

    #[test]
    fn ids_of_stripe_are_written_and_made_up_ones_are_hashed() {
        for id in ["ch_3NvABC", "acct_1", "sub_sched_1Nx", "txn_A"] {
            assert_eq!(written(id), id);
        }
        for id in [
            "Jane Doe",
            "john_smith",
            "jane@example.com",
            "50OFF",
            "x",
            "_1",
            "Jane_1",
        ] {
            let text = written(id);
            assert!(
                text.starts_with('~') && Form::Key.admits(&text),
                "{id}: {text}"
            );
        }
    }

    #[test]
    fn keys_are_written_as_the_tables_know_them() {
        for text in ["live#platform#balance#balance", "test#acct_1#payout#po_1"] {
            let key = ObjectKey::parse(text).unwrap();
            assert_eq!(Written(&key).to_string(), text);
        }
        let coupon = ObjectKey::parse("live#platform#coupon#Für Jane #1").unwrap();
        let text = Written(&coupon).to_string();
        assert!(text.starts_with("live#platform#coupon#~") && Form::Key.admits(&text));
    }
}
