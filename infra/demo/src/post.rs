//! Sending webhooks to a stack, and what its function says to them.

use tributary_simulator::delivery::Delivery;
use tributary_simulator::poster::{Posted, Poster, PosterError, Reply, Schedule};

use crate::stack::Stack;

/// The answer to a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status; 0 if there was none.
    pub status: u16,
    /// What the function said.
    pub result: String,
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        let Some(status) = reply.status else {
            return Self {
                status: 0,
                result: "no answer".to_owned(),
            };
        };
        let value: serde_json::Value = serde_json::from_str(&reply.body).unwrap_or_default();
        let result = value.get("result").and_then(|result| result.as_str());
        Self {
            status,
            result: result.unwrap_or_default().to_owned(),
        }
    }
}

/// Stripe's side of a stack's webhooks.
#[derive(Debug, Clone)]
pub struct Sender(Poster);

impl Sender {
    /// Sends to a stack, with Stripe's retries in seconds instead of hours.
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub fn new(stack: &Stack) -> Result<Self, PosterError> {
        let secrets = stack
            .signing_secrets
            .iter()
            .map(|(endpoint, secret)| (endpoint.clone(), vec![secret.clone()]))
            .collect();
        let schedule = Schedule::compressed(0);
        Poster::new(&stack.webhook_url, secrets, schedule).map(Self)
    }

    /// Delivers, and again after a pause while it is not accepted.
    pub async fn deliver(&self, delivery: &Delivery) -> Answer {
        self.0.post(delivery).await.reply.into()
    }

    /// Posts a body once, with a signature header, or without.
    pub async fn post_with(
        &self,
        endpoint: &str,
        body: Vec<u8>,
        signature: Option<&str>,
    ) -> Answer {
        self.0.attempt(endpoint, body, signature).await.into()
    }

    /// The `Stripe-Signature` header for a body, signed now for an endpoint.
    pub fn sign(&self, endpoint: &str, body: &[u8]) -> String {
        self.0.sign(endpoint, body)
    }

    /// Delivers everything, in the given order, some at once, and tells how each ended.
    pub async fn deliver_all(
        &self,
        deliveries: &[Delivery],
        at_once: usize,
        mut ended: impl FnMut(&Delivery, Answer),
    ) {
        let ended = |delivery: &Delivery, posted: &Posted| {
            ended(delivery, posted.reply.clone().into());
        };
        self.0.post_all(deliveries, at_once, ended).await;
    }
}
