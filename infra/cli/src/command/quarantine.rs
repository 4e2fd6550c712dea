//! `quarantine`: authentic messages that could not be used.

use clap::{Args, Subcommand};
use tributary_aws::operate::Letter;

use crate::context::{Context, now};
use crate::failure::Failure;
use crate::letters::{Discard, Selection, Told, body_of, release, tell_quarantined, walk};
use crate::options::Change;
use crate::render::{Cell, Report, Table};
use crate::stack_queues::{self, Role, StackQueue};

/// Messages that `show` goes through to find one.
const SEARCHED_MAX: usize = 1_000;

/// The quarantine.
#[derive(Debug, Subcommand)]
pub enum Quarantine {
    /// Show what waits, with code, meaning and what to do.
    List(List),
    /// Show one message.
    Show(Show),
    /// Apply messages anew, now that this version can use them; delete them once applied.
    Release(Release),
    /// Delete messages for good.
    Drop(Discard),
}

/// How much to show.
#[derive(Debug, Args)]
pub struct List {
    /// No more than this many.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=1000))]
    limit: u16,
}

/// Which message.
#[derive(Debug, Args)]
pub struct Show {
    /// The message's id, as `list` shows it.
    id: String,
    /// Show the body too. It may hold personal data.
    #[arg(long)]
    body: bool,
}

/// What to apply anew.
#[derive(Debug, Args)]
pub struct Release {
    #[command(flatten)]
    selection: Selection,
    /// No more than this many each second.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    rate: u32,
    #[command(flatten)]
    change: Change,
}

impl Quarantine {
    pub(super) async fn run(self, context: &Context) -> Result<Report, Failure> {
        match &self {
            Self::Release(release) => release.selection.check()?,
            Self::Drop(discard) => discard.check()?,
            Self::List(_) | Self::Show(_) => {}
        }
        let queue = queue(context).await?;
        match self {
            Self::List(list) => list.run(context, &queue).await,
            Self::Show(show) => show.run(context, &queue).await,
            Self::Release(release) => release.run(context, &queue).await,
            Self::Drop(discard) => {
                let tell = async |letter: &Letter| Ok(tell_quarantined(letter));
                discard.run(context, &queue, tell).await
            }
        }
    }
}

async fn queue(context: &Context) -> Result<StackQueue, Failure> {
    // Says so if there is none.
    context.physical(stack_queues::QUARANTINE).await?;
    let all = stack_queues::all(context.stack().await?, &context.queues().await?).await?;
    let found = all.into_iter().find(|queue| queue.role == Role::Quarantine);
    found.ok_or_else(|| Failure::failed("the stack has no quarantine"))
}

impl List {
    async fn run(self, context: &Context, queue: &StackQueue) -> Result<Report, Failure> {
        let letters = context.queues().await?;
        let letters = letters.show(&queue.url, self.limit.into()).await?;
        let columns = ["id", "age_s", "code", "event", "stage", "reason", "remedy"];
        let mut table = Table::new(&columns).saying_when_empty("nothing is quarantined");
        for letter in &letters {
            let told = tell_quarantined(letter);
            table.row([
                letter.id.as_str().into(),
                Cell::Seconds(now().saturating_sub(letter.sent_at)),
                told.code.into(),
                told.about.into(),
                letter.attributes.get("stage").map(String::as_str).into(),
                told.reason.into(),
                told.remedy.into(),
            ]);
        }
        let report = Report::new();
        Ok(match table.is_empty() {
            true => report.table("quarantined", table),
            false => report.table("quarantined", table).hint(
                "Look at one: tributary quarantine show ID. Apply anew what can be used by now: tributary quarantine release --code CODE.",
            ),
        })
    }
}

impl Show {
    async fn run(self, context: &Context, queue: &StackQueue) -> Result<Report, Failure> {
        let letters = context
            .queues()
            .await?
            .show(&queue.url, SEARCHED_MAX)
            .await?;
        let letter = letters.iter().find(|letter| letter.id == self.id);
        let letter = letter.ok_or_else(|| {
            Failure::unknown(
                format!("no quarantined message has the id `{}`", self.id),
                "`tributary quarantine list` shows them; one that somebody else looks at is hidden for two minutes.",
            )
        })?;
        let told = tell_quarantined(letter);
        let body = body_of(context, letter).await;
        let mut record = Report::new()
            .record("quarantined")
            .field("id", letter.id.as_str())
            .field("code", told.code)
            .field("reason", told.reason)
            .field("remedy", told.remedy)
            .field("event", told.about)
            .field("stage", letter.attributes.get("stage").map(String::as_str))
            .field(
                "endpoint",
                letter.attributes.get("endpoint").map(String::as_str),
            )
            .field("sent_at", Cell::Time(letter.sent_at))
            .field("receives", letter.receives)
            .field("body_bytes", body.as_ref().ok().map(Vec::len));
        if self.body {
            record = record.field("body", String::from_utf8_lossy(&body?).into_owned());
        }
        Ok(record.done())
    }
}

impl Release {
    async fn run(self, context: &Context, queue: &StackQueue) -> Result<Report, Failure> {
        let dry_run = self.change.dry_run;
        let tell = async |letter: &Letter| Ok(tell_quarantined(letter));
        let act =
            async |letter: &Letter, told: &Told| release(context, letter, told, dry_run).await;
        let walk = walk(context, queue, &self.selection, self.rate, tell, act).await?;
        let record = Report::new().record("release").field("dry_run", dry_run);
        Ok(walk.fields(record).done().table("messages_left", walk.left))
    }
}
