//! The ledger held against the balances and movements that Stripe has.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tributary_domain::{AccountId, Mode, Owner as BookOwner};
use tributary_ledger::{Book, Entry, Head};
use tributary_pipeline::ledger::BookState;
use tributary_simulator::{Fields, Flaw, Owner, World};

/// Sums by book and currency, minor units.
pub type Sums = BTreeMap<(Book, String), i128>;

/// A movement as both sides have it: currency, before fees, fees, what the balance moved by.
type Money = (String, i64, i64, i64);

/// The books of the platform and of the accounts that it can still read.
pub fn books(world: &World) -> Vec<(Owner, Book)> {
    let accounts = world
        .accounts()
        .iter()
        .filter(|id| !world.is_deauthorized(id));
    std::iter::once(Owner::Platform)
        .chain(accounts.map(|id| Owner::account(id)))
        .filter_map(|owner| {
            let book = book_of(&owner, world.config().livemode)?;
            Some((owner, book))
        })
        .collect()
}

fn book_of(owner: &Owner, livemode: bool) -> Option<Book> {
    let owner = match owner.account_id() {
        None => BookOwner::Platform,
        Some(id) => BookOwner::Account(AccountId::parse(id).ok()?),
    };
    let mode = Mode::of(livemode);
    Some(Book { mode, owner })
}

/// Entries and movements, one by one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Journal {
    /// Entries in the ledger.
    pub entries: usize,
    /// Movements that Stripe lists.
    pub movements: usize,
    /// Movements without an entry.
    pub missing: BTreeSet<String>,
    /// Entries without a movement.
    pub surplus: BTreeSet<String>,
    /// Entries that say something else than their movement.
    pub different: BTreeSet<String>,
    /// Entries whose lines do not sum to zero.
    pub unbalanced: BTreeSet<String>,
}

impl Journal {
    /// Whether every movement has its entry, and nothing else has one.
    pub fn is_exact(&self) -> bool {
        let faults = [
            &self.missing,
            &self.surplus,
            &self.different,
            &self.unbalanced,
        ];
        faults.iter().all(|faults| faults.is_empty())
    }
}

/// Compares every entry with its movement.
pub fn journal(world: &World, entries: &[Entry]) -> Journal {
    let mut truth: BTreeMap<String, Money> = BTreeMap::new();
    for (owner, book) in books(world) {
        for json in world.balance_transactions(&owner) {
            truth.insert(format!("{book}#{}", json.text("id")), money(json));
        }
    }
    let mut journal = Journal {
        entries: entries.len(),
        movements: truth.len(),
        ..Journal::default()
    };
    let mut seen = BTreeSet::new();
    for entry in entries {
        let key = format!("{}#{}", entry.book, entry.transaction);
        let sum: i128 = entry.lines.iter().map(|line| i128::from(line.amount)).sum();
        if sum != 0 {
            journal.unbalanced.insert(key.clone());
        }
        let ours = (entry.currency.clone(), entry.amount, entry.fee, entry.net);
        match truth.get(&key) {
            None => drop(journal.surplus.insert(key.clone())),
            Some(theirs) if *theirs != ours => drop(journal.different.insert(key.clone())),
            Some(_) => {}
        }
        if !seen.insert(key.clone()) {
            journal.surplus.insert(key);
        }
    }
    journal.missing = truth
        .into_keys()
        .filter(|key| !seen.contains(key))
        .collect();
    journal
}

fn money(json: &Value) -> Money {
    (
        json.text("currency").to_owned(),
        json.int("amount"),
        json.int("fee"),
        json.int("net"),
    )
}

/// What a book holds in one currency, by both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tie {
    /// Whose.
    pub book: Book,
    /// The currency.
    pub currency: String,
    /// What the entries add up to, minor units.
    pub entries: i128,
    /// What the ledger's own running balance says, minor units.
    pub counted: i128,
    /// What Stripe says, minor units.
    pub stripe: i128,
    /// By how much the entries may differ from Stripe: what was put wrong, minor units.
    pub labelled: i128,
}

impl Tie {
    /// What is left unexplained, minor units.
    pub fn residual(&self) -> u128 {
        (self.entries - self.stripe - self.labelled).unsigned_abs()
    }
}

/// Ties every book out, by currency. `labelled` is what the ledger's entries hold too much.
pub fn tie_out(
    world: &World,
    entries: &[Entry],
    states: &BTreeMap<Book, BookState>,
    labelled: &Sums,
) -> Vec<Tie> {
    let (posted, stripe) = (posted(entries), held_by_stripe(world));
    let counted = counted(states);
    let mut explained = labelled.clone();
    for (key, too_much) in misstated(world) {
        *explained.entry(key).or_default() -= too_much;
    }
    let keys: BTreeSet<_> = posted.keys().chain(stripe.keys()).cloned().collect();
    let of = |sums: &Sums, key: &(Book, String)| sums.get(key).copied().unwrap_or_default();
    let readable: BTreeSet<Book> = books(world).into_iter().map(|(_, book)| book).collect();
    keys.into_iter()
        .filter(|(book, _)| readable.contains(book))
        .map(|key| Tie {
            entries: of(&posted, &key),
            counted: of(&counted, &key),
            stripe: of(&stripe, &key),
            labelled: of(&explained, &key),
            book: key.0,
            currency: key.1,
        })
        .collect()
}

fn posted(entries: &[Entry]) -> Sums {
    let mut sums = Sums::new();
    for entry in entries {
        let lines = entry.lines.iter();
        let lines = lines.filter(|line| line.account.head() == Head::StripeBalance);
        let sum: i128 = lines.map(|line| i128::from(line.amount)).sum();
        let key = (entry.book.clone(), entry.currency.clone());
        *sums.entry(key).or_default() += sum;
    }
    sums
}

fn counted(states: &BTreeMap<Book, BookState>) -> Sums {
    let mut sums = Sums::new();
    for (book, state) in states {
        for (currency, accounts) in &state.balances {
            let held = accounts
                .iter()
                .filter(|(account, _)| account.head() == Head::StripeBalance);
            let sum = held.map(|(_, sum)| sum).sum();
            sums.insert((book.clone(), currency.clone()), sum);
        }
    }
    sums
}

/// What `GET /v1/balance` says, pending money included.
fn held_by_stripe(world: &World) -> Sums {
    let mut sums = Sums::new();
    for (owner, book) in books(world) {
        let json = world.balance_json(&owner);
        for part in ["available", "pending"] {
            let funds = json.get(part).and_then(Value::as_array);
            for funds in funds.into_iter().flatten() {
                let key = (book.clone(), funds.text("currency").to_owned());
                *sums.entry(key).or_default() += i128::from(funds.int("amount"));
            }
        }
    }
    sums
}

/// By how much Stripe states balances too high, on purpose.
fn misstated(world: &World) -> Sums {
    let mut sums = Sums::new();
    let flaws = world.injected().iter();
    for flaw in flaws.filter(|it| matches!(it.flaw, Flaw::Balance | Flaw::PlatformBalance)) {
        if let Some(book) = book_of(&flaw.owner, world.config().livemode) {
            let key = (book, flaw.currency.clone());
            *sums.entry(key).or_default() += i128::from(flaw.amount);
        }
    }
    sums
}
