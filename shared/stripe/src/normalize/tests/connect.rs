use super::*;

#[test]
fn transfers_know_both_ends() {
    let body = json!({
        "id": "tr_1", "object": "transfer", "amount": 9_000, "amount_reversed": 9_000,
        "currency": "usd", "created": 2, "reversed": true, "description": "for Jenny",
        "destination": {"id": "acct_1", "email": "a@example.com"},
        "destination_payment": "py_1", "source_transaction": "ch_1",
        "balance_transaction": "txn_1", "transfer_group": "order_1", "source_type": "card",
        "metadata": {"name": "Jenny"},
    });
    assert_eq!(
        normalized("transfer", body),
        json!({
            "amount": 9_000, "amount_reversed": 9_000, "currency": "usd", "created": 2,
            "reversed": true, "destination": "acct_1", "destination_payment": "py_1",
            "source_transaction": "ch_1", "balance_transaction": "txn_1",
            "transfer_group": "order_1", "source_type": "card",
        })
    );
}

#[test]
fn reversals_know_what_they_reverse() {
    let body = json!({
        "id": "trr_1", "object": "transfer_reversal", "amount": 320, "currency": "usd",
        "created": 2, "transfer": "tr_1", "balance_transaction": "txn_1",
        "destination_payment_refund": "pyr_1", "source_refund": "re_1",
    });
    assert_eq!(
        normalized("transfer_reversal", body),
        json!({
            "amount": 320, "currency": "usd", "created": 2, "transfer": "tr_1",
            "balance_transaction": "txn_1", "destination_payment_refund": "pyr_1",
            "source_refund": "re_1",
        })
    );
}

#[test]
fn application_fees_know_their_source_if_the_version_does() {
    let body = json!({
        "id": "fee_1", "object": "application_fee", "amount": 1_000, "amount_refunded": 200,
        "currency": "usd", "created": 2, "refunded": false, "account": "acct_1",
        "application": "ca_1", "charge": "py_1", "originating_transaction": "ch_1",
        "balance_transaction": "txn_1",
    });
    let old = normalized("application_fee", body.clone());
    assert_eq!(
        old,
        json!({
            "amount": 1_000, "amount_refunded": 200, "currency": "usd", "created": 2,
            "refunded": false, "account": "acct_1", "charge": "py_1",
            "originating_transaction": "ch_1", "fee_source": null,
            "balance_transaction": "txn_1",
        })
    );
    let source = json!({"fee_source": {"type": "payout", "payout": "po_1"}});
    let new = normalized("application_fee", with(&body, source));
    assert_eq!(
        new["fee_source"],
        json!({"type": "payout", "charge": null, "payout": "po_1"})
    );
}

#[test]
fn fee_refunds_know_their_fee() {
    let body = json!({
        "id": "fr_1", "object": "fee_refund", "amount": 200, "currency": "usd", "created": 2,
        "fee": "fee_1", "balance_transaction": null,
    });
    assert_eq!(
        normalized("fee_refund", body),
        json!({"amount": 200, "currency": "usd", "created": 2, "fee": "fee_1",
            "balance_transaction": null})
    );
}
