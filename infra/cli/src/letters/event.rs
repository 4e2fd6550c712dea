//! Messages of the events queue, read as `apply_event` reads them.

use tributary_domain::{Arrival, Effect, Origin, Unusable};
use tributary_pipeline::accept::CLAIMS;
use tributary_pipeline::carriage::redeem;
use tributary_pipeline::message::Kind;
use tributary_pipeline::ports::{SendError, Store};
use tributary_pipeline::receipt::Relation;
use tributary_stripe::{decode, decode_eventbridge, decode_fetched};

use super::Told;
use crate::context::Context;
use crate::failure::Failure;

/// What this version makes of a message.
#[derive(Debug)]
pub enum Read {
    /// It is of a kind that this version does not know.
    UnknownKind(String),
    /// Its body is in the bucket and cannot be had.
    OutOfReach(String),
    /// It can be read and not be used.
    Unusable(Unusable),
    /// What is stored of the event, or of its object, cannot be read.
    Damaged(Box<Arrival>, &'static str),
    /// It was applied by now.
    Applied(Box<Arrival>),
    /// Another body came under its id before.
    OtherBody(Box<Arrival>),
    /// Nothing stands in its way.
    Usable(Box<Arrival>),
}

impl Read {
    /// The event's key, if so much can be read.
    pub fn about(&self) -> Option<String> {
        match self {
            Self::UnknownKind(_) | Self::OutOfReach(_) => None,
            Self::Unusable(unusable) => unusable.facts.as_ref().map(|facts| facts.key.to_string()),
            Self::Damaged(arrival, _)
            | Self::Applied(arrival)
            | Self::OtherBody(arrival)
            | Self::Usable(arrival) => Some(arrival.facts.key.to_string()),
        }
    }

    /// Told as a dead letter of the events queue.
    pub fn told(&self) -> Told {
        let about = self.about();
        let told = |code: &str, reason: String, remedy| Told {
            about: about.clone(),
            code: code.to_owned(),
            reason,
            remedy,
        };
        match self {
            Self::UnknownKind(kind) => told(
                "unknown_kind",
                format!("a newer version wrote it, as `{kind}`"),
                "deploy that version, then redrive",
            ),
            Self::OutOfReach(why) => told(
                "body_out_of_reach",
                format!("its body in the bucket cannot be read ({why})"),
                "mend the bucket or the permission, then redrive; resend it from Stripe if it is gone",
            ),
            Self::Unusable(unusable) => told(
                unusable.code,
                "it cannot be used, and the quarantine did not take it".to_owned(),
                "redrive: it goes to the quarantine",
            ),
            Self::Damaged(_, what) => told(
                "item_unreadable",
                format!("{what} stored of it cannot be read"),
                "deploy the newer version that wrote that item, or mend it, then redrive",
            ),
            Self::OtherBody(_) => told(
                "same_id_other_body",
                "another body came under this id before".to_owned(),
                "redrive: it goes to the quarantine",
            ),
            Self::Applied(_) => told(
                "applied_meanwhile",
                "it was applied by now".to_owned(),
                "drop or redrive it: neither changes anything",
            ),
            Self::Usable(arrival) => Told::redrivable(
                arrival.facts.key.to_string(),
                "retries_exhausted",
                "apply_event failed on it five times; nothing about it is wrong now",
            ),
        }
    }
}

/// Reads a message and what is stored about it. Without a `kind` it came straight from
/// the partner rule.
///
/// # Errors
/// When the tables do not answer.
pub async fn read_event(
    context: &Context,
    kind: Option<&str>,
    body: &str,
) -> Result<Read, Failure> {
    let kind = match kind {
        None | Some("event_bridge") => Kind::EventBridge,
        Some(name) => match Kind::parse(name) {
            Some(kind) => kind,
            None => return Ok(Read::UnknownKind(name.to_owned())),
        },
    };
    let body = match kind {
        Kind::Claim | Kind::FetchedClaim | Kind::BackfillClaim => {
            match redeem(&context.blobs().await?, CLAIMS, body).await {
                Ok(body) => body,
                Err(SendError::Transient(why) | SendError::Invalid(why)) => {
                    return Ok(Read::OutOfReach(why));
                }
            }
        }
        _ => body.as_bytes().to_vec(),
    };
    read_body(context, kind, &body).await
}

/// The same of a body that is at hand.
///
/// # Errors
/// When the tables do not answer.
pub async fn read_body(context: &Context, kind: Kind, body: &[u8]) -> Result<Read, Failure> {
    match decoded(kind, body) {
        Err(unusable) => Ok(Read::Unusable(unusable)),
        Ok(arrival) => compared(context, Box::new(arrival)).await,
    }
}

fn decoded(kind: Kind, body: &[u8]) -> Result<Arrival, Unusable> {
    let text = std::str::from_utf8(body)
        .map_err(|error| Unusable::new("not_utf8", format!("at byte {}", error.valid_up_to())))?;
    match kind {
        Kind::EventBridge => decode_eventbridge(text),
        Kind::Fetched | Kind::FetchedClaim => decode_fetched(text),
        Kind::Backfill | Kind::BackfillClaim => decode(text, Origin::Backfill),
        Kind::Event | Kind::Claim => decode(text, Origin::Webhook),
    }
}

async fn compared(context: &Context, arrival: Box<Arrival>) -> Result<Read, Failure> {
    let event = &arrival.facts.key;
    let object = match &arrival.effect {
        Effect::Mirror(observation) => Some(&observation.object),
        _ => None,
    };
    let store = context.store().await?;
    let known = store
        .load(
            std::slice::from_ref(event),
            object.map_or(&[], std::slice::from_ref),
        )
        .await?;
    if known.damaged_receipts.contains(event) {
        return Ok(Read::Damaged(arrival, "the receipt"));
    }
    if object.is_some_and(|object| known.damaged_rows.contains(object)) {
        return Ok(Read::Damaged(arrival, "the row"));
    }
    Ok(match known.receipts.get(event) {
        None => Read::Usable(arrival),
        Some(mark) => match mark.relation(&arrival.facts) {
            Relation::OtherBody => Read::OtherBody(arrival),
            _ if mark.held => Read::Usable(arrival),
            _ => Read::Applied(arrival),
        },
    })
}
