//! Going through a queue that nobody consumes, doing something to the messages meant.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tributary_aws::operate::{Letter, Queues};

use super::{Selection, Told};
use crate::context::Context;
use crate::failure::Failure;
use crate::render::{Cell, Record, Table};
use crate::stack_queues::StackQueue;

/// Messages that are hidden at once: few enough to be gone through while they are.
const TAKEN_MAX: usize = 100;

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// It was dealt with, and is to be deleted here.
    Done,
    /// It stays, for this reason.
    Left(String),
}

/// What became of them all.
#[derive(Debug)]
pub struct Walk {
    /// Messages that were gone through.
    pub seen: u64,
    /// Those that were meant.
    pub meant: u64,
    /// Those that were dealt with.
    pub done: u64,
    /// Those that were meant and stayed.
    pub left: Table,
}

impl Walk {
    /// Into a report's record.
    pub fn fields(&self, record: Record) -> Record {
        record
            .field("seen", self.seen)
            .field("meant", self.meant)
            .field("done", self.done)
            .field("left", self.meant.saturating_sub(self.done))
    }
}

/// Goes through what a queue holds now, once. Each message that is meant is given to
/// `act`, no more than `rate` in a second, and deleted after that has succeeded: what
/// `act` sends on is durable by then, and applying it twice changes nothing.
///
/// # Errors
/// When something fails; what was not dealt with is given back.
pub async fn walk(
    context: &Context,
    queue: &StackQueue,
    selection: &Selection,
    rate: u32,
    tell: impl AsyncFn(&Letter) -> Result<Told, Failure>,
    act: impl AsyncFn(&Letter, &Told) -> Result<Step, Failure>,
) -> Result<Walk, Failure> {
    selection.check()?;
    let queues = context.queues().await?;
    let there = queue.waiting();
    let bar = context.progress("messages", selection.most(there));
    let mut pace = interval(Duration::from_secs(1) / rate.max(1));
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut walk = Walk {
        seen: 0,
        meant: 0,
        done: 0,
        left: Table::new(&["id", "about", "code", "why"]),
    };
    let mut known = BTreeSet::new();
    let mut kept = Vec::new();
    let mut outcome = Ok(());
    'queue: while walk.seen < there && walk.meant < selection.most(there) {
        let taken = match queues.take(&queue.url, TAKEN_MAX).await {
            Ok(taken) => taken,
            Err(error) => {
                outcome = Err(error.into());
                break;
            }
        };
        let mut fresh = taken
            .into_iter()
            .filter(|letter| known.insert(letter.id.clone()));
        let Some(first) = fresh.next() else {
            break;
        };
        for letter in std::iter::once(first).chain(fresh) {
            walk.seen += 1;
            if outcome.is_err() || walk.meant == selection.most(there) {
                kept.push(letter);
                continue;
            }
            match one(&queues, queue, selection, &tell, &act, &letter, &mut walk).await {
                Ok(true) => {
                    bar.inc(1);
                    pace.tick().await;
                }
                Ok(false) => kept.push(letter),
                Err(error) => {
                    outcome = Err(error);
                    kept.push(letter);
                }
            }
        }
        if outcome.is_err() {
            break 'queue;
        }
    }
    bar.finish_and_clear();
    let kept: Vec<&Letter> = kept.iter().collect();
    queues.give_back(&queue.url, &kept).await?;
    outcome.map(|()| walk)
}

/// Whether the message is gone.
async fn one(
    queues: &Queues,
    queue: &StackQueue,
    selection: &Selection,
    tell: &impl AsyncFn(&Letter) -> Result<Told, Failure>,
    act: &impl AsyncFn(&Letter, &Told) -> Result<Step, Failure>,
    letter: &Letter,
    walk: &mut Walk,
) -> Result<bool, Failure> {
    let told = tell(letter).await?;
    if !selection.takes(letter, &told) {
        return Ok(false);
    }
    walk.meant += 1;
    match act(letter, &told).await? {
        Step::Done => {
            queues.delete(&queue.url, letter).await?;
            walk.done += 1;
            Ok(true)
        }
        Step::Left(why) => {
            walk.left.row([
                letter.id.as_str().into(),
                told.about.into(),
                told.code.into(),
                Cell::Text(why),
            ]);
            Ok(false)
        }
    }
}
