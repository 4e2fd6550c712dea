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
use crate::compare::{Apart, Comparison, FIELDS, LEVELS};

/// Answers that the priors stand for, of each kind.
const PRIOR_ANSWERS: u64 = 1000;

/// How often each field was found on each level.
type Counts = [[u64; LEVELS]; FIELDS];

/// How often, of [`PRIOR_ANSWERS`], a field is found on a level among matches.
const AMONG_MATCHES: Counts = [
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
const AMONG_OTHERS: Counts = [
    [1, 1, 80, 918, 0],
    [1000, 1000, 1000, 990, 0],
    [12, 88, 100, 500, 300],
    [250, 300, 450, 0, 0],
    [20, 500, 480, 0, 0],
];

/// The field of how far apart in time two sides are.
const TIME: usize = 2;

/// The fields that possible matches are found by: amount and time.
const FOUND_BY: [usize; 2] = [1, TIME];

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

/// What all answers of a mode have taught: how often each field was found on which
/// level. One small record, whatever the number of answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Lessons {
    /// Confirmed matches.
    pub confirmed: u64,
    /// Rejected ones.
    pub rejected: u64,
    /// How often a field was on a level, among confirmed matches.
    among_confirmed: Counts,
    /// The same among rejected ones.
    among_rejected: Counts,
}

impl Lessons {
    /// Adds an answer.
    pub fn learn(&mut self, answer: &Answer) {
        self.change(answer, |count| *count = count.saturating_add(1));
    }

    /// Takes an answer back that was added: another has come in its place.
    pub fn unlearn(&mut self, answer: &Answer) {
        self.change(answer, |count| *count = count.saturating_sub(1));
    }

    fn change(&mut self, answer: &Answer, change: impl Fn(&mut u64)) {
        let (all, table) = match answer.verdict {
            Verdict::Confirmed => (&mut self.confirmed, &mut self.among_confirmed),
            Verdict::Rejected => (&mut self.rejected, &mut self.among_rejected),
        };
        change(all);
        for (field, level) in answer.comparison.levels() {
            // Rejected matches agree on these because that is how they were found: it
            // says nothing of what others agree on.
            if answer.verdict == Verdict::Rejected && FOUND_BY.contains(&field) {
                continue;
            }
            let count = table
                .get_mut(field)
                .and_then(|levels| levels.get_mut(level));
            if let Some(count) = count {
                change(count);
            }
        }
    }

    /// What a field on a level is worth.
    fn worth(&self, field: usize, level: usize) -> Millibits {
        let at = |table: &Counts| {
            let count = table.get(field).and_then(|levels| levels.get(level));
            count.copied().unwrap_or_default()
        };
        let matches = at(&AMONG_MATCHES).saturating_add(at(&self.among_confirmed));
        let others = at(&AMONG_OTHERS).saturating_add(at(&self.among_rejected));
        let rejected = if FOUND_BY.contains(&field) {
            0
        } else {
            self.rejected
        };
        log2_ratio(matches.max(1), PRIOR_ANSWERS.saturating_add(self.confirmed))
            - log2_ratio(others.max(1), PRIOR_ANSWERS.saturating_add(rejected))
    }
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
        let mut lessons = Lessons::default();
        for answer in latest.values() {
            lessons.learn(answer);
        }
        Self::of_lessons(&lessons, latest.into_values())
    }

    /// Weights by what all answers have taught, and the latest answer about each match of
    /// the books to be matched: only these have to be read.
    pub fn of_lessons<'a>(
        lessons: &Lessons,
        answers: impl IntoIterator<Item = &'a Answer>,
    ) -> Self {
        let mut worth = [[0; LEVELS]; FIELDS];
        for (field, levels) in worth.iter_mut().enumerate() {
            for (level, worth) in levels.iter_mut().enumerate() {
                *worth = lessons.worth(field, level);
            }
        }
        let answers = answers.into_iter();
        Self {
            worth,
            bias: log2_ratio(
                PRIOR_CONFIRMED.saturating_add(lessons.confirmed),
                PRIOR_REJECTED.saturating_add(lessons.rejected),
            ),
            answers: answers
                .map(|answer| (answer.key.clone(), answer.verdict))
                .collect(),
        }
    }

    /// The same for books whose sure matches are so far apart in time: how long money takes
    /// to come is a habit of theirs. Of the other fields, matches that a reference made
    /// say nothing about those that have none.
    pub(crate) fn at_the_pace_of(&self, sure: impl IntoIterator<Item = Apart>) -> Self {
        let mut weights = self.clone();
        let (mut counts, mut all) = ([0_u64; LEVELS], 0);
        for apart in sure {
            if let Some(count) = counts.get_mut(apart as usize) {
                *count += 1;
                all += 1;
            }
        }
        let of_time = weights.worth.get_mut(TIME).zip(AMONG_MATCHES.get(TIME));
        if let Some((worth, prior)) = of_time {
            for ((worth, prior), count) in worth.iter_mut().zip(prior).zip(counts) {
                let seen = log2_ratio((prior + count).max(1), PRIOR_ANSWERS + all);
                *worth += seen - log2_ratio((*prior).max(1), PRIOR_ANSWERS);
            }
        }
        weights
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_weighed_by_how_long_money_takes_in_these_books() {
        let untaught = Weights::default();
        assert_eq!(untaught.at_the_pace_of([]), untaught);
        let slow = untaught.at_the_pace_of([Apart::Week; 9_000]);
        let of_time = |weights: &Weights, apart: Apart| weights.worth[TIME][apart as usize];
        // 9,060 of 10,000 instead of 60 of 1,000; 45 of 1,000 instead of 450.
        let gained = of_time(&slow, Apart::Week) - of_time(&untaught, Apart::Week);
        let lost = of_time(&untaught, Apart::Hours) - of_time(&slow, Apart::Hours);
        assert!((3_900..3_930).contains(&gained), "{gained}");
        assert!((3_310..3_330).contains(&lost), "{lost}");
        assert_eq!(
            (slow.worth[0], slow.bias),
            (untaught.worth[0], untaught.bias)
        );
    }
}
