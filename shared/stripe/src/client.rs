//! The client for Stripe's API: reads one object, patiently and politely.
//!
//! It knows what to do about each kind of failure; how many calls are made at
//! all is for its callers to pace.

mod answer;
mod backoff;
mod error;
mod page;
mod transactions;

use std::time::{Duration, Instant};

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use tributary_domain::Owner;
use zeroize::Zeroizing;

use crate::Secret;

pub use answer::Fetched;
pub use error::FetchError;
pub use page::{Page, UnreadableItem};
pub use transactions::TransactionFilter;

/// The API version of every answer, whatever the account's default is: shapes
/// change between versions, so a new one is adopted by a commit, with its tests.
pub const STRIPE_VERSION: &str = "2026-10-28.endive";

/// Where platforms keep their own name of an object, unless they say otherwise.
const REFERENCE_KEY: &str = "order_id";

/// Most tries of one call.
const TRIES_MAX: u32 = 3;

/// Reads objects from Stripe's API.
#[derive(Debug, Clone)]
pub struct StripeClient {
    http: reqwest::Client,
    base_url: String,
    deadline: Duration,
    reference_key: String,
}

impl StripeClient {
    /// A client of the API at `base_url`, such as `https://api.stripe.com`. All
    /// tries of one call together take no longer than `deadline`.
    ///
    /// # Errors
    /// [`FetchError::Invalid`] when the key cannot stand in a header, or TLS
    /// cannot be set up.
    pub fn new(base_url: &str, api_key: &Secret, deadline: Duration) -> Result<Self, FetchError> {
        let bearer = Zeroizing::new(format!("Bearer {}", api_key.expose()));
        let mut key = HeaderValue::from_str(&bearer)
            .map_err(|_| FetchError::Invalid("the API key cannot stand in a header"))?;
        key.set_sensitive(true);
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, key);
        headers.insert("stripe-version", HeaderValue::from_static(STRIPE_VERSION));
        // Fails only if the process has chosen its cryptography already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .default_headers(headers)
            .user_agent(concat!("tributary/", env!("CARGO_PKG_VERSION")))
            // A redirect would carry the key to wherever it leads.
            .redirect(Policy::none())
            .build()
            .map_err(|_| FetchError::Invalid("TLS cannot be set up"))?;
        Ok(Self {
            http,
            base_url: base_url.trim_end_matches('/').to_owned(),
            deadline,
            reference_key: REFERENCE_KEY.to_owned(),
        })
    }

    /// Takes the value under `key` of an object's metadata for the platform's own
    /// reference of it; `order_id` otherwise.
    #[must_use]
    pub fn referring_by(mut self, key: &str) -> Self {
        key.clone_into(&mut self.reference_key);
        self
    }

    /// Reads what is at `path` (see [`crate::resource::request_path`]), as `owner` sees it.
    ///
    /// # Errors
    /// By what to do about it; whatever may pass by itself was tried up to three
    /// times.
    pub async fn get(&self, path: &str, owner: &Owner) -> Result<Fetched, FetchError> {
        let account_header = match path {
            // The host must not be for the path to choose, as in `@elsewhere/`.
            _ if path.starts_with("/v1/") => "stripe-account",
            _ if path.starts_with("/v2/") => "stripe-context",
            _ => return Err(FetchError::Invalid("not a path of the API")),
        };
        let request = self.http.get(format!("{}{path}", self.base_url));
        let request = match owner.account() {
            Some(account) => request.header(account_header, account.as_str()),
            None => request,
        };
        self.send_until_answered(&request).await
    }

    async fn send_until_answered(
        &self,
        request: &reqwest::RequestBuilder,
    ) -> Result<Fetched, FetchError> {
        let started = Instant::now();
        let mut tries = 0;
        loop {
            // Each try has its share, so that one that hangs leaves time for another.
            let left = self.deadline.saturating_sub(started.elapsed());
            let share = left / (TRIES_MAX - tries);
            let request = request
                .try_clone()
                .ok_or(FetchError::Invalid("a request that cannot be repeated"))?;
            let failure = match answer::receive(request.timeout(share)).await {
                Ok(fetched) => return Ok(fetched),
                Err(failure) => failure,
            };
            tries += 1;
            if tries == TRIES_MAX || !failure.worth_another_try {
                return Err(failure.error);
            }
            let pause = backoff::pause(tries, failure.error.retry_after());
            if started.elapsed().saturating_add(pause) >= self.deadline {
                return Err(failure.error);
            }
            tokio::time::sleep(pause).await;
        }
    }
}
