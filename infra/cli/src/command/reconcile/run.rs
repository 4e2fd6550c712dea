//! `reconcile run`: a message to reconciliation's queue, and a look at what becomes of it.

use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use tributary_aws::operate::Depth;
use tributary_aws::reconcile::{DynamoFindings, SqsJobs};
use tributary_domain::{Mode, Owner};
use tributary_ledger::Book;
use tributary_pipeline::reconcile::{Job, Jobs};

use crate::accounts::{mode_of_stack, owner};
use crate::context::{Context, now};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::options::Change;
use crate::render::Report;

/// How far back Stripe lists events, seconds.
const LISTED_S: i64 = 30 * 86_400;
/// Between two looks at the queue.
const LOOK: Duration = Duration::from_millis(500);
/// Looks at an empty queue after which it is believed: SQS counts approximately.
const QUIET_LOOKS: u32 = 4;

/// What to compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum What {
    /// What the schedule would do now.
    Due,
    /// Everything, whenever it was looked at last.
    Everything,
    /// One account's events of the last 30 days with the event log.
    Events,
    /// What one account holds and pays out.
    Holdings,
}

impl What {
    fn name(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Everything => "everything",
            Self::Events => "events",
            Self::Holdings => "holdings",
        }
    }
}

/// What to compare, and whether to wait.
#[derive(Debug, Args)]
pub struct Run {
    /// What to compare.
    #[arg(value_enum, default_value = "due")]
    what: What,
    /// Whose events or holdings: acct_… or `platform`.
    #[arg(long, value_parser = owner)]
    account: Option<Owner>,
    /// Longest time to wait, seconds; 0 waits for nothing.
    #[arg(long, default_value_t = 900)]
    wait_s: u64,
    #[command(flatten)]
    change: Change,
}

/// What is sent.
enum Message {
    Plan(&'static str),
    Job(Box<Job>),
}

impl Run {
    pub(super) async fn run(self, context: &Context) -> Result<Report, Failure> {
        self.check()?;
        let mode = mode_of_stack(context).await?;
        let message = self.message(mode);
        let url = context.output("ReconcileQueueUrl").await?;
        let report = Report::new()
            .record("run")
            .field("what", self.what.name())
            .field(
                "account",
                self.account.as_ref().map(|it| it.as_str().to_owned()),
            )
            .field("dry_run", self.change.dry_run);
        if self.change.dry_run {
            return Ok(report.done());
        }
        match message {
            Message::Plan(body) => context.queues().await?.send(url, None, body).await?,
            Message::Job(job) => {
                let jobs = SqsJobs::new(context.aws().await?, url.to_owned());
                jobs.send(&job, 0).await?;
            }
        }
        let left = self.wait(context, url).await?;
        let open = open_of(context, mode, self.account.as_ref()).await?;
        let exit = match (left, open) {
            (0, 1..) => Exit::Problems,
            _ => Exit::Done,
        };
        let report = report
            .field("is_done", left == 0)
            .field("jobs_left", left)
            .field("open_findings", open);
        Ok(report
            .done()
            .hint("See what disagrees: tributary reconcile findings")
            .ending(exit))
    }

    /// Makes sure that it is said whose, where that has to be said, and only there.
    fn check(&self) -> Result<(), Failure> {
        let name = self.what.name();
        match (self.what, &self.account) {
            (What::Due | What::Everything, None) | (What::Events | What::Holdings, Some(_)) => {
                Ok(())
            }
            (_, None) => Err(Failure::usage(
                format!("`reconcile run {name}` looks at one account"),
                "Name it with --account acct_…, or run `everything`.",
            )),
            (_, Some(_)) => Err(Failure::usage(
                format!("`reconcile run {name}` looks at all accounts"),
                "Leave --account out, or run `events` or `holdings`.",
            )),
        }
    }

    fn message(&self, mode: Mode) -> Message {
        let at = now();
        let book = self.account.clone().map(|owner| Book { mode, owner });
        match (self.what, book) {
            (What::Events, Some(book)) => Message::Job(Box::new(Job::Events {
                book,
                from: at.saturating_sub(LISTED_S),
                to: at,
                round: 0,
            })),
            (What::Holdings, Some(book)) => Message::Job(Box::new(Job::Holdings {
                book,
                at,
                before: None,
                lists: true,
                round: 0,
            })),
            (What::Everything, _) => Message::Plan(r#"{"plan":"everything"}"#),
            _ => Message::Plan(r#"{"plan":"due"}"#),
        }
    }

    /// Waits until the queue is empty. How many jobs are left when time is up before.
    async fn wait(&self, context: &Context, url: &str) -> Result<u64, Failure> {
        let until = Instant::now() + Duration::from_secs(self.wait_s);
        let progress = context.progress("jobs left", 0);
        let queues = context.queues().await?;
        let mut quiet = 0;
        loop {
            let Depth {
                visible,
                in_flight,
                delayed,
            } = queues.depth(url).await?;
            let left = visible + in_flight + delayed;
            progress.set_position(left);
            quiet = if left == 0 { quiet + 1 } else { 0 };
            if quiet >= QUIET_LOOKS || Instant::now() >= until {
                progress.finish_and_clear();
                return Ok(left);
            }
            tokio::time::sleep(LOOK).await;
        }
    }
}

async fn open_of(context: &Context, mode: Mode, owner: Option<&Owner>) -> Result<usize, Failure> {
    let table = context.output("FindingsTableName").await?.to_owned();
    let findings = DynamoFindings::new(context.aws().await?, table);
    let open = findings.all_open(mode).await?.into_iter();
    let open = open.filter(|one| !one.code.is_information());
    Ok(open
        .filter(|one| owner.is_none_or(|owner| one.book.owner == *owner))
        .count())
}
