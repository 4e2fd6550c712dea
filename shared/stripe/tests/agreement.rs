//! One event decodes to one thing, however it came and however it was written.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod samples;

use proptest::prelude::*;
use serde_json::{Value, json};
use tributary_domain::{Arrival, Origin};
use tributary_stripe::{decode, decode_eventbridge};

fn arrival(event: &Value) -> Arrival {
    decode(&event.to_string(), Origin::Webhook).unwrap()
}

fn about_a_charge() -> Value {
    samples::snapshot("charge.updated", &samples::charge())
}

#[test]
fn eventbridge_and_webhook_agree() {
    let event = samples::of_account("acct_1", about_a_charge());
    let wrapped = serde_json::to_string_pretty(&samples::eventbridge(&event)).unwrap();
    let bridged = decode_eventbridge(&wrapped).unwrap();
    let posted = arrival(&event);
    assert_eq!(bridged.facts.origin, Origin::EventBridge);
    assert_eq!(bridged.facts.key, posted.facts.key);
    assert_eq!(bridged.facts.fingerprint, posted.facts.fingerprint);
    assert_eq!(bridged.effect, posted.effect);
    assert!(bridged.raw.starts_with('{') && bridged.raw.contains("\n"));
    assert!(
        wrapped.contains(&*bridged.raw),
        "the detail exactly as it came"
    );
    assert_eq!(bridged.facts.key.owner.as_str(), "acct_1");
}

#[test]
fn eventbridge_from_any_other_source() {
    let event = about_a_charge();
    for source in [
        json!("custom.app"),
        json!("aws.partner/other.com/x"),
        json!(null),
    ] {
        let mut wrapped = samples::eventbridge(&event);
        wrapped["source"] = source;
        let refused = decode_eventbridge(&wrapped.to_string()).unwrap_err();
        assert_eq!(refused.code, "bad_source");
    }
    let mut wrapped = samples::eventbridge(&event);
    wrapped["detail"] = json!(null);
    assert_eq!(
        decode_eventbridge(&wrapped.to_string()).unwrap_err().code,
        "not_an_event"
    );
    assert_eq!(
        decode_eventbridge(&event.to_string()).unwrap_err().code,
        "bad_source"
    );
}

#[test]
fn fingerprints_tell_content_from_delivery() {
    let event = about_a_charge();
    let print = |event: &Value| arrival(event).facts.fingerprint;
    let mut redelivered = event.clone();
    redelivered["pending_webhooks"] = json!(0);
    assert_eq!(print(&redelivered), print(&event));
    redelivered
        .as_object_mut()
        .unwrap()
        .remove("pending_webhooks");
    assert_eq!(print(&redelivered), print(&event));
    let mut changed = event.clone();
    changed["data"]["object"]["amount"] = json!(2001);
    assert_ne!(print(&changed), print(&event));
}

/// The same JSON with its keys in another order and white space around them.
fn reformatted(value: &Value, rotation: usize) -> String {
    match value {
        Value::Object(fields) => {
            let mut entries: Vec<_> = fields
                .iter()
                .map(|(name, value)| {
                    format!(" {} :\n{}", json!(name), reformatted(value, rotation))
                })
                .collect();
            let length = entries.len().max(1);
            entries.rotate_left(rotation % length);
            format!("{{{}\t}}", entries.join(" ,"))
        }
        Value::Array(items) => {
            let items: Vec<_> = items
                .iter()
                .map(|item| reformatted(item, rotation))
                .collect();
            format!("[ {} ]", items.join(",\n"))
        }
        scalar => scalar.to_string(),
    }
}

proptest! {
    #[test]
    fn any_text_is_answered(text in ".{0,200}") {
        let _ = decode(&text, Origin::Webhook);
        let _ = decode_eventbridge(&text);
    }

    #[test]
    fn any_mutation_is_answered(
        which in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        with in any::<char>(),
    ) {
        let events = samples::of_all_versions();
        let mut text: Vec<char> = which.get(&events).to_string().chars().collect();
        let at = at.index(text.len());
        text[at] = with;
        let text: String = text.into_iter().collect();
        let _ = decode(&text, Origin::Webhook);
    }

    #[test]
    fn formatting_changes_nothing(
        which in any::<prop::sample::Index>(),
        rotation in 0_usize..10,
    ) {
        let events = samples::of_all_versions();
        let event = which.get(&events);
        let other = decode(&reformatted(event, rotation), Origin::Webhook).unwrap();
        let one = arrival(event);
        prop_assert_eq!(other.facts, one.facts);
        prop_assert_eq!(other.effect, one.effect);
    }
}
