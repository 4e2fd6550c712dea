//! Out of the quarantine: applied anew, and deleted there once that is seen.

use std::collections::BTreeMap;
use std::time::Duration;

use tributary_aws::SqsEvents;
use tributary_aws::operate::Letter;
use tributary_domain::{Arrival, TraceParent};
use tributary_pipeline::accept::CLAIMS;
use tributary_pipeline::carriage::{Carried, carry, redeem};
use tributary_pipeline::message::{Kind, Message, group};
use tributary_pipeline::ports::{EventQueue, Store};

use super::{Read, Step, Told, is_releasable, read_body};
use crate::context::Context;
use crate::failure::Failure;

/// Where the bodies of quarantined messages wait that no queue can carry.
const QUARANTINE: &str = "quarantine";
/// Between two looks whether it was applied.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Looks: the events queue is emptied within seconds.
const LOOKS_MAX: u32 = 60;

/// Sends a quarantined message to the events queue, and waits until its event is no
/// longer held. One that is still unusable is not sent: `apply_event` would take it for
/// a duplicate of what waits here.
///
/// # Errors
/// When a queue, a table or the bucket fails.
pub async fn release(
    context: &Context,
    letter: &Letter,
    told: &Told,
    dry_run: bool,
) -> Result<Step, Failure> {
    let left = |why: &str| Ok(Step::Left(why.to_owned()));
    if !is_releasable(&told.code) {
        return left("no version can use it as it is");
    }
    let body = body_of(context, letter).await?;
    let kind = kind_of(&body);
    let arrival = match read_body(context, kind, &body).await? {
        Read::Usable(arrival) => arrival,
        Read::Applied(_) if dry_run => return left("applied by now; would be deleted (dry run)"),
        Read::Applied(_) => return Ok(Step::Done),
        Read::Unusable(unusable) => {
            return Ok(Step::Left(format!(
                "this version cannot use it either: {}",
                unusable.code
            )));
        }
        Read::Damaged(_, what) => return Ok(Step::Left(format!("{what} cannot be read"))),
        Read::OtherBody(_) => return left("another body came under this id before"),
        Read::UnknownKind(_) | Read::OutOfReach(_) => return left("it cannot be read"),
    };
    if dry_run {
        return left("would be sent to the events queue (dry run)");
    }
    send(context, kind, &arrival, &body, letter).await?;
    match is_applied(context, &arrival).await? {
        true => Ok(Step::Done),
        false => left("sent, and not applied yet: look again, and drop it then"),
    }
}

/// The body of a quarantined message, wherever it waits.
///
/// # Errors
/// When the bucket does not have it.
pub async fn body_of(context: &Context, letter: &Letter) -> Result<Vec<u8>, Failure> {
    match letter.attributes.get("kind").map(String::as_str) {
        Some("claim") => Ok(redeem(&context.blobs().await?, QUARANTINE, &letter.body).await?),
        _ => Ok(letter.body.clone().into_bytes()),
    }
}

/// What it was before it was quarantined.
fn kind_of(body: &[u8]) -> Kind {
    let value: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    match (value.get("tributary"), value.get("detail-type")) {
        (Some(_), _) => Kind::Fetched,
        (None, Some(_)) => Kind::EventBridge,
        (None, None) => Kind::Event,
    }
}

async fn send(
    context: &Context,
    kind: Kind,
    arrival: &Arrival,
    body: &[u8],
    letter: &Letter,
) -> Result<(), Failure> {
    let url = context.output("EventsQueueUrl").await?;
    let carried = carry(&context.blobs().await?, CLAIMS, body).await?;
    let (kind, body) = match (kind, carried) {
        // The rule cannot mark what it sends.
        (Kind::EventBridge, Carried::Inline(body)) => {
            let queues = context.queues().await?;
            return Ok(queues.post(url, None, &BTreeMap::new(), &body).await?);
        }
        (Kind::EventBridge, Carried::Claim(_)) => {
            return Err(Failure::failed(
                "an event of EventBridge that is too long to be sent again: have Stripe resend it",
            ));
        }
        (Kind::Fetched, Carried::Claim(pointer)) => (Kind::FetchedClaim, pointer),
        (_, Carried::Claim(pointer)) => (Kind::Claim, pointer),
        (kind, Carried::Inline(body)) => (kind, body),
    };
    let event = &arrival.facts.key;
    let message = Message {
        kind,
        body,
        group: group(event.mode, &event.owner),
        endpoint: letter.attributes.get("endpoint").cloned(),
        trace: TraceParent::of_event(event.id.as_str()),
    };
    let queue = SqsEvents::new(context.aws().await?, url.to_owned());
    Ok(queue.send(&message).await?)
}

async fn is_applied(context: &Context, arrival: &Arrival) -> Result<bool, Failure> {
    let store = context.store().await?;
    let event = &arrival.facts.key;
    for _ in 0..LOOKS_MAX {
        let known = store.load(std::slice::from_ref(event), &[]).await?;
        if known.receipts.get(event).is_some_and(|mark| !mark.held) {
            return Ok(true);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(false)
}
