//! Deleting messages for good.

use clap::Args;
use tributary_aws::operate::Letter;

use super::{Selection, Step, Told, walk};
use crate::context::Context;
use crate::failure::Failure;
use crate::options::Change;
use crate::render::Report;
use crate::stack_queues::StackQueue;

/// Messages deleted in a second.
const EACH_SECOND: u32 = 1_000;

/// What to delete, and whether that is meant.
#[derive(Debug, Args)]
pub struct Discard {
    #[command(flatten)]
    selection: Selection,
    /// Yes, for good.
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    change: Change,
}

impl Discard {
    /// Makes sure that it is said what to delete, and that it is meant.
    ///
    /// # Errors
    /// When it is not.
    pub fn check(&self) -> Result<(), Failure> {
        self.selection.check()?;
        match self.yes || self.change.dry_run {
            true => Ok(()),
            false => Err(Failure::usage(
                "dropping deletes messages for good",
                "Say --yes, or --dry-run to see which.",
            )),
        }
    }

    /// Deletes what is meant of a queue's messages.
    ///
    /// # Errors
    /// As [`Self::check`], and when the queue does not answer.
    pub async fn run(
        &self,
        context: &Context,
        queue: &StackQueue,
        tell: impl AsyncFn(&Letter) -> Result<Told, Failure>,
    ) -> Result<Report, Failure> {
        self.check()?;
        let dry_run = self.change.dry_run;
        let act = async |_: &Letter, _: &Told| {
            Ok(match dry_run {
                true => Step::Left("would be deleted (dry run)".to_owned()),
                false => Step::Done,
            })
        };
        let walk = walk(context, queue, &self.selection, EACH_SECOND, tell, act).await?;
        let record = Report::new()
            .record("drop")
            .field("queue", queue.name.as_str())
            .field("dry_run", dry_run);
        Ok(walk.fields(record).done().table("messages_left", walk.left))
    }
}
