//! What became of the books, for people and for machines.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use tributary_books::Verdict;
use tributary_books::verdict::Tally;
use tributary_simulator::server::Requests;

use crate::tie_out::{Journal, Tie};

/// How many lines of one kind of failure are told.
const TOLD_MAX: usize = 5;

/// How far reconciliation has come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// Books that can be read.
    pub books: usize,
    /// Of those, books whose events are audited up to the last hours.
    pub events: usize,
    /// Of those, books whose balance and payouts were looked at.
    pub holdings: usize,
}

/// All books of one currency.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CurrencyTie {
    /// Books that hold it, or have.
    pub books: usize,
    /// What the ledger's entries add up to, minor units.
    pub ledger: i128,
    /// What Stripe says, minor units.
    pub stripe: i128,
    /// How much of the difference was put there on purpose and stays, minor units.
    pub labelled: i128,
    /// What is left over all books, minor units, signs ignored.
    pub residual: u128,
}

/// The figures of ledger and reconciliation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Books {
    /// Entries, one for each movement, before anything was damaged.
    pub ledger_entries: usize,
    /// Movements at Stripe without their entry, or with another, before that.
    pub entries_wrong: usize,
    /// By currency: ours and Stripe's after reconciliation.
    pub tied_out: BTreeMap<String, CurrencyTie>,
    /// What nothing explains, over all books and currencies, minor units.
    pub residual_minor_units: u128,
    /// Put wrong on purpose.
    pub injected: usize,
    /// Of those, found.
    pub found: usize,
    /// Findings that are right again.
    pub healed: usize,
    /// Findings of nothing that was put wrong.
    pub false_findings: usize,
    /// By class.
    pub by_class: BTreeMap<&'static str, Tally>,
    /// Why findings wait for a person, with how many do.
    pub left: BTreeMap<String, usize>,
    /// How far reconciliation has come.
    pub coverage: Coverage,
    /// Requests to Stripe's API.
    pub stripe_requests: u64,
    /// Of those, requests that it refused: 429 and 5xx.
    pub stripe_refusals: u64,
    /// What was not as it should be, in words.
    #[serde(skip)]
    pub failures: Vec<String>,
}

impl Books {
    /// Takes how the entries compared before anything was damaged.
    pub fn posted(&mut self, journal: &Journal) {
        self.ledger_entries = journal.entries;
        for (what, faults) in [
            ("has no entry", &journal.missing),
            (
                "is no movement of Stripe's, or has two entries",
                &journal.surplus,
            ),
            ("says something else than Stripe", &journal.different),
            ("does not sum to zero", &journal.unbalanced),
        ] {
            self.entries_wrong += faults.len();
            self.fail(faults.iter().map(|key| format!("{key} {what}")));
        }
    }

    /// Takes what the books hold.
    pub fn tied_out(&mut self, ties: &[Tie]) {
        for tie in ties {
            let sum = self.tied_out.entry(tie.currency.clone()).or_default();
            sum.books += 1;
            sum.ledger += tie.entries;
            sum.stripe += tie.stripe;
            sum.labelled += tie.labelled;
            sum.residual += tie.residual();
            self.residual_minor_units += tie.residual();
        }
        let wrong = ties.iter().filter(|tie| tie.residual() != 0);
        let told: Vec<String> = wrong
            .map(|tie| {
                let Tie { book, currency, .. } = tie;
                let (ours, theirs) = (tie.entries, tie.stripe);
                format!("{book} holds {ours} {currency} by the ledger, {theirs} by Stripe")
            })
            .collect();
        self.fail(told);
    }

    /// Takes how findings compare with what was put wrong.
    pub fn judged(&mut self, verdict: &Verdict) {
        self.injected = verdict.injected;
        self.found = verdict.found;
        self.healed = verdict.healed;
        self.false_findings = verdict.false_findings;
        self.by_class = verdict.by_code.clone();
        self.left = verdict.left.clone();
        self.fail(verdict.missed.iter().map(|it| format!("not found: {it}")));
        let unlabelled = verdict.unlabelled.iter();
        self.fail(unlabelled.map(|it| format!("found, and not there: {it}")));
    }

    /// Takes what Stripe's API was asked.
    pub fn asked(&mut self, requests: &Requests) {
        self.stripe_requests = requests.total;
        self.stripe_refusals = requests.faults + requests.rate_limited;
    }

    fn fail(&mut self, told: impl IntoIterator<Item = String>) {
        self.failures.extend(told.into_iter().take(TOLD_MAX));
    }

    /// Whether every cent is explained and everything was found, and nothing else.
    pub fn is_good(&self) -> bool {
        let Coverage {
            books,
            events,
            holdings,
        } = self.coverage;
        self.entries_wrong == 0
            && self.residual_minor_units == 0
            && self.found == self.injected
            && self.false_findings == 0
            && (events, holdings) == (books, books)
    }

    fn write_ties(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "  The books against Stripe's balances, in minor units (cents)"
        )?;
        writeln!(
            f,
            "  {:>8}  {:>6}{:>14}{:>14}{:>12}{:>13}",
            "currency", "books", "ledger", "Stripe", "explained", "unexplained"
        )?;
        for (currency, tie) in &self.tied_out {
            writeln!(
                f,
                "  {currency:>8}  {:>6}{:>14}{:>14}{:>12}{:>13}",
                tie.books, tie.ledger, tie.stripe, tie.labelled, tie.residual
            )?;
        }
        writeln!(f)
    }

    fn write_classes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  What was put wrong, and what reconciliation found")?;
        writeln!(
            f,
            "  {:<28}{:>9}{:>8}{:>8}{:>8}",
            "class", "injected", "found", "healed", "open"
        )?;
        for (code, tally) in &self.by_class {
            let Tally {
                injected,
                found,
                healed,
                open,
            } = tally;
            writeln!(f, "  {code:<28}{injected:>9}{found:>8}{healed:>8}{open:>8}")?;
        }
        writeln!(f)?;
        writeln!(f, "  Left for a person, and why")?;
        for (why, count) in &self.left {
            writeln!(f, "  {count:>8}  {why}")?;
        }
        writeln!(f)
    }
}

impl fmt::Display for Books {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            ledger_entries,
            entries_wrong,
            coverage,
            stripe_requests,
            stripe_refusals,
            ..
        } = self;
        writeln!(f, "  The ledger against Stripe's movements")?;
        writeln!(
            f,
            "  {ledger_entries:>8}  entries, each for one movement of a balance"
        )?;
        writeln!(f, "  {entries_wrong:>8}  missing, surplus or different")?;
        writeln!(f)?;
        self.write_ties(f)?;
        self.write_classes(f)?;
        writeln!(
            f,
            "  {:>8}  books audited, of {}; {stripe_requests} requests to Stripe, {stripe_refusals} of them refused",
            coverage.events.min(coverage.holdings),
            coverage.books
        )
    }
}
