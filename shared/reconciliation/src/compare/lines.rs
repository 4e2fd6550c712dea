//! A day of a book, line by line.

use std::collections::BTreeMap;

use tributary_domain::{BalanceTransaction, ObjectId};
use tributary_ledger::{Book, Digest};

use crate::finding::{Code, Finding, Scope};

/// A movement as our book has it: enough to compare it, and to find its entry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Held {
    /// The balance transaction.
    pub transaction: ObjectId,
    /// The object that moved the money, or the transaction if none did.
    pub source: ObjectId,
    /// Currency of `net`.
    pub currency: String,
    /// What the balance moved by, minor units.
    pub net: i64,
}

impl Held {
    /// Whether it is a payout or one that came back: Stripe's reports of activity
    /// leave these out.
    pub fn is_payout(&self) -> bool {
        self.source.as_str().starts_with("po_")
    }
}

/// The digest of some lines in one currency; without payouts it is what a report of
/// activity adds up to.
pub fn digest<'l>(lines: impl IntoIterator<Item = &'l Held>, currency: &str) -> Digest {
    let mut digest = Digest::default();
    for line in lines {
        if line.currency == currency {
            digest.add(line.transaction.as_str(), line.net);
        }
    }
    digest
}

/// Whether a report's digest of a day is that of our lines, with or without payouts.
pub fn agrees(ours: &[Held], currency: &str, report: &Digest) -> bool {
    let activity = ours.iter().filter(|line| !line.is_payout());
    digest(ours, currency) == *report || digest(activity, currency) == *report
}

/// Compares all of a day's lines, ours and Stripe's, seen at `now` (unix seconds).
pub fn diff(
    book: &Book,
    scope: &Scope,
    ours: &[Held],
    theirs: &[BalanceTransaction],
    now: i64,
) -> Vec<Finding> {
    let mut held: BTreeMap<&ObjectId, Vec<&Held>> = BTreeMap::new();
    for line in ours {
        held.entry(&line.transaction).or_default().push(line);
    }
    let found = |code, subject: &ObjectId| Finding::new(code, book, subject, scope, now);
    let mut findings = Vec::new();
    let mut listed = BTreeMap::new();
    for movement in theirs {
        // A list that is read while it grows shows a line twice.
        if listed.insert(&movement.id, movement).is_some() {
            continue;
        }
        let Some(lines) = held.get(&movement.id) else {
            findings.push(
                found(Code::MissingLedgerEntry, &movement.id)
                    .with("type", &movement.kind)
                    .with("created", movement.created)
                    .with("net", movement.net)
                    .at_stake(movement.net, &movement.currency),
            );
            continue;
        };
        let differs =
            |line: &&&Held| line.net != movement.net || line.currency != movement.currency;
        if let Some(line) = lines.iter().find(differs) {
            findings.push(
                found(Code::AmountMismatch, &movement.id)
                    .with("ours", format_args!("{} {}", line.net, line.currency))
                    .with(
                        "stripe",
                        format_args!("{} {}", movement.net, movement.currency),
                    )
                    .at_stake(
                        i128::from(line.net) - i128::from(movement.net),
                        &movement.currency,
                    ),
            );
        }
    }
    for (transaction, lines) in held {
        let Some(first) = lines.first() else { continue };
        if lines.len() > 1 {
            let sources: Vec<_> = lines.iter().map(|line| line.source.as_str()).collect();
            let surplus: i128 = lines.iter().skip(1).map(|line| i128::from(line.net)).sum();
            findings.push(
                found(Code::DuplicateEntry, transaction)
                    .with("entries", lines.len())
                    .with("sources", sources.join(" "))
                    .at_stake(surplus, &first.currency),
            );
        }
        if !listed.contains_key(transaction) {
            findings.push(
                found(Code::OrphanEntry, transaction)
                    .with("source", &first.source)
                    .with("net", first.net)
                    .at_stake(first.net, &first.currency),
            );
        }
    }
    findings
}

/// A report disagreed with us, and no line explains it: it is late, or it is wrong.
/// `report` and `ours` are what both sides add up to.
pub fn unexplained(
    book: &Book,
    scope: &Scope,
    currency: &str,
    (ours, report): (&Digest, &Digest),
    now: i64,
) -> Finding {
    Finding::new(
        Code::ReportMismatch,
        book,
        format_args!("{}#{currency}", scope.as_str()),
        scope,
        now,
    )
    .with("ours_count", ours.count)
    .with("ours_net", ours.net)
    .with("report_count", report.count)
    .with("report_net", report.net)
    .at_stake(ours.net.saturating_sub(report.net), currency)
}
