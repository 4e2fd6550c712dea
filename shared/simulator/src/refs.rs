//! Who owns an object and how one is named.

/// The Stripe account an object lives on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owner {
    /// The platform itself.
    Platform,
    /// A connected account, by `acct_…` id.
    Account(String),
}

impl Owner {
    /// Connected account of this id.
    #[must_use]
    pub fn account(id: &str) -> Self {
        Self::Account(id.to_owned())
    }

    /// The connected account's id; `None` for the platform.
    #[must_use]
    pub fn account_id(&self) -> Option<&str> {
        match self {
            Self::Platform => None,
            Self::Account(id) => Some(id),
        }
    }
}

/// The full name of one object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectRef {
    /// Account the object lives on.
    pub owner: Owner,
    /// Live mode, or the separate test-mode set.
    pub livemode: bool,
    /// Stripe's `object` field, e.g. `charge`.
    pub kind: String,
    /// Stripe's id; empty for singletons without one (`balance`).
    pub id: String,
}
