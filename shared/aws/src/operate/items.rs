//! Writing to the ledger's table what no function would: for demonstrations of damage.

use aws_sdk_dynamodb::Client;
use tributary_ledger::Entry;
use tributary_pipeline::ledger::LedgerError;

use crate::Aws;
use crate::ledger::items;
use crate::reaction::ledger_error;

/// The ledger's items, without its rules.
#[derive(Debug, Clone)]
pub struct Items {
    client: Client,
    table: String,
}

impl Items {
    /// A table by name.
    pub fn new(aws: &Aws, table: &str) -> Self {
        Self {
            client: Client::new(&aws.config),
            table: table.to_owned(),
        }
    }

    /// Deletes an entry's item; what was counted of it stays.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn forget(&self, entry: &Entry) -> Result<(), LedgerError> {
        let call = self.client.delete_item().table_name(&self.table);
        let call = call.set_key(Some(items::entry_key(&entry.key())));
        let answer = Box::pin(call.send()).await;
        answer.map_err(|error| ledger_error("DeleteItem", &error))?;
        Ok(())
    }

    /// Puts an entry over the one that is there; what was counted of that one stays.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn overwrite(&self, entry: &Entry) -> Result<(), LedgerError> {
        let call = self.client.put_item().table_name(&self.table);
        let call = call.set_item(Some(items::entry(entry)?));
        let answer = Box::pin(call.send()).await;
        answer.map_err(|error| ledger_error("PutItem", &error))?;
        Ok(())
    }
}
