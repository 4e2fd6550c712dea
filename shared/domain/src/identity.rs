//! Who and what: the keys under which everything is stored.
//!
//! Stripe's ids are unique per account and mode only, so every key starts with
//! both. Components are validated so that `#`, the separator, can occur in the
//! last component alone: no id can be crafted to collide with another key.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Longest id that Stripe documents, in bytes.
pub const ID_BYTES_MAX: usize = 255;

/// Why a text is not usable as an identity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// The text is empty.
    #[error("{what} is empty")]
    Empty {
        /// The field.
        what: &'static str,
    },
    /// The text is longer than [`ID_BYTES_MAX`] bytes.
    #[error("{what} is longer than {ID_BYTES_MAX} bytes")]
    TooLong {
        /// The field.
        what: &'static str,
    },
    /// The text lacks its prefix or holds a character that an id never has.
    #[error("{what} is not of the form {form}")]
    Malformed {
        /// The field.
        what: &'static str,
        /// What was expected.
        form: &'static str,
    },
}

/// Stripe's `livemode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Real money.
    Live,
    /// A sandbox or test mode: its data never meets live data.
    Test,
}

impl Mode {
    /// The mode of a `livemode` flag.
    pub fn of(livemode: bool) -> Self {
        if livemode { Self::Live } else { Self::Test }
    }

    /// Stripe's `livemode` flag.
    pub fn livemode(self) -> bool {
        self == Self::Live
    }

    /// The first component of every key.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Test => "test",
        }
    }
}

fn check_length(what: &'static str, text: &str) -> Result<(), IdError> {
    if text.is_empty() {
        return Err(IdError::Empty { what });
    }
    if text.len() > ID_BYTES_MAX {
        return Err(IdError::TooLong { what });
    }
    Ok(())
}

fn is_word(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

macro_rules! text_newtype {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The id as Stripe writes it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_newtype!(
    /// A Stripe event id, `evt_…`.
    EventId
);
text_newtype!(
    /// A connected account's id, `acct_…`.
    AccountId
);
text_newtype!(
    /// What Stripe calls `object`: `charge`, `payout`, `billing.meter`, …
    ObjectKind
);
text_newtype!(
    /// An object's id. Some are chosen by users (coupons, plans, products), so
    /// any character but a control character may occur.
    ObjectId
);

impl EventId {
    /// Accepts `evt_` and word characters.
    ///
    /// # Errors
    /// When the text is empty, too long, or of another form.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        check_length("id", text)?;
        match text.strip_prefix("evt_") {
            Some(rest) if !rest.is_empty() && is_word(rest) => Ok(Self(text.to_owned())),
            _ => Err(IdError::Malformed {
                what: "id",
                form: "evt_ and letters or digits",
            }),
        }
    }

    /// The id of a receipt that no Stripe event stands behind, made from what
    /// was seen. It cannot be mistaken for an id that Stripe issues.
    pub fn synthetic(cause: &str, of: &crate::Fingerprint) -> Self {
        Self(format!("{cause}_{of}"))
    }
}

impl AccountId {
    /// Accepts `acct_` and word characters.
    ///
    /// # Errors
    /// When the text is empty, too long, or of another form.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        check_length("account", text)?;
        match text.strip_prefix("acct_") {
            Some(rest) if !rest.is_empty() && is_word(rest) => Ok(Self(text.to_owned())),
            _ => Err(IdError::Malformed {
                what: "account",
                form: "acct_ and letters or digits",
            }),
        }
    }
}

impl ObjectKind {
    /// Accepts lower-case words joined by dots.
    ///
    /// # Errors
    /// When the text is empty, too long, or of another form.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        check_length("object", text)?;
        if text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'.')
        {
            Ok(Self(text.to_owned()))
        } else {
            Err(IdError::Malformed {
                what: "object",
                form: "lower-case words",
            })
        }
    }
}

impl ObjectId {
    /// Accepts any text without control characters.
    ///
    /// # Errors
    /// When the text is empty, too long, or holds a control character.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        check_length("data.object.id", text)?;
        if text.chars().any(char::is_control) {
            return Err(IdError::Malformed {
                what: "data.object.id",
                form: "text without control characters",
            });
        }
        Ok(Self(text.to_owned()))
    }
}

/// Whose object or event it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Owner {
    /// The platform itself: the event named no account.
    Platform,
    /// A connected account.
    Account(AccountId),
}

impl Owner {
    /// `platform` or the account's id; the second component of every key.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Platform => "platform",
            Self::Account(id) => id.as_str(),
        }
    }

    /// The connected account, if it is one.
    pub fn account(&self) -> Option<&AccountId> {
        match self {
            Self::Platform => None,
            Self::Account(id) => Some(id),
        }
    }

    /// Reads what [`Owner::as_str`] wrote.
    ///
    /// # Errors
    /// When it is neither `platform` nor an account id.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        if text == "platform" {
            Ok(Self::Platform)
        } else {
            AccountId::parse(text).map(Self::Account)
        }
    }
}

/// The identity of an event: dedupe key of everything that it causes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EventKey {
    /// Live or test.
    pub mode: Mode,
    /// Whose event.
    pub owner: Owner,
    /// Stripe's id.
    pub id: EventId,
}

impl fmt::Display for EventKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}#{}#{}",
            self.mode.as_str(),
            self.owner.as_str(),
            self.id
        )
    }
}

/// The identity of a mirrored object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ObjectKey {
    /// Live or test.
    pub mode: Mode,
    /// Whose object.
    pub owner: Owner,
    /// What it is.
    pub kind: ObjectKind,
    /// Its id, or its kind for a singleton such as `balance`.
    pub id: ObjectId,
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}#{}#{}#{}",
            self.mode.as_str(),
            self.owner.as_str(),
            self.kind,
            self.id
        )
    }
}

impl ObjectKey {
    /// Reads what `Display` wrote.
    ///
    /// # Errors
    /// When a component is missing or malformed.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let malformed = IdError::Malformed {
            what: "object key",
            form: "mode#owner#kind#id",
        };
        let mut parts = text.splitn(4, '#');
        let (Some(mode), Some(owner), Some(kind), Some(id)) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(malformed);
        };
        let mode = match mode {
            "live" => Mode::Live,
            "test" => Mode::Test,
            _ => return Err(malformed),
        };
        Ok(Self {
            mode,
            owner: Owner::parse(owner)?,
            kind: ObjectKind::parse(kind)?,
            id: ObjectId::parse(id)?,
        })
    }
}

#[cfg(test)]
mod tests;
