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
        let days = self.books.entry(owner.as_str().into()).or_default();
        days.entry((day, currency)).or_default().merge(digest);
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

    fn take(&mut self, line: &Line<'_>) -> Result<(), Fault> {
        let digest = Digest::of(line.transaction, line.net);
        let key = (line.day, line.currency);
        let owner = line.account.unwrap_or(Owner::Platform.as_str());
        if let Some(days) = self.books.get_mut(owner) {
            days.entry(key).or_default().merge(&digest);
            return Ok(());
        }
        if let Some(account) = line.account {
            AccountId::parse(account).map_err(|_| Fault::Id("connected_account"))?;
        }
        self.books
            .insert(owner.into(), BTreeMap::from([(key, digest)]));
        Ok(())
    }
}

/// Adds an itemized report to `digests`, and says how many lines it had.
///
/// # Errors
/// When the report cannot be read whole; the digests are not to be used then.
pub fn fold(report: impl Read, digests: &mut Digests) -> Result<u64, ReportError> {
    read(report, |line| digests.take(line))
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
