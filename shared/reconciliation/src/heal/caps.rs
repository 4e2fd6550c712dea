//! How much may be healed at once: a mistake of ours must not be made everywhere.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tributary_ledger::Book;

use super::Why;

/// Heals that one run may do. Beyond, it stops and says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caps {
    /// Over all accounts.
    pub run: u32,
    /// For one account.
    pub account: u32,
}

impl Default for Caps {
    fn default() -> Self {
        Self {
            run: 10_000,
            account: 500,
        }
    }
}

/// What a run has healed so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spent {
    run: u32,
    accounts: BTreeMap<Book, u32>,
}

impl Spent {
    /// What a run has healed before, and how much of one account.
    pub fn of(run: u32, book: &Book, account: u32) -> Self {
        Self {
            run,
            accounts: BTreeMap::from([(book.clone(), account)]),
        }
    }

    /// How many heals there were.
    pub fn run(&self) -> u32 {
        self.run
    }

    /// How many heals there were of one account.
    pub fn account(&self, book: &Book) -> u32 {
        self.accounts.get(book).copied().unwrap_or_default()
    }

    /// Books one heal.
    ///
    /// # Errors
    /// The cap that it would pass; nothing is booked then.
    pub fn spend(&mut self, book: &Book, caps: &Caps) -> Result<(), Why> {
        if self.run >= caps.run {
            return Err(Why::RunCapReached);
        }
        let account = self.accounts.entry(book.clone()).or_default();
        if *account >= caps.account {
            return Err(Why::AccountCapReached);
        }
        *account += 1;
        self.run += 1;
        Ok(())
    }
}
