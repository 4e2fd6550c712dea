//! The ledger, as reconciliation reads it.

use tributary_domain::ObjectId;
use tributary_ledger::{Book, Day, Entry, EntryKey};
use tributary_pipeline::ledger::{LedgerError, Stories};
use tributary_pipeline::reconcile::Books;
use tributary_reconciliation::compare::lines::Held;

use crate::DynamoLedger;

impl Books for DynamoLedger {
    async fn held(&self, book: &Book, day: Day) -> Result<Vec<Held>, LedgerError> {
        let filed = self.movements(book, day).await?;
        let lines = filed.into_iter().map(|line| Held {
            transaction: line.transaction,
            source: line.source,
            currency: line.currency,
            net: line.net,
        });
        Ok(lines.collect())
    }

    async fn entries(&self, book: &Book, source: &ObjectId) -> Result<Vec<Entry>, LedgerError> {
        Ok(self.node(book, source).await?.entries)
    }

    async fn posted(&self, _: &Book, keys: &[EntryKey]) -> Result<Vec<Entry>, LedgerError> {
        self.entries_of(keys).await
    }
}
