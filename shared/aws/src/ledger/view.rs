//! Looking at the ledger: for reports, reconciliation, audits and tools.

use std::collections::BTreeMap;

use tributary_domain::ObjectId;
use tributary_ledger::{Book, Day, Entry, EntryKey};
use tributary_pipeline::ledger::{BookState, Filed, Ledger, LedgerError, Node, Stories, Totals};

use super::{DynamoLedger, items};

/// What a book says as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BookView {
    /// How far it is pulled, and its balances.
    pub state: BookState,
    /// What was counted of each day, closed or not.
    pub totals: BTreeMap<Day, Totals>,
}

/// An object and those that belong to it, whole.
pub type Trace = BTreeMap<ObjectId, Node>;

impl DynamoLedger {
    /// A book's state and totals: two reads.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn view(&self, book: &Book) -> Result<BookView, LedgerError> {
        // The state last: a day that is closed in between is then in one of them.
        let closed = self.query(&items::days_of(book)).await?;
        let state = self.state(book).await?;
        let mut totals = BTreeMap::new();
        for item in &closed {
            totals.extend([items::totals_of(item)?]);
        }
        totals.extend(state.days.clone());
        Ok(BookView { state, totals })
    }

    /// The movements of one day: what a disagreement is looked up in.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn movements(&self, book: &Book, day: Day) -> Result<Vec<Filed>, LedgerError> {
        let mut filed = Vec::new();
        for page in self.query(&items::files_of(book, day)).await? {
            filed.extend(items::filed_of(&page)?);
        }
        Ok(filed)
    }

    /// Those of these entries that exist, a hundred in a request.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn entries_of(&self, keys: &[EntryKey]) -> Result<Vec<Entry>, LedgerError> {
        let wanted = keys.iter().map(items::entry_key).collect();
        let found = self.get_all(wanted, None).await?;
        found.iter().map(items::read).collect()
    }

    /// An object with all that belongs to it, down to the last.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn trace(&self, book: &Book, object: &ObjectId) -> Result<Trace, LedgerError> {
        let mut trace = Trace::new();
        let mut untold = vec![object.clone()];
        while let Some(object) = untold.pop() {
            if trace.contains_key(&object) {
                continue;
            }
            let node = self.node(book, &object).await?;
            untold.extend(node.members.iter().cloned());
            trace.insert(object, node);
        }
        Ok(trace)
    }

    /// Every entry of every book: for audits and rebuilds, never for a function.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn all_entries(&self) -> Result<Vec<Entry>, LedgerError> {
        let items = self.scan(items::ENTRY).await?;
        items.iter().map(items::read).collect()
    }

    /// The state of every book, by `pull#<book>`: for audits, never for a function.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn all_states(&self) -> Result<BTreeMap<Book, BookState>, LedgerError> {
        let mut states = BTreeMap::new();
        for item in self.scan("state").await? {
            let name = items::text(&item, items::KEY)?.strip_prefix("pull#");
            let book = name.and_then(|name| Book::parse(name).ok());
            let book = book.ok_or_else(|| {
                LedgerError::Invalid("a state whose key names no book".to_owned())
            })?;
            states.insert(book, items::read(&item)?);
        }
        Ok(states)
    }
}
