//! Which bodies ingest takes for events, row by row of the table of bad input.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod samples;

use proptest::prelude::*;
use serde_json::{Value, json};
use tributary_domain::{Mode, Origin, Owner};
use tributary_stripe::{Form, decode, inspect};

fn refusal(body: impl AsRef<[u8]>) -> &'static str {
    inspect(body.as_ref()).unwrap_err().code
}

fn with(name: &str, value: Value) -> String {
    let mut event = samples::snapshot("charge.updated", &samples::charge());
    event[name] = value;
    event.to_string()
}

fn without(name: &str) -> String {
    let mut event = samples::snapshot("charge.updated", &samples::charge());
    event.as_object_mut().unwrap().remove(name);
    event.to_string()
}

#[test]
fn a_snapshot_event_of_the_platform() {
    let body = samples::snapshot("charge.succeeded", &samples::charge()).to_string();
    let envelope = inspect(body.as_bytes()).unwrap();
    assert_eq!(
        envelope.key().to_string(),
        "test#platform#evt_1NabcDE2eZvKYlo2C0000001"
    );
    assert_eq!(envelope.form, Form::Snapshot);
    assert_eq!(envelope.kind, "charge.succeeded");
    assert_eq!(envelope.created, samples::CREATED);
    assert_eq!(envelope.api_version.as_deref(), Some("2026-10-28.endive"));
    assert_eq!(envelope.data_object_id.as_deref(), Some("ch_3Nabc"));
}

#[test]
fn a_thin_event_of_an_account() {
    let related = json!({ "id": "acct_2", "type": "v2.core.account", "url": "/v2/x" });
    let context = json!("org_1/acct_1/acct_2");
    let body = samples::thin("v2.core.account.updated", &context, &related).to_string();
    let envelope = inspect(body.as_bytes()).unwrap();
    assert_eq!(envelope.form, Form::Thin);
    assert_eq!(envelope.mode, Mode::Live);
    assert_eq!(envelope.owner.as_str(), "acct_2");
    assert_eq!(envelope.created, samples::CREATED);
    assert_eq!(envelope.data_object_id.as_deref(), Some("acct_2"));
}

#[test]
fn a_context_without_an_account_is_the_platform() {
    for context in [json!(null), json!("org_1")] {
        let body = samples::thin("v1.payout.paid", &context, &json!(null)).to_string();
        let envelope = inspect(body.as_bytes()).unwrap();
        assert_eq!(
            (envelope.owner, envelope.data_object_id),
            (Owner::Platform, None)
        );
    }
}

#[test]
fn a_snapshot_event_for_an_organization() {
    let owner = |context: Value| {
        inspect(with("context", context).as_bytes())
            .map(|envelope| envelope.owner.as_str().to_owned())
    };
    for context in ["acct_1", "org_1/acct_1", "org_1/acct_9/acct_1"] {
        assert_eq!(owner(json!(context)).unwrap(), "acct_1", "{context}");
    }
    assert_eq!(owner(json!(null)).unwrap(), "platform");
    let nowhere = [
        json!("org_1"),
        json!(""),
        json!("text"),
        json!(1.5),
        json!([1]),
        json!({}),
    ];
    for context in nowhere {
        assert_eq!(owner(context).unwrap_err().code, "bad_context");
    }
    assert_eq!(
        owner(json!("org_1/acct_#")).unwrap_err().code,
        "bad_account"
    );
}

#[test]
fn an_account_says_more_than_a_context() {
    for context in [json!("acct_2"), json!("org_1"), json!(7)] {
        let mut event = samples::snapshot("charge.updated", &samples::charge());
        event["context"] = context;
        let body = samples::of_account("acct_1", event).to_string();
        assert_eq!(inspect(body.as_bytes()).unwrap().owner.as_str(), "acct_1");
    }
}

#[test]
fn all_api_versions_pass() {
    for event in samples::of_all_versions() {
        let body = serde_json::to_string_pretty(&event).unwrap();
        assert!(inspect(body.as_bytes()).is_ok(), "{}", event["api_version"]);
    }
}

#[test]
fn fields_that_are_not_needed_may_be_anything() {
    for name in [
        "request",
        "pending_webhooks",
        "data",
        "api_version",
        "unheard_of",
    ] {
        for value in [
            json!(null),
            json!(1.5),
            json!("text"),
            json!([1]),
            json!({ "a": {} }),
        ] {
            assert!(inspect(with(name, value).as_bytes()).is_ok(), "{name}");
        }
        assert!(inspect(without(name).as_bytes()).is_ok(), "{name}");
    }
    assert!(inspect(with("account", json!(null)).as_bytes()).is_ok());
    let body = with("data", json!({ "object": { "id": null } }));
    assert_eq!(inspect(body.as_bytes()).unwrap().data_object_id, None);
}

#[test]
fn escapes_in_the_envelope_are_read() {
    let body =
        with("type", json!("charge.updated")).replace("charge.updated", "charge\\u002eupdated");
    assert_eq!(inspect(body.as_bytes()).unwrap().kind, "charge.updated");
}

#[test]
fn row_20_empty_body() {
    assert_eq!([refusal(""), refusal(" \r\n")], ["empty"; 2]);
}

#[test]
fn row_21_not_json() {
    let whole = without("account");
    let cut = &whole[..whole.len() - 1];
    for body in [
        "not json",
        cut,
        "a=b&c=d",
        "\u{feff}{}",
        "{'id':1}",
        "{} {}",
        "{\"a\":NaN}",
    ] {
        assert_eq!(refusal(body), "not_json", "{body}");
    }
}

#[test]
fn row_21_json_but_no_event() {
    for body in [
        "null",
        "[]",
        "\"evt_1\"",
        "1",
        "{}",
        r#"{"object":"charge","id":"ch_1"}"#,
    ] {
        assert_eq!(refusal(body), "not_an_event", "{body}");
    }
    let event = samples::snapshot("charge.succeeded", &samples::charge());
    assert_eq!(
        refusal(samples::eventbridge(&event).to_string()),
        "not_an_event"
    );
    let azure = json!({ "specversion": "1.0", "id": "evt_1", "type": "x", "data": event });
    assert_eq!(refusal(azure.to_string()), "not_an_event");
}

#[test]
fn row_22_invalid_utf_8() {
    let body = [without("account").as_bytes(), b"\xff"].concat();
    assert_eq!(refusal(body), "not_utf8");
}

#[test]
fn row_23_nesting() {
    let nested = |depth: usize| {
        let inner = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        without("account").replacen('{', &format!("{{\"deep\":{inner},"), 1)
    };
    assert_eq!(refusal(nested(10_000)), "too_deep");
    assert_eq!(refusal(nested(127)), "too_deep");
    assert_eq!(refusal("[".repeat(100_000)), "too_deep");
    assert!(decode(&nested(126), Origin::Webhook).is_ok());
    let brackets_in_text = with("note", json!("[{\"\\".repeat(1_000)));
    assert!(inspect(brackets_in_text.as_bytes()).is_ok());
}

#[test]
fn row_24_duplicate_keys() {
    let event = without("account");
    for twice in [
        r#"{"id":"evt_2","#,
        r#"{"unknown":1,"unknown":1,"#,
        r#"{"i\u0064":"evt_2","#,
    ] {
        assert_eq!(
            refusal(event.replacen('{', twice, 1)),
            "duplicate_key",
            "{twice}"
        );
    }
    let in_data = event.replacen(r#""data":{"#, r#""data":{"object":{},"#, 1);
    assert_eq!(refusal(in_data), "duplicate_key");
    let in_object = event.replacen(r#""object":{"#, r#""object":{"id":"ch_2","#, 1);
    assert_eq!(refusal(in_object), "duplicate_key");
}

#[test]
fn row_25_id() {
    assert_eq!(refusal(without("id")), "bad_id");
    let too_long = format!("evt_{}", "x".repeat(252));
    let ids = [
        "",
        "evt_",
        "ch_1",
        "EVT_1",
        "evt_1#acct_1",
        "evt_1\u{0}",
        "evt_ü",
        &too_long,
    ];
    for id in ids {
        assert_eq!(refusal(with("id", json!(id))), "bad_id", "{id:?}");
    }
    for id in [json!(null), json!(1), json!(["evt_1"])] {
        assert_eq!(refusal(with("id", id)), "bad_id");
    }
}

#[test]
fn row_25_account() {
    for account in [
        json!(""),
        json!("acct_"),
        json!("cus_1"),
        json!("acct_1#x"),
        json!(7),
    ] {
        assert_eq!(refusal(with("account", account)), "bad_account");
    }
    let body = samples::thin("v1.payout.paid", &json!("org_1/acct_#"), &json!(null));
    assert_eq!(refusal(body.to_string()), "bad_account");
}

#[test]
fn row_26_unknown_type() {
    assert!(inspect(with("type", json!("unheard.of")).as_bytes()).is_ok());
    for bad in [json!(null), json!(""), json!(1)] {
        assert_eq!(refusal(with("type", bad)), "bad_type");
    }
}

#[test]
fn row_29_livemode_is_required() {
    assert_eq!(
        inspect(with("livemode", json!(true)).as_bytes())
            .unwrap()
            .mode,
        Mode::Live
    );
    assert_eq!(refusal(without("livemode")), "bad_livemode");
    for bad in [json!(null), json!("true"), json!(1)] {
        assert_eq!(refusal(with("livemode", bad)), "bad_livemode");
    }
}

#[test]
fn row_33_created_at_any_time_but_whole() {
    for at in [0, -1, 4_102_444_800, i64::MAX, i64::MIN] {
        assert_eq!(
            inspect(with("created", json!(at)).as_bytes())
                .unwrap()
                .created,
            at
        );
    }
    let huge = without("created").replacen('{', r#"{"created":9223372036854775808,"#, 1);
    assert_eq!(refusal(huge), "bad_created");
    for bad in [
        json!(null),
        json!(1.5),
        json!("1700000000"),
        json!("2023-11-14T22:13:20Z"),
    ] {
        assert_eq!(refusal(with("created", bad)), "bad_created");
    }
    let mut thin = samples::thin("v1.payout.paid", &json!(null), &json!(null));
    for bad in [json!(1_700_000_000), json!("2023-11-14"), json!(null)] {
        thin["created"] = bad;
        assert_eq!(refusal(thin.to_string()), "bad_created");
    }
}

#[test]
fn refusals_show_nothing_of_the_payload() {
    let refused = inspect(with("id", json!("secret@example.com")).as_bytes()).unwrap_err();
    assert!(!refused.to_string().contains("example"));
}

proptest! {
    #[test]
    fn any_bytes_are_answered(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = inspect(&body);
    }

    #[test]
    fn any_mutation_of_an_event_is_answered(
        which in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        cut in any::<bool>(),
    ) {
        let events = samples::of_all_versions();
        let mut body = which.get(&events).to_string().into_bytes();
        let at = at.index(body.len());
        if cut { body.truncate(at) } else { body[at] = byte }
        let passed = inspect(&body).is_ok();
        if let Ok(text) = std::str::from_utf8(&body) {
            // What ingest refuses is never applied.
            prop_assert!(passed || decode(text, Origin::Webhook).is_err());
        }
    }
}
