//! `ledger`: the ledger made again from what its entries keep, beside the one in use.

use std::collections::BTreeSet;

use clap::Subcommand;
use tributary_aws::DynamoLedger;
use tributary_aws::operate::create_like;
use tributary_aws::reconcile::DynamoFindings;
use tributary_pipeline::ledger::replay::{
    Differences, Whole, compare, fingerprint, rebuild, take_over,
};
use tributary_pipeline::reconcile::close_cleared;

use super::shadow::{Shadow, Shadowed};
use crate::context::{Context, now};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::options::Change;
use crate::render::{Report, Table};

/// The kind of its table.
const TABLE: &str = "ledger";

/// Rebuild the ledger beside itself, compare, take over.
#[derive(Debug, Subcommand)]
pub enum Ledger {
    /// Make the shadow table and post again into it what the entries keep.
    Rebuild(Shadowed),
    /// Compare the shadow with what is in use. Exit status 2 if they differ.
    Diff(Shadow),
    /// Put what the shadow proves in place of what is in use and wrong.
    Swap(Shadowed),
}

impl Ledger {
    pub(super) async fn run(self, context: &Context) -> Result<Report, Failure> {
        match self {
            Self::Rebuild(Shadowed { shadow, change }) => {
                rebuild_beside(context, &shadow, change).await
            }
            Self::Diff(shadow) => diff(context, &made(context, &shadow).await?).await,
            Self::Swap(Shadowed { shadow, change }) => {
                swap(context, &made(context, &shadow).await?, change).await
            }
        }
    }
}

async fn made(context: &Context, shadow: &Shadow) -> Result<String, Failure> {
    shadow.made(context, TABLE, "ledger rebuild").await
}

async fn live(context: &Context) -> Result<DynamoLedger, Failure> {
    let table = context.output("LedgerTableName").await?.to_owned();
    Ok(DynamoLedger::new(context.aws().await?, table))
}

async fn beside(context: &Context, table: &str) -> Result<DynamoLedger, Failure> {
    Ok(DynamoLedger::new(context.aws().await?, table.to_owned()))
}

async fn rebuild_beside(
    context: &Context,
    shadow: &Shadow,
    change: Change,
) -> Result<Report, Failure> {
    let table = &shadow.table(TABLE);
    let report = Report::new()
        .record("rebuild")
        .field("ledger_table", table.as_str())
        .field("dry_run", change.dry_run);
    if change.dry_run {
        return Ok(report.done());
    }
    let model = context.output("LedgerTableName").await?;
    create_like(context.aws().await?, model, table).await?;
    let (live, made) = (live(context).await?, beside(context, table).await?);
    if let Some(expected) = live.expected_text().await? {
        made.expect(&expected).await?;
    }
    let progress = context.progress("posting the ledger again", 0);
    let rebuilt = rebuild(&live, &made, now()).await?;
    progress.finish_and_clear();
    Ok(report
        .field("books", rebuilt.books)
        .field("posted", rebuilt.posted)
        .field("derived", rebuilt.derived)
        .field("facts", rebuilt.facts)
        .field("missing", rebuilt.missing)
        .done()
        .hint(format!(
            "Compare it with the ledger in use: {}",
            shadow.command("ledger diff")
        )))
}

async fn diff(context: &Context, table: &str) -> Result<Report, Failure> {
    let (live, shadow) = (live(context).await?, beside(context, table).await?);
    let progress = context.progress("comparing entries", 0);
    let differences = compare(&live, &shadow).await?;
    let hashes = (fingerprint(&live).await?, fingerprint(&shadow).await?);
    progress.finish_and_clear();
    let exit = match differences.faults() {
        0 => Exit::Done,
        _ => Exit::Problems,
    };
    Ok(shown(&differences)
        .record("fingerprints")
        .field("in_use", hashes.0.as_str())
        .field("rebuilt", hashes.1.as_str())
        .done()
        .ending(exit))
}

async fn swap(context: &Context, table: &str, change: Change) -> Result<Report, Failure> {
    let (live, shadow) = (live(context).await?, beside(context, table).await?);
    let differences = compare(&live, &shadow).await?;
    let report = shown(&differences)
        .record("swap")
        .field("dry_run", change.dry_run);
    if change.dry_run {
        return Ok(report.done());
    }
    let taken = take_over(&live, &shadow, &differences).await?;
    let findings = context.output("FindingsTableName").await?.to_owned();
    let findings = DynamoFindings::new(context.aws().await?, findings);
    let mut closed = 0;
    for book in live.books().await? {
        let of_book = close_cleared(&findings, &live, &book, now()).await;
        closed += of_book.map_err(|error| Failure::failed(error.to_string()))?;
    }
    let report = report
        .field("entries", taken.entries)
        .field("derived", taken.derived)
        .field("books", taken.books)
        .field("left", taken.left)
        .field("findings_closed", closed)
        .done();
    Ok(match taken.left {
        0 => report,
        _ => report.hint("What is missing is pulled by reconciliation: tributary reconcile run"),
    })
}

fn shown(differences: &Differences) -> Report {
    let mut table = Table::new(&["book", "about", "difference", "is_fault"]);
    let mut books = BTreeSet::new();
    for ((book, about), difference) in &differences.found {
        books.insert(book);
        table.row([
            book.to_string().into(),
            about.as_str().into(),
            difference.name().into(),
            difference.is_fault().into(),
        ]);
    }
    Report::new()
        .record("comparison")
        .field("equal", differences.equal)
        .field("differ", differences.found.len())
        .field("books_that_differ", books.len())
        .field("faults", differences.faults())
        .done()
        .table("differences", table)
}
