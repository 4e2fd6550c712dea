//! From a batch of messages to what became of each.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use tributary_domain::{Arrival, Origin, Unusable};
use tributary_pipeline::accept::CLAIMS;
use tributary_pipeline::apply::{Fate, Fates, Incoming, Ports, apply};
use tributary_pipeline::carriage::redeem;
use tributary_pipeline::message::{Delivered, Kind};
use tributary_pipeline::ports::{Blobs, FetchQueue, Quarantine, Store};
use tributary_stripe::{decode, decode_eventbridge, decode_fetched, is_known_type};

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
    pub async fn apply(&self, messages: Vec<Delivered>, now: i64) -> Fates {
        let opened = join_all(messages.into_iter().map(|message| self.open(message, now))).await;
        let (mut batch, mut fates) = (Vec::new(), Fates::new());
        for message in opened {
            match message {
                Ok(incoming) => batch.push(incoming),
                Err(message_id) => fates.push((message_id, Fate::Failed)),
            }
        }
        let unknown = batch
            .iter()
            .filter(|incoming| is_unknown(&incoming.decoded))
            .count();
        let ports = Ports {
            store: &self.store,
            fetches: &self.fetches,
            quarantine: &self.quarantine,
        };
        fates.extend(apply(&ports, batch).await);
        report(&fates, unknown);
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
        } = message;
        let body = match kind {
            Some(Kind::Claim | Kind::FetchedClaim) => {
                match redeem(&self.blobs, CLAIMS, &body).await {
                    Ok(body) => body,
                    Err(error) => {
                        tracing::error!(%error, message_id, "the body is out of reach");
                        return Err(message_id);
                    }
                }
            }
            Some(_) => body.into_bytes(),
            None => {
                tracing::error!(message_id, "a message of an unknown kind");
                return Err(message_id);
            }
        };
        let decoded = read(kind, &body).map(|arrival| arrival.grounded(now));
        Ok(Incoming {
            message_id,
            body,
            decoded,
        })
    }
}

fn read(kind: Option<Kind>, body: &[u8]) -> Result<Arrival, Unusable> {
    let text = std::str::from_utf8(body)
        .map_err(|error| Unusable::new("not_utf8", format!("at byte {}", error.valid_up_to())))?;
    match kind {
        Some(Kind::EventBridge) => decode_eventbridge(text),
        Some(Kind::Fetched | Kind::FetchedClaim) => decode_fetched(text),
        _ => decode(text, Origin::Webhook),
    }
}

/// Whether an event is of a type that this version has never heard of. It is
/// applied all the same; the count tells when to look at Stripe's changelog.
fn is_unknown(decoded: &Result<Arrival, Unusable>) -> bool {
    decoded
        .as_ref()
        .is_ok_and(|arrival| !is_known_type(&arrival.facts.kind))
}

/// One line for a batch: what a line for each message would tell, at a tenth of
/// the price.
fn report(fates: &Fates, unknown: usize) {
    let mut counts = BTreeMap::new();
    for (_, fate) in fates {
        *counts.entry(*fate).or_insert(0_usize) += 1;
    }
    let count = |fate| counts.get(&fate).copied().unwrap_or(0);
    tracing::info!(
        applied = count(Fate::Applied),
        duplicate = count(Fate::Duplicate),
        other_rendering = count(Fate::OtherRendering),
        other_body = count(Fate::OtherBody),
        quarantined = count(Fate::Quarantined),
        failed = count(Fate::Failed),
        unknown,
        "batch"
    );
}
