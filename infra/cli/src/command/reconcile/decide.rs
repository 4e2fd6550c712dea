//! `reconcile resolve`, `accept`, `reopen`: a step more in a finding's history.

use clap::Args;
use tributary_aws::reconcile::DynamoFindings;
use tributary_domain::Owner;
use tributary_ledger::Book;
use tributary_pipeline::reconcile::{ControlError, Findings};
use tributary_reconciliation::finding::Decision;
use tributary_reconciliation::{Code, Finding};

use super::findings::{COLUMNS, code, row};
use crate::accounts::{mode_of_stack, owner};
use crate::context::{Context, now};
use crate::failure::Failure;
use crate::options::Change;
use crate::render::{Cell, Report, Table};

/// Times that a finding is read again because somebody else has written it.
const CONFLICTS_MAX: u32 = 5;

/// What is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Resolve,
    Accept,
    Reopen,
}

/// Which finding, who says so, and why.
#[derive(Debug, Args)]
pub struct Decide {
    /// The finding's code, such as PAYOUT_STUCK.
    #[arg(value_parser = code)]
    code: Code,
    /// What it is about, as `reconcile findings` shows it.
    subject: String,
    /// Whose book: acct_… or `platform`.
    #[arg(long, value_parser = owner, default_value = "platform")]
    account: Owner,
    /// Why, in a few words without names of people: it is kept.
    #[arg(long)]
    why: String,
    /// Who says so: else the USER of the shell.
    #[arg(long, env = "USER")]
    by: Option<String>,
    #[command(flatten)]
    change: Change,
}

impl Decide {
    pub(super) async fn run(self, context: &Context, verdict: Verdict) -> Result<Report, Failure> {
        let by = self
            .by
            .as_deref()
            .ok_or_else(|| Failure::usage("who says so is not said", "Name yourself with --by."))?;
        let decision = Decision::new(by, &self.why);
        let decision = decision.map_err(|error| Failure::usage(error.to_string(), ""))?;
        let table = context.output("FindingsTableName").await?.to_owned();
        let findings = DynamoFindings::new(context.aws().await?, table);
        let mode = mode_of_stack(context).await?;
        let owner = self.account.clone();
        let book = Book { mode, owner };
        let key = format!("{}#{}", self.code.as_str(), self.subject);
        for _ in 0..CONFLICTS_MAX {
            let mut stored = findings.load(&book, std::slice::from_ref(&key)).await?;
            let Some((mut finding, revision)) = stored.remove(&key) else {
                return Err(Failure::unknown(
                    format!("there is no finding {key} on the book {book}"),
                    "See those that there are: tributary reconcile findings",
                ));
            };
            let changes = decide(&mut finding, verdict, &decision);
            if self.change.dry_run || !changes {
                return Ok(report(&finding, changes, self.change.dry_run));
            }
            match findings.save(&finding, revision).await {
                Err(ControlError::Conflict) => {}
                saved => {
                    saved?;
                    return Ok(report(&finding, true, false));
                }
            }
        }
        Err(Failure::failed("the finding is being changed by others"))
    }
}

fn decide(finding: &mut Finding, verdict: Verdict, decision: &Decision) -> bool {
    match verdict {
        Verdict::Resolve => finding.resolve(decision, now()),
        Verdict::Accept => finding.accept(decision, now()),
        Verdict::Reopen => finding.reopen(decision, now()),
    }
}

fn report(finding: &Finding, changes: bool, dry_run: bool) -> Report {
    let mut table = Table::new(&COLUMNS);
    table.row(row(finding));
    let mut history = Table::new(&["at", "what", "why"]);
    for (step, place) in finding.history.iter().zip(0..) {
        if place == 1 && finding.left_out > 0 {
            let left_out = format!("({} steps left out)", finding.left_out);
            history.row([Cell::Nothing, left_out.into(), Cell::Nothing]);
        }
        history.row([
            Cell::Time(step.at),
            step.what.as_str().into(),
            step.why.clone().into(),
        ]);
    }
    Report::new()
        .record("decision")
        .field("changes", changes)
        .field("dry_run", dry_run)
        .done()
        .table("finding", table)
        .table("history", history)
}
