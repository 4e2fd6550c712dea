//! One and several that no reference ties together: amounts that sum up, near in time.

use std::collections::BTreeSet;

use super::books::{Item, Side};
use super::chance::Chance;
use super::subsets::{POOL_MAX, subsets};
use super::{Basis, Found, WORTH_SHOWING, Work};
use crate::bits::{exp2, log2_ratio};
use crate::compare::DAY_S;

/// How far apart the parts of a sum may be from the whole, seconds.
const WINDOW_S: i64 = 7 * DAY_S;

/// Items that are looked at on either side of the whole's time.
const SCANNED_MAX: usize = 512;

/// Matches one entry with several lines and one line with several entries, among what
/// is in no match. What waits as a pair is left alone unless a sum is sure; what waits
/// in the end is kept with the matches.
pub(super) fn sums(work: &mut Work<'_>, pairs: Vec<Found>) {
    let mut found = Vec::new();
    let chance = Chance::of(work.books, &work.free);
    for whole in [Side::Own, Side::Lines] {
        for at in work.free.all(whole) {
            found.extend(best(work, &chance, whole, at));
        }
    }
    // The surest first; each entry and line is in one.
    found.sort_unstable_by(|one, other| {
        other
            .score
            .cmp(&one.score)
            .then_with(|| (&one.own, &one.lines).cmp(&(&other.own, &other.lines)))
    });
    let (made, unsure): (Vec<_>, Vec<_>) = found.into_iter().partition(Found::is_made);
    for found in made.into_iter().chain(pairs).chain(unsure) {
        let is_free = found.own.iter().all(|at| work.free.has(Side::Own, *at))
            && found.lines.iter().all(|at| work.free.has(Side::Lines, *at));
        if is_free {
            work.take(found);
        }
    }
}

/// The best sum for one whole, if one is worth showing.
fn best(work: &mut Work<'_>, chance: &Chance, whole: Side, at: u32) -> Option<Found> {
    let books = work.books;
    let item = books.item(whole, at)?;
    let mut all = Vec::new();
    let mut tried = 0;
    for (wanted, amount) in amounts(whole, item) {
        let pool = pool(work, whole, item, wanted, amount);
        let values: Vec<_> = pool.iter().map(|(_, value)| *value).collect();
        let (solutions, compared) = subsets(&values, wanted);
        tried += compared;
        let places = |parts: Vec<usize>| -> Vec<u32> {
            parts
                .into_iter()
                .filter_map(|part| pool.get(part))
                .map(|(at, _)| *at)
                .collect()
        };
        all.extend(solutions.into_iter().map(places));
    }
    work.compared += tried;
    let unlike: BTreeSet<Vec<u32>> = all
        .into_iter()
        .map(|mut parts| {
            parts.sort_unstable();
            parts
        })
        .collect();
    let surprise = chance.of_a_sum(item, tried);
    let mut scored: Vec<_> = unlike
        .into_iter()
        .map(|parts| match whole {
            Side::Own => (vec![at], parts),
            Side::Lines => (parts, vec![at]),
        })
        .filter(|(own, lines)| !work.is_rejected(own, lines))
        .map(|(own, lines)| {
            let comparison = books.compare_all(&own, &lines);
            let score = work.weights.of(&comparison) + surprise;
            Found {
                own,
                lines,
                score,
                basis: Basis::Sum,
                comparison,
                alternatives: 0,
            }
        })
        .collect();
    scored.sort_by_key(|found| std::cmp::Reverse(found.score));
    let others: u64 = scored.iter().skip(1).map(|found| exp2(found.score)).sum();
    let alternatives = u32::try_from(scored.len())
        .unwrap_or(u32::MAX)
        .saturating_sub(1);
    let mut first = scored.into_iter().next()?;
    first.alternatives = alternatives;
    first.score -= log2_ratio(others.saturating_add(1000), 1000);
    (first.score >= WORTH_SHOWING).then_some(first)
}

/// The amount of an item that counts.
type Value = fn(&Item<'_>) -> i64;

/// What may sum up to what: before fees, and after them where that differs.
fn amounts(whole: Side, item: &Item<'_>) -> Vec<(i64, Value)> {
    let gross: Value = |item| item.amount;
    let net: Value = |item| item.net;
    match whole {
        // Lines have both amounts, entries one.
        Side::Own => vec![(item.amount, gross), (item.amount, net)],
        Side::Lines if item.net != item.amount => vec![(item.amount, gross), (item.net, gross)],
        Side::Lines => vec![(item.amount, gross)],
    }
}

/// Free items of the other side that may be parts: of the same sign, smaller, nearest
/// in time.
fn pool(
    work: &Work<'_>,
    whole: Side,
    item: &Item<'_>,
    wanted: i64,
    value: Value,
) -> Vec<(u32, i64)> {
    let (parts, items) = match whole {
        Side::Own => (Side::Lines, &work.books.lines),
        Side::Lines => (Side::Own, &work.books.own),
    };
    let here = items.partition_point(|part| (part.block, part.time) < (item.block, item.time));
    let near = here.saturating_sub(SCANNED_MAX)..here.saturating_add(SCANNED_MAX).min(items.len());
    let first = u32::try_from(near.start).unwrap_or(u32::MAX);
    let mut near: Vec<_> = (first..)
        .zip(items.get(near).unwrap_or_default())
        .filter(|(at, part)| {
            let apart = part.time.abs_diff(item.time);
            part.block == item.block
                && apart <= WINDOW_S.unsigned_abs()
                && work.free.has(parts, *at)
        })
        .map(|(at, part)| (part.time.abs_diff(item.time), at, value(part)))
        .filter(|(_, _, value)| {
            value.signum() == wanted.signum() && value.unsigned_abs() < wanted.unsigned_abs()
        })
        .collect();
    near.sort_unstable();
    near.truncate(POOL_MAX);
    near.into_iter().map(|(_, at, value)| (at, value)).collect()
}
