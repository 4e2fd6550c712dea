//! A month in parts, each of which can be matched as a whole.
//!
//! A part sees more than its own days: what money may lie apart from its entry. So a
//! month is cut no finer than it has to be, in halves, down to days. Each part does
//! without what those before it have taken.

use std::collections::BTreeMap;
use std::ops::Range;

use tributary_ledger::Day;
use tributary_matching::OwnEntry;
use tributary_matching::period::{lines_seen, own_seen};

use crate::ledger::Totals;

/// Seconds of a day in UTC, which has no other days.
const DAY_S: i64 = 86_400;

/// A day that has too much on it, and on the days around it, to be matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Left {
    /// Which.
    pub(super) day: Day,
    /// How many entries of the own book it sees.
    pub(super) own: usize,
    /// How many lines of the ledger it sees.
    pub(super) lines: u64,
}

/// The parts of a month, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Parts {
    /// Those that are matched, unix seconds.
    pub(super) whole: Vec<Range<i64>>,
    /// The days that are not.
    pub(super) left: Vec<Left>,
}

/// What is to be matched, and how much of it together.
struct Books<'b> {
    own: &'b [OwnEntry],
    totals: &'b BTreeMap<Day, Totals>,
    max: usize,
}

impl Parts {
    /// Cuts a period so that no part sees more than `max` entries, or lines.
    pub(super) fn of(
        period: &Range<i64>,
        own: &[OwnEntry],
        totals: &BTreeMap<Day, Totals>,
        max: usize,
    ) -> Self {
        let mut parts = Self::default();
        parts.cut(period.clone(), &Books { own, totals, max });
        parts
    }

    fn cut(&mut self, part: Range<i64>, books: &Books<'_>) {
        let (own, lines) = (books.entries(&part), books.lines(&part));
        if own <= books.max && usize::try_from(lines).is_ok_and(|lines| lines <= books.max) {
            self.whole.push(part);
            return;
        }
        let days = part.end.saturating_sub(part.start) / DAY_S;
        if days < 2 {
            let day = Day::of(part.start);
            let mut times = books.own.iter().map(|entry| entry.occurred_at);
            // A day on which nobody booked anything is not missed.
            if times.any(|at| part.contains(&at)) {
                self.left.push(Left { day, own, lines });
            }
            return;
        }
        let middle = part.start.saturating_add(days / 2 * DAY_S);
        self.cut(part.start..middle, books);
        self.cut(middle..part.end, books);
    }
}

impl Books<'_> {
    /// How many entries a part sees.
    fn entries(&self, part: &Range<i64>) -> usize {
        let seen = own_seen(part);
        let entries = self.own.iter();
        entries
            .filter(|entry| seen.contains(&entry.occurred_at))
            .count()
    }

    /// How many lines a part sees.
    fn lines(&self, part: &Range<i64>) -> u64 {
        let seen = lines_seen(part);
        let days = Day::of(seen.start)..=Day::of(seen.end.saturating_sub(1));
        let totals = self.totals.range(days).map(|(_, totals)| totals);
        totals
            .flat_map(BTreeMap::values)
            .map(|digest| digest.count)
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals(counts: impl IntoIterator<Item = (i64, u64)>) -> BTreeMap<Day, Totals> {
        let of_day = |(day, count)| {
            let digest = tributary_ledger::Digest {
                count,
                ..tributary_ledger::Digest::default()
            };
            let totals = Totals::from([("usd".to_owned(), digest)]);
            (Day::of(day * DAY_S), totals)
        };
        counts.into_iter().map(of_day).collect()
    }

    /// An entry of a day.
    fn entry(day: i64) -> OwnEntry {
        OwnEntry {
            id: format!("own-{day}"),
            account: tributary_domain::Owner::Platform,
            kind: String::new(),
            occurred_at: day * DAY_S,
            currency: tributary_domain::Currency::parse(b"usd").unwrap(),
            amount: 1,
            references: Vec::new(),
            counterparty: String::new(),
        }
    }

    fn days(parts: &Parts) -> Vec<(i64, i64)> {
        let of = |part: &Range<i64>| (part.start / DAY_S, part.end / DAY_S);
        parts.whole.iter().map(of).collect()
    }

    #[test]
    fn a_month_that_fits_is_one_part_and_another_is_halved_as_often_as_needed() {
        let month = 100 * DAY_S..130 * DAY_S;
        // Ten a day: a month sees 54 days of them, and a day 25.
        let ten = totals((0..200).map(|day| (day, 10)));
        let own: Vec<_> = (100..130).map(entry).collect();
        let cut = |max| Parts::of(&month, &own, &ten, max);
        assert_eq!(days(&cut(540)), [(100, 130)]);
        assert_eq!(days(&cut(539)), [(100, 115), (115, 130)]);
        let fine = cut(250);
        assert_eq!(fine.left, []);
        let single: Vec<_> = (100..130).map(|day| (day, day + 1)).collect();
        assert_eq!(days(&fine), single);
        let none = cut(249);
        assert_eq!((none.whole.len(), none.left.len()), (0, 30));
        let quiet = Parts::of(&month, &own[..3], &ten, 249);
        assert_eq!((quiet.whole.len(), quiet.left.len()), (0, 3));
    }

    #[test]
    fn only_the_days_around_too_much_are_left() {
        let month = 100 * DAY_S..130 * DAY_S;
        let crowd = totals((0..200).map(|day| (day, if day == 115 { 1_000 } else { 1 })));
        let own: Vec<_> = (100..130).map(entry).collect();
        let parts = Parts::of(&month, &own, &crowd, 500);
        let left: Vec<_> = parts.left.iter().map(|left| left.day).collect();
        // From sixteen days before to eight days after.
        let around: Vec<_> = (100..=123).map(|day| Day::of(day * DAY_S)).collect();
        assert_eq!(left, around);
        assert_eq!(days(&parts).first(), Some(&(124, 126)));
        assert_eq!(days(&parts).last().map(|part| part.1), Some(130));
    }
}
