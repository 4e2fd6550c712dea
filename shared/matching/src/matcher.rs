//! Which own entries are which movements of the ledger.
//!
//! From the surest to the least sure: what a person confirmed; entries and lines that
//! share a reference and an amount with nothing else; several that share a reference
//! with one and sum up to it; then pairs, scored and assigned together, until no more
//! are sure; then sums that no reference explains. A match is made when its amounts
//! agree to the minor unit and its score reaches [`THRESHOLD`]; what comes near waits
//! for a person.

mod assign;
mod books;
mod chance;
mod exact;
mod groups;
mod pairs;
mod subsets;

use serde::{Deserialize, Serialize};

use crate::bits::Millibits;
use crate::compare::Comparison;
use crate::entry::{LedgerLine, OwnEntry};
use crate::weights::{Answer, MatchKey, Verdict, Weights};
use books::{Books, Free, Side};

/// The score from which a match is made: odds of 128 to 1.
pub const THRESHOLD: Millibits = 7_000;

/// The score from which a match is shown to a person: odds of 1 to 8.
pub const WORTH_SHOWING: Millibits = -3_000;

/// What a match rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// A person confirmed it.
    Confirmed,
    /// A reference and an amount that nothing else has.
    Reference,
    /// A reference, and amounts that sum up.
    ReferenceSum,
    /// The score of all fields, against all alternatives.
    Score,
    /// Amounts that sum up, and the score of the other fields.
    Sum,
}

/// Own entries and ledger lines that are one: one and one, one and several, or several
/// and one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Match {
    /// Places in the own entries that were handed in, in the order of time and id.
    pub own: Vec<usize>,
    /// Places in the ledger lines.
    pub lines: Vec<usize>,
    /// The logarithm of the odds that it is right, against every alternative.
    pub score: Millibits,
    /// What it rests on.
    pub basis: Basis,
    /// How the fields agree; of several, those that agree least.
    pub comparison: Comparison,
    /// The own amounts less the ledger's, minor units; 0 for all that are made without
    /// a person.
    pub difference: i64,
    /// How many other matches of these entries and lines were considered.
    pub alternatives: u32,
}

/// The two books side by side. Every entry and line is in one place only.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Matches {
    /// What is matched.
    pub made: Vec<Match>,
    /// What waits for a person.
    pub waiting: Vec<Match>,
    /// Places of own entries that the ledger knows nothing of.
    pub unmatched_own: Vec<usize>,
    /// Places of ledger lines that the own book knows nothing of.
    pub unmatched_lines: Vec<usize>,
    /// How many pairs and sums were compared.
    pub compared: u64,
}

/// Matches own entries with ledger lines. Ids are unique within each account; the
/// order in which either side comes does not matter.
pub fn match_entries(own: &[OwnEntry], lines: &[LedgerLine], weights: &Weights) -> Matches {
    let books = Books::of(own, lines);
    let mut work = Work {
        books: &books,
        weights,
        free: Free::of(&books),
        found: Vec::new(),
        compared: 0,
    };
    work.confirmed();
    exact::pairs(&mut work);
    exact::sums(&mut work);
    let sure = work.found.iter().map(|found| found.comparison.apart);
    let weights = weights.at_the_pace_of(sure);
    work.weights = &weights;
    let waiting = pairs::assign_all(&mut work);
    groups::sums(&mut work, waiting);
    work.finish()
}

impl Match {
    /// Its identity, for an answer.
    pub fn key(&self, own: &[OwnEntry], lines: &[LedgerLine]) -> Option<MatchKey> {
        let mut key = MatchKey {
            account: own.get(*self.own.first()?)?.account.clone(),
            own: self
                .own
                .iter()
                .filter_map(|place| own.get(*place))
                .map(|e| e.id.clone())
                .collect(),
            lines: self
                .lines
                .iter()
                .filter_map(|place| lines.get(*place))
                .map(|l| l.id.clone())
                .collect(),
        };
        key.own.sort_unstable();
        key.lines.sort_unstable();
        Some(key)
    }

    /// A person's answer about it.
    pub fn answered(&self, key: MatchKey, verdict: Verdict) -> Answer {
        Answer {
            key,
            comparison: self.comparison,
            verdict,
        }
    }
}

/// What the steps share. Entries and lines are known by their place in [`Books`].
struct Work<'w> {
    books: &'w Books<'w>,
    weights: &'w Weights,
    free: Free,
    found: Vec<Found>,
    compared: u64,
}

/// A match by places in [`Books`].
#[derive(Debug, Clone)]
struct Found {
    own: Vec<u32>,
    lines: Vec<u32>,
    score: Millibits,
    basis: Basis,
    comparison: Comparison,
    alternatives: u32,
}

impl Found {
    fn is_made(&self) -> bool {
        match self.basis {
            Basis::Confirmed | Basis::Reference | Basis::ReferenceSum => true,
            Basis::Score | Basis::Sum => {
                self.score >= THRESHOLD
                    && self.comparison.amount != crate::compare::Amount::Different
            }
        }
    }
}

impl Work<'_> {
    /// Takes a match: what is in it is free no more.
    fn take(&mut self, found: Found) {
        self.free.take(&found.own, &found.lines);
        self.found.push(found);
    }

    fn is_rejected(&self, own: &[u32], lines: &[u32]) -> bool {
        self.weights.is_rejected(|| self.books.key(own, lines))
    }

    /// What people have confirmed, as far as both sides are there.
    fn confirmed(&mut self) {
        for key in self.books.confirmed(self.weights) {
            let (own, lines) = key;
            let is_free = own.iter().all(|at| self.free.has(Side::Own, *at))
                && lines.iter().all(|at| self.free.has(Side::Lines, *at));
            if !is_free {
                continue;
            }
            let comparison = self.books.compare_all(&own, &lines);
            let score = self.weights.of(&comparison);
            self.take(Found {
                own,
                lines,
                score,
                basis: Basis::Confirmed,
                comparison,
                alternatives: 0,
            });
        }
    }

    /// Places in the books become places in what was handed in.
    fn finish(mut self) -> Matches {
        let books = self.books;
        self.found
            .sort_unstable_by(|one, other| (&one.own, &one.lines).cmp(&(&other.own, &other.lines)));
        let mut matches = Matches {
            compared: self.compared,
            ..Matches::default()
        };
        for found in self.found {
            let is_made = found.is_made();
            let difference = books.difference(&found);
            let described = Match {
                own: books.places(Side::Own, &found.own),
                lines: books.places(Side::Lines, &found.lines),
                score: found.score,
                basis: found.basis,
                comparison: found.comparison,
                difference,
                alternatives: found.alternatives,
            };
            if is_made {
                &mut matches.made
            } else {
                &mut matches.waiting
            }
            .push(described);
        }
        matches.unmatched_own = books.places(Side::Own, &self.free.all(Side::Own));
        matches.unmatched_lines = books.places(Side::Lines, &self.free.all(Side::Lines));
        matches
    }
}
