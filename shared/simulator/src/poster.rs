//! Posting webhooks as Stripe does.
//!
//! Every attempt is signed anew at the moment it is made. Only a 2xx answer ends the attempts:
//! refusals, errors, redirects (which are not followed) and silence are tried again, ever more
//! slowly, until the schedule ends.

mod schedule;

use std::{
    collections::BTreeMap,
    pin::pin,
    time::{SystemTime, UNIX_EPOCH},
};

use futures_util::{StreamExt, stream};
use reqwest::{Client, header::CONTENT_TYPE, redirect};

use crate::delivery::{Delivery, Intent, sign};
pub use schedule::Schedule;

/// What a forger signs with, who does not know the endpoint's secret.
const FORGED_SECRET: &str = "whsec_forged";

/// The signing secrets by endpoint. Several at one endpoint sign side by side, as they do while
/// one is being rolled.
pub type Secrets = BTreeMap<String, Vec<String>>;

/// There is no HTTP client.
#[derive(Debug, thiserror::Error)]
#[error("no HTTP client can be made: {0}")]
pub struct PosterError(#[from] reqwest::Error);

/// What an endpoint answered to one request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reply {
    /// The HTTP status; `None` if no answer came in time.
    pub status: Option<u16>,
    /// The answer's body, as far as it is text.
    pub body: String,
}

impl Reply {
    /// The endpoint has taken over the responsibility: 2xx.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.status
            .is_some_and(|status| (200..300).contains(&status))
    }

    fn is_refusal(&self) -> bool {
        self.status
            .is_some_and(|status| (400..500).contains(&status))
    }
}

/// How the attempts for one delivery ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// The answer to the last attempt.
    pub reply: Reply,
    /// How many attempts were made, at least one.
    pub attempts: u32,
}

/// Stripe's side of the webhooks.
#[derive(Debug, Clone)]
pub struct Poster {
    http: Client,
    base_url: String,
    secrets: Secrets,
    schedule: Schedule,
    now: fn() -> i64,
}

impl Poster {
    /// Posts to `{base_url}/{endpoint}`, signed with the endpoint's `secrets`. What goes to an
    /// endpoint without a secret carries no signature.
    ///
    /// # Errors
    /// If no HTTP client can be made.
    pub fn new(base_url: &str, secrets: Secrets, schedule: Schedule) -> Result<Self, PosterError> {
        // Fails only if the process has chosen its cryptography already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = Client::builder()
            .timeout(schedule.timeout)
            .redirect(redirect::Policy::none())
            .no_proxy()
            .build()?;
        Ok(Self {
            http,
            base_url: base_url.trim_end_matches('/').to_owned(),
            secrets,
            schedule,
            now: machine_time,
        })
    }

    /// Signs with another clock (unix seconds) than the machine's.
    #[must_use]
    pub fn with_clock(self, now: fn() -> i64) -> Self {
        Self { now, ..self }
    }

    /// The `Stripe-Signature` header for `body`, signed now for `endpoint`.
    #[must_use]
    pub fn sign(&self, endpoint: &str, body: &[u8]) -> String {
        let secrets = self.secrets.get(endpoint).map_or(&[][..], Vec::as_slice);
        let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
        sign(&secrets, (self.now)(), body)
    }

    /// Makes one attempt, with this `Stripe-Signature` header or without one.
    pub async fn attempt(&self, endpoint: &str, body: Vec<u8>, signature: Option<&str>) -> Reply {
        // Text may be decoded and encoded again on its way; what is not text must arrive byte
        // for byte to be what it was signed as.
        let kind = match std::str::from_utf8(&body) {
            Ok(_) => "application/json; charset=utf-8",
            Err(_) => "application/octet-stream",
        };
        let url = format!("{}/{endpoint}", self.base_url);
        let mut request = self.http.post(url).header(CONTENT_TYPE, kind).body(body);
        if let Some(signature) = signature {
            request = request.header("stripe-signature", signature);
        }
        match request.send().await {
            Ok(response) => Reply {
                status: Some(response.status().as_u16()),
                body: response.text().await.unwrap_or_default(),
            },
            Err(_) => Reply::default(),
        }
    }

    /// Posts a delivery until it is accepted or the schedule ends.
    ///
    /// A forger has no schedule of retries: a refusal (4xx) ends a forged delivery too.
    pub async fn post(&self, delivery: &Delivery) -> Posted {
        let mut pauses = self.schedule.pauses(&delivery.body);
        let mut attempts = 0;
        loop {
            let body = delivery.body.clone();
            let signature = match delivery.intent {
                Intent::Forged => sign(&[FORGED_SECRET], (self.now)(), &body),
                _ => self.sign(delivery.endpoint, &body),
            };
            let reply = self
                .attempt(delivery.endpoint, body, Some(&signature))
                .await;
            attempts += 1;
            let given_up = delivery.intent == Intent::Forged && reply.is_refusal();
            match pauses.next() {
                Some(pause) if !reply.is_success() && !given_up => {
                    tokio::time::sleep(pause).await;
                }
                _ => return Posted { reply, attempts },
            }
        }
    }

    /// Posts all deliveries in their order, `at_once` of them under way at a time, and tells
    /// `ended` how each of them ended, in the order in which they do.
    pub async fn post_all(
        &self,
        deliveries: &[Delivery],
        at_once: usize,
        mut ended: impl FnMut(&Delivery, &Posted),
    ) {
        let posts = stream::iter(deliveries)
            .map(|delivery| async move { (delivery, self.post(delivery).await) });
        let mut posts = pin!(posts.buffer_unordered(at_once.max(1)));
        while let Some((delivery, posted)) = posts.next().await {
            ended(delivery, &posted);
        }
    }
}

/// The machine's time, unix seconds.
fn machine_time() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    })
}
