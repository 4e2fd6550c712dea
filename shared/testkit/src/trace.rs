//! What a trace reads, in memory: each call is counted.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use tributary_domain::{EventKey, Mode, ObjectId, ObjectKey, Owner};
use tributary_ledger::{Book, Day};
use tributary_pipeline::ledger::{Filed, LedgerError};
use tributary_pipeline::own_book::Kept;
use tributary_pipeline::ports::StoreError;
use tributary_pipeline::reconcile::ControlError;
use tributary_pipeline::trace::{Ground, LoggedEvent, Place, Records, Seen};
use tributary_reconciliation::Finding;

use crate::ledger::MemoryLedger;

/// Keys that one request of DynamoDB takes.
const KEYS_MAX: usize = 100;
/// Accounts on one page.
const ACCOUNTS_MAX: usize = 1_000;

/// Everything that a trace reads, to be filled by a test.
#[derive(Debug, Default)]
pub struct MemoryGround {
    /// The ledger.
    pub ledger: MemoryLedger,
    /// What the mirror says.
    pub rows: BTreeMap<ObjectKey, Seen>,
    /// The event log.
    pub events: BTreeMap<EventKey, LoggedEvent>,
    /// The findings.
    pub findings: Vec<Finding>,
    /// The accounts that are known.
    pub accounts: Vec<Owner>,
    /// The matches of the platform's own book.
    pub matches: BTreeMap<Book, Vec<Kept>>,
    /// What references lead to.
    pub referred: BTreeMap<String, Vec<Place>>,
    requests: AtomicUsize,
}

impl MemoryGround {
    /// Requests that all questions so far would have been to DynamoDB, those to the
    /// ledger included.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed) + self.ledger.cost().calls
    }

    fn asked(&self, keys: usize) {
        let requests = keys.div_ceil(KEYS_MAX);
        self.requests.fetch_add(requests, Ordering::Relaxed);
    }
}

impl Ground for MemoryGround {
    type Ledger = MemoryLedger;
    type Records = Self;

    fn ledger(&self) -> &MemoryLedger {
        &self.ledger
    }

    fn records(&self) -> &Self {
        self
    }
}

impl Records for MemoryGround {
    async fn rows(&self, keys: &[ObjectKey]) -> Result<BTreeMap<ObjectKey, Seen>, StoreError> {
        self.asked(keys.len());
        let found = keys.iter().filter_map(|key| self.rows.get_key_value(key));
        Ok(found
            .map(|(key, seen)| (key.clone(), seen.clone()))
            .collect())
    }

    async fn events(
        &self,
        keys: &[EventKey],
    ) -> Result<BTreeMap<EventKey, LoggedEvent>, StoreError> {
        self.asked(keys.len());
        let found = keys.iter().filter_map(|key| self.events.get_key_value(key));
        Ok(found
            .map(|(key, event)| (key.clone(), event.clone()))
            .collect())
    }

    async fn findings(&self, book: &Book, keys: &[String]) -> Result<Vec<Finding>, ControlError> {
        self.asked(keys.len());
        let found = self.findings.iter();
        let found = found.filter(|one| one.book == *book && keys.contains(&one.key()));
        Ok(found.cloned().collect())
    }

    async fn accounts(
        &self,
        _: Mode,
        after: Option<&str>,
    ) -> Result<(Vec<Owner>, Option<String>), ControlError> {
        self.asked(1);
        let rest = self.accounts.iter();
        let mut rest = rest.filter(|owner| after.is_none_or(|after| owner.as_str() > after));
        let page: Vec<Owner> = rest.by_ref().take(ACCOUNTS_MAX).cloned().collect();
        let last = page.last().map(|owner| owner.as_str().to_owned());
        Ok((page, last.filter(|_| rest.next().is_some())))
    }

    async fn days(&self, book: &Book) -> Result<Vec<Day>, LedgerError> {
        self.asked(1);
        Ok(self.ledger.kept(book).totals().into_keys().collect())
    }

    async fn filed(&self, book: &Book, day: Day) -> Result<Vec<Filed>, LedgerError> {
        self.asked(1);
        let filed = self.ledger.kept(book).filed.into_iter();
        let of_day = filed.filter(|((of, _), _)| *of == day);
        Ok(of_day.flat_map(|(_, filed)| filed).collect())
    }

    async fn matched(
        &self,
        book: &Book,
        transactions: &BTreeSet<ObjectId>,
    ) -> Result<Vec<Kept>, StoreError> {
        self.asked(1);
        let kept = self.matches.get(book).into_iter().flatten();
        Ok(kept
            .filter(|kept| kept.has_any(transactions))
            .cloned()
            .collect())
    }

    async fn referred(
        &self,
        _: Mode,
        _: Option<&Owner>,
        reference: &str,
    ) -> Result<Vec<Place>, StoreError> {
        self.asked(1);
        Ok(self.referred.get(reference).cloned().unwrap_or_default())
    }
}
