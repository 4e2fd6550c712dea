//! Found against injected.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use tributary_reconciliation::{Code, Finding, State};

use crate::Label;

/// What became of the findings of one code.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Put wrong on purpose.
    pub injected: usize,
    /// Of those, found.
    pub found: usize,
    /// Findings that are settled: what was wrong is right again.
    pub healed: usize,
    /// Findings that wait for a person.
    pub open: usize,
}

/// How findings and labels compare.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// By code, of the labels' first one.
    pub by_code: BTreeMap<&'static str, Tally>,
    /// Put wrong on purpose.
    pub injected: usize,
    /// Of those, found.
    pub found: usize,
    /// Findings that nothing was injected for.
    pub false_findings: usize,
    /// Findings that are settled.
    pub healed: usize,
    /// What was injected and not found, in words.
    pub missed: Vec<String>,
    /// The false findings, in words.
    pub unlabelled: Vec<String>,
    /// Why findings wait for a person, with how many do.
    pub left: BTreeMap<String, usize>,
}

impl Label {
    /// Whether a finding is about this. Ids are unique; a currency is one only within its book.
    pub fn explains(&self, finding: &Finding) -> bool {
        let named = |text: &str| self.subjects.iter().any(|it| it == text);
        let same_book = self.book == finding.book;
        self.codes.contains(&finding.code)
            && (named(&finding.subject) && (same_book || finding.subject.contains('_'))
                || finding
                    .evidence
                    .values()
                    .any(|it| it.contains('_') && named(it)))
    }
}

impl Verdict {
    /// Compares. What only informs is no finding here.
    pub fn of(labels: &[Label], findings: &[Finding]) -> Self {
        let mut verdict = Self::default();
        let told: Vec<&Finding> = findings
            .iter()
            .filter(|finding| !finding.code.is_information())
            .collect();
        for label in labels.iter().filter(|label| label.required) {
            let code = label.codes.first().map_or("", |code| code.as_str());
            let found = told.iter().any(|finding| label.explains(finding));
            let tally = verdict.by_code.entry(code).or_default();
            tally.injected += 1;
            tally.found += usize::from(found);
            if !found {
                verdict.missed.push(format!(
                    "{} {} {:?} on {}, {} {}",
                    code, label.what, label.subjects, label.book, label.amount, label.currency
                ));
            }
        }
        for finding in told {
            verdict.take(labels, finding);
        }
        verdict.injected = verdict.by_code.values().map(|it| it.injected).sum();
        verdict.found = verdict.by_code.values().map(|it| it.found).sum();
        verdict.healed = verdict.by_code.values().map(|it| it.healed).sum();
        verdict
    }

    fn take(&mut self, labels: &[Label], finding: &Finding) {
        let label = labels.iter().find(|label| label.explains(finding));
        let Some(label) = label else {
            self.false_findings += 1;
            self.unlabelled.push(format!(
                "{} {} on {}, {} {} {:?}",
                finding.code,
                finding.subject,
                finding.book,
                finding.stake.amount,
                finding.stake.currency,
                finding.evidence
            ));
            return;
        };
        let code = label.codes.first().copied().unwrap_or(finding.code);
        let tally = self.by_code.entry(code.as_str()).or_default();
        match finding.state {
            State::Healed | State::Resolved => tally.healed += 1,
            State::Open | State::Accepted => {
                tally.open += 1;
                *self.left.entry(why(finding)).or_default() += 1;
            }
        }
    }
}

/// Why a finding waits, as its history says.
fn why(finding: &Finding) -> String {
    let reason = finding
        .history
        .iter()
        .rev()
        .find_map(|step| step.what.strip_prefix("left:"))
        .unwrap_or(match finding.code {
            Code::UnmatchedPlatformEntry | Code::AmbiguousMatch => "needs_a_person",
            _ => "not_tried",
        });
    format!("{}: {reason}", finding.code)
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  {:<28}injected   found  healed    open", "Class")?;
        for (code, tally) in &self.by_code {
            writeln!(
                f,
                "  {code:<28}{:>8}{:>8}{:>8}{:>8}",
                tally.injected, tally.found, tally.healed, tally.open
            )?;
        }
        for (why, count) in &self.left {
            writeln!(f, "  {count:>8}  left for a person, {why}")?;
        }
        Ok(())
    }
}
