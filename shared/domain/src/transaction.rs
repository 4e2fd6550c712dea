//! Movements of balances, as Stripe books them.
//!
//! Stripe announces no event for them: they are listed, account by account. A
//! movement never changes but for its status, from `pending` to `available`.

use serde::{Deserialize, Serialize};

use crate::ObjectId;

/// One movement of one account's balance in one currency: what Stripe calls a
/// balance transaction. Amounts are minor units of `currency`, positive when money
/// comes to the account.
///
/// Source: <https://docs.stripe.com/api/balance_transactions/object>.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BalanceTransaction {
    /// `txn_…`, unique within one account and mode.
    pub id: ObjectId,
    /// What moved the money: `charge`, `transfer`, `adjustment`, … An open set.
    #[serde(rename = "type")]
    pub kind: String,
    /// The axis that Stripe's reports sum by: `charge`, `dispute`, `fee`, … An open
    /// set, and steadier than `kind`.
    pub reporting_category: String,
    /// Which balance moved: `payments`, `issuing`, `risk_reserved`, …
    pub balance_type: String,
    /// The currency the account settles in, not the one the payer saw.
    pub currency: String,
    /// Before fees.
    pub amount: i64,
    /// What was kept back; negative when a fee came back.
    pub fee: i64,
    /// What the balance moved by: `amount` less `fee`.
    pub net: i64,
    /// What the fee is made of.
    pub fee_details: Vec<FeeDetail>,
    /// Units of `currency` for one of the source's, as the decimal that Stripe wrote.
    pub exchange_rate: Option<String>,
    /// When it was booked, unix seconds.
    pub created: i64,
    /// From when it may be paid out, unix seconds.
    pub available_on: i64,
    /// `pending` or `available`.
    pub status: String,
    /// The object that moved the money; some movements have none.
    pub source: Option<Source>,
}

/// One part of a fee, minor units of the transaction's currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeeDetail {
    /// `stripe_fee`, `application_fee`, `tax`, … An open set.
    #[serde(rename = "type")]
    pub kind: String,
    /// How much; negative when it came back.
    pub amount: i64,
    /// Should be the transaction's.
    pub currency: String,
    /// The application that took it, `ca_…`.
    pub application: Option<String>,
}

/// The object behind a movement. Only the id is sure: the rest is known when the
/// list was read with the source expanded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// `ch_…`, `re_…`, `tr_…`, `dp_…`, `po_…`, …
    pub id: ObjectId,
    /// What Stripe calls `object`: `charge`, `refund`, …
    pub kind: Option<String>,
    /// Where it belongs.
    #[serde(default)]
    pub links: Links,
}

/// What an object says of the objects it belongs to, and what reports group by.
/// None of it ever changes, but for a link that was not there yet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Links {
    /// The charge that a refund, a dispute or an application fee is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub charge: Option<ObjectId>,
    /// The charge that a transfer passes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_transaction: Option<ObjectId>,
    /// The transfer that a reversal takes back, or that a charge caused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transfer: Option<ObjectId>,
    /// On a connected account's payment: the transfer that it received.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_transfer: Option<ObjectId>,
    /// On a connected account's refund: the reversal that took the money back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_transfer_reversal: Option<ObjectId>,
    /// On a platform's transfer: the payment that it became.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination_payment: Option<ObjectId>,
    /// The connected account that a transfer or charge pays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination: Option<String>,
    /// The connected account that an application fee was taken from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The application fee that a payment was charged, or that a refund of it gives back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application_fee: Option<ObjectId>,
    /// What the platform ties charges and transfers together by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transfer_group: Option<String>,
    /// The payment intent behind a charge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_intent: Option<ObjectId>,
    /// The platform's own reference of the object, such as its order's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// What the payer saw, minor units of `presentment_currency`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub presentment_amount: Option<i64>,
    /// The currency the payer saw.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub presentment_currency: Option<String>,
    /// How it was paid: `card`, `sepa_debit`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_method: Option<String>,
    /// The country of the payer's card or bank, ISO 3166 alpha-2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}
