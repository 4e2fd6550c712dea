//! Reading single objects, and the lists that reconciliation needs of them.

use futures_util::stream::Stream;
use tributary_domain::change::{Normalized, Unreadable};
use tributary_domain::{Document, ObjectId, ObjectKey, ObjectKind, Owner};

use super::page::{self, Page, Query};
use super::{FetchError, StripeClient};
use crate::{json, normalize, resource};

/// An object, as Stripe showed it at some time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Its id; the kind's name for what an account has only one of.
    pub id: ObjectId,
    /// All that Stripe said, fields and values that are not known here included.
    pub whole: Document,
    /// The earliest second, unix time by Stripe's clock, at which Stripe can have
    /// read it.
    pub observed_at: i64,
    kind: ObjectKind,
}

impl Seen {
    /// What it says in the domain's terms.
    ///
    /// # Errors
    /// Those of [`normalize::state`].
    pub fn state(&self) -> Normalized {
        normalize::state(&self.kind, &self.whole)
    }

    fn read(text: &str, kind: &ObjectKind, observed_at: i64) -> Result<Self, Unreadable> {
        let unreadable = Unreadable { field: "object" };
        let value = json::tree(text).map_err(|_| unreadable)?;
        let id = match value.get("id").and_then(serde_json::Value::as_str) {
            Some(id) => id,
            None if resource::is_singleton(kind.as_str()) => kind.as_str(),
            None => return Err(Unreadable { field: "id" }),
        };
        Ok(Self {
            id: ObjectId::parse(id).map_err(|_| Unreadable { field: "id" })?,
            whole: Document::from_value(&value).map_err(|_| unreadable)?,
            observed_at,
            kind: kind.clone(),
        })
    }
}

/// Which payouts to list. The default is all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PayoutFilter {
    /// Made at this second or later, unix time.
    pub created_from: Option<i64>,
    /// Made at this second or earlier, unix time.
    pub created_until: Option<i64>,
    /// In this status only.
    pub status: Option<String>,
}

impl StripeClient {
    /// Reads one object of any kind with a path of its own: a charge, a transfer, a
    /// refund, a payout, a dispute, the balance.
    ///
    /// # Errors
    /// Those of [`StripeClient::get`]; `Invalid` when there is no way to read such an
    /// object, or the answer is none.
    pub async fn object(&self, key: &ObjectKey) -> Result<Seen, FetchError> {
        let path = resource::path(key).ok_or(FetchError::Invalid("a kind without a path"))?;
        let fetched = self.get(&path, &key.owner).await?;
        Seen::read(&fetched.body, &key.kind, fetched.observed_at)
            .map_err(|_| FetchError::Invalid("the answer is not the object"))
    }

    /// Reads what the account has, now.
    ///
    /// # Errors
    /// Those of [`StripeClient::get`]; `Invalid` when the answer is no balance.
    pub async fn balance(&self, owner: &Owner) -> Result<Seen, FetchError> {
        let fetched = self.get("/v1/balance", owner).await?;
        Seen::read(&fetched.body, &kind("balance")?, fetched.observed_at)
            .map_err(|_| FetchError::Invalid("the answer is not a balance"))
    }

    /// One page of an account's payouts, newest first, from `starting_after` on.
    ///
    /// # Errors
    /// Those of [`StripeClient::get`]; `Invalid` when the answer is no list.
    pub async fn payouts(
        &self,
        owner: &Owner,
        filter: &PayoutFilter,
        starting_after: Option<&ObjectId>,
    ) -> Result<Page<Seen>, FetchError> {
        let query = Query::new(starting_after)
            .created(filter.created_from, filter.created_until)
            .text("status", filter.status.as_deref());
        let fetched = self.get(&query.path("/v1/payouts"), owner).await?;
        let kind = kind("payout")?;
        Page::read(&fetched, |text| {
            Seen::read(text, &kind, fetched.observed_at)
        })
    }

    /// All pages of an account's payouts, newest first. A page is read when it is asked for.
    pub fn payout_pages<'a>(
        &'a self,
        owner: &'a Owner,
        filter: &'a PayoutFilter,
    ) -> impl Stream<Item = Result<Page<Seen>, FetchError>> + 'a {
        page::stream(move |after| async move { self.payouts(owner, filter, after.as_ref()).await })
    }
}

fn kind(name: &str) -> Result<ObjectKind, FetchError> {
    ObjectKind::parse(name).map_err(|_| FetchError::Invalid("not a kind"))
}
