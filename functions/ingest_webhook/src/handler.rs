//! From a request to an answer.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::timeout;
use tributary_domain::Unusable;
use tributary_pipeline::accept::{Accepted, Body, Ports, Seen, accept};
use tributary_pipeline::ports::{Blobs, EventQueue, Quarantine, SecretSource};
use tributary_pipeline::secrets::SecretCache;
use tributary_stripe::{Secret, SignatureError, glance, glance_text, verify};
use tributary_telemetry::note;
use tributary_telemetry::span::{Kind, Place, Span};

use crate::answer::Answer;
use crate::request::{Request, decode};

/// Longest that INIT waits for secrets.
const LEARN_MAX: Duration = Duration::from_secs(3);
/// Longest that a request may take. The function's own timeout of ten seconds
/// would take the process with it, and the answer.
const TAKE_MAX: Duration = Duration::from_secs(8);

/// Ingest, with its ports.
#[derive(Debug)]
pub struct Ingest<Q, H, B, F: SecretSource> {
    /// The events queue.
    pub queue: Q,
    /// The quarantine.
    pub quarantine: H,
    /// The bucket.
    pub blobs: B,
    /// The endpoints' signing secrets.
    pub secrets: SecretCache<F>,
    /// The endpoints' names.
    pub endpoints: Vec<String>,
}

impl<Q, H, B, F> Ingest<Q, H, B, F>
where
    Q: EventQueue,
    H: Quarantine,
    B: Blobs,
    F: SecretSource<Secret = Secret>,
{
    /// Reads all endpoints' secrets ahead of the first request.
    pub async fn learn_secrets(&self, now: i64) {
        let learn = self.endpoints.iter().map(|endpoint| async move {
            if let Err(error) = self.secrets.current(endpoint, now).await {
                tributary_telemetry::warn!(
                    "no signing secrets yet",
                    endpoint = endpoint,
                    error = error
                );
            }
        });
        // INIT has ten seconds; what is not known by then is read when needed.
        if timeout(LEARN_MAX, join_all(learn)).await.is_err() {
            tributary_telemetry::warn!("signing secrets are slow to come");
        }
    }

    /// Answers one request at `now`, unix seconds.
    pub async fn handle(&self, request: Request, now: i64) -> Answer {
        let answer = match timeout(TAKE_MAX, self.take(request, now)).await {
            Ok(Ok(answer) | Err(answer)) => answer,
            Err(_) => Answer::Unavailable,
        };
        if answer != Answer::Queued {
            tributary_telemetry::warn!(
                "not queued",
                status = answer.status(),
                result = answer.code(),
                signature_mismatch = usize::from(answer.is_mismatch())
            );
        }
        answer
    }

    async fn take(&self, mut request: Request, now: i64) -> Result<Answer, Answer> {
        let text = request.body.take().unwrap_or_default();
        let endpoint = request.endpoint(&self.endpoints)?;
        if request.signatures.is_empty() {
            return Err(Answer::NotTrusted(SignatureError::HeaderMissing.code()));
        }
        let body = decode(text, request.is_base64_encoded)?;
        self.authenticate(endpoint, &request.signatures, body.as_bytes(), now)
            .await?;
        let seen = look(&body);
        let ports = Ports {
            queue: &self.queue,
            quarantine: &self.quarantine,
            blobs: &self.blobs,
        };
        let mut span = span_of(endpoint, &seen);
        match accept(&ports, endpoint, body, seen).await {
            Ok(Accepted::Queued | Accepted::Claimed) => Ok(Answer::Queued),
            Ok(Accepted::Quarantined) => Ok(Answer::Quarantined),
            Err(error) => {
                tributary_telemetry::error!(
                    "the event was not made durable",
                    endpoint = endpoint,
                    error = error
                );
                span.fail();
                Err(Answer::Unavailable)
            }
        }
    }

    async fn authenticate(
        &self,
        endpoint: &str,
        signatures: &[String],
        body: &[u8],
        now: i64,
    ) -> Result<(), Answer> {
        let secrets = self.secrets.current(endpoint, now).await.map_err(|error| {
            tributary_telemetry::error!("no signing secrets", endpoint = endpoint, error = error);
            Answer::Unavailable
        })?;
        let mut verdict = verify(signatures, body, &secrets, now);
        if verdict.is_err_and(SignatureError::is_mismatch)
            && let Some(secrets) = self.secrets.after_mismatch(endpoint, now).await
        {
            verdict = verify(signatures, body, &secrets, now);
        }
        verdict.map_err(|error| Answer::NotTrusted(error.code()))
    }
}

/// The first span of an event's road. Every delivery of an event is this one span.
fn span_of(endpoint: &str, seen: &Result<Seen, Unusable>) -> Span {
    let Ok(seen) = seen else {
        return Span::default();
    };
    let mut span = Span::begin("ingest_webhook", Kind::Server, || Place {
        own: seen.trace(),
        parent: None,
    });
    note!(
        span,
        endpoint = endpoint,
        source = seen.event_id,
        account = seen.owner
    );
    if let Some(payout) = &seen.payout {
        note!(span, object = payout);
    }
    span
}

/// The look that decides between the queue and the quarantine.
fn look(body: &Body) -> Result<Seen, Unusable> {
    let event = match body {
        Body::Text(text) => glance_text(text)?,
        Body::Bytes(bytes) => glance(bytes)?,
    };
    Ok(Seen {
        event_id: event.id,
        mode: event.mode,
        owner: event.owner,
        payout: event.payout,
    })
}
