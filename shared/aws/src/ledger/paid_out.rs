//! What payouts paid out: a list under each payout, and the payouts of a book by time.

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::{StreamExt, TryStreamExt, stream};
use tributary_domain::ObjectId;
use tributary_ledger::Book;
use tributary_pipeline::ledger::LedgerError;
use tributary_pipeline::reconcile::paid_out::{LINES_MAX, PAYOUTS_MAX};
use tributary_pipeline::reconcile::{PaidLine, PaidLines, PaidOut, PaidOuts};

use super::items::{self, KEY, RANGE};
use super::{DynamoLedger, Item, SIDE_BY_SIDE};
use crate::reaction::ledger_error;

/// Which part of a hash key, from one range key to another, both included.
struct Range {
    pk: String,
    from: String,
    to: String,
}

impl DynamoLedger {
    /// One answer of DynamoDB, and whether there is more.
    async fn some_of(
        &self,
        range: Range,
        limit: Option<i32>,
    ) -> Result<(Vec<Item>, bool), LedgerError> {
        let text = AttributeValue::S;
        let call = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression(format!("{KEY} = :pk AND {RANGE} BETWEEN :from AND :to"))
            .expression_attribute_values(":pk", text(range.pk))
            .expression_attribute_values(":from", text(range.from))
            .expression_attribute_values(":to", text(range.to))
            .consistent_read(true)
            .set_limit(limit);
        let answer = Box::pin(call.send()).await;
        let answer = answer.map_err(|error| ledger_error("Query", &error))?;
        let is_cut = answer.last_evaluated_key.is_some();
        Ok((answer.items.unwrap_or_default(), is_cut))
    }
}

impl PaidOuts for DynamoLedger {
    async fn keep_paid_out(
        &self,
        book: &Book,
        paid: &PaidOut,
        lines: &[PaidLine],
    ) -> Result<(), LedgerError> {
        let mut pages = Vec::new();
        for page in lines.chunks(LINES_MAX) {
            pages.push(items::paid_page(book, paid, page)?);
        }
        let put = stream::iter(pages).map(|item| self.put(item));
        put.buffer_unordered(SIDE_BY_SIDE)
            .try_collect::<()>()
            .await?;
        self.put(items::paid_out(book, paid)?).await
    }

    async fn paid_out_by(
        &self,
        book: &Book,
        payout: &ObjectId,
        created: i64,
    ) -> Result<Option<PaidOut>, LedgerError> {
        let item = self.get(items::paid_out_key(book, payout, created)).await?;
        item.as_ref().map(items::read).transpose()
    }

    async fn paid_out_since(&self, book: &Book, since: i64) -> Result<Vec<PaidOut>, LedgerError> {
        let range = Range {
            pk: items::payouts_of(book),
            from: items::second(since),
            to: "~".to_owned(),
        };
        let limit = i32::try_from(PAYOUTS_MAX).ok();
        let (found, _) = self.some_of(range, limit).await?;
        found.iter().map(items::read).collect()
    }

    async fn paid_lines(
        &self,
        book: &Book,
        paid: &PaidOut,
        after: Option<&ObjectId>,
    ) -> Result<PaidLines, LedgerError> {
        let place = |id: &str| items::paid_place(paid, id);
        let range = Range {
            pk: items::paid_by(book, &paid.payout),
            // What follows a place in this alphabet is the place and any character.
            from: after.map_or_else(|| place(""), |after| place(after.as_str()) + "\u{1}"),
            to: place("~"),
        };
        let (pages, is_cut) = self.some_of(range, None).await?;
        let mut lines: Vec<PaidLine> = Vec::new();
        for page in &pages {
            lines.extend(items::read::<Vec<PaidLine>>(page)?);
        }
        // A page is called by its last transaction: its first ones may be of before.
        lines.retain(|line| after.is_none_or(|after| line.transaction > *after));
        let last = lines.last().map(|line| line.transaction.clone());
        Ok(PaidLines {
            next: last.filter(|_| is_cut),
            lines,
        })
    }

    async fn paid_line(
        &self,
        book: &Book,
        paid: &PaidOut,
        transaction: &ObjectId,
    ) -> Result<Option<PaidLine>, LedgerError> {
        let range = Range {
            pk: items::paid_by(book, &paid.payout),
            from: items::paid_place(paid, transaction.as_str()),
            to: items::paid_place(paid, "~"),
        };
        // A page is called by its last transaction: the first one from here on is it.
        let (pages, _) = self.some_of(range, Some(1)).await?;
        let lines: Vec<PaidLine> = match pages.first() {
            Some(page) => items::read(page)?,
            None => Vec::new(),
        };
        Ok(lines
            .into_iter()
            .find(|line| line.transaction == *transaction))
    }
}
