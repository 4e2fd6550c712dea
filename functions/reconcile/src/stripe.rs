//! Stripe's API, as reconciling reads it.

use std::time::Duration;

use tokio::sync::OnceCell;
use tributary_aws::{Aws, Budget, secrets};
use tributary_domain::change::State;
use tributary_domain::change::state::Balance;
use tributary_domain::{AccountId, EventId, Mode, ObjectId, ObjectKey, ObjectKind};
use tributary_ledger::Book;
use tributary_pipeline::ledger::{ListError, Page, Transactions, Unread, Window};
use tributary_pipeline::reconcile::{Failure, Listed, ListedEvents, Payouts, Remote};
use tributary_stripe::Secret;
use tributary_stripe::client::{
    EventFilter, FetchError, MoneyAtRisk, Page as Pages, PayoutFilter, Seen, StripeClient,
    TransactionFilter,
};

/// Longest that one page may take, all tries included.
const DEADLINE: Duration = Duration::from_secs(20);

/// The API, its key read when it is first needed.
#[derive(Debug)]
pub struct Stripe {
    pub(crate) aws: Aws,
    pub(crate) secret_id: String,
    pub(crate) base: String,
    pub(crate) budget: Budget,
    pub(crate) client: OnceCell<(StripeClient, Mode)>,
}

impl Stripe {
    /// The client of a mode's world.
    ///
    /// # Errors
    /// When there is no usable key yet, or it opens the other world.
    pub async fn client(&self, mode: Mode) -> Result<&StripeClient, ListError> {
        match self.opened().await? {
            (client, opened) if *opened == mode => Ok(client),
            _ => Err(ListError::OtherMode),
        }
    }

    pub(crate) async fn opened(&self) -> Result<&(StripeClient, Mode), ListError> {
        let invalid = |error: &dyn std::fmt::Display| ListError::Invalid(error.to_string());
        let client = self.client.get_or_try_init(|| async {
            let key = secrets::api_key(&self.aws, &self.secret_id).await;
            let key = key.map_err(|error| ListError::Transient(error.to_string()))?;
            let key = Secret::new(&key).map_err(|error| invalid(&error))?;
            let mode = key
                .mode()
                .ok_or_else(|| invalid(&"the API key is of no mode"))?;
            let gate = self.budget.gate(&self.aws);
            let client = StripeClient::new(&self.base, &key, DEADLINE, gate);
            Ok((client.map_err(|error| invalid(&error))?, mode))
        });
        client.await
    }

    async fn transactions(
        &self,
        book: &Book,
        filter: &TransactionFilter,
        after: Option<&ObjectId>,
        stake: u64,
    ) -> Result<Page, ListError> {
        let client = self.client(book.mode).await?.at_risk(MoneyAtRisk(stake));
        let page = client.transactions(&book.owner, filter, after).await;
        let page = page.map_err(list_error)?;
        let unreadable = page.unreadable.into_iter().map(|one| Unread {
            id: one.id,
            field: one.why.field,
        });
        Ok(Page {
            transactions: page.items,
            unreadable: unreadable.collect(),
            next: page.next,
        })
    }
}

/// What to do about a failure. Only an account that has left is given up: a key that is
/// refused, or may not read something yet, can be put right.
pub(crate) fn list_error(error: FetchError) -> ListError {
    match &error {
        FetchError::Refused { status: 403, code } if code == "account_invalid" => ListError::Closed,
        FetchError::Refused {
            status: 401 | 403, ..
        } => ListError::Transient(error.to_string()),
        FetchError::Refused { .. } | FetchError::Invalid(_) | FetchError::Missing => {
            ListError::Invalid(error.to_string())
        }
        _ => ListError::Transient(error.to_string()),
    }
}

/// What a page leaves out would look complete and not be.
fn whole<T>(page: Pages<T>) -> Result<Pages<T>, ListError> {
    match page.unreadable.first() {
        None => Ok(page),
        Some(item) => Err(ListError::Invalid(format!(
            "unreadable: {}",
            item.why.field
        ))),
    }
}

impl Transactions for Stripe {
    async fn page(
        &self,
        book: &Book,
        window: Window,
        after: Option<&ObjectId>,
        stake: u64,
    ) -> Result<Page, ListError> {
        let filter = TransactionFilter {
            created_from: window.from,
            created_until: Some(window.to),
            ..TransactionFilter::default()
        };
        self.transactions(book, &filter, after, stake).await
    }
}

impl Remote for Stripe {
    async fn mode(&self) -> Result<Mode, ListError> {
        Ok(self.opened().await?.1)
    }

    async fn events(
        &self,
        book: &Book,
        window: Window,
        after: Option<&EventId>,
    ) -> Result<ListedEvents, ListError> {
        let filter = EventFilter {
            created_from: window.from,
            created_until: Some(window.to),
            ..EventFilter::default()
        };
        let after = after.and_then(|after| ObjectId::parse(after.as_str()).ok());
        let page = self
            .client(book.mode)
            .await?
            .events(&book.owner, &filter, after.as_ref())
            .await;
        let page = whole(page.map_err(list_error)?)?;
        let events = page.items.into_iter().map(|event| Listed {
            is_of_other_mode: event.key.mode != book.mode,
            key: event.key,
            kind: event.kind,
            created: event.created,
            body: event.body,
        });
        Ok(ListedEvents {
            events: events.collect(),
            next: page
                .next
                .and_then(|next| EventId::parse(next.as_str()).ok()),
        })
    }

    async fn balance(&self, book: &Book) -> Result<Balance, ListError> {
        let seen = self
            .client(book.mode)
            .await?
            .balance(&book.owner)
            .await
            .map_err(list_error)?;
        match seen.state() {
            Ok(Some(State::Balance(balance))) => Ok(balance),
            _ => Err(ListError::Invalid("no balance".to_owned())),
        }
    }

    async fn payouts(
        &self,
        book: &Book,
        window: Window,
        after: Option<&ObjectId>,
    ) -> Result<Payouts, ListError> {
        let filter = PayoutFilter {
            created_from: window.from,
            created_until: Some(window.to),
            ..PayoutFilter::default()
        };
        let page = self
            .client(book.mode)
            .await?
            .payouts(&book.owner, &filter, after)
            .await;
        let page = whole(page.map_err(list_error)?)?;
        let kind =
            ObjectKind::parse("payout").map_err(|_| ListError::Invalid("kind".to_owned()))?;
        let read = |seen: Seen| match seen.state() {
            Ok(Some(State::Payout(payout))) => {
                let key = ObjectKey {
                    mode: book.mode,
                    owner: book.owner.clone(),
                    kind: kind.clone(),
                    id: seen.id,
                };
                Ok((key, *payout))
            }
            _ => Err(ListError::Invalid("no payout".to_owned())),
        };
        Ok(Payouts {
            payouts: page.items.into_iter().map(read).collect::<Result<_, _>>()?,
            next: page.next,
        })
    }

    async fn paid_out(
        &self,
        book: &Book,
        payout: &ObjectId,
        after: Option<&ObjectId>,
        stake: u64,
    ) -> Result<Page, ListError> {
        let filter = TransactionFilter {
            payout: Some(payout.clone()),
            ..TransactionFilter::default()
        };
        self.transactions(book, &filter, after, stake).await
    }

    async fn failure(&self, book: &Book, notice: &EventId) -> Result<Option<Failure>, ListError> {
        let client = self.client(book.mode).await?;
        match client.failed_event(&book.owner, notice).await {
            Ok(failed) => Ok(Some(Failure {
                book: Book {
                    mode: failed.mode,
                    owner: failed.owner,
                },
                object: failed.object,
                since: failed.since,
            })),
            Err(FetchError::Missing) => Ok(None),
            Err(error) => Err(list_error(error)),
        }
    }

    async fn shown(&self, object: &ObjectKey) -> Result<Option<State>, ListError> {
        match self.client(object.mode).await?.object(object).await {
            // What cannot be read is for the fetch to find, and for a person.
            Ok(seen) => Ok(seen.state().ok().flatten()),
            Err(FetchError::Missing | FetchError::Invalid(_)) => Ok(None),
            Err(error) => Err(list_error(error)),
        }
    }

    async fn accounts(
        &self,
        after: Option<&AccountId>,
    ) -> Result<(Vec<AccountId>, Option<AccountId>), ListError> {
        let after = after.and_then(|after| ObjectId::parse(after.as_str()).ok());
        let (client, _) = self.opened().await?;
        let page = client.accounts(after.as_ref()).await.map_err(list_error)?;
        let page = whole(page)?;
        let next = page
            .next
            .and_then(|next| AccountId::parse(next.as_str()).ok());
        Ok((page.items, next))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_refused_closes_no_window() {
        let refused = |status, code: &str| {
            list_error(FetchError::Refused {
                status,
                code: code.to_owned(),
            })
        };
        let left = refused(403, "account_invalid");
        assert!(matches!(left, ListError::Closed), "{left}");
        for (status, code) in [(401, "api_key_expired"), (403, "more_permissions_required")] {
            let passing = refused(status, code);
            assert!(matches!(passing, ListError::Transient(_)), "{passing}");
        }
    }
}
