//! Listing balance transactions: the only way to learn of them.

use futures_util::stream::Stream;
use tributary_domain::{BalanceTransaction, ObjectId, Owner};

use super::page::{self, Page, Query};
use super::{FetchError, StripeClient};
use crate::transaction::read_transaction_text;

/// Which balance transactions to list. The default is all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TransactionFilter {
    /// Booked at this second or later, unix time.
    pub created_from: Option<i64>,
    /// Booked at this second or earlier, unix time. Without it, pages shift while
    /// they are read.
    pub created_until: Option<i64>,
    /// Settled by this payout. Stripe knows it for automatic payouts only.
    pub payout: Option<ObjectId>,
    /// Caused by this object.
    pub source: Option<ObjectId>,
}

impl TransactionFilter {
    fn path(&self, starting_after: Option<&ObjectId>) -> String {
        Query::new(starting_after)
            .text("expand[]", Some("data.source"))
            .created(self.created_from, self.created_until)
            .text("payout", self.payout.as_ref().map(ObjectId::as_str))
            .text("source", self.source.as_ref().map(ObjectId::as_str))
            .path("/v1/balance_transactions")
    }
}

impl StripeClient {
    /// One page of the balance transactions of `owner`, newest first, each with its
    /// source; the page after `starting_after`, or the first.
    ///
    /// # Errors
    /// Those of [`StripeClient::get`]; `Invalid` when the answer is no list. A
    /// transaction that cannot be read is named in the page.
    pub async fn transactions(
        &self,
        owner: &Owner,
        filter: &TransactionFilter,
        starting_after: Option<&ObjectId>,
    ) -> Result<Page<BalanceTransaction>, FetchError> {
        let fetched = self.get(&filter.path(starting_after), owner).await?;
        Page::read(&fetched, |text| {
            read_transaction_text(text, &self.reference_key)
        })
    }

    /// All pages of the balance transactions of `owner`, newest first. A page is read
    /// when it is asked for.
    pub fn transaction_pages<'a>(
        &'a self,
        owner: &'a Owner,
        filter: &'a TransactionFilter,
    ) -> impl Stream<Item = Result<Page<BalanceTransaction>, FetchError>> + 'a {
        page::stream(
            move |after| async move { self.transactions(owner, filter, after.as_ref()).await },
        )
    }
}
