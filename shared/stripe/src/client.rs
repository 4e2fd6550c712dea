//! The client for Stripe's API: reads, patiently and politely.
//!
//! It knows what to do about each kind of failure; when a call may be made at all
//! is for its [`Gate`] to say, which all instances share.
//!
//! **Architecture invariant:** it reads. The one thing that it can ask Stripe to do
//! is to write a report, [`StripeClient::request_report`], which moves nothing.

mod accounts;
mod answer;
mod backoff;
mod call;
mod error;
mod events;
mod health;
mod objects;
mod page;
mod parking;
mod reports;
mod transactions;

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use http::header::{AUTHORIZATION, HeaderMap, HeaderValue, USER_AGENT};
use tributary_domain::Owner;
use tributary_http::HttpClient;
use tributary_pacing::Gate;
use zeroize::Zeroizing;

use crate::Secret;

pub use answer::Fetched;
pub use call::families;
pub use error::FetchError;
pub use events::{EventFilter, ListedEvent};
pub use health::FailedEvent;
pub use objects::{PayoutFilter, Seen};
pub use page::{Page, UnreadableItem};
pub use reports::{Report, ReportRun, ReportStatus};
pub use transactions::TransactionFilter;
pub use tributary_pacing::MoneyAtRisk;

use crate::STRIPE_VERSION;

/// Where platforms keep their own name of an object, unless they say otherwise.
const REFERENCE_KEY: &str = "order_id";

/// Reads objects from Stripe's API.
#[derive(Debug, Clone)]
pub struct StripeClient {
    http: HttpClient,
    /// Of every request.
    headers: HeaderMap,
    base_url: String,
    files_url: String,
    deadline: Duration,
    reference_key: String,
    gate: Arc<Gate>,
    risk: MoneyAtRisk,
    parking: Arc<parking::Parking>,
}

impl StripeClient {
    /// A client of the API at `base_url`, such as `https://api.stripe.com`, whose
    /// calls pass `gate`. Waiting there and all tries of one call together take no
    /// longer than `deadline`.
    ///
    /// # Errors
    /// [`FetchError::Invalid`] when the key cannot stand in a header.
    pub fn new(
        base_url: &str,
        api_key: &Secret,
        deadline: Duration,
        gate: Arc<Gate>,
    ) -> Result<Self, FetchError> {
        let bearer = Zeroizing::new(format!("Bearer {}", api_key.expose()));
        let mut key = HeaderValue::from_str(&bearer)
            .map_err(|_| FetchError::Invalid("the API key cannot stand in a header"))?;
        key.set_sensitive(true);
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, key);
        headers.insert("stripe-version", HeaderValue::from_static(STRIPE_VERSION));
        let us = HeaderValue::from_static(concat!("tributary/", env!("CARGO_PKG_VERSION")));
        headers.insert(USER_AGENT, us);
        let base_url = base_url.trim_end_matches('/').to_owned();
        Ok(Self {
            http: HttpClient::new(deadline),
            headers,
            files_url: reports::files_url(&base_url),
            base_url,
            deadline,
            reference_key: REFERENCE_KEY.to_owned(),
            gate,
            risk: MoneyAtRisk::default(),
            parking: Arc::default(),
        })
    }

    /// Takes the value under `key` of an object's metadata for the platform's own
    /// reference of it; `order_id` otherwise.
    #[must_use]
    pub fn referring_by(mut self, key: &str) -> Self {
        key.clone_into(&mut self.reference_key);
        self
    }

    /// The same client, for calls about this much money: where calls have to wait,
    /// those about more go first.
    #[must_use]
    pub fn at_risk(&self, risk: MoneyAtRisk) -> Self {
        let mut client = self.clone();
        client.risk = risk;
        client
    }

    /// Reads what is at `path` (see [`crate::resource::request_path`]), as `owner` sees it.
    ///
    /// # Errors
    /// By what to do about it; whatever may pass by itself was tried up to three
    /// times.
    pub async fn get(&self, path: &str, owner: &Owner) -> Result<Fetched, FetchError> {
        let call = self.call(Method::GET, &self.base_url, path, owner)?;
        self.until_answered(&call, |request, time| self.receive(request, time))
            .await
    }
}
