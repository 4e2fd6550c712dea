//! The matches of one period of one account.
//!
//! A book is matched period by period, from the oldest on. A period answers for the
//! entries that happened in it. To the lines it looks a little further on both sides,
//! for money comes earlier or later than the order; and it sees the entries of the days
//! that follow, so that none of its own takes a line that belongs to one of those. What
//! it takes beyond its end is gone for the periods that follow, as far as they see it:
//! whatever the order in which books arrived, the same books give the same matches.

use std::collections::BTreeSet;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use tributary_domain::Currency;
use twox_hash::XxHash3_128;

use crate::bits::Millibits;
use crate::compare::{Amount, Apart, Comparison, Reference, Text};
use crate::entry::{LedgerLine, OwnEntry};
use crate::matcher::{Basis, Match, match_entries};
use crate::weights::Weights;

/// How far money lies from its entry at most, unless a reference tells: eight days,
/// seconds.
pub const MARGIN_S: i64 = 8 * 86_400;

/// Entries and lines that are one, by their ids, with what it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matched {
    /// The own entries' ids, sorted.
    pub own: Vec<String>,
    /// The ledger lines' ids, sorted.
    pub lines: Vec<String>,
    /// When the first of the entries happened, unix seconds.
    pub at: i64,
    /// Of all amounts.
    pub currency: Currency,
    /// What the entries sum up to, minor units.
    pub amount: i64,
    /// That less the lines' sum, minor units.
    pub difference: i64,
    /// The logarithm of the odds that it is right, against every alternative.
    pub score: Millibits,
    /// What it rests on.
    pub basis: Basis,
    /// How the fields agree.
    pub comparison: Comparison,
    /// How many other matches of these were considered.
    pub alternatives: u32,
}

impl Matched {
    /// Why, in words: what it rests on, and which fields agree and which do not.
    pub fn reason(&self) -> String {
        let basis = match self.basis {
            Basis::Confirmed => "confirmed by a person",
            Basis::Reference => "a reference and an amount that nothing else has",
            Basis::ReferenceSum => "a reference, and amounts that sum up",
            Basis::Score => "the score of all fields",
            Basis::Sum => "amounts that sum up, and the score of the other fields",
        };
        let Comparison {
            reference,
            amount,
            apart,
            kind,
            counterparty,
        } = self.comparison;
        let reference = match reference {
            Reference::Same => "same reference",
            Reference::Similar => "reference with a typing error",
            Reference::Unknown => "no reference to compare",
            Reference::Different => "other references",
        };
        let amount = match amount {
            Amount::BeforeFees => "amount before fees",
            Amount::AfterFees => "amount after fees",
            Amount::Sum => "amounts as a sum",
            Amount::Different => "another amount",
        };
        let apart = match apart {
            Apart::Hours => "hours apart",
            Apart::Day => "a day apart",
            Apart::TwoDays => "two days apart",
            Apart::Week => "a week apart",
            Apart::More => "more than a week apart",
        };
        let mut reason = format!("{basis}: {reference}, {amount}, {apart}");
        for (text, name) in [(kind, "kind"), (counterparty, "counterparty")] {
            match text {
                Text::Same => reason.push_str(&format!(", same {name}")),
                Text::Different => reason.push_str(&format!(", another {name}")),
                Text::Unknown => {}
            }
        }
        reason
    }
}

/// Entries and lines that are matched in a period and that the next one sees, too. By
/// hashes of their ids: there may be as many as an account has in some days.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Taken {
    own: BTreeSet<u64>,
    lines: BTreeSet<u64>,
}

fn hash(id: &str) -> u64 {
    let half = XxHash3_128::oneshot(id.as_bytes()) & u128::from(u64::MAX);
    u64::try_from(half).unwrap_or_default()
}

/// A period's outcome.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Period {
    /// What is matched.
    pub made: Vec<Matched>,
    /// What waits for a person.
    pub waiting: Vec<Matched>,
    /// Entries that the ledger knows nothing of.
    pub unmatched: Vec<OwnEntry>,
    /// What the next period does without.
    pub taken: Taken,
    /// How many pairs and sums were compared.
    pub compared: u64,
}

impl Period {
    /// Adds the period that follows.
    pub fn append(&mut self, mut next: Self) {
        self.made.append(&mut next.made);
        self.waiting.append(&mut next.waiting);
        self.unmatched.append(&mut next.unmatched);
        self.taken = next.taken;
        self.compared = self.compared.saturating_add(next.compared);
    }
}

/// Which entries a period has to see, unix seconds.
pub fn own_seen(period: &Range<i64>) -> Range<i64> {
    period.start..period.end.saturating_add(MARGIN_S)
}

/// Which lines a period has to see, unix seconds.
pub fn lines_seen(period: &Range<i64>) -> Range<i64> {
    period.start.saturating_sub(MARGIN_S)..period.end.saturating_add(2 * MARGIN_S)
}

/// Matches the entries of one account that happened in a period. `own` and `lines` are
/// what it [sees](own_seen) of both books, in any order; `before` is what the period
/// before has taken. A period may be of any length: what earlier ones have taken is
/// handed on for as long as anybody sees it.
pub fn match_period(
    period: &Range<i64>,
    mut own: Vec<OwnEntry>,
    mut lines: Vec<LedgerLine>,
    before: &Taken,
    weights: &Weights,
) -> Period {
    let handed_on = handed_on(period, before, &own, &lines);
    own.retain(|entry| !before.own.contains(&hash(&entry.id)));
    lines.retain(|line| !before.lines.contains(&hash(&line.id)));
    let matches = match_entries(&own, &lines, weights);
    let is_here = |places: &[usize]| {
        let times = places.iter().filter_map(|at| own.get(*at));
        let first = times.map(|entry| entry.occurred_at).min();
        first.is_some_and(|first| period.contains(&first))
    };
    let here = |all: Vec<Match>| {
        let here = all.into_iter().filter(|one| is_here(&one.own));
        let described = here.filter_map(|one| describe(&own, &lines, &one));
        described.collect::<Vec<_>>()
    };
    let (made, waiting) = (here(matches.made), here(matches.waiting));
    let mut taken = taken(period, &made, &own, &lines);
    taken.own.extend(handed_on.own);
    taken.lines.extend(handed_on.lines);
    let unmatched = matches.unmatched_own.into_iter();
    let unmatched = unmatched.filter(|at| is_here(std::slice::from_ref(at)));
    Period {
        unmatched: unmatched.filter_map(|at| own.get(at).cloned()).collect(),
        made,
        waiting,
        taken,
        compared: matches.compared,
    }
}

fn describe(own: &[OwnEntry], lines: &[LedgerLine], found: &Match) -> Option<Matched> {
    let key = found.key(own, lines)?;
    let entries = || found.own.iter().filter_map(|at| own.get(*at));
    let amounts = entries().map(|entry| entry.amount);
    Some(Matched {
        at: entries().map(|entry| entry.occurred_at).min()?,
        currency: entries().next()?.currency,
        amount: amounts.fold(0, i64::saturating_add),
        own: key.own,
        lines: key.lines,
        difference: found.difference,
        score: found.score,
        basis: found.basis,
        comparison: found.comparison,
        alternatives: found.alternatives,
    })
}

/// The entries that happened after a period: the next one sees them.
fn later<'a>(period: &Range<i64>, own: &'a [OwnEntry]) -> impl Iterator<Item = &'a str> {
    let end = period.end;
    let later = own.iter().filter(move |entry| entry.occurred_at >= end);
    later.map(|entry| entry.id.as_str())
}

/// The lines that the next period sees.
fn reached<'a>(period: &Range<i64>, lines: &'a [LedgerLine]) -> impl Iterator<Item = &'a str> {
    let from = period.end.saturating_sub(MARGIN_S);
    let reached = lines.iter().filter(move |line| line.occurred_at >= from);
    reached.map(|line| line.id.as_str())
}

/// What earlier periods have taken and the next one still sees.
fn handed_on(period: &Range<i64>, before: &Taken, own: &[OwnEntry], lines: &[LedgerLine]) -> Taken {
    let own = later(period, own).map(hash);
    let lines = reached(period, lines).map(hash);
    Taken {
        own: own.filter(|hash| before.own.contains(hash)).collect(),
        lines: lines.filter(|hash| before.lines.contains(hash)).collect(),
    }
}

/// What of the matches lies where the next period looks.
fn taken(period: &Range<i64>, made: &[Matched], own: &[OwnEntry], lines: &[LedgerLine]) -> Taken {
    let later: BTreeSet<&str> = later(period, own).collect();
    let reached: BTreeSet<&str> = reached(period, lines).collect();
    let of = |ids: &mut dyn Iterator<Item = &String>, seen: &BTreeSet<&str>| {
        ids.filter(|id| seen.contains(id.as_str()))
            .map(|id| hash(id))
            .collect()
    };
    Taken {
        own: of(&mut made.iter().flat_map(|one| &one.own), &later),
        lines: of(&mut made.iter().flat_map(|one| &one.lines), &reached),
    }
}
