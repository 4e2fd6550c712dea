//! The ledger in memory, as people and tools look at it.

use std::collections::{BTreeMap, BTreeSet};

use tributary_domain::{Mode, ObjectId, Owner};
use tributary_ledger::views::{Month, MonthView, Shelf};
use tributary_ledger::{Book, Day, Entry, Fact};
use tributary_pipeline::ledger::replay::Whole;
use tributary_pipeline::ledger::{Filed, LedgerError, Totals, Views};

use super::{MemoryLedger, lock};

impl Views for MemoryLedger {
    async fn month(
        &self,
        mode: Mode,
        month: &Month,
        owner: Option<&Owner>,
    ) -> Result<BTreeMap<Book, MonthView>, LedgerError> {
        let books = lock(&self.books);
        let books = books.iter().filter(|(book, _)| is_of(book, mode, owner));
        let views = books.filter_map(|(book, kept)| Some((book, kept.months.get(month)?)));
        Ok(views
            .map(|(book, view)| (book.clone(), view.clone()))
            .collect())
    }

    async fn payouts(
        &self,
        mode: Mode,
        shelf: &Shelf,
        owner: Option<&Owner>,
    ) -> Result<Vec<(Book, Fact)>, LedgerError> {
        let books = lock(&self.books);
        let books = books.iter().filter(|(book, _)| is_of(book, mode, owner));
        let facts =
            books.flat_map(|(book, kept)| kept.facts.values().map(move |fact| (book, fact)));
        let there = facts.filter(|(_, fact)| Shelf::of(fact).as_ref() == Some(shelf));
        Ok(there
            .map(|(book, fact)| (book.clone(), fact.clone()))
            .collect())
    }
}

impl Whole for MemoryLedger {
    async fn books(&self) -> Result<BTreeSet<Book>, LedgerError> {
        let books = lock(&self.books);
        let counted = books.iter().filter(|(_, kept)| kept.state.seq > 0);
        Ok(counted.map(|(book, _)| book.clone()).collect())
    }

    async fn objects(&self) -> Result<BTreeSet<(Book, ObjectId)>, LedgerError> {
        let books = lock(&self.books);
        let objects = books.iter().flat_map(|(book, kept)| {
            let of = kept.entries.keys().chain(kept.facts.keys());
            let of = of.chain(kept.members.keys()).chain(kept.derived.keys());
            of.map(move |object| (book.clone(), object.clone()))
        });
        Ok(objects.collect())
    }

    async fn days(&self, book: &Book) -> Result<BTreeMap<Day, Totals>, LedgerError> {
        Ok(self.kept(book).totals())
    }

    async fn movements(&self, book: &Book, day: Day) -> Result<Vec<Filed>, LedgerError> {
        let filed = self.kept(book).filed.into_iter();
        let of_day = filed.filter(|((of, _), _)| *of == day);
        Ok(of_day.flat_map(|(_, filed)| filed).collect())
    }

    async fn replace(&self, entry: &Entry, seen: &Entry) -> Result<(), LedgerError> {
        let key = entry.key();
        self.with(&entry.book, |kept| {
            let there = kept.entries.get_mut(&key.source);
            match there.and_then(|moved| moved.get_mut(&key.transaction)) {
                Some(there) if there == seen => *there = entry.clone(),
                _ => return Err(LedgerError::Conflict),
            }
            Ok(())
        })
    }
}

fn is_of(book: &Book, mode: Mode, owner: Option<&Owner>) -> bool {
    book.mode == mode && owner.is_none_or(|owner| book.owner == *owner)
}
