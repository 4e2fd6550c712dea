//! The matcher on books of which it is known what belongs together.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use tributary_matching::{Match, Weights, match_entries};
use tributary_testkit::labelled::{Labelled, Shape};

use crate::measure::cpu_ms;

const ORDERS: usize = 100_000;
const SEED: u64 = 4;

/// How fast and how well books were matched.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Matched {
    pub(crate) entries: usize,
    pub(crate) lines: usize,
    /// Pairs and sums that were compared.
    pub(crate) compared: u64,
    pub(crate) cpu_ms: u64,
    pub(crate) made: usize,
    pub(crate) waiting: usize,
    /// Made and right, and all that there is to find.
    pub(crate) right: usize,
    pub(crate) truth: usize,
    /// Right, and shown to a person.
    pub(crate) shown: usize,
}

pub(crate) fn measure() -> Matched {
    let books = Labelled::of(SEED, &Shape::of(ORDERS));
    let weights = Weights::default();
    let before = cpu_ms().unwrap_or_default();
    let matches = match_entries(&books.own, &books.lines, &weights);
    let cpu_ms = cpu_ms().unwrap_or_default().saturating_sub(before);
    let truth: BTreeSet<_> = books
        .truth
        .iter()
        .cloned()
        .map(|(mut own, mut lines)| {
            own.sort_unstable();
            lines.sort_unstable();
            (own, lines)
        })
        .collect();
    let right = |found: &[Match]| {
        let keys = found
            .iter()
            .filter_map(|one| one.key(&books.own, &books.lines));
        keys.filter(|key| truth.contains(&(key.own.clone(), key.lines.clone())))
            .count()
    };
    Matched {
        entries: books.own.len(),
        lines: books.lines.len(),
        compared: matches.compared,
        cpu_ms,
        made: matches.made.len(),
        waiting: matches.waiting.len(),
        right: right(&matches.made),
        truth: truth.len(),
        shown: right(&matches.waiting),
    }
}
