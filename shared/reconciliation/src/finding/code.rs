//! What can be wrong.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// The taxonomy of discrepancies.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Code {
            $($(#[$doc])* #[serde(rename = $text)] $name,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The code as it is stored and shown.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }
    };
}

codes! {
    /// Stripe lists an event of which there is no record.
    MissingEvent = "MISSING_EVENT";
    /// Stripe booked a movement that has no entry.
    MissingLedgerEntry = "MISSING_LEDGER_ENTRY";
    /// A movement has two entries.
    DuplicateEntry = "DUPLICATE_ENTRY";
    /// An entry for a movement that Stripe does not list.
    OrphanEntry = "ORPHAN_ENTRY";
    /// Entry and movement disagree on the money.
    AmountMismatch = "AMOUNT_MISMATCH";
    /// The fee is not the sum of its details, or not what the schedule says.
    FeeMismatch = "FEE_MISMATCH";
    /// An amount is not what its exchange rate makes of the source's.
    FxMismatch = "FX_MISMATCH";
    /// The mirror shows another status than Stripe, or the ledger knows another than the
    /// mirror shows.
    StatusMismatch = "STATUS_MISMATCH";
    /// Stripe shows a newer object than the mirror, or the mirror a newer one than the
    /// ledger knows.
    StaleMirror = "STALE_MIRROR";
    /// A transfer without the payment that it should be at its destination, or a
    /// payment without its transfer.
    OrphanTransfer = "ORPHAN_TRANSFER";
    /// A transfer and the payment that it is at its destination differ.
    TransferAmountMismatch = "TRANSFER_AMOUNT_MISMATCH";
    /// A finished automatic payout is not the sum of the movements that it paid out.
    PayoutNotExplained = "PAYOUT_NOT_EXPLAINED";
    /// Stripe does not say what a manual or instant payout paid out.
    PayoutUnattributable = "PAYOUT_UNATTRIBUTABLE";
    /// A payout has not arrived long after it should have.
    PayoutStuck = "PAYOUT_STUCK";
    /// The platform's balance is not the sum of its entries.
    BalanceMismatchPlatform = "BALANCE_MISMATCH_PLATFORM";
    /// A connected account's balance is not the sum of its entries.
    BalanceMismatchConnected = "BALANCE_MISMATCH_CONNECTED";
    /// What is reserved for connected accounts is not the sum of the entries.
    ReserveMismatch = "RESERVE_MISMATCH";
    /// An application fee is not what the connected account paid.
    AppFeeMismatch = "APPFEE_MISMATCH";
    /// A movement of a type without a rule is on a suspense account.
    UnknownType = "UNKNOWN_TYPE";
    /// An object of one mode under a key of the other.
    ModeMix = "MODE_MIX";
    /// A report's sum for a day disagrees, and no line of that day explains it.
    ReportMismatch = "REPORT_MISMATCH";
    /// An entry of the platform's own book that nothing at Stripe matches.
    UnmatchedPlatformEntry = "UNMATCHED_PLATFORM_ENTRY";
    /// An entry of the platform's own book that several could match, or one barely.
    AmbiguousMatch = "AMBIGUOUS_MATCH";
}

impl Code {
    /// Reads what [`Code::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == text)
    }

    /// Whether money that Stripe says is held is not what the entries come to.
    pub fn is_residual(self) -> bool {
        matches!(
            self,
            Self::BalanceMismatchPlatform | Self::BalanceMismatchConnected | Self::ReserveMismatch
        )
    }

    /// Whether it only tells: nothing is wrong, and nobody has to act.
    pub fn is_information(self) -> bool {
        self == Self::PayoutUnattributable
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
