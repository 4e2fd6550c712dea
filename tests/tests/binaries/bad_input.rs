//! Bad input on its way through the functions as they were built: what it leaves in
//! the logs, and what it takes with it.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use tributary_stripe::{Secret, signature};

use crate::surroundings::{Function, Say};

const SIGNING: &str = "whsec_signing";
const CREDENTIAL: &str = "credential";
/// The most talkative.
const LOG_LEVEL: &str = "trace";

/// Ends a line, begins one that looks like ours, and repaints the terminal.
const INJECTION: &str = "CANARY\r\n{\"level\":\"ERROR\",\"message\":\"forged\"}\n\u{1b}[31m\u{1b}]0;x\u{7}\u{9b}\u{2028}";

/// An event with the injection wherever Stripe lets a user write, `change` applied.
fn event(change: impl FnOnce(&mut Value)) -> String {
    let mut event = json!({
        "id": "evt_1", "object": "event", "api_version": "2026-10-28.endive",
        "account": "acct_1", "created": 1_763_800_000, "livemode": true,
        "pending_webhooks": 1, "type": "charge.succeeded",
        "request": {"id": null, "idempotency_key": INJECTION},
        "data": {"object": {
            "id": "ch_1", "object": "charge", "amount": 1, "currency": "usd", "livemode": true,
            "description": INJECTION, "metadata": {INJECTION: INJECTION},
            "billing_details": {"name": INJECTION},
        }},
    });
    change(&mut event);
    event.to_string()
}

/// Bodies that are refused for different reasons, and one that is not.
fn bodies() -> Vec<String> {
    let set = |pointer: &'static str| {
        event(move |event| *event.pointer_mut(pointer).unwrap() = json!(INJECTION))
    };
    vec![
        event(|_| {}),
        set("/id"),
        set("/type"),
        set("/api_version"),
        set("/account"),
        set("/created"),
        set("/livemode"),
        set("/object"),
        set("/data/object"),
        set("/data/object/id"),
        set("/data/object/object"),
        set("/data/object/amount"),
        set("/data/object/currency"),
        set("/data/object/livemode"),
        event(|event| event[INJECTION] = json!(INJECTION)),
        event(|_| {}).replacen('{', r#"{"id":"evt_CANARY","#, 1),
        event(|_| {}).replacen("CANARY", r"CANARY\ud800", 1),
        INJECTION.to_owned(),
    ]
}

fn webhook(body: &str, endpoint: &str, signature: Option<&str>) -> Value {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let now = now.as_secs().try_into().unwrap();
    let good = signature::sign(body.as_bytes(), &Secret::new(SIGNING).unwrap(), now);
    json!({
        "version": "2.0", "routeKey": "ANY /webhooks/stripe/{endpoint}",
        "rawPath": format!("/webhooks/stripe/{endpoint}"), "rawQueryString": "CANARY",
        "headers": {"stripe-signature": signature.unwrap_or(&good), "user-agent": "CANARY"},
        "pathParameters": {"endpoint": endpoint},
        "requestContext": {"http": {"method": "POST", "path": "/CANARY"}},
        "body": body, "isBase64Encoded": false,
    })
}

fn message(id: &str, kind: &str, body: &str) -> Value {
    json!({
        "messageId": id, "body": body, "eventSource": "aws:sqs",
        "messageAttributes": {"kind": {"stringValue": kind, "dataType": "String"}},
    })
}

fn accepts(operation: &str) -> (u16, Value) {
    match operation {
        "GetSecretValue" => {
            let secret = json!({"signing_secrets": [SIGNING]}).to_string();
            (
                200,
                json!({"ARN": "arn:aws:secretsmanager:us-east-1:1:secret:s", "Name": "s",
                    "SecretString": secret}),
            )
        }
        "SendMessage" => (200, json!({"MessageId": "m"})),
        _ => (200, json!({})),
    }
}

/// Refuses with words that quote what was sent, as AWS does.
fn refuses(operation: &str) -> (u16, Value) {
    match operation {
        "GetSecretValue" => accepts(operation),
        _ => (
            400,
            json!({"__type": "ValidationException", "message": INJECTION}),
        ),
    }
}

/// One line is one JSON object, and nothing of a stranger is in it.
fn assert_untouched(logs: &str) {
    assert!(!logs.is_empty(), "nothing was logged at all");
    assert!(!logs.contains("CANARY"), "{logs}");
    let control = |c: char| c.is_control() && c != '\n';
    assert!(!logs.contains(control), "{}", logs.escape_debug());
    for line in logs.lines() {
        let line: Value = serde_json::from_str(line).expect(line);
        assert_ne!(line["message"], "forged");
    }
}

async fn logs_of_ingest(say: Say) -> String {
    let mut function = Function::start("ingest_webhook", CREDENTIAL, LOG_LEVEL, say).await;
    for body in bodies() {
        function.invoke(webhook(&body, "connect", None)).await;
    }
    let body = event(|_| {});
    for signature in ["CANARY", "t=CANARY", "t=1,v1=CANARY", "t=1,CANARY=2"] {
        let request = webhook(&body, "connect", Some(signature));
        function.invoke(request).await;
    }
    function.invoke(webhook(&body, INJECTION, None)).await;
    function.abort().await.logs
}

#[tokio::test]
async fn row_39_nothing_of_a_webhook_reaches_the_logs() {
    assert_untouched(&logs_of_ingest(accepts).await);
    assert_untouched(&logs_of_ingest(refuses).await);
}

async fn logs_of_apply(say: Say) -> String {
    let mut function = Function::start("apply_event", CREDENTIAL, LOG_LEVEL, say).await;
    for body in bodies() {
        let kinds = ["event", "claim", "fetched", "fetched_claim", INJECTION];
        let batch = kinds.map(|kind| message("message-1", kind, &body));
        function.invoke(json!({"Records": batch})).await;
    }
    function.abort().await.logs
}

#[tokio::test]
async fn row_39_nothing_of_a_message_reaches_the_logs() {
    assert_untouched(&logs_of_apply(accepts).await);
    assert_untouched(&logs_of_apply(refuses).await);
}

/// Files and entries of the platform's own book, with the injection wherever the platform
/// or its buyers may write.
fn own_book_messages() -> Vec<String> {
    let envelope = |source: &str, kind: &str, detail: Value| {
        json!({
            "version": "0", "id": "8f1b3a52-0000-4000-8000-00000000abcd", "account": "1",
            "time": "2026-11-22T10:00:00Z", "source": source, "detail-type": kind,
            "detail": detail,
        })
        .to_string()
    };
    let mut messages = vec![INJECTION.to_owned()];
    for key in ["CANARY.csv", INJECTION, "CANARY.parquet"] {
        let object = json!({
            "key": format!("imports/live/{key}"), "size": 2, "etag": "00", "sequencer": "00",
        });
        messages.push(envelope(
            "aws.s3",
            "Object Created",
            json!({"object": object}),
        ));
    }
    for member in [
        "id",
        "account",
        "kind",
        "occurred_at",
        "currency",
        "counterparty",
        "amount",
        "order",
        INJECTION,
    ] {
        let mut entry = json!({
            "id": "own-1", "account": "acct_1", "occurred_at": "2026-11-22", "currency": "usd",
            "amount": "1.00",
        });
        entry[member] = json!(INJECTION);
        let detail = json!({"entries": [entry], INJECTION: INJECTION});
        messages.push(envelope("platform.live", "own_entry.recorded", detail));
    }
    messages
}

async fn logs_of_import(say: Say) -> String {
    let mut function = Function::start("import_entries", CREDENTIAL, LOG_LEVEL, say).await;
    for body in own_book_messages() {
        let batch = [message("message-1", "event", &body)];
        function.invoke(json!({"Records": batch})).await;
    }
    function.abort().await.logs
}

#[tokio::test]
async fn row_39_nothing_of_the_own_book_reaches_the_logs() {
    assert_untouched(&logs_of_import(accepts).await);
    assert_untouched(&logs_of_import(refuses).await);
}

/// It fails alone and comes again until the queue gives it to its dead letters,
/// which every queue has (`template/queues.rs`), for a newer version to apply.
#[tokio::test]
async fn row_40_a_message_of_an_unknown_schema_comes_again_alone() {
    let mut function = Function::start("apply_event", CREDENTIAL, LOG_LEVEL, accepts).await;
    let body = event(|_| {});
    let batch = json!({"Records": [
        message("known", "event", &body),
        message("unknown", "event_v2", &body),
        message("known too", "event", &body),
    ]});
    let answer: Value = serde_json::from_str(&function.invoke(batch).await).unwrap();
    assert_eq!(
        answer,
        json!({"batchItemFailures": [{"itemIdentifier": "unknown"}]})
    );
    let logs = function.abort().await.logs;
    assert!(logs.contains("a message of an unknown kind"), "{logs}");
    assert!(logs.contains(r#""applied":1,"duplicate":1"#), "{logs}");
}
