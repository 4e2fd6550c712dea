//! A part of the log, back into the queue that it came through.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tributary_aws::DynamoStore;
use tributary_aws::store::{LogFilter, Logged};
use tributary_domain::{Mode, Owner, TraceParent};
use tributary_pipeline::accept::CLAIMS;
use tributary_pipeline::carriage::{Carried, carry};
use tributary_pipeline::message::{Kind, Message, group};
use tributary_pipeline::ports::{Blobs, EventQueue, SendError};

use super::ReplayError;

/// Sends what a filter takes of the log to the events queue, no more than `rate` in a
/// second. Returns how many it sent. What is applied by then is a duplicate; what is
/// quarantined gives way if it can be used at last.
///
/// # Errors
/// When the log, the queue or the bucket fails. Sending a part again is harmless.
pub async fn requeue<B: Blobs>(
    live: &DynamoStore<B>,
    blobs: &B,
    queue: &impl EventQueue,
    filter: &LogFilter,
    rate: u32,
    progress: impl Fn(u64),
) -> Result<u64, ReplayError> {
    let mut pace = interval(Duration::from_secs(1) / rate.clamp(1, 1_000));
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut sent, mut from) = (0, None);
    loop {
        let page = live.log_bodies(filter, from).await?;
        for logged in page.items {
            pace.tick().await;
            queue.send(&message(blobs, &logged).await?).await?;
            sent += 1;
            progress(1);
        }
        from = page.next;
        if from.is_none() {
            return Ok(sent);
        }
    }
}

async fn message(blobs: &impl Blobs, logged: &Logged) -> Result<Message, SendError> {
    let carried = carry(blobs, CLAIMS, logged.raw.as_bytes()).await?;
    let (kind, body) = match (logged.fetched, carried) {
        (false, Carried::Inline(body)) => (Kind::Event, body),
        (false, Carried::Claim(pointer)) => (Kind::Claim, pointer),
        (true, Carried::Inline(body)) => (Kind::Fetched, body),
        (true, Carried::Claim(pointer)) => (Kind::FetchedClaim, pointer),
    };
    // mode#owner#id: both can be read back, or they would not be in the log.
    let mut parts = logged.key.splitn(3, '#');
    let mode = Mode::of(parts.next() == Some("live"));
    let owner = parts.next().and_then(|owner| Owner::parse(owner).ok());
    let id = parts.next().unwrap_or_default();
    let owner = owner.ok_or_else(|| SendError::Invalid(format!("{} is no key", logged.key)))?;
    Ok(Message {
        kind,
        body,
        group: group(mode, &owner),
        endpoint: None,
        trace: TraceParent::of_event(id),
    })
}
