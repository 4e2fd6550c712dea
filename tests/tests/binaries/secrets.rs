//! Secrets are shown by nothing that a function writes, says or is given.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use tributary_stripe::{Secret, signature};

use crate::surroundings::{Function, Remains, Say};

/// Planted where a secret is, and looked for everywhere else.
const SIGNING: &str = "whsec_canary5f3b1a9c7e2d4860b1c3d5e7f9a0";
const API_KEY: &str = "rk_live_canary51H8xQe2zJ0mVb7Yp3RkT6";
const CREDENTIAL: &str = "IQoJb3JpZ2luX2VjCanaryEJr//////////wEaCXVzLWVhc3Qt";
/// In the event itself: no secret, but nothing for a log either.
const PERSONAL: &str = "canary.person@example.com";

/// The most talkative: it must not make the libraries talk.
const LOG_LEVEL: &str = "trace";

fn body() -> String {
    json!({
        "id": "evt_1", "object": "event", "api_version": "2026-10-28.endive",
        "account": "acct_1", "created": 1_763_800_000, "livemode": true,
        "pending_webhooks": 1, "type": "customer.updated",
        "data": {"object": {"id": "cus_1", "object": "customer", "livemode": true, "email": PERSONAL}},
    })
    .to_string()
}

fn webhook(signing_secret: &str) -> Value {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let now = now.as_secs().try_into().unwrap();
    let signature = signature::sign(
        body().as_bytes(),
        &Secret::new(signing_secret).unwrap(),
        now,
    );
    json!({
        "version": "2.0", "routeKey": "ANY /webhooks/stripe/{endpoint}",
        "rawPath": "/webhooks/stripe/connect", "rawQueryString": "",
        "headers": {"stripe-signature": signature},
        "pathParameters": {"endpoint": "connect"},
        "requestContext": {"http": {"method": "POST", "path": "/webhooks/stripe/connect"}},
        "body": body(), "isBase64Encoded": false,
    })
}

fn fetch_request() -> Value {
    let request = json!({
        "object": {"mode": "live", "owner": {"Account": "acct_1"}, "kind": "customer", "id": "cus_1"},
        "cause": "evt_1",
    });
    json!({"Records": [{"messageId": "message-1", "body": request.to_string(), "eventSource": "aws:sqs"}]})
}

fn secret(text: impl Into<String>) -> (u16, Value) {
    let arn = "arn:aws:secretsmanager:us-east-1:1:secret:s";
    (
        200,
        json!({"ARN": arn, "Name": "s", "SecretString": text.into()}),
    )
}

/// An error whose message quotes what it must not.
fn refusal(code: &str) -> (u16, Value) {
    let message = format!("no: {SIGNING} {API_KEY} {CREDENTIAL} {PERSONAL}");
    (
        400,
        json!({"__type": code, "message": message, "error": {"message": message}}),
    )
}

fn accepts(operation: &str) -> (u16, Value) {
    match operation {
        "GetSecretValue" => {
            secret(json!({"signing_secrets": [SIGNING], "api_key": API_KEY}).to_string())
        }
        "SendMessage" => (200, json!({"MessageId": "m"})),
        _ => (200, json!({})),
    }
}

fn queue_refuses(operation: &str) -> (u16, Value) {
    match operation {
        "SendMessage" => refusal("InvalidMessageContents"),
        other => accepts(other),
    }
}

fn stripe_refuses(operation: &str) -> (u16, Value) {
    match operation {
        "GET" => refusal("invalid_request_error"),
        other => accepts(other),
    }
}

fn denies(_: &str) -> (u16, Value) {
    refusal("AccessDeniedException")
}

/// Stored by someone who pasted the secret itself.
fn bare(_: &str) -> (u16, Value) {
    secret(format!("{SIGNING} {API_KEY}"))
}

/// Stored as the wrong types: what a parser likes to quote.
fn mistyped(_: &str) -> (u16, Value) {
    secret(json!({"signing_secrets": SIGNING, "api_key": [API_KEY]}).to_string())
}

/// Stored under other names.
fn misnamed(_: &str) -> (u16, Value) {
    secret(json!({SIGNING: 1, API_KEY: 1, "signing_secret": SIGNING}).to_string())
}

/// Stored in half.
fn cut_off(_: &str) -> (u16, Value) {
    secret(format!(
        r#"{{"api_key":"{API_KEY}","signing_secrets":["{SIGNING}","#
    ))
}

/// Stored with a line break inside, which can stand in no header.
fn broken(_: &str) -> (u16, Value) {
    secret(
        json!({"signing_secrets": [SIGNING, " "], "api_key": format!("{API_KEY}\n{API_KEY}")})
            .to_string(),
    )
}

fn assert_shows_nothing(what: &str, environment: &str, answer: &str, remains: &Remains) {
    let shown = [environment, answer, &remains.logs].concat();
    for canary in [SIGNING, API_KEY, PERSONAL] {
        assert!(!shown.contains(canary), "{what} shows {canary}:\n{shown}");
    }
    // The environment holds the role's credentials, for that is how Lambda gives them.
    let written = [answer, &remains.logs].concat();
    assert!(
        !written.contains(CREDENTIAL),
        "{what} shows the credentials:\n{written}"
    );
    assert!(!remains.dumped_core, "{what} left an image of its memory");
}

async fn ingest(what: &str, say: Say, signing_secret: &str) -> u64 {
    let mut function = Function::start("ingest_webhook", CREDENTIAL, LOG_LEVEL, say).await;
    let answer = function.invoke(webhook(signing_secret)).await;
    let environment = function.proc("environ");
    let remains = function.abort().await;
    assert_shows_nothing(what, &environment, &answer, &remains);
    let answer: Value = serde_json::from_str(&answer).unwrap();
    answer["statusCode"].as_u64().unwrap()
}

#[tokio::test]
async fn ingest_shows_no_secret_whatever_goes_wrong() {
    assert_eq!(ingest("a good webhook", accepts, SIGNING).await, 200);
    assert_eq!(
        ingest("a forged webhook", accepts, "whsec_other").await,
        400
    );
    assert_eq!(
        ingest("a queue that refuses", queue_refuses, SIGNING).await,
        503
    );
    let no_secret: [(&str, Say); 6] = [
        ("a Secrets Manager that denies", denies),
        ("a bare secret", bare),
        ("a mistyped secret", mistyped),
        ("a misnamed secret", misnamed),
        ("half a secret", cut_off),
        ("an empty secret beside a good one", broken),
    ];
    for (what, say) in no_secret {
        assert_eq!(ingest(what, say, SIGNING).await, 503, "{what}");
    }
}

async fn fetch(what: &str, say: Say) -> usize {
    let mut function = Function::start("fetch_object", CREDENTIAL, LOG_LEVEL, say).await;
    let answer = function.invoke(fetch_request()).await;
    let environment = function.proc("environ");
    let remains = function.abort().await;
    assert_shows_nothing(what, &environment, &answer, &remains);
    let answer: Value = serde_json::from_str(&answer).unwrap();
    answer["batchItemFailures"].as_array().unwrap().len()
}

#[tokio::test]
async fn fetch_shows_no_secret_whatever_goes_wrong() {
    let failures: [(&str, Say); 7] = [
        ("a Stripe that refuses the key", stripe_refuses),
        ("a Secrets Manager that denies", denies),
        ("a bare key", bare),
        ("a mistyped key", mistyped),
        ("a misnamed key", misnamed),
        ("half a key", cut_off),
        ("a key with a line break", broken),
    ];
    for (what, say) in failures {
        assert_eq!(fetch(what, say).await, 1, "{what}");
    }
}
