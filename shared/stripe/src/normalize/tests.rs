mod accounts;
mod billing;
mod connect;
mod funds;
mod payments;

use serde_json::{Value, json};

use super::*;

fn read(kind: &str, body: &Value) -> Normalized {
    state(
        &ObjectKind::parse(kind).unwrap(),
        &Document::from_value(body).unwrap(),
    )
}

/// Reads an object and gives its state as it goes onto the wire, having made sure
/// that it comes back from there.
fn normalized(kind: &str, body: Value) -> Value {
    let state = read(kind, &body).unwrap().unwrap();
    let wire = serde_json::to_value(&state).unwrap();
    let back = State::read(&ObjectKind::parse(kind).unwrap(), wire.clone()).unwrap();
    assert_eq!(back, Some(state));
    wire
}

/// The field that makes an object unreadable.
fn unreadable(kind: &str, body: Value) -> &'static str {
    read(kind, &body).unwrap_err().field
}

/// `body` with some of its fields replaced.
fn with(body: &Value, fields: Value) -> Value {
    let mut body = body.clone();
    for (field, value) in fields.as_object().unwrap() {
        body[field] = value.clone();
    }
    body
}

#[test]
fn other_kinds_have_no_state() {
    for kind in ["customer", "balance_transaction", "v2.core.account"] {
        assert_eq!(read(kind, &json!({"id": "x"})), Ok(None));
    }
}

#[test]
fn every_kind_needs_its_essentials() {
    let kinds = [
        ("charge", "amount"),
        ("refund", "amount"),
        ("dispute", "amount"),
        ("radar.early_fraud_warning", "charge"),
        ("transfer", "amount"),
        ("transfer_reversal", "amount"),
        ("application_fee", "amount"),
        ("fee_refund", "amount"),
        ("payout", "amount"),
        ("topup", "amount"),
        ("balance", "available"),
        ("reserve.hold", "amount"),
        ("reserve.plan", "created"),
        ("reserve.release", "amount"),
        ("account", "charges_enabled"),
        ("invoice", "currency"),
        ("credit_note", "status"),
    ];
    for (kind, field) in kinds {
        assert_eq!(unreadable(kind, json!({"id": "x"})), field, "{kind}");
    }
}

#[test]
fn numbers_are_never_rounded() {
    let fee = |amount: &str| {
        let text = format!(
            r#"{{"id":"fr_1","amount":{amount},"currency":"usd","created":1,"fee":"fee_1"}}"#
        );
        read("fee_refund", &serde_json::from_str(&text).unwrap())
    };
    let Ok(Some(State::ApplicationFeeRefund(refund))) = fee("9223372036854775807") else {
        panic!("the largest amount is readable");
    };
    assert_eq!(refund.amount, i64::MAX);
    for amount in [
        "9223372036854775808",
        "10.5",
        "10.0",
        "1e3",
        "\"10\"",
        "null",
        "[]",
    ] {
        assert_eq!(fee(amount).unwrap_err().field, "amount", "{amount}");
    }
}
