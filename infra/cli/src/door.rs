//! The door that Stripe posts to, seen from outside.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, DATE};
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use tributary_stripe::Secret;
use tributary_stripe::signature::sign;

use crate::context::{Context, now};
use crate::exit::Exit;
use crate::failure::Failure;

/// How long an answer is waited for: ingest has ten seconds.
const ANSWER_MAX: Duration = Duration::from_secs(12);
/// How old a probe's signature is: an hour, far more than ingest tolerates.
const PROBE_AGE_S: i64 = 3_600;
/// What a probe says. Nobody reads it: a body is looked at only after its signature.
const PROBE: &[u8] = br#"{"tributary":"probe"}"#;

/// The webhook endpoints' base, and a client to post there.
#[derive(Debug)]
pub struct Door {
    client: Client,
    base_url: String,
}

impl Door {
    /// The stack's door.
    ///
    /// # Errors
    /// When the stack has none.
    pub async fn of(context: &Context) -> Result<Self, Failure> {
        let base_url = match context.local_endpoint() {
            // An emulator is reached by one name for all its services.
            Some(url) => {
                let api = context.output("WebhookApiId").await?;
                format!("{url}/_aws/execute-api/{api}/$default/webhooks/stripe")
            }
            None => context.output("WebhookUrl").await?.to_owned(),
        };
        // Fails only if the process has chosen its cryptography already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .timeout(ANSWER_MAX)
            .redirect(Policy::none())
            .user_agent(concat!("tributary-cli/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|_| Failure::failed("TLS cannot be set up"))?;
        Ok(Self { client, base_url })
    }

    /// Asks an endpoint whether it knows a secret, and leaves nothing behind: the probe is
    /// signed an hour ago. Ingest checks the signature before its age, so `too_old` says
    /// that the secret is known, `mismatch` that it is not, and neither lets it in.
    ///
    /// # Errors
    /// When the door does not answer.
    pub async fn probe(&self, endpoint: &str, secret: &Secret) -> Result<String, Failure> {
        let signature = sign(PROBE, secret, now().saturating_sub(PROBE_AGE_S));
        let post = self
            .client
            .post(format!("{}/{endpoint}", self.base_url))
            .header("Stripe-Signature", signature)
            .header(CONTENT_TYPE, "application/json")
            .body(PROBE);
        let answer = post.send().await.map_err(|error| closed(&error))?;
        let status = answer.status().as_u16();
        let body = answer.text().await.map_err(|error| closed(&error))?;
        let body: serde_json::Value = serde_json::from_str(&body).unwrap_or_default();
        let result = body.get("result").and_then(serde_json::Value::as_str);
        Ok(result.map_or_else(|| format!("http {status}"), str::to_owned))
    }

    /// How far this machine's clock is ahead of the door's, seconds. `None` if it does not say.
    ///
    /// # Errors
    /// When the door does not answer.
    pub async fn clock_ahead_s(&self) -> Result<Option<i64>, Failure> {
        let get = self.client.get(format!("{}/platform", self.base_url));
        let answer = get.send().await.map_err(|error| closed(&error))?;
        Ok(date(&answer).map(|at| now().saturating_sub(at)))
    }

    /// Where an endpoint is, as Stripe is told.
    pub fn url(&self, endpoint: &str) -> String {
        format!("{}/{endpoint}", self.base_url)
    }
}

fn date(answer: &Response) -> Option<i64> {
    let text = answer.headers().get(DATE)?.to_str().ok()?;
    let at = httpdate::parse_http_date(text).ok()?;
    let since_1970 = at.duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(since_1970.as_secs()).ok()
}

fn closed(error: &reqwest::Error) -> Failure {
    let what = match error.is_timeout() {
        true => "did not answer in time",
        false => "cannot be reached",
    };
    Failure::new(
        Exit::Unavailable,
        format!("the webhook endpoint {what}"),
        "Look at WebhookErrors in the RUNBOOK, and at the network.",
    )
}
