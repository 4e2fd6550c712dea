//! Snapshot and thin events, wire to domain.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod samples;

use serde_json::{Value, json};
use tributary_domain::{
    Arrival, Change, Document, Effect, FetchRequest, Mode, Observation, Origin, Owner, Unusable,
};
use tributary_stripe::decode;

fn arrival(event: &Value) -> Arrival {
    decode(&event.to_string(), Origin::Webhook).unwrap()
}

fn refused(event: &Value) -> Unusable {
    decode(&event.to_string(), Origin::Webhook).unwrap_err()
}

fn observation(event: &Value) -> Observation {
    match arrival(event).effect {
        Effect::Mirror(observation) => *observation,
        other => panic!("not mirrored: {other:?}"),
    }
}

fn fetch(event: &Value) -> FetchRequest {
    match arrival(event).effect {
        Effect::Fetch(request) => request,
        other => panic!("not fetched: {other:?}"),
    }
}

fn key(event: &Value) -> String {
    observation(event).object.to_string()
}

fn about(object: Value) -> Value {
    samples::snapshot("some.updated", &object)
}

#[test]
fn a_charge_of_the_platform() {
    let mut event = samples::snapshot("charge.refunded", &samples::charge());
    event["data"]["previous_attributes"] = json!({ "amount_refunded": 100 });
    let arrival = arrival(&event);
    assert_eq!(
        arrival.facts.key.to_string(),
        "test#platform#evt_1NabcDE2eZvKYlo2C0000001"
    );
    assert_eq!(arrival.facts.kind, "charge.refunded");
    assert_eq!(arrival.facts.created, samples::CREATED);
    assert_eq!(
        arrival.facts.api_version.as_deref(),
        Some("2026-10-28.endive")
    );
    assert_eq!(*arrival.raw, event.to_string());

    let seen = observation(&event);
    assert_eq!(seen.object.to_string(), "test#platform#charge#ch_3Nabc");
    assert_eq!(seen.version.at, samples::CREATED);
    assert_eq!(seen.version.source, arrival.facts.key.id);
    assert_eq!(seen.version.change, Change::Changed);
    assert_eq!(
        seen.version.body,
        Document::from_value(&samples::charge()).unwrap()
    );
    assert_eq!(
        seen.version.previous.unwrap().as_str(),
        r#"{"amount_refunded":100}"#
    );
}

#[test]
fn a_payout_of_a_connected_account() {
    let payout = json!({ "id": "po_1", "object": "payout", "amount": 5, "currency": "usd" });
    let event = samples::of_account("acct_1", samples::snapshot("payout.paid", &payout));
    assert_eq!(key(&event), "test#acct_1#payout#po_1");
}

#[test]
fn a_payout_for_an_organization() {
    let payout = json!({ "id": "po_1", "object": "payout", "amount": 5, "currency": "usd" });
    let mut event = samples::snapshot("payout.paid", &payout);
    event["context"] = json!("org_1/acct_1");
    assert_eq!(key(&event), "test#acct_1#payout#po_1");
    event["context"] = json!("org_1");
    assert_eq!(refused(&event).code, "bad_context");
}

#[test]
fn an_account_is_its_own() {
    let account = json!({ "id": "acct_1", "object": "account" });
    let event = samples::of_account("acct_1", samples::snapshot("account.updated", &account));
    assert_eq!(key(&event), "test#acct_1#account#acct_1");
}

#[test]
fn a_deauthorization_is_a_change_of_the_application() {
    let application = json!({ "id": "ca_1", "object": "application", "name": "Shop" });
    let event = samples::snapshot("account.application.deauthorized", &application);
    let event = samples::of_account("acct_1", event);
    assert_eq!(key(&event), "test#acct_1#application#ca_1");
    assert_eq!(observation(&event).version.change, Change::Changed);
}

#[test]
fn all_api_versions_decode() {
    let keys: Vec<_> = samples::of_all_versions()
        .iter()
        .map(|event| match arrival(event).effect {
            Effect::Mirror(seen) => seen.object.to_string(),
            other => format!("{other:?}"),
        })
        .collect();
    let expected = [
        "test#platform#charge#ch_3Nabc",
        "test#acct_1032D82eZvKYlo2C#payout#po_1N",
        "test#platform#subscription#sub_1N",
        "Record",
        "test#acct_1032D82eZvKYlo2C#account#acct_1032D82eZvKYlo2C",
        "test#platform#balance#balance",
        "test#platform#some.future#x_1",
    ];
    assert_eq!(keys, expected);
}

#[test]
fn singletons_are_known_by_their_kind() {
    for kind in ["balance", "balance_settings", "tax.settings"] {
        for object in [
            json!({ "object": kind }),
            json!({ "object": kind, "id": null }),
        ] {
            assert_eq!(key(&about(object)), format!("test#platform#{kind}#{kind}"));
        }
    }
}

#[test]
fn what_has_no_identity_is_recorded() {
    let objects = [
        json!({ "object": "invoice", "amount_due": 1 }),
        json!({ "object": "invoice", "id": null }),
        json!({ "object": "discount", "id": "" }),
        json!({ "object": "cash_balance", "customer": "cus_1" }),
        json!({ "id": "x_1" }),
        json!({}),
    ];
    for object in objects {
        assert_eq!(
            arrival(&about(object.clone())).effect,
            Effect::Record,
            "{object}"
        );
    }
}

#[test]
fn a_preview_is_recorded_even_with_an_id() {
    let preview = json!({ "object": "invoice", "id": "upcoming_in_1", "amount_due": 1 });
    let event = samples::snapshot("invoice.upcoming", &preview);
    assert_eq!(arrival(&event).effect, Effect::Record);
    let related = json!({ "id": "upcoming_in_1", "type": "invoice", "url": "/v1/invoices/x" });
    let event = samples::thin("v1.invoice.upcoming", &json!("acct_1"), &related);
    assert_eq!(arrival(&event).effect, Effect::Record);
}

#[test]
fn identities_that_break_keys_are_refused() {
    let objects = [
        json!({ "object": "charge", "id": 7 }),
        json!({ "object": "charge", "id": "ch_\u{0}" }),
        json!({ "object": "charge", "id": "x".repeat(256) }),
        json!({ "object": "Charge#1", "id": "ch_1" }),
        json!({ "object": "", "id": "ch_1" }),
    ];
    for object in objects {
        let refused = refused(&about(object));
        assert_eq!(refused.code, "bad_object");
        assert!(refused.facts.is_some());
    }
}

#[test]
fn what_types_say_about_life() {
    let cases = [
        ("charge.succeeded", Change::Changed),
        ("charge.dispute.created", Change::Created),
        ("customer.created", Change::Created),
        ("customer.deleted", Change::Deleted),
        ("customer.subscription.deleted", Change::Changed),
        ("customer.discount.deleted", Change::Deleted),
        ("customer.source.deleted", Change::Deleted),
        ("customer.tax_id.deleted", Change::Deleted),
        ("account.external_account.deleted", Change::Deleted),
        ("coupon.deleted", Change::Deleted),
        ("invoice.deleted", Change::Deleted),
        ("invoiceitem.deleted", Change::Deleted),
        ("person.deleted", Change::Deleted),
        ("plan.deleted", Change::Deleted),
        ("price.deleted", Change::Deleted),
        ("product.deleted", Change::Deleted),
        ("test_helpers.test_clock.deleted", Change::Deleted),
        ("payment_method.detached", Change::Changed),
        ("quote.canceled", Change::Changed),
    ];
    for (event_type, change) in cases {
        let event = samples::snapshot(event_type, &json!({ "object": "thing", "id": "x_1" }));
        assert_eq!(observation(&event).version.change, change, "{event_type}");
    }
    let remains = json!({ "object": "customer", "id": "cus_1", "deleted": true });
    assert_eq!(observation(&about(remains)).version.change, Change::Deleted);
}

#[test]
fn a_deleted_object_needs_no_amount() {
    let remains = json!({ "object": "topup", "id": "tu_1", "deleted": true });
    assert_eq!(observation(&about(remains)).version.change, Change::Deleted);
}

#[test]
fn previous_attributes_that_say_nothing() {
    for nothing in [json!(null), json!([]), json!("x")] {
        let mut event = about(samples::charge());
        event["data"]["previous_attributes"] = nothing;
        assert_eq!(observation(&event).version.previous, None);
    }
}

#[test]
fn an_event_and_an_object_of_different_modes() {
    let mut event = about(samples::charge());
    event["data"]["object"]["livemode"] = json!(true);
    assert_eq!(refused(&event).code, "mode_mix");
    event["livemode"] = json!(true);
    assert_eq!(observation(&event).object.mode, Mode::Live);
}

#[test]
fn row_28_object_or_required_field_missing() {
    for data in [
        json!(null),
        json!({}),
        json!({ "object": null }),
        json!({ "object": [] }),
    ] {
        let mut event = about(json!({}));
        event["data"] = data;
        let refused = refused(&event);
        assert_eq!((refused.code, refused.repair), ("missing_field", None));
        assert_eq!(refused.facts.unwrap().kind, "some.updated");
    }
    for name in ["amount", "currency"] {
        let mut charge = samples::charge();
        charge.as_object_mut().unwrap().remove(name);
        let refused = refused(&about(charge));
        assert_eq!(refused.code, "missing_field");
        let repair = refused.repair.unwrap();
        assert_eq!(repair.object.to_string(), "test#platform#charge#ch_3Nabc");
        assert_eq!(repair.cause, "evt_1NabcDE2eZvKYlo2C0000001");
    }
}

#[test]
fn keys_that_the_json_reader_takes_for_its_own() {
    let with_key = |key: &str| {
        let mut charge = samples::charge();
        charge["metadata"] = json!({ "KEY": "1" });
        let body = about(charge).to_string().replace("KEY", key);
        decode(&body, Origin::Webhook).map_err(|refused| refused.code)
    };
    for key in [
        r"$serde_json::private::Number",
        r"$serde_json::private::RawValue",
        r"\u0024serde_json::private::Number",
        r"$\u0073erde_json::private::Number",
        r"$serde\u005fjson\u003A:private\u003a:Number",
    ] {
        assert_eq!(with_key(key).unwrap_err(), "reserved_key", "{key}");
    }
    for key in [
        r"$serde_json",
        r"\\u0024serde_json::private::Number",
        r"\u0025serde_json::private::Number",
        r"a\u0024serde_json::private::Number",
        r"serde_json::private::Number",
    ] {
        assert!(with_key(key).is_ok(), "{key}");
    }
    assert_eq!(with_key(r"\u00").unwrap_err(), "not_json");
}

#[test]
fn row_35_thin_event_about_an_account() {
    let url = "/v2/core/accounts/acct_2";
    let related = json!({ "id": "acct_2", "type": "v2.core.account", "url": url });
    let event = samples::thin("v2.core.account.updated", &json!(null), &related);
    let request = fetch(&event);
    assert_eq!(
        request.object.to_string(),
        "live#platform#v2.core.account#acct_2"
    );
    assert_eq!(request.url.as_deref(), Some(url));
    assert_eq!(request.cause, "evt_test_65NabcDE2eZvKYlo2C0000001");
    assert_eq!(request.fetches, 0);
    assert_eq!(arrival(&event).facts.created, samples::CREATED);
}

#[test]
fn row_35_thin_event_about_a_charge_of_an_account() {
    let related = json!({ "id": "ch_1", "type": "charge", "url": "https://elsewhere/v1/x" });
    let request = fetch(&samples::thin(
        "v1.charge.updated",
        &json!("acct_1"),
        &related,
    ));
    assert_eq!(request.object.to_string(), "live#acct_1#charge#ch_1");
    assert_eq!(request.url, None);
}

#[test]
fn row_35_thin_event_about_a_singleton_or_nothing() {
    let balance = json!({ "id": null, "type": "balance", "url": "/v1/balance" });
    let request = fetch(&samples::thin(
        "v1.balance.available",
        &json!("acct_1"),
        &balance,
    ));
    assert_eq!(request.object.to_string(), "live#acct_1#balance#balance");
    for related in [
        json!(null),
        json!({}),
        json!({ "type": "charge" }),
        json!("ch_1"),
    ] {
        let event = samples::thin("v2.core.health.event", &json!(null), &related);
        assert_eq!(arrival(&event).effect, Effect::Record, "{related}");
    }
}

#[test]
fn row_35_thin_event_about_what_is_gone() {
    let cases = [
        ("v1.coupon.deleted", "coupon", "50OFF"),
        ("v1.customer.deleted", "customer", "cus_1"),
        (
            "v2.core.account_person.deleted",
            "v2.core.account_person",
            "person_1",
        ),
    ];
    for (event_type, kind, id) in cases {
        let related = json!({ "id": id, "type": kind, "url": "/v1/x" });
        let event = samples::thin(event_type, &json!("acct_1"), &related);
        let seen = observation(&event);
        assert_eq!(seen.object.to_string(), format!("live#acct_1#{kind}#{id}"));
        assert_eq!(seen.version.change, Change::Deleted);
        assert_eq!(seen.version.at, samples::CREATED);
        assert_eq!(seen.version.source, arrival(&event).facts.key.id);
        assert_eq!(seen.version.body, Document::from_value(&related).unwrap());
        assert_eq!((seen.version.previous, seen.fetches), (None, 0));
    }
    let nothing = samples::thin("v1.coupon.deleted", &json!(null), &json!(null));
    assert_eq!(arrival(&nothing).effect, Effect::Record);
}

#[test]
fn row_35_thin_event_about_what_ended_but_stays_readable() {
    let related =
        json!({ "id": "sub_1", "type": "subscription", "url": "/v1/subscriptions/sub_1" });
    for event_type in ["v1.customer.subscription.deleted", "v2.core.account.closed"] {
        let request = fetch(&samples::thin(event_type, &json!("acct_1"), &related));
        assert_eq!(request.object.id.as_str(), "sub_1");
    }
}

#[test]
fn an_owner_does_not_come_from_the_object() {
    let mut charge = samples::charge();
    charge["account"] = json!("acct_9");
    charge["on_behalf_of"] = json!("acct_9");
    assert_eq!(observation(&about(charge)).object.owner, Owner::Platform);
}
