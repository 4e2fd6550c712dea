//! Listing balance transactions: the only way to learn of them.

use tributary_domain::{BalanceTransaction, ObjectId, Owner};

use super::page::{self, Page};
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
        let mut query = form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("limit", page::LIMIT)
            .append_pair("expand[]", "data.source");
        let times = [
            ("created[gte]", self.created_from),
            ("created[lte]", self.created_until),
        ];
        for (name, second) in times {
            if let Some(second) = second {
                query.append_pair(name, &second.to_string());
            }
        }
        let ids = [
            ("payout", self.payout.as_ref()),
            ("source", self.source.as_ref()),
            ("starting_after", starting_after),
        ];
        for (name, id) in ids {
            if let Some(id) = id {
                query.append_pair(name, id.as_str());
            }
        }
        format!("/v1/balance_transactions?{}", query.finish())
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
}
