//! Which connected accounts there are.

use tributary_domain::change::Unreadable;
use tributary_domain::{AccountId, ObjectId, Owner};

use super::page::{Page, Query};
use super::{FetchError, StripeClient};
use crate::json::Fields;

impl StripeClient {
    /// One page of the platform's connected accounts, newest first, from
    /// `starting_after` on.
    ///
    /// # Errors
    /// Those of [`StripeClient::get`]; `Invalid` when the answer is no list.
    pub async fn accounts(
        &self,
        starting_after: Option<&ObjectId>,
    ) -> Result<Page<AccountId>, FetchError> {
        let path = Query::new(starting_after).path("/v1/accounts");
        let fetched = self.get(&path, &Owner::Platform).await?;
        Page::read(&fetched, |text| {
            let unreadable = Unreadable { field: "id" };
            let id = Fields::read(text)
                .ok()
                .and_then(|fields| fields.string("id"));
            AccountId::parse(&id.ok_or(unreadable)?).map_err(|_| unreadable)
        })
    }
}
