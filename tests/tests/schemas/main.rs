//! Domain events of every kind and many API versions against their schemas.

#![cfg(test)]

mod samples;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use jsonschema::Validator;
use samples::Sample;
use serde_json::{Value, json};
use tributary_domain::change::{DomainEvent, RowChange, SCHEMA_VERSION, Sequence, Topic, changed};
use tributary_domain::{Change, Document, EventId, ObjectKey, Row, Version};
use tributary_stripe::normalize;

fn docs() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

/// Every schema by its file's name.
fn schemas() -> BTreeMap<String, Value> {
    let files = std::fs::read_dir(docs().join("events")).unwrap();
    files
        .map(|file| {
            let file = file.unwrap();
            let text = std::fs::read_to_string(file.path()).unwrap();
            let name = file.file_name().into_string().unwrap();
            (name, serde_json::from_str(&text).unwrap())
        })
        .collect()
}

fn file_of(topic: Topic) -> String {
    format!("{}.v{SCHEMA_VERSION}.schema.json", topic.detail_type())
}

fn version(at: i64, change: Change, body: &Value) -> Version {
    Version {
        at,
        source: EventId::parse(&format!("evt_{at}")).unwrap(),
        change,
        body: Document::from_value(body).unwrap(),
        previous: None,
    }
}

fn row(version: Version) -> Option<Row> {
    let mut row = Row::default();
    row.join(version);
    Some(row)
}

fn event(kind: &str, old: Option<Row>, new: Option<Row>) -> DomainEvent {
    let step = RowChange {
        key: ObjectKey::parse(&format!("live#acct_1#{kind}#x_1")).unwrap(),
        sequence: Sequence::new("1"),
        old,
        new,
    };
    changed(&step, normalize::state).unwrap()
}

/// The life of an object: it comes, changes, breaks, and goes.
fn life(kind: &str, body: &Value) -> Vec<DomainEvent> {
    let seen = |at, body: &Value| row(version(at, Change::Changed, body));
    let later = {
        let mut later = body.clone();
        later["something_new"] = json!({"nested": 1});
        later
    };
    let mut broken = later.clone();
    for field in [
        "amount",
        "currency",
        "created",
        "charge",
        "charges_enabled",
        "available",
    ] {
        broken[field] = json!(["broken"]);
    }
    let gone = row(version(4, Change::Deleted, &json!({"deleted": true})));
    vec![
        event(kind, None, seen(1, body)),
        event(kind, seen(1, body), seen(2, &later)),
        event(kind, seen(2, &later), seen(3, &broken)),
        event(kind, seen(3, &broken), gone.clone()),
        event(kind, seen(2, &later), gone),
    ]
}

#[test]
fn every_type_has_a_schema_and_every_schema_a_type() {
    let files: BTreeSet<_> = schemas().into_keys().collect();
    assert_eq!(files, Topic::ALL.into_iter().map(file_of).collect());
    for (file, schema) in schemas() {
        assert!(jsonschema::meta::is_valid(&schema), "{file}");
        assert_eq!(schema["additionalProperties"], false, "{file}");
    }
}

#[test]
fn events_of_every_kind_keep_to_their_schema() {
    let schemas = schemas();
    let mut kinds = BTreeSet::new();
    for sample in samples::all() {
        let Sample { version, body } = &sample;
        let kind = sample.kind();
        for event in life(kind, body) {
            let schema = strict(schemas[&file_of(event.topic)].clone());
            let validator = jsonschema::validator_for(&schema).unwrap();
            let wire = serde_json::to_value(&event).unwrap();
            assert_valid(&validator, &wire, &format!("{kind} of {version}"));
            kinds.insert(event.topic);
        }
    }
    assert_eq!(kinds, BTreeSet::from(Topic::ALL));
}

fn assert_valid(validator: &Validator, event: &Value, what: &str) {
    let errors: Vec<_> = validator
        .iter_errors(event)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{what}: {errors:?} in {event}");
}

/// The schema with its states closed: fields may come without a new version, but
/// not without a word about them.
fn strict(mut schema: Value) -> Value {
    let definitions = schema.get_mut("$defs").and_then(Value::as_object_mut);
    for (_, definition) in definitions.into_iter().flatten() {
        definition["additionalProperties"] = json!(false);
    }
    schema
}

#[test]
fn samples_are_readable_and_broken_ones_are_not() {
    for sample in samples::all() {
        let kind = sample.kind();
        let events = life(kind, &sample.body);
        if Topic::of(&events[0].object.kind) == Topic::Object {
            assert!(events.iter().all(|event| event.state.is_none()), "{kind}");
            continue;
        }
        assert!(
            events[0].state.is_some() && events[0].unreadable.is_none(),
            "{kind}"
        );
        assert_eq!(events[1].previous, events[0].state, "{kind}");
        assert!(
            events[2].state.is_none() && events[2].unreadable.is_some(),
            "{kind}"
        );
        assert!(
            events[4].state.is_none() && events[4].previous.is_some(),
            "{kind}"
        );
    }
}

#[test]
fn a_schema_refuses_what_is_not_its_event() {
    let charge = samples::all().swap_remove(0);
    let good = serde_json::to_value(&life("charge", &charge.body)[0]).unwrap();
    let schema = &schemas()[&file_of(Topic::Charge)];
    let validator = jsonschema::validator_for(schema).unwrap();
    assert!(validator.is_valid(&good));
    let spoil = |field: &str, value: Value| {
        let mut bad = good.clone();
        bad[field] = value;
        assert!(!validator.is_valid(&bad), "{field}");
    };
    spoil("extra", json!(1));
    spoil("version", json!(2));
    spoil("schema", json!("tributary.refund.changed"));
    spoil("id", json!("X"));
    spoil("change", json!("deleted"));
    spoil("unreadable", json!("amount"));
    spoil("state", json!({"amount": 1}));
    spoil("object", json!({"kind": "refund", "id": "re_1"}));
    let mut bad = good.clone();
    bad["state"]["amount"] = json!(10.5);
    assert!(!validator.is_valid(&bad));
}

/// Names under which Stripe's objects hold personal data or free text.
const PERSONAL: [&str; 34] = [
    "account_holder_name",
    "account_number",
    "address",
    "bank_name",
    "billing_details",
    "city",
    "customer_address",
    "customer_email",
    "customer_name",
    "customer_phone",
    "description",
    "dob",
    "email",
    "exp_month",
    "failure_message",
    "fingerprint",
    "first_name",
    "iban",
    "id_number",
    "ip",
    "last4",
    "last_name",
    "line1",
    "memo",
    "metadata",
    "name",
    "number",
    "phone",
    "postal_code",
    "receipt_email",
    "routing_number",
    "seller_message",
    "shipping",
    "statement_descriptor",
];
const CANARY: &str = "canary-7f3a";

/// Puts the canary under every personal name into every object.
fn plant(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(plant),
        Value::Object(map) => {
            for (field, value) in map.iter_mut() {
                // Dictionaries: their keys are Stripe's codes.
                if field != "source_types" && field != "capabilities" {
                    plant(value);
                }
            }
            map.extend(PERSONAL.map(|name| (name.to_owned(), json!(CANARY))));
        }
        _ => {}
    }
}

#[test]
fn personal_data_stays_behind() {
    for mut sample in samples::all() {
        plant(&mut sample.body);
        assert!(sample.body.to_string().contains(CANARY));
        for event in life(sample.kind(), &sample.body) {
            let text = serde_json::to_string(&event).unwrap();
            assert!(!text.contains(CANARY), "{text}");
            assert!(!text.contains("Jenny") && !text.contains("4242"), "{text}");
        }
    }
}

#[test]
fn the_page_tells_of_every_event_and_field() {
    let page = std::fs::read_to_string(docs().join("EVENTS.md")).unwrap();
    let sections: BTreeMap<_, _> = page
        .split("\n### ")
        .skip(1)
        .filter_map(|section| section.split_once('\n'))
        .collect();
    for topic in Topic::ALL {
        let section = sections[topic.detail_type()];
        let schema = &schemas()[&file_of(topic)];
        let definitions = schema["$defs"].as_object().into_iter().flatten();
        for (_, definition) in definitions {
            for field in definition["properties"].as_object().unwrap().keys() {
                assert!(
                    section.contains(&format!("| `{field}` |")),
                    "{topic}: {field}"
                );
            }
        }
    }
}
