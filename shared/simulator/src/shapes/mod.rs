//! The JSON shapes of Stripe's objects.

mod account;
mod charge;
mod customer;
mod dispute;
mod movement;
mod payout;

pub(crate) use account::{account, account_v2, balance_settings, bank_account, onboarded};
pub(crate) use charge::{Charge, charge, legacy_charge};
pub(crate) use customer::{PEOPLE, customer};
pub(crate) use dispute::dispute;
pub(crate) use movement::{
    application_fee, fee_refund, refund, topup, transfer, transfer_reversal,
};
pub(crate) use payout::payout;

use serde_json::{Value, json};

/// An embedded first page of a list.
pub(crate) fn list(url: &str, data: &[Value]) -> Value {
    json!({
        "object": "list", "data": data, "has_more": false, "total_count": data.len(), "url": url,
    })
}
