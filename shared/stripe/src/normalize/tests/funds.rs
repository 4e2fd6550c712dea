use super::*;

fn payout() -> Value {
    json!({
        "id": "po_1", "object": "payout", "amount": 8_680, "currency": "usd", "status": "paid",
        "created": 2, "arrival_date": 86_400, "automatic": true, "method": "standard",
        "type": "bank_account", "source_type": "card", "balance_transaction": "txn_1",
        "failure_code": null, "description": "for Jenny", "statement_descriptor": "JENNY",
        "destination": {"id": "ba_1", "object": "bank_account", "last4": "6789",
            "account_holder_name": "Jenny"},
    })
}

#[test]
fn a_payout_of_2020() {
    assert_eq!(
        normalized("payout", payout()),
        json!({
            "amount": 8_680, "currency": "usd", "status": "paid", "created": 2,
            "arrival_date": 86_400, "automatic": true, "method": "standard",
            "type": "bank_account", "source_type": "card", "destination": "ba_1",
            "balance_transaction": "txn_1", "failure_balance_transaction": null,
            "failure_code": null, "reconciliation_status": null, "original_payout": null,
            "reversed_by": null, "application_fee": null, "application_fee_amount": null,
            "trace": null,
        })
    );
}

#[test]
fn a_failed_payout_of_2025() {
    let body = with(
        &payout(),
        json!({
            "status": "failed", "failure_code": "account_closed",
            "failure_message": "Jenny's account is closed",
            "failure_balance_transaction": "txn_2", "reconciliation_status": "not_applicable",
            "trace_id": {"status": "supported", "value": "011401"},
        }),
    );
    let state = normalized("payout", body);
    assert_eq!(state["failure_balance_transaction"], "txn_2");
    assert_eq!(state["reconciliation_status"], "not_applicable");
    assert_eq!(
        state["trace"],
        json!({"status": "supported", "value": "011401"})
    );
}

#[test]
fn topups_say_when_they_arrive() {
    let body = json!({
        "id": "tu_1", "object": "topup", "amount": 500, "currency": "usd", "status": "pending",
        "created": 2, "expected_availability_date": 9, "balance_transaction": null,
        "failure_code": null, "transfer_group": null,
        "source": {"id": "src_1", "owner": {"name": "Jenny"}},
    });
    assert_eq!(
        normalized("topup", body),
        json!({"amount": 500, "currency": "usd", "status": "pending", "created": 2,
            "expected_availability_date": 9, "balance_transaction": null, "failure_code": null,
            "transfer_group": null})
    );
}

#[test]
fn a_balance_of_a_platform() {
    let usd = |amount: i64| json!([{"amount": amount, "currency": "usd"}]);
    let body = json!({
        "object": "balance", "livemode": true,
        "available": [{"amount": -5, "currency": "usd", "source_types": {"card": -7, "fpx": 2}}],
        "pending": usd(1), "connect_reserved": usd(2),
        "instant_available": [{"amount": 9, "currency": "usd", "source_types": {"card": 9},
            "net_available": [{"amount": 8, "destination": "ba_1", "source_types": {"card": 8}}]}],
        "issuing": {"available": usd(3)},
        "refund_and_dispute_prefunding": {"available": usd(4), "pending": usd(5)},
    });
    let funds = |amount: i64| json!([{"amount": amount, "currency": "usd", "source_types": {}}]);
    assert_eq!(
        normalized("balance", body),
        json!({
            "available": [
                {"amount": -5, "currency": "usd", "source_types": {"card": -7, "fpx": 2}}
            ],
            "pending": funds(1), "connect_reserved": funds(2),
            "instant_available": [{"amount": 9, "currency": "usd",
                "net_available": [{"amount": 8, "destination": "ba_1"}]}],
            "issuing_available": funds(3),
            "prefunding_available": funds(4), "prefunding_pending": funds(5),
        })
    );
}

#[test]
fn a_balance_without_extras_is_empty_there() {
    let state = normalized("balance", json!({"object": "balance", "available": []}));
    assert!(
        state
            .as_object()
            .unwrap()
            .values()
            .all(|part| *part == json!([]))
    );
}

#[test]
fn holds_plans_and_releases_of_2026() {
    let hold = json!({
        "id": "resv_1", "object": "reserve.hold", "amount": 50, "amount_releasable": 20,
        "currency": "usd", "created": 2, "created_by": "stripe", "reason": "charge",
        "release_schedule": {"release_after": 8, "scheduled_release": 9},
        "reserve_plan": "rp_1", "source_charge": "ch_1", "source_type": "card",
    });
    assert_eq!(
        normalized("reserve.hold", hold),
        json!({"amount": 50, "amount_releasable": 20, "currency": "usd", "created": 2,
            "created_by": "stripe", "reason": "charge", "release_after": 8,
            "scheduled_release": 9, "reserve_plan": "rp_1", "source_charge": "ch_1",
            "source_type": "card"})
    );
    let plan = json!({
        "id": "rp_1", "object": "reserve.plan", "percent": 10, "currency": null, "created": 2,
        "created_by": "application", "status": "active", "type": "rolling_release",
        "rolling_release": {"days_after_charge": 90}, "disabled_at": null,
    });
    assert_eq!(
        normalized("reserve.plan", plan),
        json!({"percent": 10, "currency": null, "created": 2, "created_by": "application",
            "status": "active", "type": "rolling_release", "days_after_charge": 90,
            "release_after": null, "scheduled_release": null, "disabled_at": null})
    );
    let release = json!({
        "id": "rr_1", "object": "reserve.release", "amount": 50, "currency": "usd", "created": 2,
        "created_by": "stripe", "reason": "hold_reversed", "released_at": 4,
        "reserve_hold": "resv_1", "reserve_plan": null,
        "source_transaction": {"type": "refund", "refund": "re_1"},
    });
    assert_eq!(
        normalized("reserve.release", release),
        json!({"amount": 50, "currency": "usd", "created": 2, "created_by": "stripe",
            "reason": "hold_reversed", "released_at": 4, "reserve_hold": "resv_1",
            "reserve_plan": null, "source_dispute": null, "source_refund": "re_1"})
    );
}
