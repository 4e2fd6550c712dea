//! What a person has to look at.

use tributary_ledger::{Doubt, Unpostable};

/// Why somebody has to look at a movement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Concern {
    /// It was posted, with a doubt.
    Doubtful(Doubt),
    /// It could not be posted.
    Unpostable(Unpostable),
    /// It could not be read: a field that is missing or of another type.
    Unreadable(&'static str),
    /// It was listed and counted, and was not listed again to be posted.
    Vanished,
}

impl Concern {
    /// A stable code, for logs and findings.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Doubtful(Doubt::UnknownType { .. }) => "unknown_type",
            Self::Doubtful(Doubt::UnknownAdjustment { .. }) => "unknown_adjustment",
            Self::Doubtful(Doubt::Unlinked { .. }) => "unlinked",
            Self::Doubtful(Doubt::UnknownBalanceType { .. }) => "unknown_balance_type",
            Self::Doubtful(Doubt::UnknownFeeType { .. }) => "unknown_fee_type",
            Self::Doubtful(Doubt::FeeDetailsDiffer { .. }) => "fee_details_differ",
            Self::Unpostable(Unpostable::NetDiffers { .. }) => "net_differs",
            Self::Unpostable(Unpostable::Overflow(_)) => "overflow",
            Self::Unreadable(_) => "unreadable_transaction",
            Self::Vanished => "vanished",
        }
    }
}
