//! Waiting until a stack has nothing left to do.

use std::fmt;
use std::time::{Duration, Instant};

use tributary_aws::operate::{Depth, Queues};

use crate::stack::Stack;

/// Looks in a row that have to find nothing: between two looks a message can be on
/// its way from one queue to the other.
const QUIET_LOOKS: u32 = 4;
/// Time between two looks.
const PAUSE: Duration = Duration::from_millis(500);

/// The queues on the road from webhook to mirror: what waits there, and the output that
/// names its URL.
pub const MIRROR: &[(&str, &str)] = &[("events", "EventsQueueUrl"), ("fetches", "FetchQueueUrl")];
/// The same, and those of the ledger and of reconciliation.
pub const BOOKS: &[(&str, &str)] = &[
    ("events", "EventsQueueUrl"),
    ("fetches", "FetchQueueUrl"),
    ("books to look at", "LedgerQueueUrl"),
    ("files", "ImportQueueUrl"),
    ("jobs of reconciliation", "ReconcileQueueUrl"),
];

/// What waits in some queues.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Waiting(Vec<(&'static str, Depth)>);

impl Waiting {
    fn is_nothing(&self) -> bool {
        self.0.iter().all(|(_, depth)| depth.is_empty())
    }
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (what, depth)) in self.0.iter().enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            let count = depth.visible + depth.in_flight + depth.delayed;
            write!(f, "{comma}{count} {what}")?;
        }
        Ok(())
    }
}

/// Why waiting ended early.
#[derive(Debug, thiserror::Error)]
pub enum DrainError {
    /// There was still something after the time was up.
    #[error("after {seconds} s there were still {waiting} in the queues")]
    Busy {
        /// How long it was waited.
        seconds: u64,
        /// What there was.
        waiting: Waiting,
    },
    /// The stack could not be asked.
    #[error(transparent)]
    Stack(#[from] crate::stack::StackError),
    /// The queue could not be asked.
    #[error(transparent)]
    Queue(#[from] tributary_aws::SendError),
}

/// Waits until the queues are empty, in flight and delayed messages included.
///
/// # Errors
/// When that takes longer than `at_most`.
pub async fn until_empty(
    stack: &Stack,
    queues: &Queues,
    of: &[(&'static str, &str)],
    at_most: Duration,
    progress: impl Fn(&Waiting),
) -> Result<(), DrainError> {
    let started = Instant::now();
    let mut quiet = 0;
    loop {
        let mut waiting = Waiting::default();
        for (what, output) in of {
            let depth = queues.depth(stack.output(output)?).await?;
            waiting.0.push((what, depth));
        }
        progress(&waiting);
        quiet = if waiting.is_nothing() { quiet + 1 } else { 0 };
        if quiet == QUIET_LOOKS {
            return Ok(());
        }
        if started.elapsed() > at_most {
            return Err(DrainError::Busy {
                seconds: at_most.as_secs(),
                waiting,
            });
        }
        tokio::time::sleep(PAUSE).await;
    }
}
