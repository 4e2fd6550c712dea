//! `replay`: the mirror made again from the event log, beside the one in use.

use clap::{Args, Subcommand};
use tributary_aws::operate::create_like;
use tributary_aws::{DynamoStore, S3Blobs};

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::options::Change;
use crate::render::{Report, Table};
use crate::replay::{Differences, compare, rebuild, take_over};

/// Rebuild the mirror beside itself, compare, take over.
#[derive(Debug, Subcommand)]
pub enum Replay {
    /// Make the shadow tables and apply the whole event log to them.
    Rebuild(Shadowed),
    /// Compare the shadow with what is in use. Exit status 2 if they differ.
    Diff(Shadow),
    /// Put the shadow's rows in place of those in use that the log proves wrong.
    Swap(Shadowed),
}

/// The shadow tables.
#[derive(Debug, Args)]
pub struct Shadow {
    /// What the shadow's tables begin with.
    #[arg(long, default_value = "tributary-replay")]
    shadow: String,
}

/// The shadow tables, and whether to change anything.
#[derive(Debug, Args)]
pub struct Shadowed {
    #[command(flatten)]
    shadow: Shadow,
    #[command(flatten)]
    change: Change,
}

impl Shadow {
    fn mirror(&self) -> String {
        format!("{}-mirror", self.shadow)
    }

    fn events(&self) -> String {
        format!("{}-events", self.shadow)
    }

    async fn store(&self, context: &Context) -> Result<DynamoStore<S3Blobs>, Failure> {
        context.store_of(&self.mirror(), &self.events()).await
    }

    async fn compare(&self, context: &Context) -> Result<Differences, Failure> {
        Ok(compare(&context.store().await?, &self.store(context).await?).await?)
    }
}

impl Replay {
    pub(super) async fn run(self, context: &Context) -> Result<Report, Failure> {
        match self {
            Self::Rebuild(Shadowed { shadow, change }) => {
                rebuild_beside(context, &shadow, change).await
            }
            Self::Diff(shadow) => {
                let differences = shadow.compare(context).await?;
                let exit = match differences.faults() {
                    0 => Exit::Done,
                    _ => Exit::Problems,
                };
                Ok(shown(&differences).ending(exit))
            }
            Self::Swap(Shadowed { shadow, change }) => {
                let differences = shadow.compare(context).await?;
                let taken_over = match change.dry_run {
                    true => 0,
                    false => take_over(&context.store().await?, &differences).await?,
                };
                Ok(shown(&differences)
                    .record("swap")
                    .field("taken_over", taken_over)
                    .field("dry_run", change.dry_run)
                    .done())
            }
        }
    }
}

async fn rebuild_beside(
    context: &Context,
    shadow: &Shadow,
    change: Change,
) -> Result<Report, Failure> {
    let aws = context.aws().await?;
    let (mirror, events) = (shadow.mirror(), shadow.events());
    let models = [
        (context.output("MirrorTableName").await?, &mirror),
        (context.output("EventsTableName").await?, &events),
    ];
    let report = Report::new()
        .record("rebuild")
        .field("mirror_table", mirror.as_str())
        .field("events_table", events.as_str())
        .field("dry_run", change.dry_run);
    if change.dry_run {
        return Ok(report.done());
    }
    for (model, name) in models {
        create_like(aws, model, name).await?;
    }
    let shadow = shadow.store(context).await?;
    let rebuilt = rebuild(&context.store().await?, &shadow, context.blobs().await?).await?;
    Ok(report
        .field("applied", rebuilt.applied)
        .field("without_effect", rebuilt.without_effect)
        .done()
        .hint("Compare it with the mirror in use: tributary replay diff"))
}

fn shown(differences: &Differences) -> Report {
    let mut table = Table::new(&["object", "difference", "is_fault"]);
    for (key, difference) in &differences.rows {
        table.row([
            key.to_string().into(),
            difference.name().into(),
            difference.is_fault().into(),
        ]);
    }
    Report::new()
        .record("comparison")
        .field("equal", differences.equal)
        .field("differ", differences.rows.len())
        .field("faults", differences.faults())
        .done()
        .table("differences", table)
}
