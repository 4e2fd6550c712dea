//! Lambda's event source mappings: what is in a queue or a stream becomes batches.

use std::collections::BTreeSet;

use bytes::Bytes;
use serde_json::{Value, json};

use crate::aws::{Change, Message, MeteredAws};
use crate::error::CostError;
use crate::lambda::Lambda;

/// Messages that SQS hands out, or deletes, in one request.
const REQUEST_MAX: usize = 10;

/// Hands one batch of a queue to a function. Returns whether there was one.
pub async fn poll_queue(
    aws: &MeteredAws,
    lambda: &mut Lambda,
    queue: &str,
    batch: usize,
) -> Result<bool, CostError> {
    let mut messages = Vec::new();
    while messages.len() < batch {
        let received = aws.receive(queue, REQUEST_MAX.min(batch - messages.len()));
        if received.is_empty() {
            break;
        }
        messages.extend(received);
    }
    if messages.is_empty() {
        return Ok(false);
    }
    let payload = Bytes::from(sqs_event(queue, &messages).to_string());
    let failed = match lambda.invoke(aws, payload, messages.len()).await? {
        Ok(answer) => failed(&answer),
        // An invocation that fails fails with all its messages.
        Err(_) => messages.iter().map(|message| message.id.clone()).collect(),
    };
    let (again, done): (Vec<_>, Vec<_>) = messages
        .into_iter()
        .partition(|message| failed.contains(&message.id));
    for chunk in done.chunks(REQUEST_MAX) {
        aws.delete(queue, chunk);
    }
    aws.give_back(queue, again);
    Ok(true)
}

/// Hands one batch of a table's stream to a function. Returns whether there was one.
pub async fn poll_stream(
    aws: &MeteredAws,
    lambda: &mut Lambda,
    table: &str,
    batch: usize,
) -> Result<bool, CostError> {
    let changes = aws.changes(table, batch);
    if changes.is_empty() {
        return Ok(false);
    }
    let payload = Bytes::from(stream_event(&changes).to_string());
    let answer = lambda.invoke(aws, payload, changes.len()).await?;
    let failed = answer.map(|answer| failed(&answer));
    if failed.as_ref().is_ok_and(BTreeSet::is_empty) {
        return Ok(true);
    }
    Err(CostError::Wrong(format!(
        "changes were not published: {failed:?}"
    )))
}

/// The items that a function names as failed.
fn failed(answer: &[u8]) -> BTreeSet<String> {
    let answer: Value = serde_json::from_slice(answer).unwrap_or_default();
    let failures = answer.get("batchItemFailures").and_then(Value::as_array);
    let name = |failure: &Value| failure.get("itemIdentifier")?.as_str().map(str::to_owned);
    failures.into_iter().flatten().filter_map(name).collect()
}

fn sqs_event(queue: &str, messages: &[Message]) -> Value {
    let attribute = |(name, value): (&String, &Value)| {
        let value = json!({
            "stringValue": value.get("StringValue"),
            "dataType": value.get("DataType"),
            "stringListValues": [],
            "binaryListValues": [],
        });
        (name.clone(), value)
    };
    let record = |message: &Message| {
        let attributes = message.attributes.iter().map(attribute);
        json!({
            "messageId": message.id,
            "receiptHandle": message.id,
            "body": message.body,
            "attributes": { "ApproximateReceiveCount": message.receives.to_string() },
            "messageAttributes": Value::Object(attributes.collect()),
            "eventSource": "aws:sqs",
            "eventSourceARN": format!("arn:aws:sqs:us-east-1:123456789012:{queue}"),
            "awsRegion": "us-east-1",
        })
    };
    json!({ "Records": messages.iter().map(record).collect::<Vec<_>>() })
}

fn stream_event(changes: &[Change]) -> Value {
    let record = |change: &Change| {
        let item = change.new.as_ref().or(change.old.as_ref());
        let key = item.and_then(|item| item.get("pk"));
        let name = match (&change.old, &change.new) {
            (None, _) => "INSERT",
            (_, None) => "REMOVE",
            _ => "MODIFY",
        };
        let mut dynamodb = json!({
            "ApproximateCreationDateTime": 1_763_683_200,
            "Keys": { "pk": key },
            "SequenceNumber": format!("{:021}", change.sequence),
            "SizeBytes": 0,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        });
        let images = [("OldImage", &change.old), ("NewImage", &change.new)];
        for (name, image) in images {
            if let (Some(image), Some(into)) = (image, dynamodb.as_object_mut()) {
                into.insert(name.to_owned(), Value::Object(image.clone()));
            }
        }
        json!({
            "eventID": format!("{:032}", change.sequence),
            "eventName": name,
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": "us-east-1",
            "dynamodb": dynamodb,
            "eventSourceARN": "arn:aws:dynamodb:us-east-1:123456789012:table/mirror/stream/1",
        })
    };
    json!({ "Records": changes.iter().map(record).collect::<Vec<_>>() })
}
