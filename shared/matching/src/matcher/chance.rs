//! What amounts say, counted in the books: an amount that half of all lines have says
//! nothing, one that nothing else has says much.

use std::collections::BTreeMap;

use super::books::{Books, Free, Item, Side};
use crate::bits::{Millibits, log2_ratio};
use crate::compare::DAY_S;

/// How far apart an entry and its line may be, seconds.
const WINDOW_S: i64 = 10 * DAY_S;

/// Lines of one amount that are looked at on either side of an entry's time.
const NEAREST_MAX: usize = 12;

/// The least that chance is thought to make equal, in millionths of a line.
const CHANCE_MIN: u64 = 1_000;

/// Amounts that nobody has seen yet, and which are taken to be different.
const RARE_UNSEEN: u64 = 100;

/// The amounts of the lines that are in no match. Those that are cannot be mistaken
/// for another entry's any more.
pub(super) struct Chance {
    /// Block and time. Sorted.
    times: Vec<(u32, i64)>,
    /// By amount before fees, and after them if that differs. Sorted.
    amounts: Vec<Valued>,
    blocks: BTreeMap<u32, Block>,
}

/// A line by one of its amounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Valued {
    block: u32,
    amount: i64,
    time: i64,
    at: u32,
}

/// How the amounts of one account and currency repeat.
#[derive(Debug, Clone, Copy, Default)]
struct Block {
    lines: u64,
    /// Amounts that one line has, and those that two have.
    once: u64,
    twice: u64,
}

impl Chance {
    pub(super) fn of(books: &Books<'_>, free: &Free) -> Self {
        let mut blocks: BTreeMap<u32, Block> = BTreeMap::new();
        let (mut times, mut amounts) = (Vec::new(), Vec::new());
        for at in free.all(Side::Lines) {
            let Some(line) = books.item(Side::Lines, at) else {
                continue;
            };
            blocks.entry(line.block).or_default().lines += 1;
            times.push((line.block, line.time));
            let valued = |amount| Valued {
                block: line.block,
                amount,
                time: line.time,
                at,
            };
            amounts.push(valued(line.amount));
            if line.net != line.amount {
                amounts.push(valued(line.net));
            }
        }
        amounts.sort_unstable();
        for equal in
            amounts.chunk_by(|one, other| (one.block, one.amount) == (other.block, other.amount))
        {
            let block = equal.first().and_then(|first| blocks.get_mut(&first.block));
            match (block, equal.len()) {
                (Some(block), 1) => block.once += 1,
                (Some(block), 2) => block.twice += 1,
                _ => {}
            }
        }
        Self {
            times,
            amounts,
            blocks,
        }
    }

    /// The lines of an entry's amount that are nearest in time.
    pub(super) fn near(&self, own: &Item<'_>) -> Vec<u32> {
        let equal = self.of_amount(own.block, own.amount);
        let here = equal.partition_point(|line| line.time < own.time);
        let (before, after) = equal.split_at_checked(here).unwrap_or((equal, &[]));
        let is_near = |line: &&Valued| line.time.abs_diff(own.time) <= WINDOW_S.unsigned_abs();
        let before = before.iter().rev().take_while(is_near).take(NEAREST_MAX);
        let after = after.iter().take_while(is_near).take(NEAREST_MAX);
        before.chain(after).map(|line| line.at).collect()
    }

    /// How surprising it is that a line near an entry has its amount.
    pub(super) fn of_amount_of(&self, own: &Item<'_>) -> Millibits {
        let same = self.of_amount(own.block, own.amount).len() as u64;
        let expected = self.expected(own, same.saturating_sub(1));
        log2_ratio(1_000_000, expected.max(CHANCE_MIN))
    }

    /// How surprising it is that one of so many sums is an item's amount.
    pub(super) fn of_a_sum(&self, whole: &Item<'_>, sums: u64) -> Millibits {
        let expected = self
            .expected(whole, 0)
            .max(CHANCE_MIN)
            .saturating_mul(sums.max(1));
        log2_ratio(1_000_000, expected)
    }

    /// How many lines near an item would have an amount by chance that `same` other
    /// lines of its block have, in millionths.
    fn expected(&self, item: &Item<'_>, same: u64) -> u64 {
        let Block { lines, once, twice } =
            self.blocks.get(&item.block).copied().unwrap_or_default();
        // How often an amount that nothing else has turns out to be there twice: as
        // often as among the rare ones. A few lines do not prove that it never is.
        let rare = (2 * twice + 1) * 1_000_000 / (once + 2 * twice + RARE_UNSEEN);
        let others = same.saturating_mul(1_000_000).saturating_add(rare);
        let near =
            u128::from(others) * u128::from(self.count_near(item)) / u128::from(lines.max(1));
        u64::try_from(near).unwrap_or(u64::MAX)
    }

    /// How many lines there are around an item's time.
    fn count_near(&self, item: &Item<'_>) -> u64 {
        let from = (item.block, item.time.saturating_sub(WINDOW_S));
        let to = (item.block, item.time.saturating_add(WINDOW_S));
        let before = self.times.partition_point(|time| *time < from);
        let within = self.times.partition_point(|time| *time <= to);
        (within - before) as u64
    }

    fn of_amount(&self, block: u32, amount: i64) -> &[Valued] {
        let from = self
            .amounts
            .partition_point(|line| (line.block, line.amount) < (block, amount));
        let rest = self.amounts.get(from..).unwrap_or_default();
        let count = rest.partition_point(|line| (line.block, line.amount) == (block, amount));
        rest.get(..count).unwrap_or_default()
    }
}
