//! Whose book it is.

use std::fmt;

use serde::{Deserialize, Serialize};
use tributary_domain::{IdError, Mode, Owner};

/// The book of one owner in one mode. Nothing is ever summed across modes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Book {
    /// Live or test.
    pub mode: Mode,
    /// The platform or a connected account.
    pub owner: Owner,
}

impl Book {
    /// Whether it is the platform's.
    pub fn is_platform(&self) -> bool {
        self.owner == Owner::Platform
    }

    /// Reads what `Display` wrote: `live#platform`, `test#acct_1Nv0`.
    ///
    /// # Errors
    /// When a component is missing or malformed.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let malformed = IdError::Malformed {
            what: "book",
            form: "mode#owner",
        };
        let (mode, owner) = text.split_once('#').ok_or(malformed.clone())?;
        let mode = match mode {
            "live" => Mode::Live,
            "test" => Mode::Test,
            _ => return Err(malformed),
        };
        Ok(Self {
            mode,
            owner: Owner::parse(owner)?,
        })
    }
}

impl fmt::Display for Book {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.mode.as_str(), self.owner.as_str())
    }
}

impl TryFrom<String> for Book {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        Self::parse(&text)
    }
}

impl From<Book> for String {
    fn from(book: Book) -> Self {
        book.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_wrote() {
        for text in ["live#platform", "test#acct_1Nv0"] {
            assert_eq!(Book::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "live", "prod#platform", "live#cus_1", "live#acct_1#x"] {
            assert!(Book::parse(text).is_err(), "{text}");
        }
    }
}
