//! The fast look and the thorough one agree on who an event is.
#![allow(clippy::unwrap_used)]

mod samples;

use proptest::prelude::*;
use serde_json::{Value, json};
use tributary_stripe::{decode, glance, inspect};

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        Just(json!("")),
        Just(json!("event")),
        Just(json!("v2.core.event")),
        Just(json!("acct_1")),
        Just(json!("org_1/acct_2")),
        Just(json!("evt_\u{e9}#")),
        Just(json!(1.5)),
        Just(json!(-7)),
        Just(json!(true)),
        Just(json!({ "object": { "id": "ch_1" } })),
        Just(json!([[[]]])),
    ]
}

fn body() -> impl Strategy<Value = String> {
    const NAMES: &[&str] = &[
        "id",
        "object",
        "type",
        "account",
        "context",
        "created",
        "livemode",
        "api_version",
        "data",
        "other",
    ];
    const LEVELS: &[&str] = &["{", "\"data\":{", "\"object\":{"];
    let change = (
        proptest::sample::select(NAMES),
        proptest::option::of(value()),
    );
    let repeat = (
        proptest::sample::select(LEVELS),
        proptest::sample::select(NAMES),
    );
    let repeat = proptest::option::weighted(0.2, repeat);
    (proptest::collection::vec(change, 0..3), repeat).prop_map(|(changes, repeat)| {
        let mut event = samples::of_account(
            "acct_1",
            samples::snapshot("charge.updated", &samples::charge()),
        );
        let fields = event.as_object_mut().unwrap();
        for (name, value) in changes {
            match value {
                Some(value) => fields.insert(name.to_owned(), value),
                None => fields.remove(name),
            };
        }
        let text = event.to_string();
        match repeat {
            Some((level, name)) => text.replacen(level, &format!("{level}\"{name}\":null,"), 1),
            None => text,
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    /// What passes the thorough look has the same identity at a glance; what passes
    /// only the glance is found out by the decoder, which looks thoroughly.
    #[test]
    fn a_glance_and_a_thorough_look_agree(body in body()) {
        let (glance, thorough) = (glance(body.as_bytes()), inspect(body.as_bytes()));
        match (glance, thorough) {
            (Ok(glance), Ok(envelope)) => {
                prop_assert_eq!(glance.id, envelope.id);
                prop_assert_eq!(glance.mode, envelope.mode);
                prop_assert_eq!(glance.owner, envelope.owner);
            }
            (Err(quick), Err(thorough)) => prop_assert_eq!(quick, thorough),
            (Ok(_), Err(thorough)) => {
                let decoded = decode(&body, tributary_domain::Origin::Webhook);
                prop_assert_eq!(decoded.unwrap_err().code, thorough.code);
            }
            (Err(quick), Ok(_)) => prop_assert!(false, "only the glance refused: {}", quick),
        }
    }

    /// The decoder takes a short cut through plain snapshots, and comes out where the
    /// thorough look does.
    #[test]
    fn the_decoder_sees_what_a_thorough_look_sees(body in body()) {
        let decoded = decode(&body, tributary_domain::Origin::Webhook);
        let facts = match (decoded, inspect(body.as_bytes())) {
            (Err(decoded), Err(thorough)) => {
                prop_assert_eq!(decoded, thorough);
                None
            }
            (Ok(arrival), Ok(envelope)) => Some((arrival.facts, envelope)),
            (Err(unusable), Ok(envelope)) => unusable.facts.map(|facts| (*facts, envelope)),
            (Ok(_), Err(thorough)) => return Err(TestCaseError::fail(thorough.to_string())),
        };
        if let Some((facts, envelope)) = facts {
            prop_assert_eq!(&facts.key, &envelope.key());
            prop_assert_eq!(facts.kind, envelope.kind);
            prop_assert_eq!(facts.created, envelope.created);
            prop_assert_eq!(facts.api_version.as_deref(), envelope.api_version.as_deref());
        }
    }
}

#[test]
fn brackets_in_strings_do_not_make_it_deep() {
    let mut charge = samples::charge();
    charge["description"] = json!("[".repeat(500));
    let event = samples::snapshot("charge.updated", &charge).to_string();
    assert!(glance(event.as_bytes()).is_ok());
}

#[test]
fn what_nests_too_deep_is_refused_before_it_is_read() {
    let event = samples::snapshot("charge.updated", &samples::charge()).to_string();
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let event = event.replacen("\"charge\"", &deep, 1);
    assert_eq!(glance(event.as_bytes()).unwrap_err().code, "too_deep");
}
