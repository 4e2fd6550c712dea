//! The fetch lane's message, there and back.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use proptest::prelude::*;
use serde_json::{Value, json};
use tributary_domain::{
    Arrival, Change, Effect, FetchRequest, Mode, ObjectId, ObjectKey, ObjectKind, Observation,
    Origin, Owner, Unusable,
};
use tributary_stripe::{decode_fetched, fetched_message};

const OBSERVED_AT: i64 = 1_700_000_100;

fn request(kind: &str, id: &str) -> FetchRequest {
    FetchRequest {
        object: ObjectKey {
            mode: Mode::Live,
            owner: Owner::parse("acct_1").unwrap(),
            kind: ObjectKind::parse(kind).unwrap(),
            id: ObjectId::parse(id).unwrap(),
        },
        url: None,
        cause: "evt_1".to_owned(),
        fetches: 2,
    }
}

fn charge() -> Value {
    json!({ "id": "ch_1", "object": "charge", "amount": 5, "currency": "usd", "livemode": true })
}

fn answered(object: &Value) -> Result<Arrival, Unusable> {
    decode_fetched(&fetched_message(
        &request("charge", "ch_1"),
        OBSERVED_AT,
        &object.to_string(),
    ))
}

fn observation(arrival: Arrival) -> Observation {
    match arrival.effect {
        Effect::Mirror(observation) => *observation,
        other => panic!("not mirrored: {other:?}"),
    }
}

#[test]
fn an_object_that_exists() {
    let arrival = answered(&charge()).unwrap();
    assert_eq!(arrival.facts.kind, "tributary.fetched");
    assert_eq!(arrival.facts.origin, Origin::Fetch);
    assert_eq!(arrival.facts.created, OBSERVED_AT);
    assert!(arrival.facts.key.id.as_str().starts_with("fetch_"));
    let source = arrival.facts.key.id.clone();
    let seen = observation(arrival);
    assert_eq!(seen.object, request("charge", "ch_1").object);
    assert_eq!(seen.fetches, 3, "two before it, and this one");
    assert_eq!(
        (seen.version.at, seen.version.source),
        (OBSERVED_AT, source)
    );
    assert_eq!(
        (seen.version.change, seen.version.previous),
        (Change::Observed, None)
    );
}

#[test]
fn an_object_that_was_deleted() {
    let remains = json!({ "id": "ch_1", "object": "charge", "deleted": true });
    assert_eq!(
        observation(answered(&remains).unwrap()).version.change,
        Change::Deleted
    );
}

#[test]
fn one_observation_has_one_receipt() {
    let id = |at: i64, object: &str| {
        let message = fetched_message(&request("charge", "ch_1"), at, object);
        decode_fetched(&message).unwrap().facts.key.id
    };
    let (compact, spaced) = (charge().to_string(), format!(" {:#} ", charge()));
    assert_eq!(id(1, &compact), id(1, &spaced));
    assert_ne!(id(1, &compact), id(2, &compact));
    assert_ne!(id(1, &compact), id(1, &compact.replace('5', "6")));
}

#[test]
fn answers_that_cannot_be_used() {
    let cases = [
        ("id", json!("ch_2"), "wrong_object"),
        ("livemode", json!(false), "mode_mix"),
        ("amount", json!(1.5), "bad_amount"),
        ("currency", json!("USD"), "bad_currency"),
    ];
    for (name, value, code) in cases {
        let mut object = charge();
        object[name] = value;
        let refused = answered(&object).unwrap_err();
        assert_eq!((refused.code, &refused.repair), (code, &None));
        assert!(refused.facts.is_some());
    }
}

#[test]
fn answers_that_are_no_object() {
    for answer in ["<html>", "", "[]", "null", "{} {}", r#"{},"fetches":0"#] {
        let message = fetched_message(&request("charge", "ch_1"), OBSERVED_AT, answer);
        assert!(serde_json::from_str::<Value>(&message).is_ok(), "{answer}");
        assert!(decode_fetched(&message).is_err(), "{answer}");
    }
}

#[test]
fn singletons_have_no_id_to_compare() {
    let balance = json!({ "object": "balance", "available": [] }).to_string();
    let message = fetched_message(&request("balance", "balance"), OBSERVED_AT, &balance);
    assert!(decode_fetched(&message).is_ok());
}

#[test]
fn messages_of_others() {
    let message = fetched_message(
        &request("charge", "ch_1"),
        OBSERVED_AT,
        &charge().to_string(),
    );
    let other = message.replace(r#""tributary":"fetched""#, r#""tributary":"found""#);
    assert_eq!(decode_fetched(&other).unwrap_err().code, "not_an_event");
    assert_eq!(decode_fetched("{}").unwrap_err().code, "not_an_event");
    assert_eq!(decode_fetched("fetched").unwrap_err().code, "not_json");
    let owner = message.replace("acct_1", "cus_1");
    assert_eq!(decode_fetched(&owner).unwrap_err().code, "bad_object");
    let deep = "[".repeat(1_000);
    assert_eq!(decode_fetched(&deep).unwrap_err().code, "too_deep");
}

proptest! {
    #[test]
    fn any_id_travels(id in "[^\\p{Cc}]{1,60}", at in any::<i64>()) {
        let request = request("coupon", &id);
        let answer = json!({ "id": id, "object": "coupon" }).to_string();
        let arrival = decode_fetched(&fetched_message(&request, at, &answer)).unwrap();
        prop_assert_eq!(observation(arrival).object, request.object);
    }

    #[test]
    fn any_text_is_answered(text in ".{0,200}") {
        let message = fetched_message(&request("charge", "ch_1"), OBSERVED_AT, &text);
        let _ = decode_fetched(&message);
        let _ = decode_fetched(&text);
    }
}
