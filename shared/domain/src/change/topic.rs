//! What domain events are about.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ObjectKind;

/// The subject of an event: one per kind of money object, and one for the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// A payment.
    Charge,
    /// Money going back to a payer.
    Refund,
    /// Money going from the platform to a connected account.
    Transfer,
    /// Such money coming back.
    TransferReversal,
    /// The platform's share of a payment.
    ApplicationFee,
    /// A share given back.
    ApplicationFeeRefund,
    /// A payer's objection to a payment.
    Dispute,
    /// Money leaving for a bank.
    Payout,
    /// Money coming from a bank.
    Topup,
    /// What an account holds.
    Balance,
    /// A connected account: what it may do.
    Account,
    /// A bill.
    Invoice,
    /// A correction of a bill.
    CreditNote,
    /// An issuer's notice of fraud.
    EarlyFraudWarning,
    /// Money held back: a plan, a hold, or a release.
    Reserve,
    /// Any other object: its identity only.
    Object,
}

impl Topic {
    /// Every topic.
    pub const ALL: [Self; 16] = [
        Self::Charge,
        Self::Refund,
        Self::Transfer,
        Self::TransferReversal,
        Self::ApplicationFee,
        Self::ApplicationFeeRefund,
        Self::Dispute,
        Self::Payout,
        Self::Topup,
        Self::Balance,
        Self::Account,
        Self::Invoice,
        Self::CreditNote,
        Self::EarlyFraudWarning,
        Self::Reserve,
        Self::Object,
    ];

    /// The topic of a kind of object.
    pub fn of(kind: &ObjectKind) -> Self {
        match kind.as_str() {
            "charge" => Self::Charge,
            "refund" => Self::Refund,
            "transfer" => Self::Transfer,
            "transfer_reversal" => Self::TransferReversal,
            "application_fee" => Self::ApplicationFee,
            "fee_refund" => Self::ApplicationFeeRefund,
            "dispute" => Self::Dispute,
            "payout" => Self::Payout,
            "topup" => Self::Topup,
            "balance" => Self::Balance,
            "account" => Self::Account,
            "invoice" => Self::Invoice,
            "credit_note" => Self::CreditNote,
            "radar.early_fraud_warning" => Self::EarlyFraudWarning,
            "reserve.hold" | "reserve.plan" | "reserve.release" => Self::Reserve,
            _ => Self::Object,
        }
    }

    /// The event's type on the bus.
    pub fn detail_type(self) -> &'static str {
        match self {
            Self::Charge => "charge.changed",
            Self::Refund => "refund.changed",
            Self::Transfer => "transfer.changed",
            Self::TransferReversal => "transfer_reversal.changed",
            Self::ApplicationFee => "application_fee.changed",
            Self::ApplicationFeeRefund => "application_fee_refund.changed",
            Self::Dispute => "dispute.changed",
            Self::Payout => "payout.changed",
            Self::Topup => "topup.changed",
            Self::Balance => "balance.changed",
            Self::Account => "account.changed",
            Self::Invoice => "invoice.changed",
            Self::CreditNote => "credit_note.changed",
            Self::EarlyFraudWarning => "early_fraud_warning.changed",
            Self::Reserve => "reserve.changed",
            Self::Object => "object.changed",
        }
    }
}

impl fmt::Display for Topic {
    /// The name of the topic's schema.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tributary.{}", self.detail_type())
    }
}

impl Serialize for Topic {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Topic {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::ALL
            .into_iter()
            .find(|topic| topic.to_string() == name)
            .ok_or_else(|| serde::de::Error::custom("not the schema of a known topic"))
    }
}
