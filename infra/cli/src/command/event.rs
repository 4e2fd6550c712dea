//! `event`: the log of what Stripe sent.

use clap::{Args, Subcommand, ValueEnum};
use tributary_aws::store::{LogFilter, LogLine};
use tributary_domain::{EventId, EventKey, ObjectKey, Owner};
use tributary_pipeline::ports::Store;

use super::span::Span;
use crate::accounts::{modes, owner, roster};
use crate::context::Context;
use crate::failure::Failure;
use crate::render::{Cell, Report, Table};

/// Keys that are looked up at once.
const KEYS: usize = 100;
/// Lines that `list` reads, unless more are allowed.
const READ_MAX: u64 = 100_000;

/// The event log.
#[derive(Debug, Subcommand)]
pub enum Event {
    /// Show one event: when it came, what became of it, and the row that it is about.
    Show(Show),
    /// Show the newest events that fit. The log has no order, so all of it is read.
    List(List),
}

/// Which event.
#[derive(Debug, Args)]
pub struct Show {
    /// Stripe's id, or the log's key (live#acct_1#evt_2).
    id: String,
    /// Whose event, if you know: an account or `platform`.
    #[arg(long, value_name = "ACCT", value_parser = owner)]
    account: Option<Owner>,
    /// Show the event itself too. It may hold personal data.
    #[arg(long)]
    body: bool,
}

/// Which events.
#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    filter: Filter,
    /// No more than this many.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
    /// Read no more than this many lines of the log.
    #[arg(long, value_name = "COUNT", default_value_t = READ_MAX)]
    read_max: u64,
}

/// What became of an event.
#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(super) enum Outcome {
    /// Its object is in the mirror.
    Applied,
    /// A fetch of its object was asked for.
    FetchRequested,
    /// The event itself is kept.
    Recorded,
    /// It waits for a person.
    Quarantined,
}

/// Conditions on events; all have to hold.
#[derive(Debug, Args)]
pub(super) struct Filter {
    /// Events of this account, or of `platform`.
    #[arg(long, value_name = "ACCT", value_parser = owner)]
    account: Option<Owner>,
    /// What the type begins with: payout. or charge.dispute.created
    #[arg(long = "type", value_name = "PREFIX")]
    kind: Option<String>,
    /// What became of it.
    #[arg(long, value_enum)]
    outcome: Option<Outcome>,
    #[command(flatten)]
    span: Span,
}

impl Filter {
    /// As the log wants it.
    ///
    /// # Errors
    /// When a time is none.
    pub(super) fn read(&self) -> Result<LogFilter, Failure> {
        let (since, until) = self.span.read()?;
        let outcome = self.outcome.and_then(|outcome| {
            let value = outcome.to_possible_value()?;
            Some(value.get_name().to_owned())
        });
        Ok(LogFilter {
            owner: self.account.as_ref().map(|owner| owner.as_str().to_owned()),
            kind_prefix: self.kind.clone(),
            outcome,
            since,
            until,
        })
    }
}

impl Event {
    pub(super) async fn run(self, context: &Context) -> Result<Report, Failure> {
        match self {
            Self::Show(show) => show.run(context).await,
            Self::List(list) => list.run(context).await,
        }
    }
}

impl List {
    async fn run(self, context: &Context) -> Result<Report, Failure> {
        let filter = self.filter.read()?;
        let store = context.store().await?;
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let bar = context.progress("matching events", 0);
        let (mut newest, mut read, mut from) = (Vec::<LogLine>::new(), 0_u64, None);
        loop {
            let page = store.log_lines(&filter, from).await?;
            bar.inc(page.items.len() as u64);
            read = read.saturating_add(page.read);
            newest.extend(page.items);
            newest.sort_by(|a, b| (b.created, &b.key).cmp(&(a.created, &a.key)));
            newest.truncate(limit);
            from = page.next;
            if from.is_none() || read >= self.read_max {
                break;
            }
        }
        bar.finish_and_clear();
        let mut table = Table::new(&["created", "event", "type", "outcome", "object"]);
        for line in newest {
            table.row([
                Cell::Time(line.created),
                line.key.into(),
                line.kind.into(),
                line.outcome.into(),
                line.object.into(),
            ]);
        }
        let report = Report::new().table("events", table);
        Ok(match from {
            None => report,
            Some(_) => report.hint(format!(
                "Read {read} lines and stopped: there may be newer ones. --read-max reads on."
            )),
        })
    }
}

impl Show {
    async fn run(self, context: &Context) -> Result<Report, Failure> {
        let store = context.store().await?;
        let key = self.key(context).await?;
        let found = match &key {
            Some(key) => store.logged(key).await?,
            None => None,
        };
        let Some((line, body)) = found else {
            return Err(Failure::unknown(
                format!("the event log has no `{}`", self.id),
                "It never came, waits in a queue, or is older than the log: ask Stripe for it, or say --account.",
            ));
        };
        let mut record = Report::new()
            .record("event")
            .field("key", line.key.as_str())
            .field("type", line.kind.as_str())
            .field("created", Cell::Time(line.created))
            .field("received_at", Cell::Time(line.received_at))
            .field(
                "lag_s",
                Cell::Seconds(line.received_at.saturating_sub(line.created)),
            )
            .field("outcome", line.outcome.as_str())
            .field("origin", line.origin.as_deref())
            .field("api_version", line.api_version.as_deref())
            .field("kept_until", Cell::Time(line.expires_at))
            .field("body_bytes", body.len());
        if self.body {
            let value = serde_json::from_str::<serde_json::Value>(&body);
            record = record.field("body", value.map_or_else(|_| Cell::Text(body), Cell::Json));
        }
        let report = record.done();
        let Some(object) = line
            .object
            .as_deref()
            .and_then(|key| ObjectKey::parse(key).ok())
        else {
            return Ok(report);
        };
        let known = store.load(&[], std::slice::from_ref(&object)).await?;
        let row = known.rows.get(&object).and_then(|row| row.resolve());
        let event = line.key.rsplit('#').next().unwrap_or_default();
        Ok(report
            .record("row")
            .field("object", object.to_string())
            .field("is_there", row.is_some())
            .field(
                "decided_by",
                row.as_ref().map(|row| row.winner.source.as_str()),
            )
            .field(
                "is_by_this_event",
                row.as_ref().map(|row| row.winner.source.as_str() == event),
            )
            .field(
                "at",
                row.as_ref()
                    .map_or(Cell::Nothing, |row| Cell::Time(row.winner.at)),
            )
            .field("is_ambiguous", row.as_ref().map(|row| row.ambiguous))
            .field("is_deleted", row.as_ref().map(|row| row.deleted))
            .done())
    }

    /// The key in the log. An id alone is looked for under the platform, then under each
    /// account that reconciliation knows, a hundred at once.
    async fn key(&self, context: &Context) -> Result<Option<String>, Failure> {
        if self.id.contains('#') || self.id.starts_with("fetch_") {
            return Ok(Some(self.id.clone()));
        }
        let id = EventId::parse(&self.id).map_err(|_| {
            Failure::usage(
                format!("`{}` is no event", self.id),
                "Give an id that begins with evt_, or a key of the log.",
            )
        })?;
        let key = |mode, owner: &Owner| EventKey {
            mode,
            owner: owner.clone(),
            id: id.clone(),
        };
        let store = context.store().await?;
        for mode in modes(context).await? {
            let owners = match &self.account {
                Some(owner) => vec![owner.clone()],
                None => {
                    let books = roster(context, mode).await?.into_iter();
                    let accounts = books.map(|(book, _)| book.owner);
                    let accounts = accounts.filter(|owner| *owner != Owner::Platform);
                    std::iter::once(Owner::Platform).chain(accounts).collect()
                }
            };
            let keys: Vec<EventKey> = owners.iter().map(|owner| key(mode, owner)).collect();
            for keys in keys.chunks(KEYS) {
                let known = store.load(keys, &[]).await?;
                let found = known.receipts.keys().chain(&known.damaged_receipts).next();
                if let Some(found) = found {
                    return Ok(Some(found.to_string()));
                }
            }
        }
        Ok(None)
    }
}
