//! `match`: the platform's own book beside the ledger, and what a person says of it.

use clap::{Args, Subcommand};
use tributary_aws::DynamoMatches;
use tributary_aws::reconcile::SqsJobs;
use tributary_domain::{Mode, Owner};
use tributary_ledger::Book;
use tributary_matching::Verdict;
use tributary_pipeline::own_book::{AnswerError, Kept, Matches as _, Standing, answer};

use crate::accounts::{modes, owner};
use crate::context::{Context, now};
use crate::failure::Failure;
use crate::options::Change;
use crate::render::{Report, Table};

/// The platform's own book beside the ledger.
#[derive(Debug, Subcommand)]
pub enum Matches {
    /// Show an account's matches that wait for a person, each with its score and reason.
    List(List),
    /// Say that a match is right: it is made, and teaches the others.
    Accept(Answered),
    /// Say that a match is wrong: it is taken back and not proposed again, and teaches the others.
    Refuse(Answered),
}

/// Which matches.
#[derive(Debug, Args)]
pub struct List {
    /// An id that begins with acct_, or `platform`.
    #[arg(value_parser = owner)]
    account: Owner,
    /// Those that are made, too.
    #[arg(long)]
    all: bool,
}

/// Which match.
#[derive(Debug, Args)]
pub struct Answered {
    /// An id that begins with acct_, or `platform`.
    #[arg(value_parser = owner)]
    account: Owner,
    /// The id of an own entry of the match.
    entry: String,
    #[command(flatten)]
    change: Change,
}

impl Matches {
    pub(super) async fn run(self, context: &Context) -> Result<Report, Failure> {
        match self {
            Self::List(list) => list.run(context).await,
            Self::Accept(one) => one.run(context, Verdict::Confirmed).await,
            Self::Refuse(one) => one.run(context, Verdict::Rejected).await,
        }
    }
}

async fn store(context: &Context) -> Result<DynamoMatches, Failure> {
    let table = context.output("MatchesTableName").await?.to_owned();
    Ok(DynamoMatches::new(context.aws().await?, table))
}

fn book(mode: Mode, account: &Owner) -> Book {
    let owner = account.clone();
    Book { mode, owner }
}

fn table() -> Table {
    Table::new(&[
        "standing",
        "month",
        "own",
        "lines",
        "amount",
        "currency",
        "difference",
        "score_millibits",
        "alternatives",
        "reason",
    ])
}

fn row(table: &mut Table, month: &str, kept: &Kept) {
    let standing = match kept.standing {
        Standing::Made => "made",
        Standing::Waiting => "waiting",
    };
    let one = &kept.matched;
    table.row([
        standing.into(),
        month.into(),
        one.own.join(" ").into(),
        one.lines.join(" ").into(),
        one.amount.into(),
        one.currency.as_str().into(),
        one.difference.into(),
        i64::from(one.score).into(),
        i64::from(one.alternatives).into(),
        one.reason().into(),
    ]);
}

impl List {
    async fn run(self, context: &Context) -> Result<Report, Failure> {
        let store = store(context).await?;
        let mut table = table();
        for mode in modes(context).await? {
            for (month, kept) in store.all(&book(mode, &self.account)).await? {
                let wanted = |kept: &&Kept| self.all || kept.standing == Standing::Waiting;
                for kept in kept.iter().filter(wanted) {
                    row(&mut table, &month.to_string(), kept);
                }
            }
        }
        let report = Report::new();
        Ok(match table.is_empty() {
            true => report.table("matches", table),
            false => report
                .table("matches", table)
                .hint("Answer with `tributary match accept|refuse ACCOUNT ENTRY`."),
        })
    }
}

impl Answered {
    async fn run(self, context: &Context, verdict: Verdict) -> Result<Report, Failure> {
        let store = store(context).await?;
        let queue = context.output("ReconcileQueueUrl").await?.to_owned();
        let jobs = SqsJobs::new(context.aws().await?, queue);
        for mode in modes(context).await? {
            let book = book(mode, &self.account);
            if self.change.dry_run {
                let mut table = table();
                for (month, kept) in store.all(&book).await? {
                    let of_entry = kept
                        .iter()
                        .filter(|kept| kept.matched.own.contains(&self.entry));
                    of_entry.for_each(|kept| row(&mut table, &month.to_string(), kept));
                }
                if !table.is_empty() {
                    return Ok(Report::new().table(
                        "would_answer",
                        table.saying_when_empty("nothing would be answered"),
                    ));
                }
                continue;
            }
            match answer(&store, &jobs, &book, &self.entry, verdict, now()).await {
                Ok(answered) => {
                    let mut table = table();
                    row(&mut table, &answered.month.to_string(), &answered.kept);
                    return Ok(Report::new().table("answered", table.saying_when_empty("nothing was answered")).hint(
                        "The month is being matched again; `tributary match list` shows the outcome.",
                    ));
                }
                Err(AnswerError::NoMatch { .. }) => {}
                Err(error) => return Err(Failure::failed(error.to_string())),
            }
        }
        Err(Failure::unknown(
            format!(
                "no match of `{}` has the entry `{}`",
                self.account.as_str(),
                self.entry
            ),
            "See `tributary match list ACCOUNT --all`.",
        ))
    }
}
