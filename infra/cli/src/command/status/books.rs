//! Whether it is right: how far reconciliation has come, and what it found.

use std::collections::BTreeMap;

use tributary_aws::reconcile::DynamoFindings;
use tributary_domain::{Mode, Owner};
use tributary_ledger::Day;
use tributary_pipeline::reconcile::Coverage;

use crate::accounts::{modes, roster};
use crate::context::{Context, now};
use crate::failure::Failure;
use crate::render::{Cell, Report, Table};

/// What all books say together.
#[derive(Debug, Default)]
pub(super) struct Books {
    /// Open findings.
    pub(super) open: usize,
    books: usize,
    events: Mark,
    holdings: Mark,
    payouts: Mark,
    reports_to: Option<Day>,
    accounts_at: Option<i64>,
    /// Open findings and what is at stake, by code and currency.
    findings: BTreeMap<(String, String), (usize, u64)>,
}

/// How far the books have come in one respect.
#[derive(Debug, Default)]
struct Mark {
    /// The book that is farthest behind, and where it is.
    last: Option<(String, i64)>,
    /// Where the first is.
    first: Option<i64>,
    /// Books that nobody has looked at so.
    never: usize,
}

impl Mark {
    fn take(&mut self, owner: &Owner, at: Option<i64>) {
        let Some(at) = at else {
            self.never += 1;
            return;
        };
        if self.last.as_ref().is_none_or(|(_, last)| at < *last) {
            self.last = Some((owner.as_str().to_owned(), at));
        }
        self.first = self.first.max(Some(at));
    }

    fn row(&self, name: &str) -> [Cell; 5] {
        let age = |at: i64| Cell::Seconds(now().saturating_sub(at));
        let last = self.last.as_ref();
        [
            name.into(),
            self.first.map_or(Cell::Nothing, age),
            last.map_or(Cell::Nothing, |(_, at)| age(*at)),
            last.map(|(owner, _)| owner.as_str()).into(),
            self.never.into(),
        ]
    }
}

impl Books {
    fn take(&mut self, owner: &Owner, coverage: &Coverage) {
        self.books += 1;
        if coverage.closed_at.is_some() {
            // Nobody can read it: that it stays behind would hide who should not.
            return;
        }
        self.events.take(owner, coverage.events_to);
        self.holdings.take(owner, coverage.holdings_at);
        self.payouts.take(owner, coverage.payouts_to);
        if owner.account().is_none() {
            self.reports_to = coverage.reports_to;
            self.accounts_at = coverage.accounts_at;
        }
    }

    pub(super) fn into_report(self, report: Report) -> Report {
        let mut coverage =
            Table::new(&["watermark", "newest_s", "oldest_s", "oldest_book", "never"]);
        coverage.row(self.events.row("events"));
        coverage.row(self.holdings.row("balances"));
        coverage.row(self.payouts.row("payouts"));
        let mut findings = Table::new(&["code", "findings", "at_stake", "currency"]);
        for ((code, currency), (count, amount)) in &self.findings {
            findings.row([
                code.as_str().into(),
                (*count).into(),
                (*amount).into(),
                currency.as_str().into(),
            ]);
        }
        report
            .record("reconciliation")
            .field("books", self.books)
            .field(
                "last_run",
                self.holdings.first.map_or(Cell::Nothing, Cell::Time),
            )
            .field("reports_to", self.reports_to.map(|day| day.to_string()))
            .field(
                "accounts_listed_at",
                self.accounts_at.map_or(Cell::Nothing, Cell::Time),
            )
            .field("open_findings", self.open)
            .done()
            .table("coverage", coverage)
            .table("open_findings_by_code", findings)
    }
}

/// The books of the stack's mode; of the other, if only that has any.
pub(super) async fn look(context: &Context) -> Result<(Mode, Books), Failure> {
    let [mode, other] = modes(context).await?;
    let books = of_mode(context, mode).await?;
    if books.books > 0 {
        return Ok((mode, books));
    }
    match of_mode(context, other).await? {
        others if others.books > 0 => Ok((other, others)),
        _ => Ok((mode, books)),
    }
}

async fn of_mode(context: &Context, mode: Mode) -> Result<Books, Failure> {
    let mut books = Books::default();
    for (book, coverage) in roster(context, mode).await? {
        books.take(&book.owner, &coverage);
    }
    let table = context.output("FindingsTableName").await?;
    let findings = DynamoFindings::new(context.aws().await?, table.to_owned());
    for finding in findings.all_open(mode).await? {
        books.open += 1;
        let key = (finding.code.as_str().to_owned(), finding.stake.currency);
        let (count, amount) = books.findings.entry(key).or_default();
        *count += 1;
        *amount = amount.saturating_add(finding.stake.amount);
    }
    Ok(books)
}
