//! `dlq`: what failed too often, or never arrived.

use std::collections::{BTreeMap, BTreeSet};

use clap::{Args, Subcommand};
use tributary_aws::operate::Letter;

use crate::context::{Context, now};
use crate::failure::Failure;
use crate::letters::{Discard, Selection, Step, Told, tell_dead_letter, walk};
use crate::options::Change;
use crate::render::{Cell, Report, Table};
use crate::stack_queues::{self, Role, StackQueue, origins};

/// Letters of each queue that `list` reads for its reasons.
const SAMPLE: usize = 100;
/// The dead letters that a stream's consumer leaves: they only point at records.
const OF_STREAM: &str = "PublishDeadLetters";
/// Where letters go that were never in a queue of ours.
const OF_PARTNER: (&str, &str) = ("PartnerDeadLetters", "EventsQueue");

/// Dead letters.
#[derive(Debug, Subcommand)]
pub enum Dlq {
    /// Show every dead-letter queue, and why its messages are there.
    List,
    /// Show messages of one queue, each with its reason. They stay where they are.
    Peek(Peek),
    /// Send messages back to where they came from: sent first, deleted then.
    Redrive(Redrive),
    /// Delete messages for good.
    Drop(Drop),
}

/// What to look at.
#[derive(Debug, Args)]
pub struct Peek {
    /// A queue's name in the template, or its beginning: EventsDeadLetters, events.
    queue: String,
    /// No more than this many.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=1000))]
    limit: u16,
    /// Show the bodies too. They may hold personal data.
    #[arg(long)]
    body: bool,
}

/// What to send back.
#[derive(Debug, Args)]
pub struct Redrive {
    /// A queue's name in the template, or its beginning.
    queue: String,
    #[command(flatten)]
    selection: Selection,
    /// No more than this many each second.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    rate: u32,
    #[command(flatten)]
    change: Change,
}

/// What to delete.
#[derive(Debug, Args)]
pub struct Drop {
    /// A queue's name in the template, or its beginning.
    queue: String,
    #[command(flatten)]
    discard: Discard,
}

impl Dlq {
    pub(super) async fn run(self, context: &Context) -> Result<Report, Failure> {
        match self {
            Self::List => list(context).await,
            Self::Peek(peek) => peek.run(context).await,
            Self::Redrive(redrive) => redrive.run(context).await,
            Self::Drop(drop) => drop.run(context).await,
        }
    }
}

async fn queues(context: &Context) -> Result<Vec<StackQueue>, Failure> {
    stack_queues::all(context.stack().await?, &context.queues().await?).await
}

async fn list(context: &Context) -> Result<Report, Failure> {
    let all = queues(context).await?;
    let origins = origins(&all);
    let mut table = Table::new(&["queue", "waiting", "from", "oldest_s"]);
    let mut reasons = Table::new(&["queue", "code", "messages", "reason", "remedy"]);
    for queue in all.iter().filter(|queue| queue.role == Role::DeadLetters) {
        let letters = match queue.waiting() {
            0 => Vec::new(),
            _ => context.queues().await?.show(&queue.url, SAMPLE).await?,
        };
        let oldest = letters.iter().map(|letter| letter.sent_at).min();
        table.row([
            queue.name.as_str().into(),
            queue.waiting().into(),
            came_from(&origins, queue).into(),
            oldest.map_or(Cell::Nothing, |at| Cell::Seconds(now().saturating_sub(at))),
        ]);
        let mut by_code = BTreeMap::<String, (usize, Told)>::new();
        for letter in &letters {
            let told = tell_dead_letter(context, &queue.name, letter).await?;
            by_code.entry(told.code.clone()).or_insert((0, told)).0 += 1;
        }
        for (code, (count, told)) in by_code {
            reasons.row([
                queue.name.as_str().into(),
                code.into(),
                count.into(),
                told.reason.into(),
                told.remedy.into(),
            ]);
        }
    }
    let report = Report::new().table("dead_letter_queues", table);
    Ok(match reasons.is_empty() {
        true => report.table("reasons", reasons),
        false => report.table("reasons", reasons).hint(
            "Look at them: tributary dlq peek QUEUE. Send them back: tributary dlq redrive QUEUE --code CODE.",
        ),
    })
}

/// What a queue's letters were before: messages of a queue, or records.
fn came_from<'a>(origins: &BTreeMap<&str, &'a StackQueue>, queue: &StackQueue) -> Option<&'a str> {
    match queue.name.as_str() {
        OF_STREAM => Some("the mirror's stream"),
        name if name == OF_PARTNER.0 => Some("the partner rule"),
        name => origins.get(name).map(|origin| origin.name.as_str()),
    }
}

impl Peek {
    async fn run(self, context: &Context) -> Result<Report, Failure> {
        let all = queues(context).await?;
        let queue = find(&all, &self.queue)?;
        let letters = context.queues().await?;
        let letters = letters.show(&queue.url, self.limit.into()).await?;
        let mut columns = vec!["id", "age_s", "about", "code", "reason", "remedy"];
        if self.body {
            columns.push("body");
        }
        let mut table = Table::new(&columns);
        for letter in &letters {
            let told = tell_dead_letter(context, &queue.name, letter).await?;
            let body = self.body.then(|| letter.body.clone());
            table.row(
                told_row(letter, told)
                    .into_iter()
                    .chain(body.map(Cell::from)),
            );
        }
        Ok(Report::new().table("dead_letters", table))
    }
}

fn told_row(letter: &Letter, told: Told) -> [Cell; 6] {
    [
        letter.id.as_str().into(),
        Cell::Seconds(now().saturating_sub(letter.sent_at)),
        told.about.into(),
        told.code.into(),
        told.reason.into(),
        told.remedy.into(),
    ]
}

impl Redrive {
    async fn run(self, context: &Context) -> Result<Report, Failure> {
        self.selection.check()?;
        let all = queues(context).await?;
        let queue = find(&all, &self.queue)?;
        let target = target(&all, queue)?;
        let sqs = context.queues().await?;
        let name = queue.name.as_str();
        let dry_run = self.change.dry_run;
        let tell = async |letter: &Letter| tell_dead_letter(context, name, letter).await;
        let act = async |letter: &Letter, _: &Told| {
            if dry_run {
                return Ok(Step::Left("would be sent back (dry run)".to_owned()));
            }
            // What EventBridge adds says why it did not deliver; the rule cannot mark
            // what it sends.
            let attributes = match letter.attributes.contains_key("ERROR_CODE") {
                true => BTreeMap::new(),
                false => letter.attributes.clone(),
            };
            let group = letter.group.as_deref();
            sqs.post(&target.url, group, &attributes, &letter.body)
                .await?;
            Ok(Step::Done)
        };
        let walk = walk(context, queue, &self.selection, self.rate, tell, act).await?;
        let record = Report::new()
            .record("redrive")
            .field("queue", name)
            .field("to", target.name.as_str())
            .field("dry_run", dry_run);
        Ok(walk.fields(record).done().table("messages_left", walk.left))
    }
}

impl Drop {
    async fn run(self, context: &Context) -> Result<Report, Failure> {
        self.discard.check()?;
        let all = queues(context).await?;
        let queue = find(&all, &self.queue)?;
        let name = queue.name.as_str();
        let tell = async |letter: &Letter| tell_dead_letter(context, name, letter).await;
        self.discard.run(context, queue, tell).await
    }
}

/// Where a queue's letters came from.
fn target<'a>(all: &'a [StackQueue], queue: &StackQueue) -> Result<&'a StackQueue, Failure> {
    if queue.name == OF_STREAM {
        return Err(Failure::usage(
            "what is in PublishDeadLetters only points at records of the mirror's stream",
            "RUNBOOK, PublishDeadLetters, says how to hand those in again.",
        ));
    }
    let origin = origins(all).get(queue.name.as_str()).copied();
    let (partner, events) = OF_PARTNER;
    let origin = origin.or_else(|| {
        let is_events = |other: &&StackQueue| queue.name == partner && other.name == events;
        all.iter().find(is_events)
    });
    origin
        .ok_or_else(|| Failure::failed(format!("no queue has its dead letters in {}", queue.name)))
}

/// The dead-letter queue of this name, or of one that begins so.
fn find<'a>(all: &'a [StackQueue], name: &str) -> Result<&'a StackQueue, Failure> {
    let letters: Vec<&StackQueue> = all
        .iter()
        .filter(|queue| queue.role == Role::DeadLetters)
        .collect();
    let wanted = name.to_ascii_lowercase();
    let exact = letters
        .iter()
        .find(|queue| queue.name.eq_ignore_ascii_case(name));
    let mut begins = letters
        .iter()
        .filter(|queue| queue.name.to_ascii_lowercase().starts_with(&wanted));
    match (exact, begins.next(), begins.next()) {
        (Some(queue), ..) | (None, Some(queue), None) => Ok(queue),
        _ => {
            let names: BTreeSet<&str> = letters.iter().map(|queue| queue.name.as_str()).collect();
            let names: Vec<&str> = names.into_iter().collect();
            Err(Failure::unknown(
                format!("no dead-letter queue is called `{name}`"),
                format!("There are {}.", names.join(", ")),
            ))
        }
    }
}
