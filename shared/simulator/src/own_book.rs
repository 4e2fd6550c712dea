//! The platform's own book: what its shop and its sellers' accounts say of the same money, with the
//! gaps and mistakes of a book that people and programs keep.

mod csv;
mod draft;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::{refs::Owner, world::World};

/// How a book departs from what happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnBookConfig {
    /// Seed of every choice; the same world and configuration give the same book.
    pub seed: u64,
    /// Entries per thousand that have lost every reference, but are right otherwise.
    pub without_reference_per_mille: u32,
    /// Orders per thousand that are written as two entries.
    pub split_per_mille: u32,
    /// Payouts per thousand that are written as one entry with the payout before them.
    pub merged_per_mille: u32,
    /// How many mistakes of each kind.
    pub mistakes: usize,
}

impl OwnBookConfig {
    /// An ordinary book without mistakes.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            without_reference_per_mille: 80,
            split_per_mille: 15,
            merged_per_mille: 30,
            mistakes: 0,
        }
    }
}

/// One entry of the platform's own book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnEntry {
    /// The platform's id.
    pub id: String,
    /// Whose balance should have moved.
    pub account: Owner,
    /// `order`, `seller_credit`, `refund`, `transfer`, `platform_fee`, `dispute` or `payout`.
    pub kind: &'static str,
    /// Unix seconds, by the platform's clock and habits.
    pub occurred_at: i64,
    /// Lower-case settlement currency.
    pub currency: String,
    /// Minor units before fees, positive when money came to the account.
    pub amount: i64,
    /// What it is known by, by column: `order`, `charge`, `refund`, `dispute`, `transfer`,
    /// `payout`, `transfer_group`.
    pub references: Vec<(&'static str, String)>,
    /// The buyer, where the platform knows one.
    pub counterparty: String,
}

/// Entries and the balance transactions that they stand for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnMatch {
    /// Whose balance.
    pub account: Owner,
    /// Ids of the platform's entries; two of a split order.
    pub entries: Vec<String>,
    /// Ids of the balance transactions; two of merged payouts.
    pub transactions: Vec<String>,
    /// The entries have lost their references: amount, time and kind are all that is left.
    pub reference_lost: bool,
}

/// A mistake in a book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mistake {
    /// An order that was never paid.
    NeverPaid,
    /// Two digits of an amount have changed places.
    AmountTypo,
    /// An entry that was written a second time, under another id.
    WrittenTwice,
}

impl Mistake {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::NeverPaid, Self::AmountTypo, Self::WrittenTwice];
}

/// A mistake that was put into a book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnMistake {
    /// What is wrong.
    pub mistake: Mistake,
    /// Whose balance.
    pub account: Owner,
    /// The entry that is wrong.
    pub entry: String,
    /// Of an entry written twice: the first one, which is as good a candidate.
    pub twin: Option<String>,
    /// The balance transaction that it should have been.
    pub transaction: Option<String>,
    /// Lower-case currency of the amount.
    pub currency: String,
    /// By how much the book is wrong, minor units, positive.
    pub amount: i64,
}

/// The platform's own book of a world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnBook {
    /// Its entries, by account and time.
    pub entries: Vec<OwnEntry>,
    /// What they stand for. Mistakes stand for nothing.
    pub matches: Vec<OwnMatch>,
    /// What is wrong with it.
    pub mistakes: Vec<OwnMistake>,
}

impl OwnBook {
    /// The book that the platform would have kept of all that happened. Accounts that have left
    /// are not in it.
    #[must_use]
    pub fn of(world: &World, config: &OwnBookConfig) -> Self {
        let mut draw = ChaCha8Rng::seed_from_u64(config.seed ^ 0x0b00);
        let mut book = Self {
            entries: Vec::new(),
            matches: Vec::new(),
            mistakes: Vec::new(),
        };
        let accounts = world.accounts().iter();
        let accounts = accounts
            .filter(|id| !world.is_deauthorized(id))
            .map(|id| Owner::account(id));
        for owner in std::iter::once(Owner::Platform).chain(accounts) {
            book.write(world, &owner, config, &mut draw);
        }
        for mistake in Mistake::ALL {
            for _ in 0..config.mistakes {
                book.err(mistake, &mut draw);
            }
        }
        let key = |entry: &OwnEntry| (entry.account.clone(), entry.occurred_at, entry.id.clone());
        book.entries.sort_by_cached_key(key);
        book
    }

    /// The entries of one account, each for one transaction unless they are split or merged.
    fn write(
        &mut self,
        world: &World,
        owner: &Owner,
        config: &OwnBookConfig,
        draw: &mut ChaCha8Rng,
    ) {
        for transaction in world.balance_transactions(owner) {
            let Some(mut entry) = draft::entry(world, owner, transaction, draw) else {
                continue;
            };
            let id = draft::transaction_id(transaction);
            if entry.kind == "payout"
                && draft::one_of_mille(draw, config.merged_per_mille)
                && self.merge(&entry, &id)
            {
                continue;
            }
            let reference_lost = draft::one_of_mille(draw, config.without_reference_per_mille);
            if reference_lost {
                entry.references.clear();
            }
            entry.id = self.next_id();
            let mut entries = vec![entry.id.clone()];
            let first = entry.amount / 3;
            if entry.kind == "order"
                && first > 0
                && draft::one_of_mille(draw, config.split_per_mille)
            {
                let rest = OwnEntry {
                    id: format!("{}-b", entry.id),
                    amount: entry.amount - first,
                    ..entry.clone()
                };
                entry.amount = first;
                entries.push(rest.id.clone());
                self.entries.push(rest);
            }
            self.entries.push(entry);
            self.matches.push(OwnMatch {
                account: owner.clone(),
                entries,
                transactions: vec![id],
                reference_lost,
            });
        }
    }

    /// Adds a payout to the entry of the one before it, if that is the last one of its account and
    /// currency; says whether it did.
    fn merge(&mut self, payout: &OwnEntry, transaction: &str) -> bool {
        let (Some(last), Some(stands_for)) = (self.entries.last_mut(), self.matches.last_mut())
        else {
            return false;
        };
        let fits = last.kind == "payout"
            && last.account == payout.account
            && last.currency == payout.currency
            && last.amount.signum() == payout.amount.signum()
            && stands_for.transactions.len() == 1;
        if fits {
            last.amount += payout.amount;
            stands_for.transactions.push(transaction.to_owned());
        }
        fits
    }

    fn next_id(&self) -> String {
        format!("own-{:06}", self.entries.len() + 1)
    }

    /// Makes one mistake somewhere among the plain orders.
    fn err(&mut self, mistake: Mistake, draw: &mut ChaCha8Rng) {
        let untouched = |it: &OwnMatch| it.entries.len() == 1 && it.transactions.len() == 1;
        let order = |book: &Self, at: usize| {
            let found = book.matches.get(at).filter(|it| untouched(it))?;
            let entry = book
                .entries
                .iter()
                .position(|it| Some(&it.id) == found.entries.first() && it.kind == "order")?;
            let typo = draft::swapped(book.entries.get(entry)?.amount)?;
            Some((entry, typo))
        };
        let wrong: Vec<&str> = self.mistakes.iter().map(|it| it.entry.as_str()).collect();
        let twins: Vec<&str> = self
            .mistakes
            .iter()
            .filter_map(|it| it.twin.as_deref())
            .collect();
        let start = draw.random_range(0..self.matches.len().max(1));
        let found = (start..self.matches.len()).chain(0..start).find_map(|at| {
            let (entry, typo) = order(self, at)?;
            let id = self.entries.get(entry)?.id.as_str();
            (!wrong.contains(&id) && !twins.contains(&id)).then_some((at, entry, typo))
        });
        let Some((at, entry, typo)) = found else {
            return;
        };
        let id = format!("own-x{:05}", self.mistakes.len() + 1);
        self.make(mistake, (at, entry), typo, id);
    }

    fn make(&mut self, mistake: Mistake, (at, position): (usize, usize), typo: i64, id: String) {
        let (Some(entry), Some(stands_for)) =
            (self.entries.get_mut(position), self.matches.get(at))
        else {
            return;
        };
        let transaction = stands_for.transactions.first().cloned();
        let mut wrong = OwnMistake {
            mistake,
            account: entry.account.clone(),
            entry: id.clone(),
            twin: None,
            transaction: None,
            currency: entry.currency.clone(),
            amount: entry.amount,
        };
        match mistake {
            Mistake::AmountTypo => {
                wrong.entry.clone_from(&entry.id);
                wrong.amount = (typo - entry.amount).abs();
                wrong.transaction = transaction;
                entry.amount = typo;
                self.matches.remove(at);
            }
            Mistake::WrittenTwice => {
                wrong.twin = Some(entry.id.clone());
                wrong.transaction = transaction;
                let again = OwnEntry {
                    id,
                    occurred_at: entry.occurred_at + 60,
                    ..entry.clone()
                };
                self.entries.push(again);
            }
            Mistake::NeverPaid => {
                let never = OwnEntry {
                    references: vec![("order", format!("ord-9{:05}", self.mistakes.len()))],
                    occurred_at: entry.occurred_at + 7_919,
                    amount: entry.amount + 1_313,
                    counterparty: String::new(),
                    id,
                    ..entry.clone()
                };
                wrong.amount = never.amount;
                self.entries.push(never);
            }
        }
        self.mistakes.push(wrong);
    }
}
