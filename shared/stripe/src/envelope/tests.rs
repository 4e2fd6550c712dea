use serde_json::{Value, json};

use super::*;

fn event() -> Value {
    json!({
        "id": "evt_1", "object": "event", "api_version": "2026-10-28.endive", "created": -7,
        "account": "acct_1", "type": "charge.updated", "livemode": true,
        "data": {"object": {"id": "ch_1", "object": "charge"}, "previous_attributes": {}},
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

fn short(text: &str) -> Option<Envelope<'_>> {
    of_snapshot(&Tree::parse(text).unwrap())
}

/// Nearly all events take the short way, and it leads where the long one does.
#[test]
fn ordinary_snapshots_take_the_short_way() {
    for text in [
        event().to_string(),
        with("livemode", json!(false)),
        with("account", Value::Null),
        with("api_version", Value::Null),
        with("data", json!({"object": {"object": "balance"}})),
        with("data", json!({"object": {"id": null}})),
        with("data", json!({"object": {"id": "", "created": "x"}})),
        without("account"),
        without("api_version"),
    ] {
        let envelope = short(&text);
        assert_eq!(envelope, inspect(text.as_bytes()).ok(), "{text}");
        assert!(envelope.is_some(), "{text}");
    }
}

#[test]
fn all_else_takes_the_long_way() {
    let repeated = |level: &str| {
        event()
            .to_string()
            .replacen(level, &format!("{level}\"id\":1,\"id\":2,"), 1)
    };
    for text in [
        repeated("{"),
        repeated("\"data\":{"),
        repeated("\"object\":{"),
        with("object", json!("v2.core.event")),
        with("context", Value::Null),
        with("context", json!("acct_1")),
        with("account", json!("cus_1")),
        with("account", json!(1)),
        with("id", json!("ch_1")),
        with("id", Value::Null),
        with("type", json!("")),
        with("type", Value::Null),
        with("livemode", json!("true")),
        with("created", json!(1.5)),
        with("created", json!("7")),
        with("api_version", json!(1)),
        with("data", json!({"object": {"id": 1}})),
        with("data", json!({"object": []})),
        with("data", json!({})),
        without("id"),
        without("data"),
        without("object"),
        without("livemode"),
    ] {
        assert_eq!(short(&text), None, "{text}");
    }
}
