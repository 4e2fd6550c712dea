//! Leases and counters, which are forgotten, and watermarks, which are not.

use std::time::{SystemTime, UNIX_EPOCH};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};
use tributary_domain::{Mode, Owner};
use tributary_ledger::Book;
use tributary_pipeline::reconcile::{Claim, Control, ControlError, Coverage, Progress, Roster};

use super::{Item, REVISION, TEXT, n, put_over, read, revision, s, write};
use crate::Aws;
use crate::reaction::control_error;

/// How long a lease is kept, seconds: longer than any message can come again.
const KEPT_S: i64 = 16 * 86_400;
/// Times that a lease is read again because another worker wrote it.
const CONFLICTS_MAX: u32 = 3;
/// Books on one page of the roster.
const ROSTER_MAX: i32 = 1_000;

/// Leases, counters and watermarks.
#[derive(Debug, Clone)]
pub struct DynamoControl {
    client: Client,
    control: String,
    findings: String,
}

/// A job's item.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Lease {
    progress: Progress,
    holder: String,
    until: i64,
    is_done: bool,
}

impl DynamoControl {
    /// The tables by name.
    pub fn new(aws: &Aws, control: String, findings: String) -> Self {
        let client = Client::new(&aws.config);
        Self {
            client,
            control,
            findings,
        }
    }

    async fn get(&self, table: &str, key: Item) -> Result<Option<Item>, ControlError> {
        let call = self
            .client
            .get_item()
            .table_name(table)
            .set_key(Some(key))
            .consistent_read(true);
        let answer = Box::pin(call.send()).await;
        Ok(answer
            .map_err(|error| control_error("GetItem", &error))?
            .item)
    }

    async fn lease(&self, name: &str) -> Result<(Lease, u64), ControlError> {
        let key = Item::from([("pk".to_owned(), s(format!("lease#{name}")))]);
        match self.get(&self.control, key).await? {
            Some(item) => Ok((read(&item)?, revision(&item))),
            None => Ok((Lease::default(), 0)),
        }
    }

    async fn put_lease(&self, name: &str, lease: &Lease, before: u64) -> Result<(), ControlError> {
        let item = Item::from([
            ("pk".to_owned(), s(format!("lease#{name}"))),
            (TEXT.to_owned(), write(lease)?),
            (REVISION.to_owned(), n(before.saturating_add(1))),
            ("expires_at".to_owned(), n(now().saturating_add(KEPT_S))),
        ]);
        put_over(&self.client, &self.control, item, before).await
    }

    /// Changes a lease that is this worker's.
    async fn change(
        &self,
        name: &str,
        worker: &str,
        change: impl FnOnce(&mut Lease) -> Result<(), ControlError> + Send,
    ) -> Result<(), ControlError> {
        let (mut lease, before) = self.lease(name).await?;
        if lease.holder != worker {
            return Err(ControlError::Conflict);
        }
        change(&mut lease)?;
        self.put_lease(name, &lease, before).await
    }
}

/// Unix seconds by our clock: only for when items are forgotten.
fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |now| i64::try_from(now.as_secs()).unwrap_or(i64::MAX))
}

fn coverage_key(book: &Book) -> Item {
    Item::from([
        (
            "pk".to_owned(),
            s(format!("coverage#{}", book.mode.as_str())),
        ),
        ("sk".to_owned(), s(book.owner.as_str())),
    ])
}

impl Control for DynamoControl {
    async fn claim(
        &self,
        name: &str,
        worker: &str,
        now: i64,
        until: i64,
    ) -> Result<Claim, ControlError> {
        for _ in 0..CONFLICTS_MAX {
            let (mut lease, before) = self.lease(name).await?;
            if lease.is_done {
                return Ok(Claim::Done);
            }
            if lease.until > now && lease.holder != worker {
                return Ok(Claim::Held);
            }
            worker.clone_into(&mut lease.holder);
            lease.until = until;
            match self.put_lease(name, &lease, before).await {
                Err(ControlError::Conflict) => {}
                written => return written.map(|()| Claim::Mine(lease.progress)),
            }
        }
        Ok(Claim::Held)
    }

    async fn advance(
        &self,
        name: &str,
        worker: &str,
        progress: &Progress,
    ) -> Result<(), ControlError> {
        self.change(name, worker, |lease| {
            let is_next = lease.progress.seq.checked_add(1) == Some(progress.seq);
            if lease.is_done || !is_next {
                return Err(ControlError::Conflict);
            }
            lease.progress = progress.clone();
            Ok(())
        })
        .await
    }

    async fn release(&self, name: &str, worker: &str, done: bool) -> Result<(), ControlError> {
        self.change(name, worker, |lease| {
            lease.until = 0;
            lease.is_done |= done;
            Ok(())
        })
        .await
    }

    async fn coverage(&self, book: &Book) -> Result<Coverage, ControlError> {
        match self.get(&self.findings, coverage_key(book)).await? {
            Some(item) => read(&item),
            None => Ok(Coverage::default()),
        }
    }

    async fn cover(&self, book: &Book, coverage: &Coverage) -> Result<(), ControlError> {
        let mut item = coverage_key(book);
        item.insert(TEXT.to_owned(), write(coverage)?);
        item.insert(REVISION.to_owned(), n(coverage.seq));
        put_over(
            &self.client,
            &self.findings,
            item,
            coverage.seq.saturating_sub(1),
        )
        .await
    }

    async fn roster(&self, mode: Mode, after: Option<&str>) -> Result<Roster, ControlError> {
        let partition = s(format!("coverage#{}", mode.as_str()));
        let start = after.map(|owner| {
            Item::from([
                ("pk".to_owned(), partition.clone()),
                ("sk".to_owned(), s(owner)),
            ])
        });
        let query = self
            .client
            .query()
            .table_name(&self.findings)
            .key_condition_expression("pk = :mode")
            .expression_attribute_values(":mode", partition)
            .limit(ROSTER_MAX)
            .set_exclusive_start_key(start);
        let answer = Box::pin(query.send()).await;
        let answer = answer.map_err(|error| control_error("Query", &error))?;
        let last = answer.last_evaluated_key.as_ref();
        let next = last.and_then(|key| key.get("sk")?.as_s().ok().cloned());
        let mut books = Vec::new();
        for item in answer.items.unwrap_or_default() {
            let owner = item.get("sk").and_then(|owner| owner.as_s().ok());
            let Some(Ok(owner)) = owner.map(|owner| Owner::parse(owner)) else {
                continue;
            };
            books.push((Book { mode, owner }, read(&item)?));
        }
        Ok(Roster { books, next })
    }

    async fn spend(&self, counter: &str, cap: u32) -> Result<bool, ControlError> {
        if cap == 0 {
            return Ok(false);
        }
        let update = self
            .client
            .update_item()
            .table_name(&self.control)
            .key("pk", s(format!("count#{counter}")))
            .update_expression("ADD spent :one SET expires_at = :expires")
            .condition_expression("attribute_not_exists(spent) OR spent < :cap")
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
            .expression_attribute_values(":cap", n(cap))
            .expression_attribute_values(":expires", n(now().saturating_add(KEPT_S)));
        match Box::pin(update.send()).await {
            Ok(_) => Ok(true),
            Err(SdkError::ServiceError(failed))
                if matches!(
                    failed.err(),
                    UpdateItemError::ConditionalCheckFailedException(_)
                ) =>
            {
                Ok(false)
            }
            Err(error) => Err(control_error("UpdateItem", &error)),
        }
    }
}
