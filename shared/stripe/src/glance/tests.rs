use serde_json::{Value, json};

use super::*;

fn event() -> Value {
    json!({
        "id": "evt_1", "object": "event", "api_version": "2026-10-28.endive", "created": -7,
        "account": "acct_1", "type": "payout.paid", "livemode": true, "pending_webhooks": 1,
        "data": {"object": {"id": "po_1", "object": "payout"}}, "request": null,
    })
}

fn with(name: &str, value: Value) -> String {
    let mut event = event();
    event[name] = value;
    event.to_string()
}

fn without(name: &str) -> String {
    let mut event = event();
    event.as_object_mut().unwrap().remove(name);
    event.to_string()
}

/// Nearly all events take the short way, and it leads where the long one does.
#[test]
fn plain_snapshots_are_read_in_one_pass() {
    for text in [
        event().to_string(),
        format!("{:#}", event()),
        with("account", Value::Null),
        with("livemode", json!(false)),
        with("type", json!("charge.succeeded")),
        with("data", json!("not looked at")),
        without("account"),
        without("api_version"),
        without("data"),
        without("pending_webhooks"),
        without("request"),
    ] {
        let plain = plain_snapshot(&text);
        assert_eq!(plain, thorough(text.as_bytes()).ok(), "{text}");
        assert!(plain.is_some(), "{text}");
    }
    let plain = plain_snapshot(&event().to_string()).unwrap();
    assert_eq!(plain.payout.unwrap().as_str(), "po_1");
    assert_eq!(plain.owner.as_str(), "acct_1");
}

#[test]
fn what_is_unusual_is_left_to_the_thorough_look() {
    for text in [
        with("id", json!("ch_1")),
        with("id", json!(1)),
        with("object", json!("v2.core.event")),
        with("type", json!("")),
        with("account", json!("cus_1")),
        with("context", Value::Null),
        with("created", json!("-7")),
        with("created", json!(1.5)),
        with("livemode", Value::Null),
        event()
            .to_string()
            .replace("payout.paid", "payout\\u002epaid"),
        event().to_string().replacen('{', "{\"id\":\"evt_1\",", 1),
        without("id"),
        without("object"),
        without("type"),
        without("created"),
        without("livemode"),
        "[]".to_owned(),
    ] {
        assert_eq!(plain_snapshot(&text), None, "{text}");
        assert_eq!(glance(text.as_bytes()), thorough(text.as_bytes()), "{text}");
    }
    assert_eq!(glance(b"{\xff}").unwrap_err().code, "not_utf8");
}

#[test]
fn a_string_without_escapes_is_plain() {
    assert_eq!(plain("\"a\""), Some("a"));
    for value in ["a", "\"a", "a\"", "\"a\\n\"", "1"] {
        assert_eq!(plain(value), None, "{value}");
    }
}
