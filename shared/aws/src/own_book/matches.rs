//! Matches and answers in DynamoDB.
//!
//! | `pk` | `sk` | |
//! |---|---|---|
//! | `matches#<book>` | `<month>#head` | which pages count, and of what they were made |
//! | `matches#<book>` | `<month>#page#<name>` | matches; a page that no head names expires |
//! | `answers#<book>` | hash of the match | the latest answer about it |
//! | `lessons#<mode>` | `all` | what all answers teach |

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tributary_domain::{Fingerprint, Mode};
use tributary_ledger::Book;
use tributary_matching::{Answer, Lessons, MatchKey};
use tributary_pipeline::own_book::{Head, Kept, Matches, Month};
use tributary_pipeline::reconcile::ControlError;

use super::{Item, s, text};
use crate::Aws;
use crate::codec::{Text, pack, unpack};
use crate::reaction::control_error;
use crate::reconcile::{REVISION, n, put_over, revision};

/// How long a page is kept that no head names any more, seconds: longer than anybody
/// reads who has read the head before.
const FORGOTTEN_S: u64 = 86_400;

const HEAD: &str = "head";
const PAGE: &str = "page#";

/// The matches.
#[derive(Debug, Clone)]
pub struct DynamoMatches {
    client: Client,
    table: String,
}

fn damaged() -> ControlError {
    ControlError::Invalid("an item of the matches cannot be read".to_owned())
}

fn key(pk: String, sk: String) -> Item {
    Item::from([("pk".to_owned(), s(pk)), ("sk".to_owned(), s(sk))])
}

fn matches_of(book: &Book) -> String {
    format!("matches#{book}")
}

fn head_key(book: &Book, month: Month) -> Item {
    key(matches_of(book), format!("{month}#{HEAD}"))
}

fn page_key(book: &Book, month: Month, name: &str) -> Item {
    key(matches_of(book), format!("{month}#{PAGE}{name}"))
}

fn answer_key(book: &Book, of: &MatchKey) -> Result<Item, ControlError> {
    let text = serde_json::to_string(of).map_err(|_| damaged())?;
    let hash = Fingerprint::of_text(&text);
    Ok(key(format!("answers#{book}"), hash.as_str().to_owned()))
}

fn lessons_key(mode: Mode) -> Item {
    key(format!("lessons#{}", mode.as_str()), "all".to_owned())
}

fn with_text(mut item: Item, value: &(impl Serialize + ?Sized)) -> Result<Item, ControlError> {
    let text = serde_json::to_string(value).map_err(|_| damaged())?;
    let packed = pack(Text::Ledger, &text);
    let packed = packed.map_err(|error| ControlError::Transient(error.to_string()))?;
    let packed = AttributeValue::B(Blob::new(packed));
    item.insert("text".to_owned(), packed);
    Ok(item)
}

fn read<T: DeserializeOwned>(item: &Item) -> Result<T, ControlError> {
    let packed = item.get("text").and_then(|value| value.as_b().ok());
    let packed = packed.ok_or_else(damaged)?;
    let text = unpack(packed.as_ref()).map_err(|_| damaged())?;
    serde_json::from_str(&text).map_err(|_| damaged())
}

impl DynamoMatches {
    /// A table by name.
    pub fn new(aws: &Aws, table: String) -> Self {
        let client = Client::new(&aws.config);
        Self { client, table }
    }

    async fn get(&self, key: Item) -> Result<Option<Item>, ControlError> {
        let call = self.client.get_item().table_name(&self.table);
        let call = call.set_key(Some(key)).consistent_read(true);
        let answer = Box::pin(call.send()).await;
        Ok(answer
            .map_err(|error| control_error("GetItem", &error))?
            .item)
    }

    async fn put(&self, item: Item) -> Result<(), ControlError> {
        let put = self.client.put_item().table_name(&self.table);
        let answer = Box::pin(put.set_item(Some(item)).send()).await;
        answer.map_err(|error| control_error("PutItem", &error))?;
        Ok(())
    }

    async fn query(&self, pk: String) -> Result<Vec<Item>, ControlError> {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let query = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression("pk = :pk")
                .expression_attribute_values(":pk", s(pk.clone()))
                .consistent_read(true)
                .set_exclusive_start_key(after);
            let answer = Box::pin(query.send()).await;
            let answer = answer.map_err(|error| control_error("Query", &error))?;
            found.extend(answer.items.unwrap_or_default());
            after = answer.last_evaluated_key;
            if after.is_none() {
                return Ok(found);
            }
        }
    }

    fn put_if(&self, item: Item, before: u64) -> Result<TransactWriteItem, ControlError> {
        let put = Put::builder().table_name(&self.table).set_item(Some(item));
        let put = match before {
            0 => put.condition_expression("attribute_not_exists(pk)"),
            before => put
                .condition_expression("#rev = :before")
                .expression_attribute_names("#rev", REVISION)
                .expression_attribute_values(":before", n(before)),
        };
        let put = put.build().map_err(|_| damaged())?;
        Ok(TransactWriteItem::builder().put(put).build())
    }
}

/// When a page is forgotten that is not needed from now on, unix seconds.
fn forgotten_at() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |now| now.as_secs())
        .saturating_add(FORGOTTEN_S)
}

impl Matches for DynamoMatches {
    async fn month(&self, book: &Book, month: Month) -> Result<(Head, u64), ControlError> {
        match self.get(head_key(book, month)).await? {
            Some(item) => Ok((read(&item)?, revision(&item))),
            None => Ok((Head::default(), 0)),
        }
    }

    async fn keep(
        &self,
        book: &Book,
        month: Month,
        name: &str,
        page: &[Kept],
    ) -> Result<(), ControlError> {
        let item = with_text(page_key(book, month, name), page)?;
        self.put(item).await
    }

    async fn commit(
        &self,
        book: &Book,
        month: Month,
        head: &Head,
        before: u64,
        forgotten: &[String],
    ) -> Result<(), ControlError> {
        let mut item = with_text(head_key(book, month), head)?;
        item.insert(REVISION.to_owned(), n(before.saturating_add(1)));
        put_over(&self.client, &self.table, item, before).await?;
        for name in forgotten {
            // Nothing is left of it but the key, and soon not even that.
            let mut item = page_key(book, month, name);
            item.insert("expires_at".to_owned(), n(forgotten_at()));
            self.put(item).await?;
        }
        Ok(())
    }

    async fn all(&self, book: &Book) -> Result<Vec<(Month, Vec<Kept>)>, ControlError> {
        let (mut heads, mut pages) = (BTreeMap::new(), BTreeMap::new());
        for item in self.query(matches_of(book)).await? {
            let place = text(&item, "sk").and_then(|place| place.split_once('#'));
            let (month, what) = place.ok_or_else(damaged)?;
            let month = Month::parse(month).map_err(|_| damaged())?;
            if what == HEAD {
                heads.insert(month, read::<Head>(&item)?);
            } else if let Some(name) = what.strip_prefix(PAGE)
                && item.contains_key("text")
            {
                pages.insert((month, name.to_owned()), read::<Vec<Kept>>(&item)?);
            }
        }
        let mut all = Vec::new();
        for (month, head) in heads {
            let mut kept = Vec::new();
            for name in head.pages {
                // It was replaced between two pages of the query: read again.
                let page = pages.remove(&(month, name)).ok_or(ControlError::Conflict)?;
                kept.extend(page);
            }
            all.push((month, kept));
        }
        Ok(all)
    }

    async fn answers(&self, book: &Book) -> Result<Vec<Answer>, ControlError> {
        let items = self.query(format!("answers#{book}")).await?;
        items.iter().map(read).collect()
    }

    async fn lessons(&self, mode: Mode) -> Result<(Lessons, u64), ControlError> {
        match self.get(lessons_key(mode)).await? {
            Some(item) => Ok((read(&item)?, revision(&item))),
            None => Ok((Lessons::default(), 0)),
        }
    }

    async fn teach(
        &self,
        book: &Book,
        answer: &Answer,
        replaced: Option<&Answer>,
        (lessons, before): (&Lessons, u64),
    ) -> Result<(), ControlError> {
        let key = answer_key(book, &answer.key)?;
        let there = self.get(key.clone()).await?;
        let known = there.as_ref().map(read::<Answer>).transpose()?;
        if known.as_ref() != replaced {
            return Err(ControlError::Conflict);
        }
        let at = there.as_ref().map_or(0, revision);
        let mut item = with_text(key, answer)?;
        item.insert(REVISION.to_owned(), n(at.saturating_add(1)));
        let mut taught = with_text(lessons_key(book.mode), lessons)?;
        taught.insert(REVISION.to_owned(), n(before.saturating_add(1)));
        let writes = vec![self.put_if(item, at)?, self.put_if(taught, before)?];
        let call = self.client.transact_write_items();
        let sent = Box::pin(call.set_transact_items(Some(writes)).send()).await;
        match sent {
            Ok(_) => Ok(()),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(TransactWriteItemsError::is_transaction_canceled_exception) =>
            {
                Err(ControlError::Conflict)
            }
            Err(error) => Err(control_error("TransactWriteItems", &error)),
        }
    }
}
