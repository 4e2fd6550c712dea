//! The two sides of a match.

use serde::{Deserialize, Serialize};
use tributary_domain::{Currency, Owner};

/// One entry of the platform's own book: an order, a refund it granted, a payout it
/// expects, a change of a seller's balance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnEntry {
    /// The platform's id, unique within one account.
    pub id: String,
    /// Whose balance should have moved.
    pub account: Owner,
    /// The platform's word for what it is; empty if it has none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// When, unix seconds.
    pub occurred_at: i64,
    /// The currency that the account settles in.
    pub currency: Currency,
    /// What should have moved, minor units: positive when money came to the account.
    /// Before fees or after them; the matcher tries both.
    pub amount: i64,
    /// What it may be known by on the other side: ids of Stripe's, the order's number,
    /// a transfer group. Sorted, without repetition.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<String>,
    /// The buyer or seller, in the platform's terms; empty if it does not say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub counterparty: String,
}

/// One movement of the ledger, as far as matching needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerLine {
    /// The balance transaction's id, unique within one account.
    pub id: String,
    /// Whose balance moved.
    pub account: Owner,
    /// What Stripe's reports sum by: `charge`, `transfer`, …
    #[serde(default)]
    pub kind: String,
    /// When it was booked, unix seconds.
    pub occurred_at: i64,
    /// The currency of the amounts.
    pub currency: Currency,
    /// Before fees, minor units.
    pub amount: i64,
    /// What the balance moved by, minor units.
    pub net: i64,
    /// Ids of its source and of what that belongs to, the platform's reference, the
    /// transfer group. In any order.
    #[serde(default)]
    pub references: Vec<String>,
    /// The buyer or seller, in the platform's terms; empty if unknown.
    #[serde(default)]
    pub counterparty: String,
}
