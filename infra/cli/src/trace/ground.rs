//! What a trace reads, from the deployed tables.

use std::collections::{BTreeMap, BTreeSet};

use tributary_aws::reconcile::{DynamoControl, DynamoFindings};
use tributary_aws::store::Recalled;
use tributary_aws::{DynamoLedger, DynamoMatches, DynamoStore};
use tributary_domain::{EventKey, Mode, ObjectId, ObjectKey, Owner};
use tributary_ledger::{Book, Day};
use tributary_pipeline::ledger::{Filed, LedgerError};
use tributary_pipeline::own_book::{Kept, Matches as _};
use tributary_pipeline::ports::{Blobs, Store, StoreError};
use tributary_pipeline::reconcile::{Control, ControlError};
use tributary_pipeline::trace::{Ground, LoggedEvent, Place, Records, Seen};
use tributary_reconciliation::Finding;

use super::read::{seen, shown};

/// Most days of a book that are looked through for movements.
const DAYS_MAX: usize = 100;

/// The tables.
#[derive(Debug)]
pub struct TableGround<B> {
    /// The ledger.
    pub ledger: DynamoLedger,
    /// Mirror and event log.
    pub store: DynamoStore<B>,
    /// The findings.
    pub findings: DynamoFindings,
    /// Which accounts there are.
    pub control: DynamoControl,
    /// What matches the platform's own book.
    pub matches: DynamoMatches,
}

impl<B: Blobs> Ground for TableGround<B> {
    type Ledger = DynamoLedger;
    type Records = Self;

    fn ledger(&self) -> &DynamoLedger {
        &self.ledger
    }

    fn records(&self) -> &Self {
        self
    }
}

impl<B: Blobs> Records for TableGround<B> {
    async fn rows(&self, keys: &[ObjectKey]) -> Result<BTreeMap<ObjectKey, Seen>, StoreError> {
        if keys.is_empty() {
            return Ok(BTreeMap::new());
        }
        let loaded = self.store.load(&[], keys).await?;
        if let Some(damaged) = loaded.damaged_rows.first() {
            let text = format!("the row of {damaged} cannot be read");
            return Err(StoreError::Invalid(text));
        }
        let rows = loaded.rows.into_iter();
        let seen = rows.filter_map(|(key, row)| {
            let seen = seen(&key.kind, &row)?;
            Some((key, seen))
        });
        Ok(seen.collect())
    }

    async fn events(
        &self,
        keys: &[EventKey],
    ) -> Result<BTreeMap<EventKey, LoggedEvent>, StoreError> {
        let names = keys.iter().map(|key| (key.to_string(), key));
        let names: BTreeMap<String, &EventKey> = names.collect();
        let keys: Vec<EventKey> = names.values().map(|key| (*key).clone()).collect();
        let recalled = self.store.recall(&keys).await?.into_iter();
        let events = recalled.filter_map(|event| {
            let key = (*names.get(&event.key)?).clone();
            Some((key.clone(), logged(key, event)))
        });
        Ok(events.collect())
    }

    async fn findings(&self, book: &Book, keys: &[String]) -> Result<Vec<Finding>, ControlError> {
        self.findings.look_up(book, keys).await
    }

    async fn accounts(
        &self,
        mode: Mode,
        after: Option<&str>,
    ) -> Result<(Vec<Owner>, Option<String>), ControlError> {
        let roster = self.control.roster(mode, after).await?;
        let owners = roster.books.into_iter().map(|(book, _)| book.owner);
        let accounts = owners.filter(|owner| *owner != Owner::Platform);
        Ok((accounts.collect(), roster.next))
    }

    async fn days(&self, book: &Book) -> Result<Vec<Day>, LedgerError> {
        Ok(self.ledger.view(book).await?.totals.into_keys().collect())
    }

    async fn filed(&self, book: &Book, day: Day) -> Result<Vec<Filed>, LedgerError> {
        self.ledger.movements(book, day).await
    }

    async fn matched(
        &self,
        book: &Book,
        transactions: &BTreeSet<ObjectId>,
    ) -> Result<Vec<Kept>, StoreError> {
        let months = self.matches.all(book).await.map_err(unanswered)?;
        let kept = months.into_iter().flat_map(|(_, kept)| kept);
        Ok(kept.filter(|kept| kept.has_any(transactions)).collect())
    }

    /// By the id of an own entry, whose matches name movements of the ledger: of one
    /// account, for entries are kept by account.
    async fn referred(
        &self,
        mode: Mode,
        owner: Option<&Owner>,
        reference: &str,
    ) -> Result<Vec<Place>, StoreError> {
        let Some(owner) = owner.cloned() else {
            return Ok(Vec::new());
        };
        let book = Book { mode, owner };
        let months = self.matches.all(&book).await.map_err(unanswered)?;
        let matches = months.into_iter().flat_map(|(_, kept)| kept);
        let lines: BTreeSet<String> = matches
            .filter(|kept| kept.matched.own.iter().any(|own| own == reference))
            .flat_map(|kept| kept.matched.lines)
            .collect();
        self.sources(&book, lines).await.map_err(unanswered)
    }
}

impl<B: Blobs> TableGround<B> {
    /// What moved the money of some movements, which the days of their book name.
    async fn sources(
        &self,
        book: &Book,
        mut lines: BTreeSet<String>,
    ) -> Result<Vec<Place>, LedgerError> {
        let mut places = Vec::new();
        let days = match lines.is_empty() {
            true => BTreeMap::new(),
            false => self.ledger.view(book).await?.totals,
        };
        for day in days.into_keys().rev().take(DAYS_MAX) {
            for filed in self.ledger.movements(book, day).await? {
                if lines.remove(filed.transaction.as_str()) {
                    let (book, id) = (book.clone(), filed.source);
                    places.push(Place { book, id });
                }
            }
            if lines.is_empty() {
                break;
            }
        }
        Ok(places)
    }
}

fn unanswered(error: impl std::error::Error) -> StoreError {
    StoreError::Transient(error.to_string())
}

fn logged(key: EventKey, event: Recalled) -> LoggedEvent {
    let (shows, cause) = shown(&event.raw, event.origin == "fetch");
    LoggedEvent {
        key,
        kind: event.kind,
        created: event.created,
        received_at: event.received_at,
        origin: event.origin,
        outcome: event.outcome,
        object: event.object,
        shows,
        cause,
    }
}
