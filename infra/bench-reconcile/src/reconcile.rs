//! Ours: digests of both sides, and the lines of the days that disagree.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::path::Path;

use serde::{Deserialize, Serialize};
use tributary_domain::{Currency, Owner};
use tributary_ledger::{Day, Digest};
use tributary_reconciliation::report::{Digests, disagreements, fold, select};

use crate::measure::{BenchError, peak_kib};

/// Movements that Stripe lists on one page.
const PAGE: u64 = 100;

/// What differs between two files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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

/// A line that is looked at: the number of its book, day and currency, the hash of its
/// id, and its amount.
type Listed = (u32, u128, i64);

/// Books, days and currencies that disagree, numbered. The platform's is the empty one.
type Wanted = HashMap<Box<[u8]>, BTreeMap<(Day, Currency), u32>>;

/// Reconciles two files.
pub(crate) fn files(ours: &Path, theirs: &Path) -> Result<Answer, BenchError> {
    let digests = |path: &Path| -> Result<Digests, BenchError> {
        let mut digests = Digests::default();
        fold(File::open(path)?, &mut digests)?;
        Ok(digests)
    };
    let (our_digests, their_digests) = (digests(ours)?, digests(theirs)?);
    let days: BTreeSet<(Owner, Day)> = their_digests
        .iter()
        .map(|(owner, day, ..)| (owner, day))
        .collect();
    let days = days.len() as u64;
    let found = disagreements(&our_digests, &their_digests);
    drop((our_digests, their_digests));

    let mut wanted = Wanted::new();
    let mut listed: BTreeMap<(&Owner, Day), u64> = BTreeMap::new();
    for (number, day) in (0..).zip(&found) {
        let account = day
            .owner
            .account()
            .map_or("", |account| account.as_str())
            .as_bytes();
        let of_owner = wanted.entry(account.into()).or_default();
        of_owner.insert((day.day, day.currency), number);
        *listed.entry((&day.owner, day.day)).or_default() += day.theirs.count;
    }
    // A list that is empty takes a page to say so.
    let pages = listed
        .values()
        .map(|lines| lines.div_ceil(PAGE).max(1))
        .sum();
    let disagreeing = listed.len() as u64;
    let counts = if wanted.is_empty() {
        Counts {
            missing: 0,
            surplus: 0,
            differing: 0,
        }
    } else {
        compare(&lines(ours, &wanted)?, &lines(theirs, &wanted)?)
    };
    Ok(Answer {
        counts,
        peak_kib: peak_kib()?,
        days,
        disagreeing,
        pages,
    })
}

/// The lines of a file that are of a day that disagrees, sorted.
fn lines(path: &Path, wanted: &Wanted) -> Result<Vec<Listed>, BenchError> {
    let (mut lines, number) = (Vec::new(), Cell::new(None));
    select(
        File::open(path)?,
        |account, day, currency| {
            let days = wanted.get(account);
            number.set(days.and_then(|days| days.get(&(day, currency)).copied()));
            number.get().is_some()
        },
        |line| {
            let number = number.get().unwrap_or_default();
            lines.push((number, Digest::of(line.transaction, 0).hash, line.net));
            Ok(())
        },
    )?;
    lines.sort_unstable();
    Ok(lines)
}

/// Merges two sorted sides.
fn compare(ours: &[Listed], theirs: &[Listed]) -> Counts {
    let mut counts = Counts {
        missing: 0,
        surplus: 0,
        differing: 0,
    };
    let (mut ours, mut theirs) = (ours.iter().peekable(), theirs.iter().peekable());
    loop {
        let key = |line: &&Listed| (line.0, line.1);
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
