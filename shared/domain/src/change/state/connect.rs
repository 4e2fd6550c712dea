//! What moves between the platform and its connected accounts.

use serde::{Deserialize, Serialize};

/// Money going from the platform to a connected account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// How much.
    pub amount: i64,
    /// How much of it came back.
    pub amount_reversed: i64,
    /// Currency of both.
    pub currency: String,
    /// When it was made.
    pub created: i64,
    /// Whether all of it came back.
    pub reversed: bool,
    /// The account that received it.
    pub destination: Option<String>,
    /// The payment that it is there: an object of the destination.
    pub destination_payment: Option<String>,
    /// The payment that funded it.
    pub source_transaction: Option<String>,
    /// What it took from the platform's balance.
    pub balance_transaction: Option<String>,
    /// Links separate charges and transfers; chosen by the platform.
    pub transfer_group: Option<String>,
    /// Which part of the balance it was taken from.
    pub source_type: Option<String>,
}

/// Transferred money coming back to the platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferReversal {
    /// How much.
    pub amount: i64,
    /// Currency of the amount.
    pub currency: String,
    /// When it was made.
    pub created: i64,
    /// The transfer.
    pub transfer: String,
    /// What it brought to the platform's balance.
    pub balance_transaction: Option<String>,
    /// The refund that it is at the destination: an object of that account.
    pub destination_payment_refund: Option<String>,
    /// The refund to the payer that caused it.
    pub source_refund: Option<String>,
}

/// The platform's share of a payment or a payout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicationFee {
    /// How much.
    pub amount: i64,
    /// How much of it was given back.
    pub amount_refunded: i64,
    /// Currency of both.
    pub currency: String,
    /// When it was taken.
    pub created: i64,
    /// Whether all of it was given back.
    pub refunded: bool,
    /// The account that paid it.
    pub account: String,
    /// The payment it was taken from: an object of that account.
    pub charge: Option<String>,
    /// The platform's own payment behind it, for a destination charge.
    pub originating_transaction: Option<String>,
    /// What it was taken from, where the version says so.
    pub fee_source: Option<FeeSource>,
    /// What it brought to the platform's balance.
    pub balance_transaction: Option<String>,
}

/// What an application fee was taken from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeeSource {
    /// `charge`, `payout`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The payment.
    pub charge: Option<String>,
    /// The payout.
    pub payout: Option<String>,
}

/// A share given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicationFeeRefund {
    /// How much.
    pub amount: i64,
    /// Currency of the amount.
    pub currency: String,
    /// When it was given back.
    pub created: i64,
    /// The application fee.
    pub fee: String,
    /// What it took from the platform's balance.
    pub balance_transaction: Option<String>,
}
