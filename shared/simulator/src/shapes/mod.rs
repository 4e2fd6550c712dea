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

use crate::fields::Fields;

/// An embedded first page of a list.
pub(crate) fn list(url: &str, data: &[Value]) -> Value {
    json!({
        "object": "list", "data": data, "has_more": false, "total_count": data.len(), "url": url,
    })
}

/// Puts an object at the head of an embedded list, newest first; nothing without such a list.
pub(crate) fn prepend(json: &mut Value, list: &str, item: Value) {
    let Some(list) = json.get_mut(list) else {
        return;
    };
    if let Some(data) = list.get_mut("data").and_then(Value::as_array_mut) {
        data.insert(0, item);
        let total = data.len();
        list.set("total_count", total);
    }
}
