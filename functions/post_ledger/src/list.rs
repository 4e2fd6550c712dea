//! Stripe's list of movements, for the mode that the key is of.

use std::time::Duration;

use tokio::sync::OnceCell;
use tributary_aws::{Aws, Budget, secrets};
use tributary_domain::{Mode, ObjectId};
use tributary_ledger::Book;
use tributary_pipeline::ledger::{ListError, Page, Transactions, Unread, Window};
use tributary_stripe::Secret;
use tributary_stripe::client::{FetchError, MoneyAtRisk, StripeClient, TransactionFilter};

/// Longest that one page may take, all tries included.
const DEADLINE: Duration = Duration::from_secs(10);

/// Stripe's API, its key read when it is first needed: a key that is put into the
/// secret later is found without a new deployment.
#[derive(Debug)]
pub struct StripeList {
    aws: Aws,
    secret_id: String,
    base: String,
    budget: Budget,
    client: OnceCell<(StripeClient, Mode)>,
}

impl StripeList {
    /// The API at `base`, with the key in a secret and a part of the budget.
    pub fn new(aws: Aws, secret_id: String, base: String, budget: Budget) -> Self {
        Self {
            aws,
            secret_id,
            base,
            budget,
            client: OnceCell::new(),
        }
    }

    async fn client(&self) -> Result<&(StripeClient, Mode), ListError> {
        self.client
            .get_or_try_init(|| async {
                let key = secrets::api_key(&self.aws, &self.secret_id).await;
                let key = key.map_err(|error| ListError::Transient(error.to_string()))?;
                let key = Secret::new(&key).map_err(|e| ListError::Invalid(e.to_string()))?;
                let unusable = || ListError::Invalid("the API key is of no mode".to_owned());
                let mode = key.mode().ok_or_else(unusable)?;
                let gate = self.budget.gate(&self.aws);
                let client = StripeClient::new(&self.base, &key, DEADLINE, gate);
                Ok((client.map_err(reaction)?, mode))
            })
            .await
    }
}

fn reaction(error: FetchError) -> ListError {
    match error {
        FetchError::Refused { status: 403, code } if code == "account_invalid" => ListError::Closed,
        FetchError::Invalid(what) => ListError::Invalid(what.to_owned()),
        // A key that is refused can be put right.
        passing => ListError::Transient(passing.to_string()),
    }
}

impl Transactions for StripeList {
    async fn page(
        &self,
        book: &Book,
        window: Window,
        after: Option<&ObjectId>,
        stake: u64,
    ) -> Result<Page, ListError> {
        let (client, mode) = self.client().await?;
        if *mode != book.mode {
            return Err(ListError::OtherMode);
        }
        let filter = TransactionFilter {
            created_from: window.from,
            created_until: Some(window.to),
            ..TransactionFilter::default()
        };
        let client = client.at_risk(MoneyAtRisk(stake));
        let page = client.transactions(&book.owner, &filter, after).await;
        let page = page.map_err(reaction)?;
        let unread = page.unreadable.into_iter().map(|item| Unread {
            id: item.id,
            field: item.why.field,
        });
        Ok(Page {
            transactions: page.items,
            unreadable: unread.collect(),
            next: page.next,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_account_that_has_left_is_given_up() {
        let refused = |status, code: &str| FetchError::Refused {
            status,
            code: code.to_owned(),
        };
        let reacts = |error| reaction(error).to_string();
        assert_eq!(
            reacts(refused(403, "account_invalid")),
            ListError::Closed.to_string()
        );
        for passing in [
            refused(401, "api_key_expired"),
            refused(403, "more_permissions_required"),
            FetchError::Throttled { retry_after: None },
        ] {
            assert!(matches!(reaction(passing), ListError::Transient(_)));
        }
    }
}
