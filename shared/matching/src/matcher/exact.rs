//! What references alone decide.

use std::collections::BTreeMap;

use super::books::{Item, Named, Side};
use super::{Basis, Found, Work};

/// A reference of more entries or lines than this names nothing: "n/a", "order".
const SHARING_MAX: usize = 64;

/// As many entries as lines, all of one reference and amount, are paired in the order
/// of time, if they are not more than this.
const ALIKE_MAX: usize = 8;

/// Most parts of a sum that a reference explains.
const PARTS_MAX: usize = 32;

/// Pairs entries and lines that share a reference and an amount with nothing else.
/// Several that are alike on both sides are paired in the order of time.
pub(super) fn pairs(work: &mut Work<'_>) {
    let mut pairs = candidates(work);
    pairs.sort_unstable();
    pairs.dedup();
    work.compared += pairs.len() as u64;
    let mut entries_of_line: BTreeMap<u32, u32> = BTreeMap::new();
    for (_, line) in &pairs {
        *entries_of_line.entry(*line).or_default() += 1;
    }
    // Entries that have the same lines to choose from.
    let mut alike: BTreeMap<Vec<u32>, Vec<u32>> = BTreeMap::new();
    for choices in pairs.chunk_by(|one, other| one.0 == other.0) {
        let Some((own, _)) = choices.first() else {
            continue;
        };
        if choices.len() <= ALIKE_MAX {
            let lines = choices.iter().map(|(_, line)| *line).collect();
            alike.entry(lines).or_default().push(*own);
        }
    }
    for (lines, own) in alike {
        let is_closed = own.len() == lines.len()
            && lines.iter().all(|line| {
                entries_of_line
                    .get(line)
                    .is_some_and(|entries| *entries as usize == own.len())
            });
        if !is_closed {
            continue;
        }
        let alternatives = u32::try_from(own.len()).unwrap_or(u32::MAX) - 1;
        for (own, line) in own.into_iter().zip(lines) {
            take(work, vec![own], vec![line], Basis::Reference, alternatives);
        }
    }
}

/// Free entries and lines that share a reference and an amount.
fn candidates(work: &Work<'_>) -> Vec<(u32, u32)> {
    let mut pairs = Vec::new();
    for sharing in work.books.sharing() {
        let Some((own, lines)) = free(work, sharing) else {
            continue;
        };
        for (own_at, own) in &own {
            for (line_at, line) in &lines {
                let is_equal = own.amount == line.amount || own.amount == line.net;
                if is_equal && !work.is_rejected(&[*own_at], &[*line_at]) {
                    pairs.push((*own_at, *line_at));
                }
            }
        }
    }
    pairs
}

/// Matches one with several that share a reference with it and sum up to it.
pub(super) fn sums(work: &mut Work<'_>) {
    let books = work.books;
    for sharing in books.sharing() {
        let Some((own, lines)) = free(work, sharing) else {
            continue;
        };
        let is_one_of_several = (own.len() == 1) != (lines.len() == 1);
        if !is_one_of_several || own.len().max(lines.len()) > PARTS_MAX {
            continue;
        }
        work.compared += 1;
        let sum = |items: &[(u32, &Item<'_>)], amount: fn(&Item<'_>) -> i64| -> i128 {
            items.iter().map(|(_, item)| i128::from(amount(item))).sum()
        };
        let wanted = sum(&own, |item| item.amount);
        let is_sum =
            wanted == sum(&lines, |item| item.amount) || wanted == sum(&lines, |item| item.net);
        // Where one part is the whole, the others cancel out: they say nothing of it.
        let whole = |items: &[(u32, &Item<'_>)]| {
            let is_whole = |amount: i64| i128::from(amount) == wanted;
            let mut parts = items.iter();
            parts.any(|(_, item)| is_whole(item.amount) || is_whole(item.net))
        };
        let is_one_part = whole(if own.len() > 1 { &own } else { &lines });
        let places = |items: Vec<(u32, &Item<'_>)>| -> Vec<u32> {
            items.into_iter().map(|(at, _)| at).collect()
        };
        let (own, lines) = (places(own), places(lines));
        if is_sum && !is_one_part && !work.is_rejected(&own, &lines) {
            take(work, own, lines, Basis::ReferenceSum, 0);
        }
    }
}

/// Places and items of one side.
type Items<'w> = Vec<(u32, &'w Item<'w>)>;

/// What is free on both sides of a reference; nothing if one side has nothing.
fn free<'w>(work: &Work<'w>, sharing: &[Named<'_>]) -> Option<(Items<'w>, Items<'w>)> {
    let first_line = sharing.partition_point(|named| named.side == Side::Own);
    let (own, lines) = sharing.split_at_checked(first_line)?;
    if own.is_empty() || lines.is_empty() || own.len().max(lines.len()) > SHARING_MAX {
        return None;
    }
    let books = work.books;
    let free = |named: &[Named<'_>]| -> Items<'w> {
        let free = named
            .iter()
            .filter(|named| work.free.has(named.side, named.at));
        free.filter_map(|named| Some((named.at, books.item(named.side, named.at)?)))
            .collect()
    };
    let (own, lines) = (free(own), free(lines));
    (!own.is_empty() && !lines.is_empty()).then_some((own, lines))
}

fn take(work: &mut Work<'_>, own: Vec<u32>, lines: Vec<u32>, basis: Basis, alternatives: u32) {
    let comparison = work.books.compare_all(&own, &lines);
    let score = work.weights.of(&comparison);
    work.take(Found {
        own,
        lines,
        score,
        basis,
        comparison,
        alternatives,
    });
}
