//! `status`: is money flowing, is it right, what is stuck, on one screen.

mod books;
mod breaker;
mod flow;

use std::io::IsTerminal;
use std::time::Duration;

use clap::Args;

use crate::context::{Context, now};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{Cell, Report};

/// Puts the cursor at the top left and clears what is below.
const CLEAR: &str = "\u{1b}[H\u{1b}[J";

/// How things stand.
#[derive(Debug, Args)]
pub struct Status {
    /// Look again and again, until interrupted.
    #[arg(long)]
    watch: bool,
    /// Seconds between two looks.
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=3600))]
    every: u64,
}

impl Status {
    pub(super) async fn run(self, context: &Context) -> Result<Report, Failure> {
        if !self.watch {
            return look(context).await;
        }
        loop {
            let report = look(context).await?;
            if std::io::stdout().is_terminal() {
                context.print(&Report::text(CLEAR));
            }
            context.print(&report);
            tokio::time::sleep(Duration::from_secs(self.every)).await;
        }
    }
}

async fn look(context: &Context) -> Result<Report, Failure> {
    let stack = context.stack().await?;
    let (queues, alarms, consumers, (mode, books), breaker) = tokio::try_join!(
        flow::queues(context),
        flow::alarms(context),
        flow::consumers(context),
        books::look(context),
        breaker::look(context),
    )?;
    let troubles = [
        queues.troubles,
        alarms.troubles,
        consumers.troubles,
        books.open,
        breaker.open,
    ];
    let is_well = troubles.iter().all(|count| *count == 0);
    let report = Report::new()
        .record("stack")
        .field("name", stack.name.as_str())
        .field("region", context.aws().await?.region())
        .field("state", stack.status.as_str())
        .field("mode", mode.as_str())
        .field("at", Cell::Time(now()))
        .field("is_well", is_well)
        .done()
        .table("queues", queues.table)
        .table("stopped_consumers", consumers.table)
        .table(
            "alarms_sounding",
            alarms.table.saying_when_empty("no alarm sounds"),
        );
    let report = books.into_report(report);
    let report = breaker.into_report(report);
    Ok(report.ending(if is_well { Exit::Done } else { Exit::Problems }))
}
