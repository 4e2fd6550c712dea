//! The list of events: what Stripe says it told, for 30 days.

use std::collections::BTreeMap;

use futures_util::stream::Stream;
use serde_json::value::RawValue;
use tributary_domain::change::Unreadable;
use tributary_domain::{AccountId, EventKey, ObjectId, Owner};

use super::page::{self, Page, Query};
use super::{FetchError, StripeClient};
use crate::envelope;

/// Which events to list. The default is all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Made at this second or later, unix time.
    pub created_from: Option<i64>,
    /// Made at this second or earlier, unix time.
    pub created_until: Option<i64>,
    /// Of these types only; all if empty. Stripe takes up to 20.
    pub types: Vec<String>,
    /// Only those that all endpoints have acknowledged, or only those that some have
    /// not.
    pub delivery_success: Option<bool>,
}

/// An event, as the API lists it: what a webhook would have brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedEvent {
    /// Mode, account and id: what its receipt is found by.
    pub key: EventKey,
    /// Its type.
    pub kind: String,
    /// When it was made, unix seconds.
    pub created: i64,
    /// The whole event as a webhook would have brought it, to be sent down the ordinary
    /// road.
    pub body: String,
}

impl EventFilter {
    fn path(&self, starting_after: Option<&ObjectId>) -> String {
        let success = self.delivery_success;
        let success = success.map(|success| if success { "true" } else { "false" });
        let query = Query::new(starting_after)
            .created(self.created_from, self.created_until)
            .text("delivery_success", success);
        let types = self.types.iter();
        types
            .fold(query, |query, kind| query.text("types[]", Some(kind)))
            .path("/v1/events")
    }
}

impl ListedEvent {
    fn read(text: &str, owner: &Owner) -> Result<Self, Unreadable> {
        let unreadable = |_| Unreadable { field: "event" };
        let envelope = envelope::inspect(text.as_bytes()).map_err(unreadable)?;
        let body = match owner {
            _ if envelope.owner == *owner => text.to_owned(),
            // Asked on behalf of an account, the API leaves out what is clear to it.
            // Without it the event would pass for one of the platform's own.
            Owner::Account(account) if envelope.owner == Owner::Platform => {
                with_account(text, account).ok_or(Unreadable { field: "event" })?
            }
            _ => return Err(Unreadable { field: "account" }),
        };
        Ok(Self {
            key: EventKey {
                owner: owner.clone(),
                ..envelope.key()
            },
            kind: envelope.kind.to_string(),
            created: envelope.created,
            body,
        })
    }
}

/// The event as a webhook would have brought it.
fn with_account(text: &str, account: &AccountId) -> Option<String> {
    let mut fields: BTreeMap<&str, Box<RawValue>> = serde_json::from_str(text).ok()?;
    let account = serde_json::value::to_raw_value(account.as_str()).ok()?;
    fields.insert("account", account);
    serde_json::to_string(&fields).ok()
}

impl StripeClient {
    /// One page of an account's events, newest first, from `starting_after` on.
    ///
    /// # Errors
    /// Those of [`StripeClient::get`]; `Invalid` when the answer is no list. An event
    /// that cannot be read is named in the page.
    pub async fn events(
        &self,
        owner: &Owner,
        filter: &EventFilter,
        starting_after: Option<&ObjectId>,
    ) -> Result<Page<ListedEvent>, FetchError> {
        let fetched = self.get(&filter.path(starting_after), owner).await?;
        Page::read(&fetched, |text| ListedEvent::read(text, owner))
    }

    /// All pages of an account's events, newest first. A page is read when it is asked for.
    pub fn event_pages<'a>(
        &'a self,
        owner: &'a Owner,
        filter: &'a EventFilter,
    ) -> impl Stream<Item = Result<Page<ListedEvent>, FetchError>> + 'a {
        page::stream(move |after| async move { self.events(owner, filter, after.as_ref()).await })
    }
}
