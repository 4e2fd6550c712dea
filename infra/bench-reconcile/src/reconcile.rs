//! Ours: digests of both sides, and the lines of the days that disagree.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::path::Path;

use serde::{Deserialize, Serialize};
use tributary_domain::{Currency, Owner};
use tributary_ledger::Day;
use tributary_reconciliation::report::{Digests, Stretches, disagreements, fold_each};
use twox_hash::XxHash3_64;

use crate::measure::{BenchError, peak_kib};

/// Movements that Stripe lists on one page.
const PAGE: u64 = 100;

/// What differs between two files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counts {
    /// In theirs only.
    pub(crate) missing: u64,
    /// In ours only.
    pub(crate) surplus: u64,
    /// In both with another amount.
    pub(crate) differing: u64,
}

/// What differs, and what it took to find out.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Answer {
    #[serde(flatten)]
    pub(crate) counts: Counts,
    pub(crate) peak_kib: u64,
    /// Account-days that were compared, and those that disagree.
    #[serde(default)]
    pub(crate) days: u64,
    #[serde(default)]
    pub(crate) disagreeing: u64,
    /// Pages of Stripe's list that the days that disagree fill.
    #[serde(default)]
    pub(crate) pages: u64,
}

/// What is kept of a line: the number of its stretch, the hash of its id, its amount.
type Kept = (u32, u64, i64);

/// Books, days and currencies that disagree, numbered.
type Wanted<'w> = HashMap<(&'w Owner, Day, Currency), u32>;

/// One side, read once.
#[derive(Default)]
struct Side {
    digests: Digests,
    stretches: Stretches,
    lines: Vec<Kept>,
}

impl Side {
    fn read(path: &Path) -> Result<Self, BenchError> {
        let mut side = Self::default();
        side.stretches = fold_each(File::open(path)?, &mut side.digests, |stretch, line| {
            let hash = XxHash3_64::oneshot(line.transaction);
            let stretch = u32::try_from(stretch).unwrap_or(u32::MAX);
            side.lines.push((stretch, hash, line.net));
        })?;
        Ok(side)
    }

    /// The lines of days that disagree, by the day's number.
    fn listed(self, wanted: &Wanted<'_>) -> Vec<Kept> {
        let numbers: Vec<Option<u32>> = self
            .stretches
            .iter()
            .map(|(owner, day, currency)| wanted.get(&(owner, day, currency)).copied())
            .collect();
        let mut lines = self.lines;
        lines.retain_mut(|line| {
            let number = numbers.get(line.0 as usize).copied().flatten();
            line.0 = number.unwrap_or_default();
            number.is_some()
        });
        lines
    }
}

/// How far ahead a line is looked for that the other side has too.
const AHEAD: usize = 8;

/// Leaves out what both sides have in one order, and sorts the rest of each.
fn without_common(ours: &[Kept], theirs: &[Kept]) -> (Vec<Kept>, Vec<Kept>) {
    let (mut left, mut right) = (Vec::new(), Vec::new());
    let (mut ours, mut theirs) = (ours, theirs);
    while let (Some(our), Some(their)) = (ours.first(), theirs.first()) {
        let (surplus, missing) = match our == their {
            true => (0, 0),
            false => (1..=AHEAD)
                .find_map(|ahead| match (ours.get(ahead), theirs.get(ahead)) {
                    (Some(next), _) if next == their => Some((ahead, 0)),
                    (_, Some(next)) if next == our => Some((0, ahead)),
                    _ => None,
                })
                .unwrap_or((1, 1)),
        };
        let common = usize::from((surplus, missing) != (1, 1) || our == their);
        let ((before, _), (other, _)) = (ours.split_at(surplus), theirs.split_at(missing));
        left.extend_from_slice(before);
        right.extend_from_slice(other);
        ours = ours.get(surplus + common..).unwrap_or_default();
        theirs = theirs.get(missing + common..).unwrap_or_default();
    }
    left.extend_from_slice(ours);
    right.extend_from_slice(theirs);
    left.sort_unstable();
    right.sort_unstable();
    (left, right)
}

/// Reconciles two files.
pub(crate) fn files(ours: &Path, theirs: &Path) -> Result<Answer, BenchError> {
    let (ours, theirs) = (Side::read(ours)?, Side::read(theirs)?);
    let days: BTreeSet<(Owner, Day)> = theirs
        .digests
        .iter()
        .map(|(owner, day, ..)| (owner, day))
        .collect();
    let found = disagreements(&ours.digests, &theirs.digests);
    let mut wanted = Wanted::new();
    let mut listed: BTreeMap<(&Owner, Day), u64> = BTreeMap::new();
    for (number, day) in (0..).zip(&found) {
        wanted.insert((&day.owner, day.day, day.currency), number);
        *listed.entry((&day.owner, day.day)).or_default() += day.theirs.count;
    }
    // A list that is empty takes a page to say so.
    let pages = listed
        .values()
        .map(|lines| lines.div_ceil(PAGE).max(1))
        .sum();
    let counts = match wanted.is_empty() {
        true => Counts::default(),
        false => {
            let (ours, theirs) = (ours.listed(&wanted), theirs.listed(&wanted));
            let (ours, theirs) = without_common(&ours, &theirs);
            compare(&ours, &theirs)
        }
    };
    Ok(Answer {
        counts,
        peak_kib: peak_kib()?,
        days: days.len() as u64,
        disagreeing: listed.len() as u64,
        pages,
    })
}

/// Merges two sorted sides.
fn compare(ours: &[Kept], theirs: &[Kept]) -> Counts {
    let mut counts = Counts::default();
    let (mut ours, mut theirs) = (ours.iter().peekable(), theirs.iter().peekable());
    loop {
        let key = |line: &&Kept| (line.0, line.1);
        let (our, their) = match (ours.peek(), theirs.peek()) {
            (None, None) => return counts,
            (Some(our), Some(their)) => match key(our).cmp(&key(their)) {
                std::cmp::Ordering::Less => (ours.next(), None),
                std::cmp::Ordering::Equal => (ours.next(), theirs.next()),
                std::cmp::Ordering::Greater => (None, theirs.next()),
            },
            _ => (ours.next(), theirs.next()),
        };
        match (our, their) {
            (Some(our), Some(their)) => counts.differing += u64::from(our.2 != their.2),
            (Some(_), None) => counts.surplus += 1,
            (None, _) => counts.missing += 1,
        }
    }
}
