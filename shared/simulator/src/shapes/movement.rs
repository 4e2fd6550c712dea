//! Objects that move money between accounts: transfers, fees, refunds, top-ups.

use serde_json::{Value, json};

use super::list;
use crate::params::TransferParams;

/// A `transfer` object whose money has not moved yet.
pub(crate) fn transfer(id: &str, params: &TransferParams, created: i64) -> Value {
    json!({
        "id": id, "object": "transfer", "amount": params.amount, "amount_reversed": 0,
        "balance_transaction": null, "created": created, "currency": params.currency,
        "description": null, "destination": params.destination, "destination_payment": null,
        "livemode": true, "metadata": {}, "reversed": false,
        "reversals": list(&format!("/v1/transfers/{id}/reversals"), &[]),
        "source_transaction": params.source_transaction, "source_type": "card",
        "transfer_group": params.transfer_group,
    })
}

/// A `transfer_reversal` object.
pub(crate) fn transfer_reversal(
    id: &str,
    transfer: &str,
    amount: i64,
    currency: &str,
    created: i64,
) -> Value {
    json!({
        "id": id, "object": "transfer_reversal", "amount": amount, "balance_transaction": null,
        "created": created, "currency": currency, "destination_payment_refund": null,
        "metadata": {}, "source_refund": null, "transfer": transfer,
    })
}

/// An `application_fee` object; `originating` is the platform's charge behind a destination charge.
pub(crate) fn application_fee(
    id: &str,
    account: &str,
    charge: &str,
    originating: Option<&str>,
    amount: i64,
    currency: &str,
    created: i64,
) -> Value {
    json!({
        "id": id, "object": "application_fee", "account": account, "amount": amount,
        "amount_refunded": 0, "application": null, "balance_transaction": null, "charge": charge,
        "created": created, "currency": currency, "fee_source": { "charge": charge, "type": "charge" },
        "livemode": true, "originating_transaction": originating, "refunded": false,
        "refunds": list(&format!("/v1/application_fees/{id}/refunds"), &[]),
    })
}

/// A `fee_refund` object.
pub(crate) fn fee_refund(id: &str, fee: &str, amount: i64, currency: &str, created: i64) -> Value {
    json!({
        "id": id, "object": "fee_refund", "amount": amount, "balance_transaction": null,
        "created": created, "currency": currency, "fee": fee, "metadata": {},
    })
}

/// A `refund` object that has not moved money yet.
pub(crate) fn refund(id: &str, charge: &str, amount: i64, currency: &str, created: i64) -> Value {
    json!({
        "id": id, "object": "refund", "amount": amount, "balance_transaction": null,
        "charge": charge, "created": created, "currency": currency,
        "destination_details": { "card": { "type": "refund" }, "type": "card" },
        "failure_balance_transaction": null, "failure_reason": null, "metadata": {},
        "payment_intent": null, "reason": null, "receipt_number": null,
        "source_transfer_reversal": null, "status": "succeeded", "transfer_reversal": null,
    })
}

/// A `topup` object that has not arrived yet.
pub(crate) fn topup(id: &str, amount: i64, currency: &str, created: i64) -> Value {
    json!({
        "id": id, "object": "topup", "amount": amount, "balance_transaction": null,
        "created": created, "currency": currency, "description": null,
        "expected_availability_date": created, "failure_code": null, "failure_message": null,
        "livemode": true, "metadata": {}, "source": null, "statement_descriptor": null,
        "status": "pending", "transfer_group": null,
    })
}
