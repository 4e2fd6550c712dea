//! `reconcile findings`: what disagrees.

use clap::{Args, ValueEnum};
use tributary_aws::reconcile::DynamoFindings;
use tributary_domain::Owner;
use tributary_ledger::Book;
use tributary_reconciliation::{Code, Finding, State};

use crate::accounts::{mode_of_stack, owner};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{Cell, Report, Table, rfc3339};

/// What is shown of a finding.
pub(super) const COLUMNS: [&str; 10] = [
    "code",
    "book",
    "subject",
    "state",
    "at_stake",
    "currency",
    "first_seen",
    "last_seen",
    "evidence",
    "last_step",
];

/// Which states to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Standing {
    /// The books disagree.
    Open,
    /// They agree again after something was done.
    Healed,
    /// They agree again by themselves, or a person saw to it.
    Resolved,
    /// A person has said that it is right.
    Accepted,
    /// All of them.
    All,
}

/// Which findings to list.
#[derive(Debug, Args)]
pub struct Findings {
    /// Only those of one account: acct_… or `platform`. Needed for states that are not
    /// open: the open ones of all accounts are one query.
    #[arg(long, value_parser = owner)]
    account: Option<Owner>,
    /// Only those of a code, such as PAYOUT_STUCK.
    #[arg(long, value_parser = code)]
    code: Option<Code>,
    /// How they stand.
    #[arg(long, value_enum, default_value = "open")]
    state: Standing,
    /// Only those with at least so much at stake, minor units.
    #[arg(long, default_value_t = 0)]
    at_stake: u64,
    /// Most findings to list.
    #[arg(long, default_value_t = 100)]
    limit: usize,
}

/// Reads a code.
pub(super) fn code(text: &str) -> Result<Code, String> {
    Code::parse(&text.to_ascii_uppercase())
        .ok_or_else(|| "no code of a finding, see docs/RECONCILIATION.md".to_owned())
}

impl Findings {
    pub(super) async fn run(self, context: &Context) -> Result<Report, Failure> {
        let found = self.read(context).await?;
        let mut found: Vec<Finding> = found.into_iter().filter(|one| self.takes(one)).collect();
        found.sort_by_key(|one| (std::cmp::Reverse(one.stake.amount), one.key()));
        let is_wrong = |one: &&Finding| one.state == State::Open && !one.code.is_information();
        let exit = match found.iter().find(is_wrong) {
            Some(_) => Exit::Problems,
            None => Exit::Done,
        };
        let mut table = Table::new(&COLUMNS).saying_once(&["state", "book"]);
        for finding in found.iter().take(self.limit) {
            table.row(row(finding));
        }
        let report = Report::new().table("findings", table).ending(exit);
        let report = match found.is_empty() {
            true => report,
            false => report.hint(
                "What a code means: docs/RECONCILIATION.md. What happened to its subject: tributary trace SUBJECT --account ACCT.",
            ),
        };
        Ok(match found.len().saturating_sub(self.limit) {
            0 => report,
            more => report.hint(format!("{more} more: --limit shows them.")),
        })
    }

    async fn read(&self, context: &Context) -> Result<Vec<Finding>, Failure> {
        if self.account.is_none() && self.state != Standing::Open {
            return Err(Failure::usage(
                "findings that are not open are listed by account",
                "Name it with --account acct_… or --account platform.",
            ));
        }
        let mode = mode_of_stack(context).await?;
        let table = context.output("FindingsTableName").await?.to_owned();
        let findings = DynamoFindings::new(context.aws().await?, table);
        Ok(match self.account.clone() {
            Some(owner) => findings.all_of(&Book { mode, owner }).await?,
            None => findings.all_open(mode).await?,
        })
    }

    fn takes(&self, finding: &Finding) -> bool {
        let is_in_state = match self.state {
            Standing::Open => finding.state == State::Open,
            Standing::Healed => finding.state == State::Healed,
            Standing::Resolved => finding.state == State::Resolved,
            Standing::Accepted => finding.state == State::Accepted,
            Standing::All => true,
        };
        is_in_state
            && self.code.is_none_or(|code| code == finding.code)
            && finding.stake.amount >= self.at_stake
    }
}

/// A piece of evidence as people read it: moments are kept as unix seconds.
fn said(name: &str, value: &str) -> String {
    let is_moment = name.ends_with("_at") || ["created", "arrival_date"].contains(&name);
    let at = is_moment.then(|| value.parse().ok()).flatten();
    at.map_or_else(|| value.to_owned(), rfc3339)
}

/// A finding in one row.
pub(super) fn row(finding: &Finding) -> Vec<Cell> {
    let evidence = finding
        .evidence
        .iter()
        .filter(|(_, value)| !value.is_empty());
    let evidence = evidence.map(|(name, value)| format!("{name}={}", said(name, value)));
    let evidence: Vec<String> = evidence.collect();
    let last = finding.history.last();
    vec![
        finding.code.as_str().into(),
        finding.book.to_string().into(),
        finding.subject.as_str().into(),
        finding.state.as_str().into(),
        finding.stake.amount.into(),
        finding.stake.currency.as_str().into(),
        Cell::Time(finding.first_seen),
        Cell::Time(finding.last_seen),
        evidence.join(" ").into(),
        last.map(|step| step.what.clone()).into(),
    ]
}
