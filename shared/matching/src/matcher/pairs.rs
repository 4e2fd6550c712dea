//! Pairs that no reference decides: found by amount and time, scored, and assigned
//! together.

use std::collections::BTreeMap;

use super::assign::{Edge, assign};
use super::books::Side;
use super::chance::Chance;
use super::{Basis, Found, WORTH_SHOWING, Work};
use crate::bits::{Millibits, exp2, log2_ratio};
use crate::compare::{Amount, Comparison};

/// Lines or entries of one reference that are looked at.
const SHARING_MAX: usize = 16;

/// Times that all pairs are looked for among what is in no match yet.
const PASSES_MAX: usize = 8;

/// An entry and a line that may be one.
struct Candidate {
    own: u32,
    line: u32,
    comparison: Comparison,
    /// Against nothing but chance.
    bits: Millibits,
}

/// Makes all pairs that are sure enough, and gives back those that wait. What was made is
/// no alternative to anything any more, and its amounts are seen less often: with them
/// gone, more may be sure.
pub(super) fn assign_all(work: &mut Work<'_>) -> Vec<Found> {
    for _ in 1..PASSES_MAX {
        let before = work.found.len();
        let waiting = assign_free(work);
        if work.found.len() == before {
            return waiting;
        }
    }
    assign_free(work)
}

fn assign_free(work: &mut Work<'_>) -> Vec<Found> {
    let candidates = candidates(work);
    work.compared += candidates.len() as u64;
    let likely: Vec<_> = candidates
        .iter()
        .filter(|candidate| candidate.bits > 0)
        .collect();
    let edges: Vec<_> = likely
        .iter()
        .map(|candidate| Edge {
            row: candidate.own,
            column: candidate.line,
            worth: candidate.bits.into(),
        })
        .collect();
    let rivals = Rivals::of(&candidates);
    let mut waiting = Vec::new();
    for at in assign(&edges) {
        let Some(candidate) = likely.get(at) else {
            continue;
        };
        let (score, alternatives) = rivals.against(candidate);
        let found = Found {
            own: vec![candidate.own],
            lines: vec![candidate.line],
            score,
            basis: Basis::Score,
            comparison: candidate.comparison,
            alternatives,
        };
        if found.is_made() {
            work.take(found);
        } else if score >= WORTH_SHOWING {
            waiting.push(found);
        }
    }
    waiting
}

/// What else each entry and each line could be.
struct Rivals {
    /// Odds of all candidates of an entry, and of a line, in thousandths.
    own: BTreeMap<u32, (u64, u32)>,
    lines: BTreeMap<u32, (u64, u32)>,
}

impl Rivals {
    fn of(candidates: &[Candidate]) -> Self {
        let mut rivals = Self {
            own: BTreeMap::new(),
            lines: BTreeMap::new(),
        };
        for candidate in candidates {
            let odds = exp2(candidate.bits);
            for (side, at) in [
                (&mut rivals.own, candidate.own),
                (&mut rivals.lines, candidate.line),
            ] {
                let (sum, count) = side.entry(at).or_default();
                *sum = sum.saturating_add(odds);
                *count += 1;
            }
        }
        rivals
    }

    /// The score of a candidate against all others of its entry and of its line, and
    /// how many there are.
    fn against(&self, candidate: &Candidate) -> (Millibits, u32) {
        let odds = exp2(candidate.bits);
        let others = [
            self.own.get(&candidate.own),
            self.lines.get(&candidate.line),
        ];
        let others = others.into_iter().flatten();
        let (sum, count) = others.fold((0, 0), |(most, count), (sum, candidates)| {
            (sum.saturating_sub(odds).max(most), count + candidates - 1)
        });
        (
            candidate.bits - log2_ratio(sum.saturating_add(1000), 1000),
            count,
        )
    }
}

/// All pairs worth a look, in the order of entries and lines.
fn candidates(work: &Work<'_>) -> Vec<Candidate> {
    let chance = Chance::of(work.books, &work.free);
    let by_reference = sharing(work);
    let mut references = by_reference.iter().peekable();
    let mut candidates = Vec::new();
    for (at, own) in (0..).zip(&work.books.own) {
        if !work.free.has(Side::Own, at) {
            continue;
        }
        let mut lines = chance.near(own);
        while references.peek().is_some_and(|(own, _)| *own < at) {
            references.next();
        }
        while let Some((_, line)) = references.next_if(|(own, _)| *own == at) {
            lines.push(*line);
        }
        lines.sort_unstable();
        lines.dedup();
        for line_at in lines {
            let Some(line) = work.books.item(Side::Lines, line_at) else {
                continue;
            };
            if work.is_rejected(&[at], &[line_at]) {
                continue;
            }
            let comparison = work.books.compare(own, line, false);
            let mut bits = work.weights.of(&comparison);
            if comparison.amount != Amount::Different {
                bits += chance.of_amount_of(own);
            }
            candidates.push(Candidate {
                own: at,
                line: line_at,
                comparison,
                bits,
            });
        }
    }
    candidates
}

/// Free entries and lines that share a reference: their amounts may differ.
fn sharing(work: &Work<'_>) -> Vec<(u32, u32)> {
    let mut pairs = Vec::new();
    for sharing in work.books.sharing() {
        let free = |side| {
            let of_side = sharing.iter().filter(move |named| named.side == side);
            of_side
                .filter(|named| work.free.has(named.side, named.at))
                .map(|named| named.at)
        };
        let (own, lines): (Vec<_>, Vec<_>) =
            (free(Side::Own).collect(), free(Side::Lines).collect());
        if own.len().max(lines.len()) <= SHARING_MAX {
            pairs.extend(
                own.iter()
                    .flat_map(|own| lines.iter().map(move |line| (*own, *line))),
            );
        }
    }
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}
