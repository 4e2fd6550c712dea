//! What a month's matches come to as findings.

use tributary_ledger::Book;
use tributary_matching::{Matched, OwnEntry, Period};
use tributary_reconciliation::finding::{Code, Finding, Scope};

use super::parts::Left;
use crate::own_book::Month;

/// References of an entry that are told at most.
const REFERENCES_MAX: usize = 8;

/// What somebody is to be told of.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// The findings.
    pub(super) found: Vec<Finding>,
    /// When the next entry is old enough to be told of, unix seconds.
    pub(super) due_at: Option<i64>,
}

/// The comparison of a month.
pub(super) fn scope(month: Month) -> Scope {
    Scope::new("match", month)
}

/// What of a month is to be told: what has waited for longer than `grace_s` seconds.
pub(super) fn told(book: &Book, month: Month, period: &Period, now: i64, grace_s: i64) -> Told {
    let mut told = Told::default();
    let scope = scope(month);
    let mut tell = |happened_at: i64, finding: Finding| {
        let due_at = happened_at.saturating_add(grace_s);
        if due_at <= now {
            told.found.push(finding);
        } else {
            told.due_at = Some(told.due_at.map_or(due_at, |first| first.min(due_at)));
        }
    };
    for entry in &period.unmatched {
        tell(entry.occurred_at, unmatched(book, &scope, entry, now));
    }
    for one in &period.waiting {
        tell(one.at, ambiguous(book, &scope, one, now));
    }
    told
}

/// The days of a month that have too much on them to be matched: one finding for all of
/// them. It is closed once there is none.
pub(super) fn left(book: &Book, month: Month, days: &[Left], now: i64) -> Option<Finding> {
    if days.is_empty() {
        return None;
    }
    let scope = scope(month);
    let names: Vec<String> = days.iter().map(|left| left.day.to_string()).collect();
    let (own, lines) = days.iter().fold((0, 0), |(own, lines), left| {
        (left.own.max(own), left.lines.max(lines))
    });
    tributary_telemetry::warn!("too many to be matched", own = own, lines = lines);
    let code = Code::UnmatchedPlatformEntry;
    Some(
        Finding::new(code, book, scope.as_str(), &scope, now)
            .with("why", "too_many_to_be_matched")
            .with("days", names.join(" "))
            .with("own_max", own)
            .with("lines_max", lines),
    )
}

fn unmatched(book: &Book, scope: &Scope, entry: &OwnEntry, now: i64) -> Finding {
    let references: Vec<_> = entry.references.iter().take(REFERENCES_MAX).collect();
    let joined = references
        .iter()
        .map(|reference| reference.as_str())
        .collect::<Vec<_>>()
        .join(" ");
    Finding::new(Code::UnmatchedPlatformEntry, book, &entry.id, scope, now)
        .with("kind", &entry.kind)
        .with("occurred_at", entry.occurred_at)
        .with("amount", entry.amount)
        .with("references", joined)
        .at_stake(entry.amount, entry.currency.as_str())
}

fn ambiguous(book: &Book, scope: &Scope, one: &Matched, now: i64) -> Finding {
    let subject = one.own.first().map(String::as_str).unwrap_or_default();
    // If the amounts differ, that is what may be wrong; else which is which.
    let stake = match one.difference {
        0 => one.amount,
        difference => difference,
    };
    Finding::new(Code::AmbiguousMatch, book, subject, scope, now)
        .with("own", one.own.join(" "))
        .with("lines", one.lines.join(" "))
        .with("occurred_at", one.at)
        .with("amount", one.amount)
        .with("difference", one.difference)
        .with("score_millibits", one.score)
        .with("alternatives", one.alternatives)
        .with("reason", one.reason())
        .at_stake(stake, one.currency.as_str())
}
