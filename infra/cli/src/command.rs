//! The commands, one module for each.

mod completions;
mod replay;

use clap::Subcommand;

use crate::context::Context;
use crate::failure::Failure;
use crate::render::Report;

/// What can be asked.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make the mirror again from the event log, beside the one in use.
    #[command(subcommand)]
    Replay(replay::Replay),
    /// Print a script that completes commands in a shell.
    Completions(completions::Completions),
}

impl Command {
    /// Runs it.
    ///
    /// # Errors
    /// When it cannot be done: what is found wrong in the stack is no error but part of
    /// the report.
    pub async fn run(self, context: &Context) -> Result<Report, Failure> {
        match self {
            Self::Replay(command) => command.run(context).await,
            Self::Completions(command) => Ok(command.run()),
        }
    }
}
