//! Replay with proof: the mirror made again from the event log, in tables of its own,
//! and compared with the one in use. Nothing in use is touched until somebody asks
//! for the difference to be taken over.
//!
//! The log is read in the order of its hash keys, which is none at all: that the rows
//! come out alike is the proof that order does not matter.

mod compare;
mod requeue;
mod sinks;

use std::fmt;

use apply_event::handler::Apply;
use tributary_aws::DynamoStore;
use tributary_aws::store::{LogFilter, Logged};
use tributary_pipeline::apply::Fate;
use tributary_pipeline::message::{Delivered, Kind};
use tributary_pipeline::ports::{Blobs, SendError, StoreError};
use tributary_pipeline::receipt::Outcome;

pub use compare::{Difference, Differences, compare, take_over};
pub use requeue::requeue;
use sinks::{NoFetches, NoQuarantine};

/// Events that are applied together, as many as the function is handed.
const BATCH: usize = 10;
/// A time that no event is ahead of: what was applied once is applied again, also if
/// it came from what was the future then.
const END_OF_TIME: i64 = i64::MAX;

/// Why a replay stopped.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// A table could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The queue or the bucket did not take a message.
    #[error(transparent)]
    Send(#[from] SendError),
    /// An event that was applied once could not be applied again.
    #[error("{0} of the event log could not be applied again")]
    NotApplied(String),
}

/// What a rebuild did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rebuilt {
    /// Events and fetched objects that made rows.
    pub applied: u64,
    /// Log entries that make none: recorded only, fetched instead, or quarantined.
    pub without_effect: u64,
}

impl fmt::Display for Rebuilt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            applied,
            without_effect,
        } = self;
        write!(
            f,
            "{applied} events applied again, {without_effect} had no row to make"
        )
    }
}

/// Applies what the log of `live` holds to `shadow`, through the function's own code.
///
/// # Errors
/// When a table fails, or an event cannot be applied again.
pub async fn rebuild<B: Blobs + Clone>(
    live: &DynamoStore<B>,
    shadow: &DynamoStore<B>,
    blobs: B,
) -> Result<Rebuilt, ReplayError> {
    rebuild_part(live, shadow, blobs, &LogFilter::default(), |_| ()).await
}

/// The same of those events that a filter takes, telling `progress` how many more were
/// read. A part gives the rows that this part of the log gives, no more.
///
/// # Errors
/// As [`rebuild`].
pub async fn rebuild_part<B: Blobs + Clone>(
    live: &DynamoStore<B>,
    shadow: &DynamoStore<B>,
    blobs: B,
    filter: &LogFilter,
    progress: impl Fn(u64),
) -> Result<Rebuilt, ReplayError> {
    let apply = Apply {
        store: shadow.clone(),
        fetches: NoFetches,
        quarantine: NoQuarantine,
        blobs,
    };
    let mut rebuilt = Rebuilt::default();
    let mut from = None;
    loop {
        let page = live.log_bodies(filter, from).await?;
        let listed = page.items.len();
        progress(listed as u64);
        let applied: Vec<Logged> = page
            .items
            .into_iter()
            .filter(|logged| logged.outcome == Outcome::Applied)
            .collect();
        rebuilt.applied += applied.len() as u64;
        rebuilt.without_effect += (listed - applied.len()) as u64;
        for batch in applied.chunks(BATCH) {
            apply_again(&apply, batch).await?;
        }
        from = page.next;
        if from.is_none() {
            return Ok(rebuilt);
        }
    }
}

type Replayer<B> = Apply<DynamoStore<B>, NoFetches, NoQuarantine, B>;

async fn apply_again<B: Blobs>(apply: &Replayer<B>, batch: &[Logged]) -> Result<(), ReplayError> {
    let messages = batch.iter().map(|logged| Delivered {
        message_id: logged.key.clone(),
        kind: Some(if logged.fetched {
            Kind::Fetched
        } else {
            Kind::Event
        }),
        body: logged.raw.clone(),
        trace: None,
    });
    for (key, fate) in apply.apply(messages.collect(), END_OF_TIME).await {
        // A rebuild that was cut off and begun again meets what it had done.
        if !matches!(fate, Fate::Applied | Fate::Duplicate) {
            return Err(ReplayError::NotApplied(key));
        }
    }
    Ok(())
}
