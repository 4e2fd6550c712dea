//! A report's lines, summed up as they pass: what it takes grows with the accounts
//! and days, not with the lines.

use std::collections::BTreeMap;
use std::io::Read;

use tributary_domain::{AccountId, Currency, Owner};
use tributary_ledger::{Day, Digest};

use super::line::id;
use super::{Fault, Line, ReportError, read};

/// The digests of all books of one mode: one for each account, day and currency.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Digests {
    /// By the owner's text, so that a line finds its book without a copy.
    books: BTreeMap<Box<str>, BTreeMap<(Day, Currency), Digest>>,
}

impl Digests {
    /// Adds one movement of a book.
    pub fn add(
        &mut self,
        owner: &Owner,
        day: Day,
        currency: Currency,
        transaction: &str,
        net: i64,
    ) {
        self.merge(owner, day, currency, &Digest::of(transaction, net));
    }

    /// Adds a set of movements of a book. The sets must have none in common.
    pub fn merge(&mut self, owner: &Owner, day: Day, currency: Currency, digest: &Digest) {
        self.merge_text(owner.as_str(), (day, currency), digest);
    }

    /// Every digest, by owner, day and currency.
    pub fn iter(&self) -> impl Iterator<Item = (Owner, Day, Currency, &Digest)> {
        self.books.iter().flat_map(|(owner, days)| {
            // Only texts of owners get in.
            let owner = Owner::parse(owner).unwrap_or(Owner::Platform);
            days.iter()
                .map(move |((day, currency), digest)| (owner.clone(), *day, *currency, digest))
        })
    }

    /// One digest; empty if there was no movement.
    pub fn get(&self, owner: &Owner, day: Day, currency: Currency) -> Digest {
        let days = self.books.get(owner.as_str());
        let digest = days.and_then(|days| days.get(&(day, currency)));
        digest.copied().unwrap_or_default()
    }

    fn merge_text(&mut self, owner: &str, key: (Day, Currency), digest: &Digest) {
        if let Some(days) = self.books.get_mut(owner) {
            days.entry(key).or_default().merge(digest);
        } else {
            self.books
                .insert(owner.into(), BTreeMap::from([(key, *digest)]));
        }
    }
}

/// Digests that lines are being added to: of each book the day and currency of its last
/// line, which mostly are those of its next one.
#[derive(Default)]
struct Open {
    #[expect(
        clippy::disallowed_types,
        reason = "looked up, and summed in the end: its order is never seen"
    )]
    places: std::collections::HashMap<Box<str>, usize>,
    last: Vec<((Day, Currency), Digest)>,
}

impl Open {
    fn take(&mut self, line: &Line<'_>, digests: &mut Digests) -> Result<(), Fault> {
        let digest = Digest::of(line.transaction, line.net);
        let key = (line.day, line.currency);
        let owner = line.account.unwrap_or(Owner::Platform.as_str());
        let place = self.places.get(owner).copied();
        match place.and_then(|place| self.last.get_mut(place)) {
            Some((last, sum)) if *last == key => sum.merge(&digest),
            Some(other) => {
                let (last, sum) = std::mem::replace(other, (key, digest));
                digests.merge_text(owner, last, &sum);
            }
            None => {
                if let Some(account) = line.account {
                    AccountId::parse(account).map_err(|_| Fault::Id("connected_account"))?;
                }
                self.places.insert(owner.into(), self.last.len());
                self.last.push((key, digest));
            }
        }
        Ok(())
    }

    fn close(self, digests: &mut Digests) {
        for (owner, place) in self.places {
            if let Some((key, sum)) = self.last.get(place) {
                digests.merge_text(&owner, *key, sum);
            }
        }
    }
}

/// Adds an itemized report to `digests`, and says how many lines it had.
///
/// # Errors
/// When the report cannot be read whole; the digests are not to be used then.
pub fn fold(report: impl Read, digests: &mut Digests) -> Result<u64, ReportError> {
    let mut open = Open::default();
    let lines = read(report, |line| open.take(line, digests))?;
    open.close(digests);
    Ok(lines)
}

/// What each automatic payout paid out, by account and payout: minor units and the
/// currency. A payout is of one currency; lines of another are kept apart, and will
/// not explain it.
pub type PayoutSums = BTreeMap<(Box<str>, Box<str>, Currency), i128>;

/// Adds to `sums` the movements that a report assigns to payouts, and says how many
/// lines it had.
///
/// # Errors
/// When the report cannot be read whole; the sums are not to be used then.
pub fn fold_payouts(report: impl Read, sums: &mut PayoutSums) -> Result<u64, ReportError> {
    read(report, |line| {
        if line.payout.is_empty() {
            return Ok(());
        }
        let payout = id(line.payout, "automatic_payout_id")?;
        let owner = line.account.unwrap_or(Owner::Platform.as_str());
        let sum = sums
            .entry((owner.into(), payout.into(), line.currency))
            .or_default();
        *sum = sum.saturating_add(line.net.into());
        Ok(())
    })
}
