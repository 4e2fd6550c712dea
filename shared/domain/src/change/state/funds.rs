//! What an account holds, sends to a bank, gets from one, and must keep.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Money leaving for a bank, or coming from it if the amount is negative.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payout {
    /// How much.
    pub amount: i64,
    /// Currency of the amount.
    pub currency: String,
    /// `pending`, `in_transit`, `paid`, `failed`, `canceled`. Not final: `paid` may
    /// become `failed` days later.
    pub status: String,
    /// When it was made.
    pub created: i64,
    /// When it is expected at the bank.
    pub arrival_date: i64,
    /// Whether a schedule made it.
    pub automatic: bool,
    /// `standard`, `instant`.
    pub method: Option<String>,
    /// `bank_account`, `card`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Which part of the balance it was taken from.
    pub source_type: Option<String>,
    /// The id of the bank account or card, nothing else of it.
    pub destination: Option<String>,
    /// What it took from the balance.
    pub balance_transaction: Option<String>,
    /// What came back to the balance when it failed or was canceled.
    pub failure_balance_transaction: Option<String>,
    /// Why it failed.
    pub failure_code: Option<String>,
    /// `completed`, `in_progress`, `not_applicable`.
    pub reconciliation_status: Option<String>,
    /// The payout that this one takes back.
    pub original_payout: Option<String>,
    /// The payout that takes this one back.
    pub reversed_by: Option<String>,
    /// The platform's share of an instant payout.
    pub application_fee: Option<String>,
    /// How large a share was asked for.
    pub application_fee_amount: Option<i64>,
    /// By which reference the bank can find it.
    pub trace: Option<PayoutTrace>,
}

/// By which reference a bank can find a payout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutTrace {
    /// `pending`, `supported`, `unsupported`.
    pub status: Option<String>,
    /// The reference.
    pub value: Option<String>,
}

/// Money coming from a bank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topup {
    /// How much.
    pub amount: i64,
    /// Currency of the amount.
    pub currency: String,
    /// `pending`, `succeeded`, `failed`, `canceled`, `reversed`.
    pub status: String,
    /// When it was made.
    pub created: i64,
    /// When it is expected.
    pub expected_availability_date: Option<i64>,
    /// What it brought to the balance.
    pub balance_transaction: Option<String>,
    /// Why it failed.
    pub failure_code: Option<String>,
    /// Links it to transfers; chosen by the platform.
    pub transfer_group: Option<String>,
}

/// What an account holds, at the moment of the event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// Can be paid out.
    pub available: Vec<Funds>,
    /// Not yet.
    pub pending: Vec<Funds>,
    /// Held for negative balances of connected accounts.
    pub connect_reserved: Vec<Funds>,
    /// Could be paid out at once, for a fee.
    pub instant_available: Vec<InstantFunds>,
    /// On issued cards.
    pub issuing_available: Vec<Funds>,
    /// Set aside for refunds and disputes.
    pub prefunding_available: Vec<Funds>,
    /// On its way to be set aside for them.
    pub prefunding_pending: Vec<Funds>,
}

/// An amount of one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Funds {
    /// How much; may be negative.
    pub amount: i64,
    /// Currency of the amount.
    pub currency: String,
    /// The same by where it came from.
    pub source_types: BTreeMap<String, i64>,
}

/// An amount that could be paid out at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstantFunds {
    /// How much, before fees.
    pub amount: i64,
    /// Currency of the amount.
    pub currency: String,
    /// After fees, by destination.
    pub net_available: Vec<NetFunds>,
}

/// An amount that would arrive at one destination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetFunds {
    /// How much, after fees.
    pub amount: i64,
    /// The id of the bank account or card.
    pub destination: String,
}

/// Money held back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReserveHold {
    /// How much.
    pub amount: i64,
    /// How much of it may be released.
    pub amount_releasable: Option<i64>,
    /// Currency of both.
    pub currency: String,
    /// When it was held.
    pub created: i64,
    /// `application`, `stripe`.
    pub created_by: String,
    /// `charge`, `standalone`.
    pub reason: Option<String>,
    /// When it may be released at the earliest.
    pub release_after: Option<i64>,
    /// When it will be released.
    pub scheduled_release: Option<i64>,
    /// The plan that made it.
    pub reserve_plan: Option<String>,
    /// The payment it was held from.
    pub source_charge: Option<String>,
    /// Which part of the balance it is held from.
    pub source_type: Option<String>,
}

/// A rule by which money is held back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReservePlan {
    /// Which part of each payment, in percent.
    pub percent: Option<i64>,
    /// Which payments; `None` for every currency.
    pub currency: Option<String>,
    /// When it was made.
    pub created: i64,
    /// `application`, `stripe`.
    pub created_by: String,
    /// `active`, `disabled`, `expired`.
    pub status: String,
    /// `fixed_release`, `rolling_release`.
    #[serde(rename = "type")]
    pub kind: String,
    /// For a rolling release: after how many days.
    pub days_after_charge: Option<i64>,
    /// For a fixed release: when at the earliest.
    pub release_after: Option<i64>,
    /// For a fixed release: when.
    pub scheduled_release: Option<i64>,
    /// When it was ended.
    pub disabled_at: Option<i64>,
}

/// Held money set free.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReserveRelease {
    /// How much.
    pub amount: i64,
    /// Currency of the amount.
    pub currency: String,
    /// When the release was made.
    pub created: i64,
    /// When the money was set free.
    pub released_at: Option<i64>,
    /// `application`, `stripe`.
    pub created_by: String,
    /// `bulk_hold_expiry`, `hold_released_early`, `hold_reversed`, `plan_disabled`.
    pub reason: String,
    /// What was held.
    pub reserve_hold: Option<String>,
    /// The plan that had held it.
    pub reserve_plan: Option<String>,
    /// The dispute it was needed for.
    pub source_dispute: Option<String>,
    /// The refund it was needed for.
    pub source_refund: Option<String>,
}
