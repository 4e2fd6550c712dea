//! OTLP over HTTP, in JSON, by the HTTP client that the SDKs have linked already.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_sdk_secretsmanager::Client;
use aws_sdk_sqs::config::http::HttpRequest;
use aws_smithy_runtime_api::client::http::HttpConnector;
use serde::Deserialize;
use tokio::time::timeout;
use tributary_http::HttpClient;
use tributary_pipeline::ports::SendError;
use tributary_telemetry::Reason;
use tributary_telemetry::span::otlp::request;
use tributary_telemetry::span::recorder::{drain, lose};
use zeroize::Zeroizing;

use crate::Aws;
use crate::clients::CONNECT_MAX;
use crate::connector::Connector;
use crate::reaction::send_error;

/// Longest that an invocation waits for the collector.
const FLUSH_MAX: Duration = Duration::from_millis(500);
/// For how long a collector that failed is left alone, milliseconds: each invocation
/// would wait for it otherwise.
const REST_MS: u64 = 30_000;

/// The stored form of the headers with which a collector knows whose spans they are.
#[derive(Deserialize)]
struct Stored {
    headers: BTreeMap<String, String>,
}

/// A header, its value overwritten after use.
pub(super) type Header = (String, Zeroizing<String>);

/// Reads the headers that a secret holds: `{"headers": {"x-honeycomb-team": "…"}}`.
///
/// # Errors
/// When Secrets Manager does not answer, or the secret is another thing.
pub(super) async fn headers(secret: &str) -> Result<Vec<Header>, SendError> {
    let client = Client::new(Aws::from_env().config());
    let answer = Box::pin(client.get_secret_value().secret_id(secret).send()).await;
    let answer = answer.map_err(|error| send_error("GetSecretValue", &error))?;
    let text = Zeroizing::new(answer.secret_string.unwrap_or_default());
    let stored: Stored = serde_json::from_str(&text).map_err(|_| {
        SendError::Invalid(
            "the secret of the collector is no JSON object with headers, an object of texts"
                .to_owned(),
        )
    })?;
    let headers = stored.headers.into_iter();
    Ok(headers
        .map(|(name, value)| (name, Zeroizing::new(value)))
        .collect())
}

/// Why spans were lost.
#[derive(Debug)]
enum Lost {
    Slow,
    Unreachable,
    Refused(u16),
}

impl Reason for Lost {}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Slow => write!(
                f,
                "the collector took longer than {} ms",
                FLUSH_MAX.as_millis()
            ),
            Self::Unreachable => f.write_str("no connection to the collector"),
            Self::Refused(status) => write!(f, "the collector answered {status}"),
        }
    }
}

/// The way to a collector.
pub(super) struct Exporter {
    function: &'static str,
    connector: Connector,
    url: String,
    headers: Vec<Header>,
    /// Until when it is left alone, unix milliseconds.
    rests_until: AtomicU64,
}

impl fmt::Debug for Exporter {
    /// Leaves the headers out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Exporter({})", self.function)
    }
}

impl Exporter {
    pub(super) fn new(function: &'static str, endpoint: &str, headers: Vec<Header>) -> Self {
        Self {
            function,
            connector: Connector(HttpClient::new(CONNECT_MAX)),
            url: format!("{}/v1/traces", endpoint.trim_end_matches('/')),
            headers,
            rests_until: AtomicU64::new(0),
        }
    }

    /// Sends what waits, or counts it as lost.
    pub(super) async fn flush(&self) {
        let spans = drain();
        if spans.is_empty() {
            return;
        }
        if now_ms() < self.rests_until.load(Ordering::Relaxed) {
            return lose(spans.len());
        }
        let sent = timeout(FLUSH_MAX, self.send(request(self.function, &spans))).await;
        if let Err(lost) = sent.unwrap_or(Err(Lost::Slow)) {
            lose(spans.len());
            let until = now_ms().saturating_add(REST_MS);
            self.rests_until.store(until, Ordering::Relaxed);
            tributary_telemetry::warn!("spans were lost", spans = spans.len(), error = lost);
        }
    }

    async fn send(&self, body: String) -> Result<(), Lost> {
        let mut request = HttpRequest::new(body.into());
        let built =
            request.set_method("POST").is_ok() && request.set_uri(self.url.as_str()).is_ok();
        if !built {
            return Err(Lost::Unreachable);
        }
        let headers = request.headers_mut();
        headers.insert("content-type", "application/json");
        for (name, value) in &self.headers {
            if headers.try_insert(name.clone(), value.to_string()).is_err() {
                return Err(Lost::Unreachable);
            }
        }
        let answer = self.connector.call(request).await;
        match answer.map(|answer| answer.status()) {
            Ok(status) if status.is_success() => Ok(()),
            Ok(status) => Err(Lost::Refused(status.as_u16())),
            Err(_) => Err(Lost::Unreachable),
        }
    }
}

fn now_ms() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |now| u64::try_from(now.as_millis()).unwrap_or(u64::MAX))
}
