//! Whether a file is valid as a whole.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tributary_domain::Currency;
use twox_hash::XxHash3_128;

use super::columns::fault;
use super::duplicates::{Duplicates, hash};
use super::fault::{Fault, LineFault, Problem};
use super::report::Report;
use crate::entry::OwnEntry;

/// How many entries are remembered at once when repetitions are looked for: 32 MB.
const REMEMBERED_MAX: usize = 4_000_000;

/// How many faults a report holds.
const FAULTS_MAX: usize = 1_000;

/// What a valid file holds. Two passes over the same file give the same.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// How many entries.
    pub entries: u64,
    /// Their sum by currency, minor units.
    pub totals: BTreeMap<Currency, i128>,
    /// The sum of the entries' hashes, modulo 2^128: the same for every order.
    pub digest: u128,
}

impl Summary {
    /// Adds an entry.
    pub fn add(&mut self, entry: &OwnEntry) {
        self.entries += 1;
        let total = self.totals.entry(entry.currency).or_default();
        *total = total.saturating_add(entry.amount.into());
        let seed = u64::from_le_bytes(entry.amount.to_le_bytes());
        let mut text = format!(
            "{}\n{}\n{}\n{}\n{}\n{}",
            entry.account.as_str(),
            entry.id,
            entry.kind,
            entry.occurred_at,
            entry.currency,
            entry.counterparty,
        );
        for reference in &entry.references {
            text.push('\n');
            text.push_str(reference);
        }
        let hash = XxHash3_128::oneshot_with_seed(seed, text.as_bytes());
        self.digest = self.digest.wrapping_add(hash);
    }
}

/// What comes after a pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Read the file once more.
    Again,
    /// The file is valid.
    Valid(Summary),
    /// The file is refused.
    Refused(Report),
}

/// Reads a file pass by pass, in memory that does not grow with it.
#[derive(Debug)]
pub struct Check {
    duplicates: Duplicates,
    summary: Summary,
    report: Report,
    pass: Pass,
}

#[derive(Debug)]
enum Pass {
    /// Everything is looked at.
    First,
    /// Only another part of the entries, for repetitions.
    Further,
    /// Suspected repetitions are compared: the line of each suspect by account and id.
    Naming(BTreeMap<(String, String), u64>),
}

impl Default for Check {
    fn default() -> Self {
        Self::remembering(REMEMBERED_MAX)
    }
}

impl Check {
    /// A check that remembers so many entries at once: the fewer, the more passes.
    pub fn remembering(entries_max: usize) -> Self {
        Self {
            duplicates: Duplicates::new(entries_max.max(2)),
            summary: Summary::default(),
            report: Report::default(),
            pass: Pass::First,
        }
    }

    /// A row of the current pass.
    pub fn row(&mut self, line: u64, row: Result<OwnEntry, Vec<Fault>>) {
        match (&mut self.pass, row) {
            (Pass::First, Err(faults)) => {
                for fault in faults {
                    self.wrong(LineFault { line, fault });
                }
            }
            (Pass::First, Ok(entry)) => {
                self.summary.add(&entry);
                self.duplicates.add(hash(entry.account.as_str(), &entry.id));
            }
            (Pass::Further, Ok(entry)) => {
                self.duplicates.add(hash(entry.account.as_str(), &entry.id));
            }
            (Pass::Naming(lines), Ok(entry)) => {
                let account = entry.account.as_str();
                if !self.duplicates.twice().contains(&hash(account, &entry.id)) {
                    return;
                }
                let first = *lines.entry((account.to_owned(), entry.id)).or_insert(line);
                if first != line {
                    self.wrong(LineFault {
                        line,
                        fault: fault("id", Problem::Repeated(first)),
                    });
                }
            }
            (Pass::Further | Pass::Naming(_), Err(_)) => {}
        }
    }

    /// The end of a pass.
    pub fn end_of_pass(&mut self) -> Next {
        if !matches!(self.pass, Pass::Naming(_)) {
            if self.duplicates.end_of_pass() {
                self.pass = Pass::Further;
                return Next::Again;
            }
            if !self.duplicates.twice().is_empty() {
                self.pass = Pass::Naming(BTreeMap::new());
                return Next::Again;
            }
        }
        if self.report.faults.is_empty() {
            return Next::Valid(std::mem::take(&mut self.summary));
        }
        let mut report = std::mem::take(&mut self.report);
        report.faults.sort_by_key(|fault| fault.line);
        Next::Refused(report)
    }

    fn wrong(&mut self, fault: LineFault) {
        if self.report.faults.len() < FAULTS_MAX {
            self.report.faults.push(fault);
        } else {
            self.report.more += 1;
        }
    }
}
