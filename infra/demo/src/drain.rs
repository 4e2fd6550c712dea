//! Waiting until a stack has nothing left to do.

use std::time::{Duration, Instant};

use tributary_aws::operate::{Depth, Queues};

use crate::stack::Stack;

/// Looks in a row that have to find nothing: between two looks a message can be on
/// its way from one queue to the other.
const QUIET_LOOKS: u32 = 4;
/// Time between two looks.
const PAUSE: Duration = Duration::from_millis(500);

/// Why waiting ended early.
#[derive(Debug, thiserror::Error)]
pub enum DrainError {
    /// There was still something after the time was up.
    #[error(
        "after {seconds} s there were still {events:?} in the events queue and {fetches:?} in the fetch queue"
    )]
    Busy {
        /// How long it was waited.
        seconds: u64,
        /// The events queue.
        events: Depth,
        /// The fetch queue.
        fetches: Depth,
    },
    /// The stack could not be asked.
    #[error(transparent)]
    Stack(#[from] crate::stack::StackError),
    /// The queue could not be asked.
    #[error(transparent)]
    Queue(#[from] tributary_aws::SendError),
}

/// Waits until the events and the fetch queue are empty, in flight and delayed
/// messages included.
///
/// # Errors
/// When that takes longer than `at_most`.
pub async fn until_empty(
    stack: &Stack,
    queues: &Queues,
    at_most: Duration,
    progress: impl Fn(Depth, Depth),
) -> Result<(), DrainError> {
    let started = Instant::now();
    let mut quiet = 0;
    loop {
        let events = queues.depth(stack.output("EventsQueueUrl")?).await?;
        let fetches = queues.depth(stack.output("FetchQueueUrl")?).await?;
        progress(events, fetches);
        quiet = if events.is_empty() && fetches.is_empty() {
            quiet + 1
        } else {
            0
        };
        if quiet == QUIET_LOOKS {
            return Ok(());
        }
        if started.elapsed() > at_most {
            return Err(DrainError::Busy {
                seconds: at_most.as_secs(),
                events,
                fetches,
            });
        }
        tokio::time::sleep(PAUSE).await;
    }
}
