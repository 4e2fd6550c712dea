//! Which amounts and currencies are taken for money.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod samples;

use serde_json::{Value, json};
use tributary_domain::Origin;
use tributary_stripe::decode;

fn about(object: &Value) -> String {
    samples::snapshot("some.updated", object).to_string()
}

/// The code for a charge whose amount is written so.
fn code_of_amount(kind: &str, amount: &str) -> Option<&'static str> {
    let body = about(&json!({ "id": "x_1", "object": kind, "amount": 1, "currency": "usd" }));
    let body = body
        .to_string()
        .replace("\"amount\":1", &format!("\"amount\":{amount}"));
    decode(&body, Origin::Webhook)
        .err()
        .map(|refused| refused.code)
}

#[test]
fn row_32_amounts() {
    for amount in ["0", "1", "9007199254740993", "9223372036854775807"] {
        assert_eq!(code_of_amount("charge", amount), None, "{amount}");
    }
    let bad = [
        "-1",
        "1.0",
        "1.5",
        "1e3",
        "\"1\"",
        "null",
        "[1]",
        "9223372036854775808",
        "true",
    ];
    for amount in bad {
        assert_eq!(
            code_of_amount("charge", amount),
            Some("bad_amount"),
            "{amount}"
        );
    }
    for kind in ["refund", "transfer", "dispute", "application_fee", "topup"] {
        assert_eq!(code_of_amount(kind, "-1"), Some("bad_amount"), "{kind}");
    }
    for kind in [
        "payout",
        "balance_transaction",
        "transfer_reversal",
        "fee_refund",
    ] {
        assert_eq!(code_of_amount(kind, "-1"), None, "{kind}");
        assert_eq!(code_of_amount(kind, "0.5"), Some("bad_amount"), "{kind}");
    }
    assert_eq!(code_of_amount("issuing.token", "\"whatever\""), None);
}

#[test]
fn row_32_currencies() {
    let code = |currency: Value| {
        let mut charge = samples::charge();
        charge["currency"] = currency;
        decode(&about(&charge), Origin::Webhook)
            .err()
            .map(|refused| refused.code)
    };
    for good in ["usd", "jpy", "kwd", "xxx", "usdc"] {
        assert_eq!(code(json!(good)), None);
    }
    for bad in [
        json!("USD"),
        json!("us"),
        json!("usd "),
        json!(""),
        json!(null),
        json!(840),
    ] {
        assert_eq!(code(bad), Some("bad_currency"));
    }
    assert_eq!(code(json!("abcdefghi")), Some("bad_currency"));
}

#[test]
fn row_32_further_sums() {
    let refusal = |kind: &str, field: &str, sum: &str| {
        let mut object = json!({ "id": "x_1", "object": kind, "amount": 1, "currency": "usd" });
        object[field] = json!("SUM");
        let body = about(&object).replace("\"SUM\"", sum);
        decode(&body, Origin::Webhook).err()
    };
    let cases = [
        ("charge", "amount_captured"),
        ("charge", "amount_refunded"),
        ("charge", "application_fee_amount"),
        ("transfer", "amount_reversed"),
        ("application_fee", "amount_refunded"),
        ("payout", "application_fee_amount"),
        ("balance_transaction", "fee"),
        ("balance_transaction", "net"),
    ];
    for (kind, field) in cases {
        for good in ["0", "-5", "9223372036854775807", "null"] {
            assert_eq!(refusal(kind, field, good), None, "{kind} {field} {good}");
        }
        for bad in ["1.0", "1e3", "\"1\"", "9223372036854775808", "{}", "true"] {
            let refused = refusal(kind, field, bad).unwrap();
            assert_eq!(refused.code, "bad_amount", "{kind} {field} {bad}");
            assert!(refused.detail.starts_with(field), "{}", refused.detail);
            assert!(refused.repair.is_some());
        }
    }
    // Ids and lists under the names of sums, on kinds where they are no sums.
    assert_eq!(refusal("fee_refund", "fee", "\"fee_1\""), None);
    assert_eq!(refusal("dispute", "net", "\"whatever\""), None);
    assert_eq!(
        refusal("subscription", "amount_captured", "\"whatever\""),
        None
    );
}
