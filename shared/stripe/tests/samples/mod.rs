//! Events shaped like Stripe's, of every API version that is still in use.
#![allow(dead_code, reason = "every test binary uses its own part")]
#![allow(clippy::indexing_slicing, reason = "a test fails by panicking")]

use serde_json::{Value, json};

/// When the sample events were made, unix seconds.
pub(crate) const CREATED: i64 = 1_700_000_000;

/// A snapshot event about `object`.
pub(crate) fn snapshot(event_type: &str, object: &Value) -> Value {
    json!({
        "id": "evt_1NabcDE2eZvKYlo2C0000001",
        "object": "event",
        "api_version": "2026-10-28.endive",
        "created": CREATED,
        "data": { "object": object },
        "livemode": false,
        "pending_webhooks": 2,
        "request": { "id": "req_1", "idempotency_key": null },
        "type": event_type,
    })
}

/// The same event, of a connected account.
pub(crate) fn of_account(account: &str, mut event: Value) -> Value {
    event["account"] = json!(account);
    event
}

/// A charge, with the fields that sums depend on and a few that vary by version.
pub(crate) fn charge() -> Value {
    json!({
        "id": "ch_3Nabc",
        "object": "charge",
        "amount": 2000,
        "amount_refunded": 0,
        "balance_transaction": null,
        "billing_details": { "address": { "city": null }, "email": "jenny@example.com" },
        "currency": "usd",
        "livemode": false,
        "metadata": { "order": "6735" },
        "refunds": { "object": "list", "data": [], "has_more": false },
        "status": "succeeded",
    })
}

/// A thin event about an object.
pub(crate) fn thin(event_type: &str, context: &Value, related: &Value) -> Value {
    json!({
        "id": "evt_test_65NabcDE2eZvKYlo2C0000001",
        "object": "v2.core.event",
        "type": event_type,
        "livemode": true,
        "created": "2023-11-14T22:13:20.123Z",
        "context": context,
        "reason": null,
        "related_object": related,
    })
}

/// What EventBridge wraps around an event.
pub(crate) fn eventbridge(event: &Value) -> Value {
    json!({
        "version": "0",
        "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
        "detail-type": event["type"],
        "source": "aws.partner/stripe.com/ed_test_61abc",
        "account": "123456789012",
        "time": "2023-11-14T22:13:21Z",
        "region": "us-east-1",
        "resources": [],
        "detail": event,
    })
}

/// One event per API version, shaped as that version shaped it.
pub(crate) fn of_all_versions() -> Vec<Value> {
    let mut v2020 = snapshot("charge.succeeded", &charge());
    v2020["api_version"] = json!("2020-08-27");
    v2020["request"] = json!("req_older_form");
    v2020["data"]["object"]["refunds"] = json!({ "object": "list", "data": [], "url": "/v1/x" });
    let mut v2022 = of_account(
        "acct_1032D82eZvKYlo2C",
        snapshot(
            "payout.paid",
            &json!({
                "id": "po_1N", "object": "payout", "amount": -150, "currency": "eur",
                "livemode": false, "status": "paid",
            }),
        ),
    );
    v2022["api_version"] = json!("2022-11-15");
    v2022["request"] = json!({ "id": null, "idempotency_key": null });
    let mut v2023 = snapshot(
        "customer.subscription.updated",
        &json!({
            "id": "sub_1N", "object": "subscription", "current_period_end": 1_702_592_000,
            "livemode": false, "status": "active",
        }),
    );
    v2023["api_version"] = json!("2023-10-16");
    v2023["data"]["previous_attributes"] = json!({ "status": "trialing" });
    let mut v2024 = snapshot(
        "invoice.upcoming",
        &json!({
            "object": "invoice", "amount_due": 1000, "currency": "usd", "livemode": false,
        }),
    );
    v2024["api_version"] = json!("2024-04-10");
    v2024["data"]["previous_attributes"] = json!(null);
    let mut v2025 = of_account(
        "acct_1032D82eZvKYlo2C",
        snapshot(
            "account.updated",
            &json!({
                "id": "acct_1032D82eZvKYlo2C", "object": "account", "charges_enabled": true,
            }),
        ),
    );
    v2025["api_version"] = json!("2025-03-31.basil");
    v2025["request"] = json!(null);
    let mut v2026 = snapshot(
        "balance.available",
        &json!({
            "object": "balance", "available": [{ "amount": -5, "currency": "usd" }],
            "livemode": false,
        }),
    );
    v2026["context"] = json!(null);
    let mut unstamped = snapshot(
        "some.future.event",
        &json!({ "id": "x_1", "object": "some.future" }),
    );
    unstamped["api_version"] = json!(null);
    vec![v2020, v2022, v2023, v2024, v2025, v2026, unstamped]
}
