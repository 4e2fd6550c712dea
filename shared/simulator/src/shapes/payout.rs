//! Payouts.

use serde_json::{Value, json};

use crate::params::PayoutParams;

/// A `payout` object that has not left yet.
pub(crate) fn payout(
    id: &str,
    params: &PayoutParams,
    automatic: bool,
    bank: &str,
    created: i64,
    arrival_date: i64,
) -> Value {
    json!({
        "id": id, "object": "payout", "amount": params.amount, "application_fee": null,
        "application_fee_amount": null, "arrival_date": arrival_date, "automatic": automatic,
        "balance_transaction": null, "created": created, "currency": params.currency,
        "description": if automatic { "STRIPE PAYOUT" } else { "Manual payout" },
        "destination": bank, "failure_balance_transaction": null, "failure_code": null,
        "failure_message": null, "livemode": true, "metadata": {},
        "method": if params.instant { "instant" } else { "standard" }, "original_payout": null,
        "reconciliation_status": if automatic { "in_progress" } else { "not_applicable" },
        "reversed_by": null, "source_type": "card", "statement_descriptor": null,
        "status": "pending", "trace_id": null, "type": "bank_account",
    })
}
