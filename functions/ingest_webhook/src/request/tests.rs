#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};

use super::*;

/// An invocation as the HTTP API writes it.
fn invocation(more: Value) -> Value {
    let mut invocation = json!({
        "version": "2.0",
        "routeKey": "POST /webhooks/stripe/{endpoint}",
        "rawPath": "/webhooks/stripe/connect",
        "rawQueryString": "",
        "cookies": ["a=b"],
        "headers": {"host": "example.com", "stripe-signature": "t=1,v1=ab"},
        "requestContext": {
            "accountId": "123456789012", "timeEpoch": 1_763_852_010_000_i64,
            "http": {"method": "POST", "path": "/webhooks/stripe/connect", "sourceIp": "192.0.2.1"},
        },
        "pathParameters": {"endpoint": "connect"},
        "body": "{\"a\": \"\u{e9}\"}",
        "isBase64Encoded": false,
    });
    let fields = invocation.as_object_mut().unwrap();
    fields.extend(more.as_object().unwrap().clone());
    invocation
}

fn read(more: Value) -> Request {
    serde_json::from_str(&invocation(more).to_string()).unwrap()
}

#[test]
fn what_counts_is_read() {
    let expected = Request {
        method: Method::POST,
        endpoint: Some("connect".to_owned()),
        signatures: vec!["t=1,v1=ab".to_owned()],
        content_encoding: None,
        body: Some("{\"a\": \"\u{e9}\"}".to_owned()),
        is_base64_encoded: false,
    };
    assert_eq!(read(json!({})), expected);
}

#[test]
fn names_of_headers_have_no_case_and_may_have_several_values() {
    let request = read(json!({"headers": {
        "Stripe-Signature": ["one", "two"], "CONTENT-ENCODING": "gzip", "x-other": ["3", "4"],
    }}));
    assert_eq!(request.signatures, ["one", "two"]);
    assert_eq!(request.content_encoding.as_deref(), Some("gzip"));
}

#[test]
fn without_path_parameters_the_path_names_the_endpoint() {
    for absent in [Value::Null, json!({}), json!({"endpoint": null})] {
        let request = read(json!({"pathParameters": absent}));
        assert_eq!(request.endpoint.as_deref(), Some("connect"), "{absent}");
    }
    let other = read(json!({"pathParameters": null, "rawPath": "/elsewhere"}));
    assert_eq!(other.endpoint, None);
}

#[test]
fn what_may_be_missing_is_missing() {
    let request = read(json!({"headers": null, "body": null, "rawPath": null}));
    assert_eq!((request.signatures.len(), request.body), (0, None));
    let least = r#"{"requestContext": {"http": {"method": "PUT"}}}"#;
    let request: Request = serde_json::from_str(least).unwrap();
    assert_eq!((request.method, request.endpoint), (Method::PUT, None));
}

#[test]
fn what_is_no_method_is_not_taken_for_post() {
    let context = json!({"http": {"method": "P OST"}});
    let request = read(json!({"requestContext": context}));
    assert_ne!(request.method, Method::POST);
}
