//! Two ledgers, entry by entry and sum by sum.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use futures_util::{StreamExt, TryStreamExt, stream};
use tributary_domain::{Fingerprint, ObjectId};
use tributary_ledger::revise::effective;
use tributary_ledger::{Account, Book, Day, Entry, Line, Rule};

use super::{SIDE_BY_SIDE, Whole, worker};
use crate::ledger::ports::Filed;
use crate::ledger::state::Totals;
use crate::ledger::{BookState, LedgerError, Node};
use crate::reconcile::without_reversed;

/// Differences that are shown by name.
const SHOWN: usize = 20;

/// How one thing differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// The entry is not what its movement is posted as.
    Entry {
        /// The one in use.
        live: Box<Entry>,
        /// What it has to be.
        rebuilt: Box<Entry>,
    },
    /// A movement was counted, and its entry is not there.
    Missing(Filed),
    /// An entry is there, and was never counted.
    Uncounted,
    /// An entry says another amount than was counted.
    Counted {
        /// What was counted.
        filed: Filed,
        /// What the entry says, minor units.
        net: i64,
    },
    /// What is derived and in effect is not what follows from the entries.
    Derived,
    /// What was counted of a day is not what its entries add up to.
    Day(Day),
    /// An account of the book is not the sum of its entries.
    Balance {
        /// In which currency.
        currency: String,
        /// Which.
        account: Account,
    },
    /// The book was pulled since the rebuild: nothing of it is compared.
    MovedOn,
}

impl Difference {
    /// In one word or two.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Entry { .. } => "changed",
            Self::Missing(_) => "missing",
            Self::Uncounted => "not counted",
            Self::Counted { .. } => "counted otherwise",
            Self::Derived => "derived otherwise",
            Self::Day(_) => "day differs",
            Self::Balance { .. } => "balance differs",
            Self::MovedOn => "newer than the rebuild",
        }
    }

    /// Whether the ledger in use is proven wrong.
    pub fn is_fault(&self) -> bool {
        !matches!(self, Self::MovedOn)
    }
}

/// What a comparison found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Differences {
    /// Entries that are equal, byte by byte.
    pub equal: u64,
    /// The rest, by book and what it is about: a movement, an object, a day, an
    /// account.
    pub found: BTreeMap<(Book, String), Difference>,
}

impl Differences {
    /// How often the ledger in use is proven wrong.
    pub fn faults(&self) -> usize {
        let faults = self.found.values().filter(|one| one.is_fault());
        faults.count()
    }

    fn add(&mut self, book: &Book, about: impl fmt::Display, difference: Difference) {
        let key = (book.clone(), about.to_string());
        self.found.insert(key, difference);
    }
}

impl fmt::Display for Differences {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} entries equal", self.equal)?;
        for ((book, about), one) in self.found.iter().take(SHOWN) {
            write!(f, "\n  {book} {about}: {}", one.name())?;
        }
        match self.found.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, "\n  and {more} more"),
        }
    }
}

/// Compares a ledger with its rebuild.
///
/// # Errors
/// When either cannot be read.
pub async fn compare<L: Whole, S: Whole>(
    live: &L,
    rebuilt: &S,
) -> Result<Differences, LedgerError> {
    let mut differences = Differences::default();
    let mut books = BTreeSet::new();
    for book in live.books().await? {
        let state = live.state(&book).await?;
        let ours = rebuilt.state(&book).await?;
        if ours.writer != worker(state.seq) {
            differences.add(&book, "book", Difference::MovedOn);
            continue;
        }
        balances(&book, &state, &ours, &mut differences);
        days(live, rebuilt, &book, &mut differences).await?;
        books.insert(book);
    }
    let mut objects = live.objects().await?;
    objects.append(&mut rebuilt.objects().await?);
    // Objects of books without a state were never counted.
    objects.retain(|(book, _)| {
        let moved_on = (book.clone(), "book".to_owned());
        !differences.found.contains_key(&moved_on)
    });
    let nodes = stream::iter(objects).map(async |(book, object)| {
        let nodes = (
            live.node(&book, &object).await?,
            rebuilt.node(&book, &object).await?,
        );
        Ok::<_, LedgerError>((book, object, nodes))
    });
    let mut nodes = nodes.buffered(SIDE_BY_SIDE);
    while let Some((book, object, (live, rebuilt))) = nodes.try_next().await? {
        entries(&book, &live, &rebuilt, &mut differences);
        if in_effect(&live) != in_effect(&rebuilt) {
            differences.add(&book, object, Difference::Derived);
        }
    }
    Ok(differences)
}

fn balances(book: &Book, live: &BookState, rebuilt: &BookState, found: &mut Differences) {
    let named = |state: &BookState| {
        let currencies = state.balances.iter();
        let sums = currencies.flat_map(|(currency, accounts)| {
            let there = accounts.iter().filter(|(_, sum)| **sum != 0);
            there.map(move |(account, sum)| ((currency.clone(), account.clone()), *sum))
        });
        sums.collect::<BTreeMap<_, _>>()
    };
    let (live, rebuilt) = (named(live), named(rebuilt));
    let keys: BTreeSet<_> = live.keys().chain(rebuilt.keys()).collect();
    for key in keys {
        if live.get(key) != rebuilt.get(key) {
            let (currency, account) = key.clone();
            let about = format!("{account} {currency}");
            found.add(book, about, Difference::Balance { currency, account });
        }
    }
}

/// Sums of days, and every movement that was counted: that it has an entry, which
/// says what was counted.
async fn days<L: Whole, S: Whole>(
    live: &L,
    rebuilt: &S,
    book: &Book,
    found: &mut Differences,
) -> Result<(), LedgerError> {
    let (counted, follows) = (live.days(book).await?, rebuilt.days(book).await?);
    let days: BTreeSet<Day> = counted.keys().chain(follows.keys()).copied().collect();
    for day in days {
        let of = |totals: &BTreeMap<Day, Totals>| {
            let mut totals = totals.get(&day).cloned().unwrap_or_default();
            totals.retain(|_, digest| digest.count > 0);
            totals
        };
        if of(&counted) != of(&follows) {
            found.add(book, day, Difference::Day(day));
        }
        let filed = live.movements(book, day).await?;
        let key = |it: &Filed| (it.transaction.clone(), it.source.clone());
        for filed in without_reversed(filed, key) {
            let node = live.node(book, &filed.source).await?;
            let mut entries = node.entries.iter();
            match entries.find(|entry| entry.transaction == filed.transaction) {
                None => {
                    let id = filed.transaction.clone();
                    found.add(book, id, Difference::Missing(filed));
                }
                Some(entry) if (entry.net, &entry.currency) != (filed.net, &filed.currency) => {
                    let (id, net) = (filed.transaction.clone(), entry.net);
                    found.add(book, id, Difference::Counted { filed, net });
                }
                Some(_) => {}
            }
        }
    }
    Ok(())
}

fn entries(book: &Book, live: &Node, rebuilt: &Node, found: &mut Differences) {
    let key = |it: &&Entry| (it.transaction.clone(), it.key().source);
    let ours = without_reversed(live.entries.iter().collect(), key);
    let by_id: BTreeMap<&ObjectId, &Entry> = rebuilt
        .entries
        .iter()
        .map(|entry| (&entry.transaction, entry))
        .collect();
    for entry in ours {
        let named = (book.clone(), entry.transaction.to_string());
        match by_id.get(&entry.transaction) {
            Some(other) if *other == entry => found.equal += 1,
            Some(other) => {
                let (live, rebuilt) = (Box::new(entry.clone()), Box::new((*other).clone()));
                found
                    .found
                    .insert(named, Difference::Entry { live, rebuilt });
            }
            None => {
                found.found.insert(named, Difference::Uncounted);
            }
        }
    }
}

/// What is derived and in effect, without its history.
fn in_effect(node: &Node) -> Vec<(Rule, u32, String, Vec<Line>)> {
    let effective = effective(node.derived.iter()).into_iter();
    let said = effective.map(|it| {
        let (rule, currency, lines) = (it.rule, it.currency.clone(), it.lines.clone());
        (rule, it.version, currency, lines)
    });
    let mut said: Vec<_> = said.collect();
    said.sort();
    said
}

/// One text for all that a ledger says: every entry, what is derived and in effect,
/// what was counted. Not for how it came about: pulls, pages, revisions.
///
/// # Errors
/// When it cannot be read.
pub async fn fingerprint<L: Whole>(ledger: &L) -> Result<Fingerprint, LedgerError> {
    let mut parts = Vec::new();
    for (book, object) in ledger.objects().await? {
        let mut node = ledger.node(&book, &object).await?;
        node.entries.sort_by_key(Entry::key);
        let fact = node.fact.as_ref();
        let said = (&node.entries, fact, in_effect(&node));
        parts.push(format!("{book} {object} {}", text(&said)?));
    }
    for book in ledger.books().await? {
        let state = ledger.state(&book).await?;
        let days = ledger.days(&book).await?;
        parts.push(format!("{book} {}", text(&(&state.balances, &days))?));
    }
    Ok(Fingerprint::of(parts.iter().map(String::as_bytes)))
}

fn text(value: &impl serde::Serialize) -> Result<String, LedgerError> {
    serde_json::to_string(value).map_err(|error| LedgerError::Invalid(error.to_string()))
}
