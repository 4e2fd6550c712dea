//! `reconcile`: compare with Stripe now, look at what was found, and say what is right.

mod decide;
mod findings;
mod run;

use clap::Subcommand;

use crate::context::Context;
use crate::failure::Failure;
use crate::render::Report;

/// Run, findings, resolve, accept, reopen.
#[derive(Debug, Subcommand)]
pub enum Reconcile {
    /// Compare with Stripe now, and wait until it is done.
    Run(run::Run),
    /// List what disagrees, most money at stake first. Exit status 2 if anything is open.
    Findings(findings::Findings),
    /// Say that a finding was seen to. A comparison that finds it again opens it again.
    Resolve(decide::Decide),
    /// Say that a finding is right as it is. It opens again if the money changes.
    Accept(decide::Decide),
    /// Take back that a finding was resolved or accepted.
    Reopen(decide::Decide),
}

impl Reconcile {
    pub(super) async fn run(self, context: &Context) -> Result<Report, Failure> {
        match self {
            Self::Run(run) => run.run(context).await,
            Self::Findings(findings) => findings.run(context).await,
            Self::Resolve(decide) => decide.run(context, decide::Verdict::Resolve).await,
            Self::Accept(decide) => decide.run(context, decide::Verdict::Accept).await,
            Self::Reopen(decide) => decide.run(context, decide::Verdict::Reopen).await,
        }
    }
}
