//! Payloads of every kind that there is, with canaries in their fields.

use std::collections::BTreeMap;
use std::fs::read_to_string;

use serde_json::{Map, Value, json};
use tributary_simulator::{World, WorldConfig};

/// What a person would write: no form admits it.
pub(crate) const PERSON: &str = "Canary Person <canary.person@example.com>, 4000056655665556";
/// What looks like a code: only a type can tell that it is none.
pub(crate) const WORD: &str = "canary_word";

/// Names of fields that say who and what a thing is; they are logged.
const IDENTITY: [&str; 9] = [
    "id",
    "object",
    "type",
    "account",
    "api_version",
    "currency",
    "status",
    "balance_transaction",
    "source",
];

/// One event of each type that the simulator makes, and, if `STRIPE_FIXTURES` names
/// Stripe's own examples (`fixtures3.json`), one about each of those objects.
pub(crate) fn events() -> Vec<Value> {
    let mut world = World::new(WorldConfig::two_weeks(7));
    world.run();
    let mut of_each: BTreeMap<String, Value> = BTreeMap::new();
    for event in world.events() {
        let type_ = event.kind.clone();
        of_each.entry(type_).or_insert_with(|| event.json.clone());
    }
    assert!(of_each.len() > 20, "{:?}", of_each.keys());
    let mut events: Vec<_> = of_each.into_values().collect();
    if let Ok(path) = std::env::var("STRIPE_FIXTURES") {
        let text = read_to_string(path).unwrap();
        let fixtures: Value = serde_json::from_str(&text).unwrap();
        let objects = fixtures["resources"].as_object().unwrap();
        events.extend(objects.values().map(about));
    }
    events
}

fn about(object: &Value) -> Value {
    let kind = object["object"].as_str().unwrap_or("unknown");
    json!({
        "id": "evt_1Fixture", "object": "event", "account": "acct_1Fixture",
        "api_version": "2026-10-28.endive", "created": 1_763_800_000, "livemode": true,
        "pending_webhooks": 1, "request": null, "type": format!("{kind}.updated"),
        "data": {"object": object},
    })
}

/// The paths of all texts of a value, as JSON pointers.
pub(crate) fn texts(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    walk(value, String::new(), &mut found);
    found
}

fn walk(value: &Value, path: String, found: &mut Vec<String>) {
    let step = |name: &str| format!("{path}/{}", name.replace('~', "~0").replace('/', "~1"));
    match value {
        Value::String(_) => found.push(path),
        Value::Array(items) => {
            for (n, item) in items.iter().enumerate() {
                walk(item, step(&n.to_string()), found);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                walk(field, step(name), found);
            }
        }
        _ => {}
    }
}

/// The same with another text at one place.
pub(crate) fn with(event: &Value, path: &str, text: &str) -> Value {
    let mut event = event.clone();
    *event.pointer_mut(path).unwrap() = json!(text);
    event
}

/// The same with a text in every field but those that say what it is, in names and
/// values of metadata, and in fields that Stripe may add.
pub(crate) fn everywhere(event: &Value, text: &str) -> Value {
    let mut event = event.clone();
    for path in texts(&event) {
        let name = path.rsplit('/').next().unwrap();
        if !IDENTITY.contains(&name) {
            *event.pointer_mut(&path).unwrap() = json!(text);
        }
    }
    if let Some(object) = event["data"]["object"].as_object_mut() {
        let metadata = Map::from_iter([(text.to_owned(), json!(text))]);
        object.insert("metadata".to_owned(), metadata.into());
        object.insert(format!("new {text}"), json!({text: [text, {text: text}]}));
    }
    event
}
