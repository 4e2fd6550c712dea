//! Publishing the steps of the mirror as domain events.
//!
//! At least once: what could not be published is named, so that the feed hands it
//! in again, and the same step gives the same event with the same id. Nothing is
//! promised about order; events carry their own.

mod batch;
mod entry;
mod spans;

pub use entry::{BusEntry, ENTRY_BYTES_MAX};

use std::collections::VecDeque;
use std::future::Future;
use std::time::Duration;

use tributary_domain::change::{DomainEvent, Normalized, RowChange, changed};
use tributary_domain::{Document, ObjectKind};

use crate::ports::SendError;
use batch::Batch;
use spans::Spans;

/// Tries per entry, the first included.
const TRIES_MAX: u32 = 4;
/// Longest pause before the second try; each further one may be twice as long.
const PAUSE_MAX: Duration = Duration::from_millis(100);

/// The event bus.
pub trait EventBus: Sync {
    /// Puts at most ten entries on the bus. Answers for each of them, in order, or
    /// for the call as a whole if that failed.
    fn put(
        &self,
        entries: &[BusEntry],
    ) -> impl Future<Output = Result<Vec<Result<(), SendError>>, SendError>> + Send;
}

/// The way to wait before another try.
pub trait Pause: Sync {
    /// Waits for a time drawn from zero to `limit`, each equally likely, so that
    /// workers that failed together do not try again together.
    fn up_to(&self, limit: Duration) -> impl Future<Output = ()> + Send;
}

/// What became of the steps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Published {
    /// Positions of the steps that have to be handed in again, ascending.
    pub failed: Vec<usize>,
    /// How many events are on the bus.
    pub published: usize,
    /// How many steps changed nothing that a consumer could see.
    pub silent: usize,
    /// How many events say that their object could not be read.
    pub unreadable: usize,
    /// How many events went without a state for want of room.
    pub truncated: usize,
}

/// Publishes steps. Tries again what may succeed, up to four times.
pub async fn publish<B: EventBus, P: Pause>(
    bus: &B,
    pause: &P,
    steps: &[RowChange],
    normalize: impl Fn(&ObjectKind, &Document) -> Normalized,
) -> Published {
    let mut report = Published::default();
    let mut entries = Vec::new();
    let mut spans = Spans::new();
    for (position, step) in steps.iter().enumerate() {
        match changed(step, &normalize) {
            Some(event) => {
                spans.begin(position, &event);
                entries.push((position, report.prepare(event)));
            }
            None => report.silent += 1,
        }
    }
    let prepared = entries.len();
    let mut batches: VecDeque<Batch> = batch::split(entries).into();
    while let Some(batch) = batches.pop_front() {
        match deliver(bus, pause, batch, &mut report.failed).await {
            Delivery::Done => {}
            // A bus that is down is not asked again for the rest: the time that a
            // function has would run out before it could say what failed.
            Delivery::Down(batch) => {
                batches.push_front(batch);
                let rest = batches.drain(..).flat_map(Batch::positions);
                report.failed.extend(rest);
            }
            // One bad entry can spoil a call: it must cost only itself.
            Delivery::Refused(batch) => batches.extend(batch.into_singles()),
        }
    }
    report.failed.sort_unstable();
    spans.end(&report.failed);
    report.published = prepared.saturating_sub(report.failed.len());
    report
}

impl Published {
    fn prepare(&mut self, event: DomainEvent) -> BusEntry {
        if let Some(field) = &event.unreadable {
            self.unreadable += 1;
            tributary_telemetry::warn!(
                "published without its state",
                code = "unreadable_object",
                kind = event.object.kind,
                object = event.object.id,
                source = event.as_of.event,
                field = field,
            );
        }
        let (entry, truncated) = entry::of(event);
        self.truncated += usize::from(truncated);
        entry
    }
}

enum Delivery {
    /// Every entry was published, refused for good, or given up.
    Done,
    /// Not one call with these entries was answered.
    Down(Batch),
    /// A call with these entries was refused as a whole.
    Refused(Batch),
}

async fn deliver<B: EventBus, P: Pause>(
    bus: &B,
    pause: &P,
    mut batch: Batch,
    failed: &mut Vec<usize>,
) -> Delivery {
    let mut answered = false;
    for attempt in 0..TRIES_MAX {
        if attempt > 0 {
            pause.up_to(PAUSE_MAX * (1 << (attempt - 1))).await;
        }
        match bus.put(batch.entries()).await {
            Ok(answers) => {
                answered = true;
                failed.extend(batch.settle(answers));
            }
            Err(SendError::Invalid(_)) if batch.entries().len() > 1 => {
                return Delivery::Refused(batch);
            }
            Err(error @ SendError::Invalid(_)) => {
                answered = true;
                tributary_telemetry::error!("refused", code = "event_refused", error = error);
                break;
            }
            Err(error @ SendError::Transient(_)) => {
                tributary_telemetry::warn!(
                    "not sent",
                    code = "bus_unavailable",
                    attempt = attempt,
                    error = error
                );
            }
        }
        if batch.entries().is_empty() {
            break;
        }
    }
    if !answered {
        return Delivery::Down(batch);
    }
    failed.extend(batch.positions());
    Delivery::Done
}

#[cfg(test)]
mod tests;
