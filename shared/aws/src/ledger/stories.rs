//! What entries mean together, and what is known of their objects.

use aws_sdk_dynamodb::types::AttributeValue;
use tributary_domain::ObjectId;
use tributary_domain::change::Sequence;
use tributary_ledger::{Book, Derived, Fact};
use tributary_pipeline::ledger::{LedgerError, Node, Stories};

use super::items::{self, DERIVED, ENTRY, FACT, MEMBER, RANGE};
use super::{ABSENT, DynamoLedger, Item, is_taken};
use crate::reaction::ledger_error;

/// What the items under one object say.
pub(super) fn node_of(items: &[Item]) -> Result<Node, LedgerError> {
    let mut node = Node::default();
    for item in items {
        let range = items::text(item, RANGE)?;
        if range.starts_with(ENTRY) {
            node.entries.push(items::read(item)?);
        } else if range.starts_with(DERIVED) {
            node.derived.push(items::read(item)?);
        } else if range.starts_with(MEMBER) {
            node.members.insert(items::id_after(MEMBER, item)?);
        } else if range == FACT {
            node.fact = Some(items::read(item)?);
        } else {
            let unknown = "an item of a kind that a later version writes".to_owned();
            return Err(LedgerError::Invalid(unknown));
        }
    }
    Ok(node)
}

impl Stories for DynamoLedger {
    async fn node(&self, book: &Book, object: &ObjectId) -> Result<Node, LedgerError> {
        node_of(&self.query(&items::object(book, object)).await?)
    }

    async fn learn(
        &self,
        book: &Book,
        fact: &Fact,
        before: Option<&Sequence>,
    ) -> Result<(), LedgerError> {
        if let Some(parent) = fact.belongs_to() {
            self.put(items::member_key(book, parent, &fact.id)).await?;
        }
        let item = items::fact(book, fact)?;
        let put = self.client.put_item().table_name(&self.table);
        let put = put.set_item(Some(item));
        let put = match before {
            None => put.condition_expression(ABSENT),
            Some(before) => put
                .condition_expression("#sequence = :before")
                .expression_attribute_names("#sequence", "sequence")
                .expression_attribute_values(
                    ":before",
                    AttributeValue::S(before.as_str().to_owned()),
                ),
        };
        match Box::pin(put.send()).await {
            Ok(_) => Ok(()),
            // Its own first try, or another worker's: the caller reads again.
            Err(error) if is_taken(&error) => match self.node(book, &fact.id).await?.fact {
                Some(there) if there == *fact => Ok(()),
                _ => Err(LedgerError::Conflict),
            },
            Err(error) => Err(ledger_error("PutItem", &error)),
        }
    }

    async fn derive(&self, derived: &Derived) -> Result<(), LedgerError> {
        if self.put_if_absent(items::derived(derived)?).await? {
            return Ok(());
        }
        let node = self.node(&derived.book, &derived.root).await?;
        match node.derived.contains(derived) {
            true => Ok(()),
            false => Err(LedgerError::Conflict),
        }
    }
}
