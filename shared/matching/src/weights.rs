//! What each agreement is worth, and what people have taught about it.
//!
//! The model is that of Fellegi and Sunter: a field that agrees on a level is worth the
//! logarithm of how much more often it does among matches than among others. Priors
//! stand for answers that nobody has given yet; every answer counts as much as one of
//! theirs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tributary_domain::Owner;

use crate::bits::{Millibits, log2_ratio};
use crate::compare::{Comparison, FIELDS, LEVELS};

/// Answers that the priors stand for, of each kind.
const PRIOR_ANSWERS: u64 = 1000;

/// How often, of [`PRIOR_ANSWERS`], a field is found on a level among matches.
const AMONG_MATCHES: [[u64; LEVELS]; FIELDS] = [
    // Reference: same, similar, cannot be compared, different.
    [850, 60, 80, 10, 0],
    // Amount: before fees, after fees, as a sum, different.
    [700, 250, 40, 10, 0],
    // Time: hours, a day, two, a week, more.
    [450, 350, 120, 60, 20],
    // Kind: same, cannot be compared, different.
    [350, 300, 350, 0, 0],
    // Counterparty: same, cannot be compared, different.
    [480, 500, 20, 0, 0],
];

/// The same among pairs that look alike and are no matches. How often amounts are the
/// same by chance is not guessed here, but counted in the books.
const AMONG_OTHERS: [[u64; LEVELS]; FIELDS] = [
    [1, 1, 80, 918, 0],
    [1000, 1000, 1000, 990, 0],
    [12, 88, 100, 500, 300],
    [250, 300, 450, 0, 0],
    [20, 500, 480, 0, 0],
];

/// The fields that possible matches are found by: amount and time.
const FOUND_BY: [usize; 2] = [1, 2];

/// Before anything is compared, an entry more likely has a line than not. Answers
/// shift these odds too.
const PRIOR_CONFIRMED: u64 = 800;
const PRIOR_REJECTED: u64 = 200;

/// What a person said of a proposed match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is one.
    Confirmed,
    /// It is none, and is not proposed again.
    Rejected,
}

/// Which match: all sides of it, by their ids, sorted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MatchKey {
    /// Whose balance.
    pub account: Owner,
    /// The own entries' ids.
    pub own: Vec<String>,
    /// The ledger lines' ids.
    pub lines: Vec<String>,
}

/// One answer. Answers are kept for good, and never changed: a later one about the
/// same match counts instead of the earlier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// About which match.
    pub key: MatchKey,
    /// What the person saw of it.
    pub comparison: Comparison,
    /// What the person said.
    pub verdict: Verdict,
}

/// What all answers together teach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weights {
    worth: [[Millibits; LEVELS]; FIELDS],
    /// What a pair of which nothing is known begins with.
    pub(crate) bias: Millibits,
    pub(crate) answers: BTreeMap<MatchKey, Verdict>,
}

impl Default for Weights {
    fn default() -> Self {
        Self::learn([])
    }
}

impl Weights {
    /// Folds all answers, from the first to the last.
    pub fn learn<'a>(answers: impl IntoIterator<Item = &'a Answer>) -> Self {
        let latest: BTreeMap<_, _> = answers
            .into_iter()
            .map(|answer| (&answer.key, answer))
            .collect();
        let (mut matches, mut others) = (AMONG_MATCHES, AMONG_OTHERS);
        let (mut confirmed, mut rejected) = (PRIOR_CONFIRMED, PRIOR_REJECTED);
        for answer in latest.values() {
            let (table, all) = match answer.verdict {
                Verdict::Confirmed => (&mut matches, &mut confirmed),
                Verdict::Rejected => (&mut others, &mut rejected),
            };
            *all += 1;
            for (field, level) in answer.comparison.levels() {
                // Rejected matches agree on these because that is how they were found:
                // it says nothing of what others agree on.
                if answer.verdict == Verdict::Rejected && FOUND_BY.contains(&field) {
                    continue;
                }
                if let Some(count) = table
                    .get_mut(field)
                    .and_then(|levels| levels.get_mut(level))
                {
                    *count += 1;
                }
            }
        }
        let mut worth = [[0; LEVELS]; FIELDS];
        let matched = PRIOR_ANSWERS + confirmed - PRIOR_CONFIRMED;
        let other = PRIOR_ANSWERS + rejected - PRIOR_REJECTED;
        for (field, levels) in worth.iter_mut().enumerate() {
            for (level, worth) in levels.iter_mut().enumerate() {
                let other = if FOUND_BY.contains(&field) {
                    PRIOR_ANSWERS
                } else {
                    other
                };
                let count = |table: &[[u64; LEVELS]; FIELDS]| {
                    table
                        .get(field)
                        .and_then(|levels| levels.get(level))
                        .copied()
                        .unwrap_or_default()
                };
                *worth = log2_ratio(count(&matches).max(1), matched)
                    - log2_ratio(count(&others).max(1), other);
            }
        }
        Self {
            worth,
            bias: log2_ratio(confirmed, rejected),
            answers: latest
                .into_iter()
                .map(|(key, answer)| (key.clone(), answer.verdict))
                .collect(),
        }
    }

    /// What a comparison is worth.
    pub(crate) fn of(&self, comparison: &Comparison) -> Millibits {
        let worth = |(field, level): (usize, usize)| {
            self.worth
                .get(field)
                .and_then(|levels| levels.get(level))
                .copied()
                .unwrap_or_default()
        };
        self.bias + comparison.levels().map(worth).sum::<Millibits>()
    }

    pub(crate) fn is_rejected(&self, key: impl FnOnce() -> MatchKey) -> bool {
        // Most books have no answers: then no key is made.
        !self.answers.is_empty() && self.answers.get(&key()) == Some(&Verdict::Rejected)
    }
}
