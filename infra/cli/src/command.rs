//! The commands, one module for each.

mod account;
mod completions;
mod dlq;
mod doctor;
mod event;
mod fetch;
mod ledger;
mod ledger_view;
mod matches;
mod quarantine;
mod reconcile;
mod replay;
mod secrets;
mod shadow;
mod span;
mod status;
mod trace;

use clap::Subcommand;

use crate::context::Context;
use crate::failure::Failure;
use crate::render::Report;

/// What can be asked.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show on one screen whether everything flows, is right, and what is stuck.
    Status(status::Status),
    /// Look at the log of what Stripe sent.
    #[command(subcommand)]
    Event(event::Event),
    /// Read objects from Stripe anew, and wait until the mirror has what it shows.
    Fetch(fetch::Fetch),
    /// Look at one account.
    #[command(subcommand)]
    Account(account::Account),
    /// Make the ledger again from what its entries keep, beside the one in use.
    #[command(subcommand)]
    Ledger(ledger::Ledger),
    /// Show payouts, exchange rates and fees, against what is expected.
    #[command(subcommand)]
    View(ledger_view::View),
    /// Look at dead letters, send them back, drop them.
    #[command(subcommand)]
    Dlq(dlq::Dlq),
    /// Look at what is quarantined, apply it anew, drop it.
    #[command(subcommand)]
    Quarantine(quarantine::Quarantine),
    /// Look at matches of the platform's own book, and answer those that wait.
    #[command(subcommand)]
    Match(matches::Matches),
    /// Tell everything that happened to a payout, a payment or anything else with an id.
    Trace(trace::Trace),
    /// Compare with Stripe, look at what disagrees, decide.
    #[command(subcommand)]
    Reconcile(reconcile::Reconcile),
    /// Make the mirror again from the event log, beside the one in use.
    #[command(subcommand)]
    Replay(replay::Replay),
    /// See which signing secrets the running functions accept.
    #[command(subcommand)]
    Secrets(secrets::Secrets),
    /// Compare the deployed stack with what this version expects of it.
    Doctor(doctor::Doctor),
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
            Self::Status(command) => command.run(context).await,
            Self::Event(command) => command.run(context).await,
            Self::Fetch(command) => command.run(context).await,
            Self::Account(command) => command.run(context).await,
            Self::Ledger(command) => command.run(context).await,
            Self::View(command) => command.run(context).await,
            Self::Dlq(command) => command.run(context).await,
            Self::Quarantine(command) => command.run(context).await,
            Self::Match(command) => command.run(context).await,
            Self::Trace(command) => command.run(context).await,
            Self::Reconcile(command) => command.run(context).await,
            Self::Replay(command) => command.run(context).await,
            Self::Secrets(command) => command.run(context).await,
            Self::Doctor(command) => command.run(context).await,
            Self::Completions(command) => Ok(command.run()),
        }
    }
}
