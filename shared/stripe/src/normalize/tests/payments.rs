use super::*;

fn charge() -> Value {
    json!({
        "id": "ch_1", "object": "charge", "amount": 10_000, "amount_captured": 10_000,
        "amount_refunded": 0, "currency": "usd", "status": "succeeded", "created": 1_700_000_000,
        "captured": true, "paid": true, "refunded": false, "disputed": false,
        "balance_transaction": "txn_1",
        "billing_details": {"name": "Jenny", "email": "jenny@example.com"},
        "description": "for Jenny", "receipt_email": "jenny@example.com",
    })
}

#[test]
fn a_destination_charge_of_2024() {
    let body = with(
        &charge(),
        json!({
            "application_fee": "fee_1", "application_fee_amount": 1_000, "transfer": "tr_1",
            "transfer_data": {"amount": null, "destination": "acct_2"},
            "transfer_group": "group_pi_1", "on_behalf_of": "acct_2", "payment_intent": "pi_1",
            "invoice": "in_1",
            "payment_method_details": {"type": "card", "card": {
                "network": "visa", "country": "DE", "last4": "4242", "fingerprint": "f",
                "three_d_secure": {"result": "authenticated", "version": "2.2.0"}}},
            "outcome": {"type": "authorized", "network_status": "approved_by_network",
                "reason": null, "risk_level": "normal", "risk_score": 12,
                "seller_message": "Payment complete."},
        }),
    );
    assert_eq!(
        normalized("charge", body),
        json!({
            "amount": 10_000, "amount_captured": 10_000, "amount_refunded": 0, "currency": "usd",
            "status": "succeeded", "created": 1_700_000_000, "captured": true, "paid": true,
            "refunded": false, "disputed": false, "balance_transaction": "txn_1",
            "failure_balance_transaction": null, "failure_code": null,
            "application_fee": "fee_1", "application_fee_amount": 1_000, "transfer": "tr_1",
            "transfer_data": {"amount": null, "destination": "acct_2"},
            "transfer_group": "group_pi_1", "source_transfer": null, "on_behalf_of": "acct_2",
            "payment_intent": "pi_1", "invoice": "in_1",
            "payment_method": {"type": "card", "network": "visa", "country": "DE",
                "three_d_secure": "authenticated"},
            "outcome": {"type": "authorized", "network_status": "approved_by_network",
                "reason": null, "risk_level": "normal", "risk_score": 12},
        })
    );
}

#[test]
fn a_bare_charge_of_2020() {
    let body = json!({
        "id": "py_1", "object": "charge", "amount": 900, "currency": "eur", "status": "pending",
        "created": 1_600_000_000, "dispute": "dp_1", "source_transfer": "tr_1", "outcome": null,
    });
    let state = normalized("charge", body);
    assert_eq!(state["amount_captured"], Value::Null);
    assert_eq!(state["amount_refunded"], 0);
    assert_eq!(state["disputed"], true);
    assert_eq!(state["source_transfer"], "tr_1");
    assert_eq!(state["outcome"], Value::Null);
    assert_eq!(state["balance_transaction"], Value::Null);
}

#[test]
fn expanded_objects_are_their_ids() {
    let body = with(
        &charge(),
        json!({
            "balance_transaction": {"id": "txn_9", "object": "balance_transaction", "net": 1},
            "transfer_data": {"destination": {"id": "acct_9", "email": "a@example.com"}},
        }),
    );
    let state = normalized("charge", body);
    assert_eq!(state["balance_transaction"], "txn_9");
    assert_eq!(state["transfer_data"]["destination"], "acct_9");
}

#[test]
fn a_field_of_another_type_is_not_taken_for_absent() {
    let amount = with(&charge(), json!({"application_fee_amount": "1000"}));
    assert_eq!(unreadable("charge", amount), "application_fee_amount");
    let data = with(&charge(), json!({"transfer_data": "acct_1"}));
    assert_eq!(unreadable("charge", data), "transfer_data");
    let txn = with(&charge(), json!({"balance_transaction": {"object": "x"}}));
    assert_eq!(unreadable("charge", txn), "balance_transaction");
}

#[test]
fn refunds_keep_what_moved_the_balance() {
    let body = json!({
        "id": "re_1", "object": "refund", "amount": 400, "currency": "usd", "status": "failed",
        "created": 5, "charge": "ch_1", "payment_intent": "pi_1", "balance_transaction": "txn_1",
        "failure_balance_transaction": "txn_2", "failure_reason": "lost_or_stolen_card",
        "reason": "requested_by_customer", "transfer_reversal": "trr_1",
        "source_transfer_reversal": null, "description": "for Jenny",
        "instructions_email": "jenny@example.com",
    });
    assert_eq!(
        normalized("refund", body),
        json!({
            "amount": 400, "currency": "usd", "status": "failed", "created": 5,
            "charge": "ch_1", "payment_intent": "pi_1", "balance_transaction": "txn_1",
            "failure_balance_transaction": "txn_2", "failure_reason": "lost_or_stolen_card",
            "reason": "requested_by_customer", "transfer_reversal": "trr_1",
            "source_transfer_reversal": null,
        })
    );
}

fn dispute() -> Value {
    json!({
        "id": "dp_1", "object": "dispute", "amount": 10_000, "currency": "usd",
        "status": "needs_response", "reason": "fraudulent", "created": 7, "charge": "ch_1",
        "evidence": {"customer_name": "Jenny"},
        "evidence_details": {"due_by": 99, "has_evidence": false, "past_due": false,
            "submission_count": 0},
    })
}

#[test]
fn a_dispute_of_2026() {
    let body = with(
        &dispute(),
        json!({
            "payment_intent": "pi_1", "is_charge_refundable": false,
            "balance_transactions": [{"id": "txn_1", "amount": -10_000, "fee": 1_500}, "txn_2"],
            "payment_method_details": {"type": "card", "card": {"brand": "visa",
                "network": "visa_x", "case_type": "chargeback", "network_reason_code": "10.4"}},
        }),
    );
    assert_eq!(
        normalized("dispute", body),
        json!({
            "amount": 10_000, "currency": "usd", "status": "needs_response",
            "reason": "fraudulent", "created": 7, "charge": "ch_1", "payment_intent": "pi_1",
            "balance_transactions": ["txn_1", "txn_2"], "is_charge_refundable": false,
            "network": "visa_x", "case_type": "chargeback", "network_reason_code": "10.4",
            "evidence": {"due_by": 99, "has_evidence": false, "past_due": false,
                "submission_count": 0},
        })
    );
}

#[test]
fn a_dispute_of_2020() {
    let state = normalized(
        "dispute",
        with(&dispute(), json!({"network_reason_code": "83"})),
    );
    assert_eq!(state["network_reason_code"], "83");
    assert_eq!(state["network"], Value::Null);
    assert_eq!(state["balance_transactions"], json!([]));
    let branded = json!({"payment_method_details": {"card": {"brand": "visa"}}});
    let state = normalized("dispute", with(&dispute(), branded));
    assert_eq!(state["network"], "visa");
}

#[test]
fn early_fraud_warnings_point_to_their_payment() {
    let body = json!({
        "id": "issfr_1", "object": "radar.early_fraud_warning", "charge": "ch_1",
        "actionable": true, "fraud_type": "made_with_stolen_card", "created": 3,
    });
    assert_eq!(
        normalized("radar.early_fraud_warning", body),
        json!({"charge": "ch_1", "payment_intent": null, "actionable": true,
            "fraud_type": "made_with_stolen_card", "created": 3})
    );
}
