//! Both sides in one order, whatever order they came in.

use std::collections::BTreeMap;

use tributary_domain::{Currency, Owner};
use twox_hash::XxHash3_128;

use super::Found;
use crate::compare::{Amount, Apart, Comparison, Reference, Text};
use crate::entry::{LedgerLine, OwnEntry};
use crate::weights::{MatchKey, Verdict, Weights};

/// Which book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    Own,
    Lines,
}

/// An entry or a line.
#[derive(Debug, Clone)]
pub(super) struct Item<'b> {
    /// The number of its account and currency.
    pub(super) block: u32,
    /// Unix seconds.
    pub(super) time: i64,
    /// Minor units; `net` is the same for an own entry.
    pub(super) amount: i64,
    pub(super) net: i64,
    id: &'b str,
    account: &'b Owner,
    kind: &'b str,
    counterparty: &'b str,
    references: &'b [String],
    /// Its place in what was handed in.
    place: usize,
}

/// An entry or a line by one of its references.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Named<'b> {
    pub(super) block: u32,
    hash: u64,
    text: &'b str,
    pub(super) side: Side,
    pub(super) at: u32,
}

/// Both sides, in the order of block, time and id.
pub(super) struct Books<'b> {
    pub(super) own: Vec<Item<'b>>,
    pub(super) lines: Vec<Item<'b>>,
    /// In the order of block and reference.
    named: Vec<Named<'b>>,
    /// Blocks and hashes of references that both sides have. Sorted.
    spoken_for: Vec<(u32, u64)>,
}

impl<'b> Books<'b> {
    pub(super) fn of(own: &'b [OwnEntry], lines: &'b [LedgerLine]) -> Self {
        let mut blocks: BTreeMap<(&Owner, Currency), u32> = own
            .iter()
            .map(|entry| (&entry.account, entry.currency))
            .chain(lines.iter().map(|line| (&line.account, line.currency)))
            .map(|block| (block, 0))
            .collect();
        for (number, block) in (0..).zip(blocks.values_mut()) {
            *block = number;
        }
        let block = |account, currency| {
            blocks
                .get(&(account, currency))
                .copied()
                .unwrap_or_default()
        };
        let own = own.iter().enumerate().map(|(place, entry)| Item {
            block: block(&entry.account, entry.currency),
            time: entry.occurred_at,
            amount: entry.amount,
            net: entry.amount,
            id: &entry.id,
            account: &entry.account,
            kind: &entry.kind,
            counterparty: &entry.counterparty,
            references: &entry.references,
            place,
        });
        let lines = lines.iter().enumerate().map(|(place, line)| Item {
            block: block(&line.account, line.currency),
            time: line.occurred_at,
            amount: line.amount,
            net: line.net,
            id: &line.id,
            account: &line.account,
            kind: &line.kind,
            counterparty: &line.counterparty,
            references: &line.references,
            place,
        });
        let mut books = Self {
            own: own.collect(),
            lines: lines.collect(),
            named: Vec::new(),
            spoken_for: Vec::new(),
        };
        for side in [&mut books.own, &mut books.lines] {
            side.sort_unstable_by_key(|item| (item.block, item.time, item.id));
        }
        books.name();
        books
    }

    fn name(&mut self) {
        for (side, items) in [(Side::Own, &self.own), (Side::Lines, &self.lines)] {
            for (at, item) in (0..).zip(items) {
                let named = item.references.iter().map(|text| Named {
                    block: item.block,
                    hash: hash(text),
                    text,
                    side,
                    at,
                });
                self.named.extend(named);
            }
        }
        self.named.sort_unstable();
        self.named.dedup();
        let runs = self
            .named
            .chunk_by(|one, other| (one.block, one.hash) == (other.block, other.hash));
        self.spoken_for = runs
            .filter_map(|run| {
                let (first, last) = (run.first()?, run.last()?);
                (first.side != last.side).then_some((first.block, first.hash))
            })
            .collect();
    }

    /// All that share a reference: own entries first.
    pub(super) fn sharing(&self) -> impl Iterator<Item = &[Named<'b>]> {
        self.named
            .chunk_by(|one, other| (one.block, one.text) == (other.block, other.text))
    }

    pub(super) fn item(&self, side: Side, at: u32) -> Option<&Item<'b>> {
        let items = match side {
            Side::Own => &self.own,
            Side::Lines => &self.lines,
        };
        items.get(at as usize)
    }

    /// How one entry and one line agree. `is_sum`: the amount is part of a sum.
    pub(super) fn compare(&self, own: &Item<'_>, line: &Item<'_>, is_sum: bool) -> Comparison {
        let is_spoken_for = |text: &str| {
            self.spoken_for
                .binary_search(&(own.block, hash(text)))
                .is_ok()
        };
        Comparison {
            reference: Reference::of(own.references, line.references, is_spoken_for),
            amount: match own.amount {
                _ if is_sum => Amount::Sum,
                amount if amount == line.amount => Amount::BeforeFees,
                amount if amount == line.net => Amount::AfterFees,
                _ => Amount::Different,
            },
            apart: Apart::of(own.time, line.time),
            kind: Text::of(own.kind, line.kind),
            counterparty: Text::of(own.counterparty, line.counterparty),
        }
    }

    /// How several agree: of each field, the level on which they agree least.
    pub(super) fn compare_all(&self, own: &[u32], lines: &[u32]) -> Comparison {
        let is_sum = own.len() + lines.len() > 2;
        let each = own
            .iter()
            .flat_map(|own| lines.iter().map(move |line| (*own, *line)));
        let compared = each.filter_map(|(own, line)| {
            let (own, line) = (self.item(Side::Own, own)?, self.item(Side::Lines, line)?);
            Some(self.compare(own, line, is_sum))
        });
        let least = compared.reduce(|one, other| Comparison {
            reference: one.reference.max(other.reference),
            amount: one.amount.max(other.amount),
            apart: one.apart.max(other.apart),
            kind: one.kind.max(other.kind),
            counterparty: one.counterparty.max(other.counterparty),
        });
        least.unwrap_or(Comparison {
            reference: Reference::Unknown,
            amount: Amount::Different,
            apart: Apart::More,
            kind: Text::Unknown,
            counterparty: Text::Unknown,
        })
    }

    /// The identity of a match.
    pub(super) fn key(&self, own: &[u32], lines: &[u32]) -> MatchKey {
        let ids = |side, places: &[u32]| {
            let items = places.iter().filter_map(|at| self.item(side, *at));
            let mut ids: Vec<_> = items.map(|item| item.id.to_owned()).collect();
            ids.sort_unstable();
            ids
        };
        let first = own.first().and_then(|at| self.item(Side::Own, *at));
        MatchKey {
            account: first.map_or(Owner::Platform, |item| item.account.clone()),
            own: ids(Side::Own, own),
            lines: ids(Side::Lines, lines),
        }
    }

    /// The confirmed matches whose entries and lines are all here.
    pub(super) fn confirmed(&self, weights: &Weights) -> Vec<(Vec<u32>, Vec<u32>)> {
        if weights.answers.is_empty() {
            return Vec::new();
        }
        let index = |items: &[Item<'b>]| -> BTreeMap<(&'b Owner, &'b str), u32> {
            (0..)
                .zip(items)
                .map(|(at, item)| ((item.account, item.id), at))
                .collect()
        };
        let (own, lines) = (index(&self.own), index(&self.lines));
        let confirmed = weights
            .answers
            .iter()
            .filter(|(_, verdict)| **verdict == Verdict::Confirmed);
        confirmed
            .filter_map(|(key, _)| {
                let find = |index: &BTreeMap<(&Owner, &str), u32>, ids: &[String]| {
                    ids.iter()
                        .map(|id| index.get(&(&key.account, id.as_str())).copied())
                        .collect::<Option<Vec<_>>>()
                };
                Some((find(&own, &key.own)?, find(&lines, &key.lines)?))
            })
            .collect()
    }

    /// The own amounts less the ledger's: before fees or after them, whichever is less.
    pub(super) fn difference(&self, found: &Found) -> i64 {
        let sum = |side, places: &[u32], amount: fn(&Item<'_>) -> i64| -> i128 {
            places
                .iter()
                .filter_map(|at| self.item(side, *at))
                .map(|item| i128::from(amount(item)))
                .sum()
        };
        let own = sum(Side::Own, &found.own, |item| item.amount);
        let gross = own - sum(Side::Lines, &found.lines, |item| item.amount);
        let net = own - sum(Side::Lines, &found.lines, |item| item.net);
        let least = if net.abs() < gross.abs() { net } else { gross };
        i64::try_from(least).unwrap_or(if least < 0 { i64::MIN } else { i64::MAX })
    }

    /// Places in what was handed in.
    pub(super) fn places(&self, side: Side, places: &[u32]) -> Vec<usize> {
        places
            .iter()
            .filter_map(|at| self.item(side, *at))
            .map(|item| item.place)
            .collect()
    }
}

fn hash(text: &str) -> u64 {
    let hash = XxHash3_128::oneshot(text.as_bytes()) & u128::from(u64::MAX);
    u64::try_from(hash).unwrap_or_default()
}

/// What is in no match yet.
pub(super) struct Free {
    own: Vec<bool>,
    lines: Vec<bool>,
}

impl Free {
    pub(super) fn of(books: &Books<'_>) -> Self {
        Self {
            own: vec![true; books.own.len()],
            lines: vec![true; books.lines.len()],
        }
    }

    pub(super) fn has(&self, side: Side, at: u32) -> bool {
        let free = match side {
            Side::Own => &self.own,
            Side::Lines => &self.lines,
        };
        free.get(at as usize).copied().unwrap_or(false)
    }

    pub(super) fn take(&mut self, own: &[u32], lines: &[u32]) {
        for (free, places) in [(&mut self.own, own), (&mut self.lines, lines)] {
            for at in places {
                if let Some(free) = free.get_mut(*at as usize) {
                    *free = false;
                }
            }
        }
    }

    pub(super) fn all(&self, side: Side) -> Vec<u32> {
        let free = match side {
            Side::Own => &self.own,
            Side::Lines => &self.lines,
        };
        (0..)
            .zip(free)
            .filter(|(_, free)| **free)
            .map(|(at, _)| at)
            .collect()
    }
}
