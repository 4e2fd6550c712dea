//! Dead letters.

use serde_json::Value;
use tributary_aws::operate::Letter;
use tributary_domain::{FetchRequest, ObjectKey};
use tributary_pipeline::ledger::{Missed, PullRequest};
use tributary_pipeline::reconcile::Job;

use super::event::read_event;
use super::{REDRIVE, Told};
use crate::context::Context;
use crate::failure::Failure;

/// Tells a letter of a dead-letter queue, by that queue's name in the template.
///
/// # Errors
/// When what is stored about it cannot be read.
pub async fn tell_dead_letter(
    context: &Context,
    queue: &str,
    letter: &Letter,
) -> Result<Told, Failure> {
    let about = about(&letter.body);
    if let Some(code) = letter.attributes.get("ERROR_CODE") {
        let kind = letter.attributes.get("kind").map(String::as_str);
        let about = match about {
            None => read_event(context, Some(kind.unwrap_or("event_bridge")), &letter.body)
                .await?
                .about(),
            about => about,
        };
        return Ok(undelivered(about, code, letter));
    }
    Ok(match queue {
        "EventsDeadLetters" => {
            let kind = letter.attributes.get("kind").map(String::as_str);
            read_event(context, kind, &letter.body).await?.told()
        }
        "PublishDeadLetters" => unpublished(&letter.body),
        _ => Told {
            about,
            code: "retries_exhausted".to_owned(),
            reason: format!("{} failed on it five times", consumer(queue)),
            remedy: "mend the cause (its log), then redrive",
        },
    })
}

fn consumer(queue: &str) -> &'static str {
    match queue {
        "FetchDeadLetters" => "fetch_object",
        "LedgerDeadLetters" => "post_ledger",
        "ImportDeadLetters" => "import_entries",
        "ReconcileDeadLetters" => "reconcile",
        _ => "its function",
    }
}

/// A rule or a schedule did not reach the queue
/// (EventBridge User Guide, "Using dead-letter queues").
fn undelivered(about: Option<String>, code: &str, letter: &Letter) -> Told {
    let from = match letter.attributes.get("SCHEDULE_ARN") {
        Some(_) => "the schedule",
        None => "the rule",
    };
    Told {
        about,
        code: "not_delivered".to_owned(),
        reason: format!("{from} could not put it into the queue: {code}"),
        remedy: "look at the queue's policy, then redrive",
    }
}

/// Lambda says of a stream's records only where they are (Lambda Developer Guide,
/// "Retain discarded batches").
fn unpublished(body: &str) -> Told {
    let letter: Value = serde_json::from_str(body).unwrap_or_default();
    let at = |pointer: &str| letter.pointer(pointer).cloned().unwrap_or_default();
    let text = |pointer: &str| at(pointer).as_str().unwrap_or("?").to_owned();
    Told {
        about: Some(format!(
            "{} records from {}",
            at("/DDBStreamBatchInfo/batchSize"),
            text("/DDBStreamBatchInfo/startSequenceNumber")
        )),
        code: "not_published".to_owned(),
        reason: format!(
            "{} in {}",
            text("/requestContext/condition"),
            text("/DDBStreamBatchInfo/shardId")
        ),
        remedy: "RUNBOOK, PublishDeadLetters: the records are in the stream for 24 hours",
    }
}

/// What a message is about, whichever queue it was in.
fn about(body: &str) -> Option<String> {
    if let Ok(request) = serde_json::from_str::<FetchRequest>(body) {
        return Some(request.object.to_string());
    }
    if let Ok(request) = serde_json::from_str::<PullRequest>(body) {
        return Some(request.book.to_string());
    }
    if let Ok(Missed { book, fact }) = serde_json::from_str::<Missed>(body) {
        return Some(format!("{book}#{}", fact.id));
    }
    if let Ok(job) = serde_json::from_str::<Job>(body) {
        return Some(job.name());
    }
    let value: Value = serde_json::from_str(body).ok()?;
    if let Some(plan) = value.get("plan").and_then(Value::as_str) {
        return Some(format!("plan {plan}"));
    }
    // A domain event, whose object is named as a key's parts.
    let object = value.get("object")?;
    let object: ObjectKey = serde_json::from_value(object.clone()).ok()?;
    Some(object.to_string())
}

impl Told {
    /// Nothing is wrong with the message: whatever failed may have passed.
    pub(super) fn redrivable(about: String, code: &str, reason: &str) -> Self {
        Self {
            about: Some(about),
            code: code.to_owned(),
            reason: reason.to_owned(),
            remedy: REDRIVE,
        }
    }
}
