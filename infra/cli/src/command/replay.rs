//! `replay`: the mirror made again from the event log, beside the one in use.

use clap::{Args, Subcommand};
use tributary_aws::operate::create_like;
use tributary_aws::store::LogFilter;
use tributary_aws::{DynamoStore, S3Blobs, SqsEvents};

use super::event::Filter;
use super::shadow::{Shadow, Shadowed};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::options::Change;
use crate::render::{Report, Table};
use crate::replay::{Differences, compare, rebuild_part, requeue, take_over};

/// Rebuild the mirror beside itself, compare, take over.
#[derive(Debug, Subcommand)]
pub enum Replay {
    /// Make the shadow tables and apply the event log to them, whole or a part of it.
    Rebuild(Rebuild),
    /// Compare the shadow with what is in use. Exit status 2 if they differ.
    Diff(Shadow),
    /// Put the shadow's rows in place of those in use that the log proves wrong.
    Swap(Shadowed),
    /// Send a part of the event log to the events queue again. What was applied is a duplicate there;
    /// what is quarantined is applied, if it can be used by now.
    Requeue(Requeue),
}

/// What to rebuild, and where.
#[derive(Debug, Args)]
pub struct Rebuild {
    #[command(flatten)]
    shadow: Shadow,
    #[command(flatten)]
    filter: Filter,
    #[command(flatten)]
    change: Change,
}

/// What to send again.
#[derive(Debug, Args)]
pub struct Requeue {
    #[command(flatten)]
    filter: Filter,
    /// The whole log.
    #[arg(long)]
    all: bool,
    /// No more than this many each second.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    rate: u32,
    #[command(flatten)]
    change: Change,
}

fn mirror(shadow: &Shadow) -> String {
    shadow.table("mirror")
}

fn events(shadow: &Shadow) -> String {
    shadow.table("events")
}

async fn beside(context: &Context, shadow: &Shadow) -> Result<DynamoStore<S3Blobs>, Failure> {
    context.store_of(&mirror(shadow), &events(shadow)).await
}

async fn differences(context: &Context, shadow: &Shadow) -> Result<Differences, Failure> {
    shadow.made(context, "mirror", "replay rebuild").await?;
    Ok(compare(&context.store().await?, &beside(context, shadow).await?).await?)
}

impl Replay {
    pub(super) async fn run(self, context: &Context) -> Result<Report, Failure> {
        match self {
            Self::Rebuild(rebuild) => rebuild.run(context).await,
            Self::Requeue(requeue) => requeue.run(context).await,
            Self::Diff(shadow) => {
                let differences = differences(context, &shadow).await?;
                let exit = match differences.faults() {
                    0 => Exit::Done,
                    _ => Exit::Problems,
                };
                Ok(shown(&differences).ending(exit))
            }
            Self::Swap(Shadowed { shadow, change }) => {
                let differences = differences(context, &shadow).await?;
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

impl Rebuild {
    async fn run(self, context: &Context) -> Result<Report, Failure> {
        let Self {
            shadow,
            filter,
            change,
        } = self;
        let filter = filter.read()?;
        let (mirror, events) = (mirror(&shadow), events(&shadow));
        let models = [
            (context.output("MirrorTableName").await?, &mirror),
            (context.output("EventsTableName").await?, &events),
        ];
        let record = Report::new()
            .record("rebuild")
            .field("mirror_table", mirror.as_str())
            .field("events_table", events.as_str())
            .field("dry_run", change.dry_run);
        if change.dry_run {
            let events = count(&context.store().await?, &filter).await?;
            return Ok(record.field("events", events).done());
        }
        for (model, name) in models {
            create_like(context.aws().await?, model, name).await?;
        }
        let (live, beside) = (context.store().await?, beside(context, &shadow).await?);
        let bar = context.progress("events", 0);
        let blobs = context.blobs().await?;
        let rebuilt = rebuild_part(&live, &beside, blobs, &filter, |read| bar.inc(read)).await;
        bar.finish_and_clear();
        let rebuilt = rebuilt?;
        let next = format!(
            "Compare it with the mirror in use: {}",
            shadow.command("replay diff")
        );
        Ok(record
            .field("applied", rebuilt.applied)
            .field("without_effect", rebuilt.without_effect)
            .done()
            .hint(next))
    }
}

impl Requeue {
    async fn run(self, context: &Context) -> Result<Report, Failure> {
        let filter = self.filter.read()?;
        if !self.all && filter == LogFilter::default() {
            return Err(Failure::usage(
                "which part of the log is not said",
                "Give --since, --account, --type or --outcome, or --all.",
            ));
        }
        let store = context.store().await?;
        let bar = context.progress("events", 0);
        let sent = match self.change.dry_run {
            true => count(&store, &filter).await?,
            false => {
                let url = context.output("EventsQueueUrl").await?.to_owned();
                let queue = SqsEvents::new(context.aws().await?, url);
                let blobs = context.blobs().await?;
                let sent = requeue(&store, &blobs, &queue, &filter, self.rate, |more| {
                    bar.inc(more)
                });
                sent.await?
            }
        };
        bar.finish_and_clear();
        Ok(Report::new()
            .record("requeue")
            .field("events", sent)
            .field("dry_run", self.change.dry_run)
            .done())
    }
}

async fn count(store: &DynamoStore<S3Blobs>, filter: &LogFilter) -> Result<u64, Failure> {
    let (mut count, mut from) = (0, None);
    loop {
        let page = store.log_lines(filter, from).await?;
        count += page.items.len() as u64;
        from = page.next;
        if from.is_none() {
            return Ok(count);
        }
    }
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
