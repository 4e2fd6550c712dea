//! Paths of the API.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::prelude::*;
use tributary_domain::{FetchRequest, Mode, ObjectId, ObjectKey, ObjectKind, Owner};
use tributary_stripe::resource::{is_safe_path, path, request_path};

fn object(kind: &str, id: &str) -> ObjectKey {
    ObjectKey {
        mode: Mode::Live,
        owner: Owner::Platform,
        kind: ObjectKind::parse(kind).unwrap(),
        id: ObjectId::parse(id).unwrap(),
    }
}

fn path_of(kind: &str, id: &str) -> Option<String> {
    path(&object(kind, id))
}

fn requested(kind: &str, id: &str, url: Option<&str>) -> Option<String> {
    request_path(&FetchRequest {
        object: object(kind, id),
        url: url.map(str::to_owned),
        cause: "evt_1".to_owned(),
        fetches: 0,
    })
}

#[test]
fn requests_go_where_the_event_said_if_that_is_safe() {
    let cases = [
        (None, "/v1/charges/ch_1"),
        (Some("/v1/elsewhere/ch_1"), "/v1/elsewhere/ch_1"),
        (Some("https://api.example/v1/x"), "/v1/charges/ch_1"),
        (Some("/v1/charges?limit=1"), "/v1/charges/ch_1"),
    ];
    for (url, expected) in cases {
        assert_eq!(requested("charge", "ch_1", url).as_deref(), Some(expected));
    }
    assert_eq!(requested("fee_refund", "fr_1", None), None);
    let url = "/v1/application_fees/fee_1/refunds/fr_1";
    assert_eq!(
        requested("fee_refund", "fr_1", Some(url)).as_deref(),
        Some(url)
    );
}

#[test]
fn accounts_of_v2_are_requested_whole() {
    let path = "/v2/core/accounts/acct_1";
    for url in [None, Some(path)] {
        let requested = requested("v2.core.account", "acct_1", url).unwrap();
        let (before, query) = requested.split_once('?').unwrap();
        assert_eq!(before, path);
        let parts = [
            "include[0]=configuration.customer",
            "include[1]=configuration.merchant",
            "include[2]=configuration.recipient",
            "include[3]=defaults",
            "include[4]=future_requirements",
            "include[5]=identity",
            "include[6]=requirements",
        ];
        assert_eq!(query.split('&').collect::<Vec<_>>(), parts);
    }
    let person = "/v2/core/accounts/acct_1/persons/person_1";
    assert_eq!(
        requested("v2.core.account_person", "person_1", Some(person)).as_deref(),
        Some(person)
    );
}

#[test]
fn objects_of_collections() {
    let cases = [
        ("charge", "ch_1", "/v1/charges/ch_1"),
        ("account", "acct_1", "/v1/accounts/acct_1"),
        (
            "radar.early_fraud_warning",
            "issfr_1",
            "/v1/radar/early_fraud_warnings/issfr_1",
        ),
        ("v2.core.account", "acct_1", "/v2/core/accounts/acct_1"),
        (
            "coupon",
            "50% off/été",
            "/v1/coupons/50%25%20off%2F%C3%A9t%C3%A9",
        ),
        ("plan", "a?b#c", "/v1/plans/a%3Fb%23c"),
    ];
    for (kind, id, expected) in cases {
        assert_eq!(path_of(kind, id).as_deref(), Some(expected));
    }
}

#[test]
fn parts_of_the_account_that_owns_them() {
    let cases = [
        ("person", "person_1", "/v1/accounts/acct_1/persons/person_1"),
        (
            "capability",
            "card_payments",
            "/v1/accounts/acct_1/capabilities/card_payments",
        ),
        (
            "bank_account",
            "ba_1",
            "/v1/accounts/acct_1/external_accounts/ba_1",
        ),
    ];
    for (kind, id, expected) in cases {
        let object = ObjectKey {
            mode: Mode::Live,
            owner: Owner::parse("acct_1").unwrap(),
            kind: ObjectKind::parse(kind).unwrap(),
            id: ObjectId::parse(id).unwrap(),
        };
        assert_eq!(path(&object).as_deref(), Some(expected));
    }
}

#[test]
fn singletons() {
    assert_eq!(
        path_of("balance", "balance").as_deref(),
        Some("/v1/balance")
    );
    assert_eq!(
        path_of("tax.settings", "tax.settings").as_deref(),
        Some("/v1/tax/settings")
    );
}

#[test]
fn kinds_without_a_path_of_their_own() {
    let kinds = [
        "capability",
        "person",
        "bank_account",
        "transfer_reversal",
        "fee_refund",
        "unheard.of",
    ];
    for kind in kinds {
        assert_eq!(path_of(kind, "x_1"), None, "{kind}");
    }
}

#[test]
fn ids_that_are_steps() {
    assert_eq!(
        [path_of("coupon", "."), path_of("coupon", "..")],
        [None, None]
    );
}

#[test]
fn paths_of_thin_events() {
    for good in [
        "/v1/charges/ch_1",
        "/v2/core/accounts/acct_1/persons/person_test-1",
        "/v1/reporting/report_types/balance.summary.1",
    ] {
        assert!(is_safe_path(good), "{good}");
    }
    for bad in [
        "",
        "/",
        "/v1/",
        "/v3/charges",
        "v1/charges",
        "//api.example/v1/charges",
        "https://api.example/v1/charges",
        "@api.example/v1/charges",
        "/v1/../v2/core",
        "/v1/./charges",
        "/v1//charges",
        "/v1/charges/",
        "/v1/charges?expand[]=customer",
        "/v1/charges#x",
        "/v1/%2e%2e/x",
        "/v1/charges\\x",
        "/v1/charges\r\nhost: x",
        "/v1/chargés",
    ] {
        assert!(!is_safe_path(bad), "{bad}");
    }
    assert!(!is_safe_path(&format!("/v1/{}", "x".repeat(1_024))));
}

proptest! {
    #[test]
    fn any_id_stays_one_segment(id in "[^\\p{Cc}]{1,60}") {
        prop_assume!(id != "." && id != "..");
        let path = path_of("coupon", &id).unwrap();
        let segment = path.strip_prefix("/v1/coupons/").unwrap();
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~%".contains(&b);
        prop_assert!(!segment.is_empty() && segment.bytes().all(plain));
    }
}
