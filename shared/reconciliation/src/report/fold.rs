//! A report's lines, summed up as they pass: what it takes grows with the accounts
//! and days, not with the lines.

use std::collections::BTreeMap;
use std::io::Read;

use hashbrown::HashMap;
use tributary_domain::{AccountId, Currency, ObjectId, Owner};
use tributary_ledger::{Day, Digest};

use super::line::id;
use super::{Fault, Line, ReportError, read};

/// The digests of all books of one mode: one for each account, day and currency.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Digests {
    /// By the owner's text, so that a line finds its book without a copy.
    books: BTreeMap<Box<str>, Days>,
}

/// The digests of one book.
type Days = BTreeMap<(Day, Currency), Digest>;

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
        self.absorb(owner, Days::from([((day, currency), *digest)]));
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

    /// Adds sets of movements of a book.
    fn absorb(&mut self, owner: &Owner, sets: Days) {
        let Some(days) = self.books.get_mut(owner.as_str()) else {
            self.books.insert(owner.as_str().into(), sets);
            return;
        };
        for (key, digest) in sets {
            days.entry(key).or_default().merge(&digest);
        }
    }
}

/// Lines of one book that follow each other in it and are of one day and currency.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    number: usize,
    key: (Day, Currency),
    digest: Digest,
}

/// What the lines so far add up to in one book: the stretch of the last of them, which
/// mostly is that of the next, and all before it.
struct Book {
    owner: Owner,
    last: Stretch,
    days: Days,
}

impl Book {
    fn close(&mut self) {
        let digest = self.days.entry(self.last.key).or_default();
        digest.merge(&self.last.digest);
    }
}

/// The books that lines are being added to.
#[derive(Default)]
struct Open {
    places: HashMap<Box<[u8]>, usize>,
    books: Vec<Book>,
    stretches: usize,
}

impl Open {
    /// Adds a line, and says which book it is of, and which stretch, by number.
    fn take(&mut self, line: &Line<'_>) -> Result<(usize, usize), Fault> {
        let key = (line.day, line.currency);
        let digest = Digest::of(line.transaction, line.net);
        let begun = Stretch {
            number: self.stretches,
            key,
            digest,
        };
        let place = self.places.get(line.account).copied();
        let place = match place.and_then(|place| Some((place, self.books.get_mut(place)?))) {
            Some((place, book)) if book.last.key == key => {
                book.last.digest.merge(&digest);
                return Ok((place, book.last.number));
            }
            Some((place, book)) => {
                book.close();
                book.last = begun;
                place
            }
            None => self.begin(line.account, begun)?,
        };
        self.stretches += 1;
        Ok((place, begun.number))
    }

    /// Begins a book that was not seen before, and gives its place.
    fn begin(&mut self, account: &[u8], last: Stretch) -> Result<usize, Fault> {
        let owner = match std::str::from_utf8(account) {
            Ok("") => Owner::Platform,
            text => text
                .ok()
                .and_then(|text| AccountId::parse(text).ok())
                .map(Owner::Account)
                .ok_or(Fault::Id("connected_account"))?,
        };
        let place = self.books.len();
        self.places.insert(account.into(), place);
        self.books.push(Book {
            owner,
            last,
            days: Days::new(),
        });
        Ok(place)
    }

    /// Adds all that was read to `digests`, and gives the books' owners, by place.
    fn close(self, digests: &mut Digests) -> Vec<Owner> {
        let closed = self.books.into_iter().map(|mut book| {
            book.close();
            digests.absorb(&book.owner, book.days);
            book.owner
        });
        closed.collect()
    }
}

/// Which lines were summed up together: a number for each stretch of a book's lines that
/// are of one day and currency. A day may have several.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stretches {
    owners: Vec<Owner>,
    of: Vec<(usize, (Day, Currency))>,
}

impl Stretches {
    /// The book, day and currency of each, by number.
    pub fn iter(&self) -> impl Iterator<Item = (&Owner, Day, Currency)> {
        self.of.iter().map(|(place, (day, currency))| {
            let owner = self.owners.get(*place);
            (owner.unwrap_or(&Owner::Platform), *day, *currency)
        })
    }
}

/// Adds an itemized report to `digests`, and says how many lines it had.
///
/// # Errors
/// When the report cannot be read whole; nothing was added to the digests then.
pub fn fold(report: impl Read, digests: &mut Digests) -> Result<u64, ReportError> {
    let mut open = Open::default();
    let lines = read(report, |line| open.take(line).map(|_| ()))?;
    open.close(digests);
    Ok(lines)
}

/// The same for who has room for more: hands each line to `each`, with the number of its
/// stretch.
///
/// # Errors
/// When the report cannot be read whole; nothing was added to the digests then.
pub fn fold_each(
    report: impl Read,
    digests: &mut Digests,
    mut each: impl FnMut(usize, &Line<'_>),
) -> Result<Stretches, ReportError> {
    let (mut open, mut of) = (Open::default(), Vec::new());
    read(report, |line| {
        let (place, stretch) = open.take(line)?;
        if stretch == of.len() {
            of.push((place, (line.day, line.currency)));
        }
        each(stretch, line);
        Ok(())
    })?;
    let owners = open.close(digests);
    Ok(Stretches { owners, of })
}

/// What each automatic payout paid out, by owner and payout.
pub type PaidOut = BTreeMap<Owner, BTreeMap<ObjectId, PaidSums>>;

/// What one payout paid out, by reporting category and currency. A payout is of one
/// currency: lines of another are kept apart, and will not explain it.
pub type PaidSums = BTreeMap<(String, Currency), PaidSum>;

/// Lines of one category and currency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PaidSum {
    /// How many.
    pub count: usize,
    /// What they moved together, minor units.
    pub net: i128,
}

/// Adds to `paid_out` the movements that a report assigns to payouts, and says how many
/// lines it had. It has no line for the payouts themselves.
///
/// # Errors
/// When the report cannot be read whole; the sums are not to be used then.
pub fn fold_payouts(report: impl Read, paid_out: &mut PaidOut) -> Result<u64, ReportError> {
    read(report, |line| {
        if line.payout.is_empty() {
            return Ok(());
        }
        let payout = parsed(line.payout, "automatic_payout_id", ObjectId::parse)?;
        let owner = match line.account {
            b"" => Owner::Platform,
            account => Owner::Account(parsed(account, "connected_account", AccountId::parse)?),
        };
        let category = String::from_utf8_lossy(line.category).into_owned();
        let sums = paid_out.entry(owner).or_default().entry(payout);
        let sum = sums.or_default().entry((category, line.currency));
        let sum = sum.or_default();
        sum.count += 1;
        sum.net = sum.net.saturating_add(line.net.into());
        Ok(())
    })
}

fn parsed<T, E>(
    text: &[u8],
    name: &'static str,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<T, Fault> {
    let text = id(text, name).map(std::str::from_utf8)?;
    text.ok()
        .and_then(|text| parse(text).ok())
        .ok_or(Fault::Id(name))
}
