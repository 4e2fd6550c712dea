//! Traces: what was done for each record, sent to a collector.
//!
//! Off unless the function is built with the feature `otel` and `OTLP_ENDPOINT` names
//! a collector. Built without, this is the work alone; without a collector, it is one
//! look at a flag.

use std::future::Future;

#[cfg(feature = "otel")]
use super::otlp::Exporter;

/// Spans on their way to a collector.
#[derive(Debug)]
pub struct Traces {
    #[cfg(feature = "otel")]
    exporter: Option<Exporter>,
}

#[cfg(feature = "otel")]
impl Traces {
    /// Spans of the function whose crate is called `function`. Reads `OTLP_ENDPOINT`,
    /// and the secret that `OTLP_HEADERS_SECRET` names.
    pub async fn from_env(function: &'static str) -> Self {
        let setting = |name| {
            let value = std::env::var(name).unwrap_or_default();
            Some(value.trim().to_owned()).filter(|value| !value.is_empty())
        };
        let Some(endpoint) = setting("OTLP_ENDPOINT") else {
            return Self { exporter: None };
        };
        let secret = setting("OTLP_HEADERS_SECRET");
        Self::to(function, &endpoint, secret.as_deref()).await
    }

    /// Spans sent to the collector at `endpoint`, with the headers that a secret holds.
    /// Without those nothing is sent: no collector of others takes what names no owner.
    pub async fn to(function: &'static str, endpoint: &str, secret: Option<&str>) -> Self {
        let headers = match secret {
            None => Vec::new(),
            Some(secret) => match super::otlp::headers(secret).await {
                Ok(headers) => headers,
                Err(error) => {
                    tributary_telemetry::error!("traces are off", error = error);
                    return Self { exporter: None };
                }
            },
        };
        tributary_telemetry::span::recorder::turn_on();
        Self {
            exporter: Some(Exporter::new(function, endpoint, headers)),
        }
    }

    /// Does an invocation's work, then sends its spans. That takes half a second at
    /// most, changes nothing about what the work came to, and is not tried again.
    pub async fn around<F: Future>(&self, work: F) -> F::Output {
        let outcome = work.await;
        if let Some(exporter) = &self.exporter {
            exporter.flush().await;
        }
        outcome
    }
}

#[cfg(not(feature = "otel"))]
impl Traces {
    /// No spans: the function was built without.
    pub async fn from_env(_: &'static str) -> Self {
        Self {}
    }

    /// Does an invocation's work.
    pub async fn around<F: Future>(&self, work: F) -> F::Output {
        work.await
    }
}
