//! Objects as Stripe renders them, by kind and API version: its shapes, our values.

use serde_json::{Value, json};

/// An object of a kind as one API version renders it.
pub(crate) struct Sample {
    pub(crate) version: &'static str,
    pub(crate) body: Value,
}

impl Sample {
    pub(crate) fn kind(&self) -> &str {
        self.body["object"].as_str().unwrap()
    }
}

pub(crate) fn all() -> Vec<Sample> {
    [
        payments(),
        connect(),
        funds(),
        accounts(),
        billing(),
        others(),
    ]
    .into_iter()
    .flatten()
    .map(|(version, body)| Sample { version, body })
    .collect()
}

type Versioned = (&'static str, Value);

fn payments() -> Vec<Versioned> {
    vec![
        (
            "2020-08-27",
            json!({"id": "ch_1", "object": "charge", "amount": 1000, "amount_captured": 1000,
                "amount_refunded": 0, "currency": "usd", "status": "succeeded",
                "created": 1600000000, "captured": true, "paid": true, "refunded": false,
                "disputed": false, "balance_transaction": "txn_1", "invoice": "in_1",
                "billing_details": {"name": "Jenny Rosen", "email": "j@example.com"},
                "payment_method_details": {"type": "card", "card": {"network": "visa",
                    "country": "US", "last4": "4242", "three_d_secure": null}},
                "outcome": {"type": "authorized", "risk_level": "normal", "risk_score": 5,
                    "network_status": "approved_by_network", "reason": null}}),
        ),
        (
            "2026-10-28.endive",
            json!({"id": "ch_2", "object": "charge", "amount": 1000, "amount_captured": 0,
                "amount_refunded": 0, "currency": "eur", "status": "pending",
                "created": 1790000000, "captured": true, "paid": true, "refunded": false,
                "disputed": false, "balance_transaction": null, "application_fee": null,
                "application_fee_amount": 100, "transfer": null,
                "transfer_data": {"amount": null, "destination": "acct_2"},
                "on_behalf_of": "acct_2", "payment_intent": "pi_2",
                "payment_method_details": {"type": "sepa_debit",
                    "sepa_debit": {"last4": "3000", "fingerprint": "f"}},
                "outcome": null}),
        ),
        (
            "2024-04-10",
            json!({"id": "re_1", "object": "refund", "amount": 400, "currency": "usd",
                "status": "pending", "created": 1700000000, "charge": "ch_1",
                "balance_transaction": "txn_2", "reason": "requested_by_customer",
                "instructions_email": "j@example.com"}),
        ),
        (
            "2020-08-27",
            json!({"id": "dp_1", "object": "dispute", "amount": 1000, "currency": "usd",
                "status": "needs_response", "reason": "fraudulent", "created": 1600000001,
                "charge": "ch_1", "balance_transactions": [{"id": "txn_3", "amount": -1000}],
                "is_charge_refundable": false, "evidence": {"customer_name": "Jenny Rosen"},
                "evidence_details": {"due_by": 1600600000, "has_evidence": false,
                    "past_due": false, "submission_count": 0}}),
        ),
        (
            "2026-10-28.endive",
            json!({"id": "du_1", "object": "dispute", "amount": 1000, "currency": "usd",
                "status": "appeal_under_review", "reason": "general", "created": 1790000001,
                "charge": "ch_1", "payment_intent": "pi_1", "balance_transactions": [],
                "is_charge_refundable": true, "payment_method_details": {"type": "card",
                    "card": {"brand": "visa", "network": "visa", "case_type": "inquiry",
                        "network_reason_code": "10.4"}},
                "evidence_details": {"due_by": null, "has_evidence": false, "past_due": false,
                    "submission_count": 0}}),
        ),
        (
            "2022-11-15",
            json!({"id": "issfr_1", "object": "radar.early_fraud_warning", "charge": "ch_1",
                "payment_intent": "pi_1", "actionable": true, "created": 1670000000,
                "fraud_type": "made_with_stolen_card"}),
        ),
    ]
}

fn connect() -> Vec<Versioned> {
    vec![
        (
            "2022-11-15",
            json!({"id": "tr_1", "object": "transfer", "amount": 900, "amount_reversed": 0,
                "currency": "usd", "created": 1670000000, "destination": "acct_1",
                "destination_payment": "py_1", "source_transaction": "ch_1",
                "balance_transaction": "txn_4", "transfer_group": "group_1", "reversed": false,
                "reversals": {"data": [], "has_more": false}, "source_type": "card"}),
        ),
        (
            "2024-04-10",
            json!({"id": "trr_1", "object": "transfer_reversal", "amount": 320,
                "currency": "usd", "created": 1700000000, "transfer": "tr_1",
                "balance_transaction": "txn_5", "destination_payment_refund": "pyr_1",
                "source_refund": "re_1"}),
        ),
        (
            "2020-08-27",
            json!({"id": "fee_1", "object": "application_fee", "amount": 100,
                "amount_refunded": 0, "currency": "usd", "created": 1600000000,
                "account": "acct_1", "application": "ca_1", "charge": "ch_1",
                "balance_transaction": "txn_6", "originating_transaction": null,
                "refunded": false}),
        ),
        (
            "2025-03-31.basil",
            json!({"id": "fee_2", "object": "application_fee", "amount": 15,
                "amount_refunded": 0, "currency": "usd", "created": 1750000000,
                "account": "acct_1", "charge": null, "balance_transaction": "txn_7",
                "fee_source": {"type": "payout", "payout": "po_1"}, "refunded": false}),
        ),
        (
            "2023-10-16",
            json!({"id": "fr_1", "object": "fee_refund", "amount": 50, "currency": "usd",
                "created": 1690000000, "fee": "fee_1", "balance_transaction": "txn_8"}),
        ),
    ]
}

fn funds() -> Vec<Versioned> {
    vec![
        (
            "2020-08-27",
            json!({"id": "po_1", "object": "payout", "amount": 8680, "currency": "usd",
                "status": "paid", "created": 1600000000, "arrival_date": 1600086400,
                "automatic": true, "method": "standard", "type": "bank_account",
                "source_type": "card", "destination": "ba_1", "balance_transaction": "txn_9",
                "failure_code": null, "statement_descriptor": null}),
        ),
        (
            "2026-10-28.endive",
            json!({"id": "po_2", "object": "payout", "amount": 8680, "currency": "usd",
                "status": "failed", "created": 1790000000, "arrival_date": 1790086400,
                "automatic": false, "method": "instant", "type": "card", "source_type": "card",
                "destination": {"id": "card_1", "last4": "4242", "name": "Jenny Rosen"},
                "balance_transaction": "txn_9", "failure_balance_transaction": "txn_10",
                "failure_code": "account_closed", "reconciliation_status": "not_applicable",
                "application_fee": "fee_2", "application_fee_amount": 15,
                "trace_id": {"status": "supported", "value": "011401"}}),
        ),
        (
            "2024-04-10",
            json!({"id": "tu_1", "object": "topup", "amount": 500, "currency": "usd",
                "status": "pending", "created": 1700000000, "balance_transaction": null,
                "expected_availability_date": 1700100000,
                "source": {"id": "src_1", "owner": {"name": "Jenny Rosen"}}}),
        ),
        (
            "2023-10-16",
            json!({"object": "balance", "livemode": true,
                "available": [{"amount": 10, "currency": "usd", "source_types": {"card": 10}}],
                "pending": [{"amount": -1, "currency": "usd", "source_types": {"card": -1}}],
                "connect_reserved": [{"amount": 2, "currency": "usd"}],
                "instant_available": [{"amount": 9, "currency": "usd",
                    "net_available": [{"amount": 8, "destination": "ba_1"}]}]}),
        ),
        (
            "2026-03-25.dahlia",
            json!({"id": "resv_1", "object": "reserve.hold", "amount": 50, "currency": "usd",
                "created": 1780000000, "created_by": "stripe", "reason": "charge",
                "release_schedule": {"release_after": 1787000000, "scheduled_release": null},
                "reserve_plan": "rp_1", "source_charge": "ch_1", "source_type": "card"}),
        ),
        (
            "2026-03-25.dahlia",
            json!({"id": "rp_1", "object": "reserve.plan", "percent": 10, "currency": null,
                "created": 1780000000, "created_by": "application", "status": "active",
                "type": "rolling_release", "rolling_release": {"days_after_charge": 90}}),
        ),
        (
            "2026-03-25.dahlia",
            json!({"id": "rr_1", "object": "reserve.release", "amount": 50, "currency": "usd",
                "created": 1780000000, "created_by": "stripe", "reason": "bulk_hold_expiry",
                "released_at": 1780000000, "reserve_hold": "resv_1", "reserve_plan": "rp_1"}),
        ),
    ]
}

fn accounts() -> Vec<Versioned> {
    vec![
        (
            "2020-08-27",
            json!({"id": "acct_1", "object": "account", "type": "standard", "country": "US",
                "charges_enabled": true, "payouts_enabled": true, "details_submitted": true,
                "default_currency": "usd", "email": "j@example.com"}),
        ),
        (
            "2024-04-10",
            json!({"id": "acct_2", "object": "account", "type": "express", "country": "DE",
                "charges_enabled": true, "payouts_enabled": false, "details_submitted": true,
                "default_currency": "eur", "created": 1700000000,
                "business_profile": {"mcc": "5734", "name": "Rosen"},
                "individual": {"first_name": "Jenny", "dob": {"day": 1}},
                "capabilities": {"card_payments": "active", "transfers": "pending"},
                "requirements": {"currently_due": ["individual.dob.day"], "past_due": [],
                    "pending_verification": [], "current_deadline": null,
                    "disabled_reason": "requirements.past_due"},
                "controller": {"type": "application", "is_controller": true,
                    "fees": {"payer": "application"}, "losses": {"payments": "application"},
                    "requirement_collection": "stripe", "stripe_dashboard": {"type": "express"}},
                "settings": {"payouts": {"debit_negative_balances": true,
                    "schedule": {"interval": "daily", "delay_days": 2}}},
                "external_accounts": {"object": "list", "data": [
                    {"id": "ba_1", "last4": "6789", "account_holder_name": "Jenny Rosen"}]}}),
        ),
    ]
}

fn billing() -> Vec<Versioned> {
    let invoice = |id: &str| {
        json!({"id": id, "object": "invoice", "status": "paid", "currency": "usd",
            "created": 1690000000, "subtotal": 3100, "total": 3350, "amount_due": 3350,
            "amount_paid": 3350, "amount_remaining": 0, "starting_balance": 0,
            "ending_balance": 0, "billing_reason": "subscription_cycle",
            "customer_name": "Jenny Rosen", "period_start": 1690000000,
            "period_end": 1690000000, "total_discount_amounts": [],
            "status_transitions": {"finalized_at": 1690000001, "paid_at": 1690000002}})
    };
    let (mut old, mut new) = (invoice("in_1"), invoice("in_2"));
    old["subscription"] = json!("sub_1");
    old["charge"] = json!("ch_1");
    old["total_tax_amounts"] = json!([{"amount": 250, "inclusive": false}]);
    old["lines"] = json!({"has_more": false, "data": [{"id": "il_1", "amount": 3100,
        "currency": "usd", "period": {"start": 1690000000, "end": 1692678400},
        "proration": false, "subscription": "sub_1", "price": {"id": "price_1"},
        "tax_amounts": [{"amount": 250, "inclusive": false}], "discount_amounts": []}]});
    new["parent"] = json!({"type": "subscription_details",
        "subscription_details": {"subscription": "sub_1"}});
    new["payments"] = json!({"data": [{"amount_paid": 3350, "status": "paid",
        "payment": {"type": "charge", "charge": "ch_1"}}]});
    new["total_taxes"] = json!([{"amount": 250, "tax_behavior": "exclusive"}]);
    new["lines"] = json!({"has_more": true, "data": [{"id": "il_2", "amount": 3100,
        "currency": "usd", "period": {"start": 1690000000, "end": 1692678400},
        "parent": {"type": "subscription_item_details", "subscription_item_details":
            {"proration": true, "subscription": "sub_1", "subscription_item": "si_1"}},
        "pricing": {"price_details": {"price": "price_1", "product": "prod_1"}},
        "taxes": [{"amount": 250, "tax_behavior": "exclusive"}]}]});
    let credit_note = json!({"id": "cn_1", "object": "credit_note", "status": "issued",
        "type": "post_payment", "reason": null, "currency": "usd", "created": 1690000003,
        "invoice": "in_1", "subtotal": 500, "total": 500, "discount_amount": 0,
        "memo": "sorry, Jenny", "refund": "re_1",
        "lines": {"data": [{"id": "cnli_1", "type": "invoice_line_item", "amount": 500,
            "discount_amount": 0, "invoice_line_item": "il_1"}]}});
    vec![
        ("2022-11-15", old),
        ("2025-03-31.basil", new),
        ("2023-10-16", credit_note),
    ]
}

fn others() -> Vec<Versioned> {
    vec![
        (
            "2020-08-27",
            json!({"id": "cus_1", "object": "customer", "name": "Jenny Rosen",
                "email": "j@example.com"}),
        ),
        (
            "2026-10-28.endive",
            json!({"id": "new_1", "object": "brand.new_thing", "amount": 5}),
        ),
    ]
}
