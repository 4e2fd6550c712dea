//! The functions of money and of the bus as they were built, at the most talkative:
//! nothing of what they read, are answered or fail with is in what they write.

use serde_json::{Value, json};

use crate::surroundings::{Function, Say};

const LOG_LEVEL: &str = "trace";
const CREDENTIAL: &str = "credential";
const CANARY: &str = "Canary Person <canary@example.com>";

/// A list of Stripe's with canaries wherever it has texts.
fn listed() -> Value {
    json!({"object": "list", "has_more": false, "url": CANARY, "data": [
        {"id": "txn_1", "object": "balance_transaction", "amount": 1000, "fee": 30, "net": 970,
            "currency": "usd", "created": 1_795_348_700, "available_on": 1_795_348_700,
            "type": CANARY, "reporting_category": CANARY, "status": CANARY,
            "description": CANARY, "exchange_rate": CANARY,
            "fee_details": [{"type": CANARY, "amount": 30, "currency": "usd", "description": CANARY}],
            "source": {"id": "ch_1", "object": "charge", "description": CANARY,
                "billing_details": {"name": CANARY}, "metadata": {CANARY: CANARY}}},
        {"id": CANARY, "object": CANARY, "amount": CANARY},
    ]})
}

fn secret() -> Value {
    json!({"ARN": "arn:aws:secretsmanager:us-east-1:1:secret:s", "Name": "s",
        "SecretString": json!({"api_key": "rk_test_canary1234567890"}).to_string()})
}

fn answers(operation: &str) -> (u16, Value) {
    match operation {
        "GetSecretValue" => (200, secret()),
        "GET" => (200, listed()),
        _ => (200, json!({})),
    }
}

/// AWS and Stripe refuse, and quote.
fn refuses(operation: &str) -> (u16, Value) {
    match operation {
        "GetSecretValue" => (200, secret()),
        _ => (
            400,
            json!({"__type": "ValidationException", "message": CANARY,
                "error": {"type": CANARY, "code": CANARY, "message": CANARY}}),
        ),
    }
}

/// What no AWS would say: a code that is a sentence.
fn babbles(operation: &str) -> (u16, Value) {
    match operation {
        "GetSecretValue" => (200, secret()),
        _ => (
            500,
            json!({"__type": CANARY, "message": CANARY, "error": CANARY}),
        ),
    }
}

const SAYS: [(&str, Say); 3] = [
    ("answers", answers),
    ("refuses", refuses),
    ("babbles", babbles),
];

fn domain_event() -> Value {
    json!({
        "schema": "charge.changed", "version": 1, "id": "0123456789abcdef0123456789abcdef",
        "sequence": "1", "livemode": false, "account": "acct_1",
        "object": {"kind": "charge", "id": "ch_1"}, "change": "created",
        "as_of": {"created": 1_795_348_700, "event": "evt_1"}, "ambiguous": false,
        "truncated": false, "state": {"description": CANARY}, "previous": {"name": CANARY},
        "traceparent": "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01",
    })
}

fn batch(bodies: &[String]) -> Value {
    let records = bodies.iter().enumerate().map(|(n, body)| {
        json!({"messageId": format!("message-{n}"), "body": body, "eventSource": "aws:sqs",
            "messageAttributes": {"traceparent": {"stringValue": CANARY, "dataType": "String"}}})
    });
    json!({"Records": records.collect::<Vec<_>>()})
}

async fn assert_silent(function: &str, invocation: &Value) {
    for (how, say) in SAYS {
        let mut process = Function::start(function, CREDENTIAL, LOG_LEVEL, say).await;
        let answer = process.invoke(invocation.clone()).await;
        let logs = process.abort().await.logs;
        assert!(!logs.is_empty(), "{function} said nothing while AWS {how}");
        let told = [answer.as_str(), logs.as_str()].concat().to_lowercase();
        assert!(
            !told.contains("canary"),
            "{function} while AWS {how}: {answer}\n{logs}"
        );
        for line in logs.lines() {
            let line: Value = serde_json::from_str(line).expect(line);
            assert!(line["message"].is_string(), "{line}");
        }
    }
}

#[tokio::test]
async fn post_ledger_tells_nothing_of_what_it_reads() {
    let pull = json!({"tributary": "pull", "book": "test#acct_1", "until": 1_795_348_800});
    let bodies = [
        domain_event().to_string(),
        pull.to_string(),
        CANARY.to_owned(),
    ];
    assert_silent("post_ledger", &batch(&bodies)).await;
}

#[tokio::test]
async fn reconcile_tells_nothing_of_what_it_reads() {
    let job = json!({"job": "holdings", "book": "test#acct_1", "at": 1_795_348_800});
    let events =
        json!({"job": "events", "book": "test#acct_1", "from": 1_795_300_000, "to": 1_795_348_800});
    let plan = json!({"plan": "everything"});
    let bodies = [job, events, plan].map(|body| body.to_string());
    assert_silent("reconcile", &batch(&bodies)).await;
    assert_silent(
        "reconcile",
        &batch(&[CANARY.to_owned(), domain_event().to_string()]),
    )
    .await;
}

#[tokio::test]
async fn publish_changes_tells_nothing_of_what_it_reads() {
    let image = json!({
        "pk": {"S": "live#acct_1#customer#cus_1"}, "token": {"S": CANARY}, "at": {"N": "5"},
        "text": {"S": CANARY},
    });
    let stored_elsewhere = json!({
        "pk": {"S": "live#acct_1#customer#cus_2"}, "token": {"S": CANARY}, "at": {"N": "5"},
        "text_at": {"S": CANARY},
    });
    let records = [image, stored_elsewhere].map(|image| {
        json!({"eventID": "c4ca4238a0b923820dcc509a6f75849b", "eventName": "INSERT",
            "eventVersion": "1.1", "eventSource": "aws:dynamodb", "awsRegion": "us-east-1",
            "eventSourceARN": "arn:aws:dynamodb:us-east-1:1:table/mirror/stream/1",
            "dynamodb": {"ApproximateCreationDateTime": 1_795_348_800.0, "SequenceNumber": "1",
                "SizeBytes": 100, "StreamViewType": "NEW_AND_OLD_IMAGES",
                "Keys": {"pk": image["pk"]}, "NewImage": image}})
    });
    assert_silent("publish_changes", &json!({"Records": records})).await;
}
