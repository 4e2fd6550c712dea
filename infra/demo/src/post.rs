//! Sending webhooks as Stripe does: signed at the moment of sending, and sent again
//! when the answer is not 2xx.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tributary_simulator::delivery::{Delivery, Intent, sign};

use crate::stack::Stack;

/// Tries for one delivery when our side is down.
const TRIES: u32 = 8;

/// The answer to a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status; 0 if there was none.
    pub status: u16,
    /// What the function said.
    pub result: String,
}

/// Stripe's side of the webhooks.
#[derive(Debug, Clone)]
pub struct Sender {
    http: reqwest::Client,
    stack: Stack,
}

/// The time, unix seconds.
fn now() -> i64 {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    i64::try_from(now).unwrap_or(i64::MAX)
}

impl Sender {
    /// Sends to a stack.
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub fn new(stack: &Stack) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(30))
            .no_proxy();
        Ok(Self {
            http: http.build()?,
            stack: stack.clone(),
        })
    }

    /// Delivers once, and again after a pause while the answer is not final.
    pub async fn deliver(&self, delivery: &Delivery) -> Answer {
        let mut answer = Answer {
            status: 0,
            result: String::new(),
        };
        for attempt in 0..TRIES {
            answer = self.post(delivery).await;
            if (200..500).contains(&answer.status) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100 << attempt)).await;
        }
        answer
    }

    async fn post(&self, delivery: &Delivery) -> Answer {
        let secret = match delivery.intent {
            Intent::Forged => "whsec_forged",
            _ => self
                .stack
                .signing_secrets
                .get(delivery.endpoint)
                .map_or("", String::as_str),
        };
        let header = sign(&[secret], now(), &delivery.body);
        self.post_with(delivery.endpoint, delivery.body.clone(), Some(&header))
            .await
    }

    /// Posts a body with a signature header, or without.
    pub async fn post_with(
        &self,
        endpoint: &str,
        body: Vec<u8>,
        signature: Option<&str>,
    ) -> Answer {
        let url = format!("{}/{endpoint}", self.stack.webhook_url);
        // The emulator's gateway reads JSON as text; only other types reach the
        // function byte for byte whatever they hold.
        let kind = match std::str::from_utf8(&body) {
            Ok(_) => "application/json; charset=utf-8",
            Err(_) => "application/octet-stream",
        };
        let mut request = self.http.post(url).header("content-type", kind).body(body);
        if let Some(signature) = signature {
            request = request.header("stripe-signature", signature);
        }
        let Ok(response) = request.send().await else {
            return Answer {
                status: 0,
                result: "no answer".to_owned(),
            };
        };
        let status = response.status().as_u16();
        let text = response.text().await.unwrap_or_default();
        let value: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        let result = value
            .get("result")
            .and_then(|result| result.as_str())
            .unwrap_or_default();
        Answer {
            status,
            result: result.to_owned(),
        }
    }

    /// The `Stripe-Signature` header for a body, signed now for an endpoint.
    pub fn sign(&self, endpoint: &str, body: &[u8]) -> String {
        let secret = self
            .stack
            .signing_secrets
            .get(endpoint)
            .map_or("", String::as_str);
        sign(&[secret], now(), body)
    }
}
