//! From a batch of messages to what became of each.

use std::collections::BTreeMap;
use std::panic::catch_unwind;

use crate::notable::Notable;
use crate::spans::Spans;
use futures_util::future::join_all;
use tributary_domain::{Arrival, Origin, Unusable};
use tributary_pipeline::accept::CLAIMS;
use tributary_pipeline::apply::{Fate, Fates, Incoming, Ports, apply};
use tributary_pipeline::carriage::redeem;
use tributary_pipeline::message::{Delivered, Kind};
use tributary_pipeline::ports::{Blobs, FetchQueue, Quarantine, Store};
use tributary_stripe::{decode, decode_eventbridge, decode_fetched};

/// Apply, with its ports.
#[derive(Debug)]
pub struct Apply<S, F, H, B> {
    /// The mirror and the event log.
    pub store: S,
    /// The queue of objects to fetch.
    pub fetches: F,
    /// The quarantine.
    pub quarantine: H,
    /// The bucket.
    pub blobs: B,
}

impl<S: Store, F: FetchQueue, H: Quarantine, B: Blobs> Apply<S, F, H, B> {
    /// Applies a batch at `now`, unix seconds, and tells what became of each message.
    pub async fn apply(&self, mut messages: Vec<Delivered>, now: i64) -> Fates {
        let claimed = messages.iter().filter(|one| is_claimed(one.kind)).count();
        let traces: Vec<_> = messages.iter_mut().map(|m| m.trace.take()).collect();
        let opened = join_all(messages.into_iter().map(|message| self.open(message, now))).await;
        let (mut batch, mut fates) = (Vec::new(), Fates::new());
        let mut spans = Spans::new();
        for (message, trace) in opened.into_iter().zip(traces) {
            match message {
                Ok(incoming) => {
                    spans.begin(&incoming, trace.as_ref());
                    batch.push(incoming);
                }
                Err(message_id) => fates.push((message_id, Fate::Failed)),
            }
        }
        let notable = Notable {
            claimed,
            ..Notable::of(&batch, now)
        };
        let ports = Ports {
            store: &self.store,
            fetches: &self.fetches,
            quarantine: &self.quarantine,
        };
        fates.extend(apply(&ports, batch).await);
        for (message_id, fate) in &fates {
            spans.end(message_id, *fate);
        }
        report(&fates, &notable);
        fates
    }

    /// Reads a message as far as it goes. A message of a kind that this version
    /// does not know, or whose body is out of reach, comes again and ends in the
    /// dead-letter queue: a newer version can still apply it from there.
    async fn open(&self, message: Delivered, now: i64) -> Result<Incoming, String> {
        let Delivered {
            message_id,
            kind,
            body,
            trace: _,
        } = message;
        let body = match kind {
            kind if is_claimed(kind) => match redeem(&self.blobs, CLAIMS, &body).await {
                Ok(body) => body,
                Err(error) => {
                    tributary_telemetry::error!(
                        "the body is out of reach",
                        error = error,
                        message_id = message_id
                    );
                    return Err(message_id);
                }
            },
            Some(_) => body.into_bytes(),
            None => {
                tributary_telemetry::error!(
                    "a message of an unknown kind",
                    message_id = message_id
                );
                return Err(message_id);
            }
        };
        // A bug in reading costs only the message that it reads.
        let Ok(decoded) = catch_unwind(|| read(kind, &body)) else {
            tributary_telemetry::error!("reading a message panicked", message_id = message_id);
            return Err(message_id);
        };
        let decoded = decoded.map(|arrival| arrival.grounded(now));
        Ok(Incoming {
            message_id,
            body,
            decoded,
        })
    }
}

/// Whether the body waits in the bucket.
fn is_claimed(kind: Option<Kind>) -> bool {
    matches!(
        kind,
        Some(Kind::Claim | Kind::FetchedClaim | Kind::BackfillClaim)
    )
}

fn read(kind: Option<Kind>, body: &[u8]) -> Result<Arrival, Unusable> {
    let text = std::str::from_utf8(body)
        .map_err(|error| Unusable::new("not_utf8", format!("at byte {}", error.valid_up_to())))?;
    match kind {
        Some(Kind::EventBridge) => decode_eventbridge(text),
        Some(Kind::Fetched | Kind::FetchedClaim) => decode_fetched(text),
        Some(Kind::Backfill | Kind::BackfillClaim) => decode(text, Origin::Backfill),
        _ => decode(text, Origin::Webhook),
    }
}

/// One line for a batch: what a line for each message would tell, at a tenth of
/// the price.
fn report(fates: &Fates, notable: &Notable) {
    let mut counts = BTreeMap::new();
    for (_, fate) in fates {
        *counts.entry(*fate).or_insert(0_usize) += 1;
    }
    let count = |fate| counts.get(&fate).copied().unwrap_or(0);
    tributary_telemetry::info!(
        "batch",
        applied = count(Fate::Applied),
        duplicate = count(Fate::Duplicate),
        other_rendering = count(Fate::OtherRendering),
        other_body = count(Fate::OtherBody),
        quarantined = count(Fate::Quarantined),
        failed = count(Fate::Failed),
        unknown = notable.unknown,
        missing_events = notable.missing_events,
        claimed = notable.claimed,
        newer_version = notable.newer_version,
        odd_time = notable.odd_time
    );
}
