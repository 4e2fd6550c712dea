//! Failures, classified by what to do about them.

use std::time::Duration;

use http::StatusCode;
use http::header::{HeaderMap, RETRY_AFTER};
use serde::Deserialize;
use tributary_pacing::{Deferred, Outcome};

/// Longest code that is taken for one.
const CODE_BYTES_MAX: usize = 64;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// Stripe knows no such object, or not any more.
    #[error("no such object")]
    Missing,
    /// Too many requests: slow down, then try again.
    #[error("throttled")]
    Throttled {
        /// How long Stripe asks to wait.
        retry_after: Option<Duration>,
    },
    /// Stripe or the way to it is down, or the object is in use: try again later.
    #[error("transient: {0}")]
    Transient(String),
    /// Nobody was asked: the endpoints are failing, or the budget is spent for longer
    /// than this call may take.
    #[error(transparent)]
    Deferred(#[from] Deferred),
    /// Stripe will not answer this, whenever asked: the key is wrong, or the
    /// account took its permission back.
    #[error("refused with {status}: {code}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// Stripe's error code, or its type where there is no code.
        code: String,
    },
    /// The request or its answer is not usable, and will not be another time.
    #[error("invalid: {0}")]
    Invalid(&'static str),
}

impl FetchError {
    /// When it is worth to try again, as far as anybody said.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Throttled { retry_after } => *retry_after,
            Self::Deferred(deferred) => Some(deferred.retry_after()),
            _ => None,
        }
    }
}

/// One try that failed.
pub(super) struct Failure {
    pub(super) error: FetchError,
    pub(super) worth_another_try: bool,
    /// What all other callers should know of it.
    pub(super) outcome: Outcome,
}

impl Failure {
    pub(super) fn final_one(error: FetchError) -> Self {
        Self {
            error,
            worth_another_try: false,
            outcome: Outcome::Answered,
        }
    }

    /// Stripe answered something that another try may make good.
    pub(super) fn passing(what: &str) -> Self {
        Self {
            error: FetchError::Transient(what.to_owned()),
            worth_another_try: true,
            outcome: Outcome::Answered,
        }
    }

    /// Stripe did not answer.
    pub(super) fn no_answer(what: &str) -> Self {
        Self {
            outcome: Outcome::Failed,
            ..Self::passing(what)
        }
    }

    /// Reads an answer that is no success. `Stripe-Should-Retry` overrides what the
    /// status says, as in the official clients.
    pub(super) fn of_status(status: StatusCode, headers: &HeaderMap, body: &str) -> Self {
        let code = error_code(body);
        let error = match status {
            StatusCode::NOT_FOUND if says_missing(&code) => FetchError::Missing,
            StatusCode::TOO_MANY_REQUESTS if is_about_one_object(headers, &code) => {
                FetchError::Transient("the object is in use".to_owned())
            }
            StatusCode::TOO_MANY_REQUESTS => FetchError::Throttled {
                retry_after: retry_after(headers),
            },
            StatusCode::REQUEST_TIMEOUT | StatusCode::CONFLICT | StatusCode::FAILED_DEPENDENCY => {
                FetchError::Transient(format!("status {}", status.as_u16()))
            }
            _ if status.is_server_error() => {
                FetchError::Transient(format!("status {}", status.as_u16()))
            }
            _ => FetchError::Refused {
                status: status.as_u16(),
                code,
            },
        };
        let outcome = match &error {
            FetchError::Throttled { retry_after } => Outcome::Throttled {
                retry_after: *retry_after,
            },
            _ if status.is_server_error() => Outcome::Failed,
            _ => Outcome::Answered,
        };
        let by_status = matches!(
            error,
            FetchError::Throttled { .. } | FetchError::Transient(_)
        );
        let advice = headers
            .get("stripe-should-retry")
            .map(|value| value.as_bytes());
        let worth_another_try = match advice {
            Some(b"true") => true,
            Some(b"false") => false,
            _ => by_status,
        };
        Self {
            error,
            worth_another_try,
            outcome,
        }
    }
}

/// A 429 that says nothing of the rate: another request holds the object, or there
/// were too many about this one.
fn is_about_one_object(headers: &HeaderMap, code: &str) -> bool {
    match headers.get("stripe-rate-limited-reason") {
        Some(reason) => reason.as_bytes() == b"resource-specific",
        None => code == "lock_timeout",
    }
}

/// A path that Stripe does not know is answered with 404 too, under another code:
/// only an object that is missing may be taken for deleted.
fn says_missing(code: &str) -> bool {
    matches!(code, "resource_missing" | "not_found")
}

/// Seconds; Stripe documents no other form.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// Codes are words; anything else may be a value.
fn is_code(text: &str) -> bool {
    let is_word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    text.len() <= CODE_BYTES_MAX && text.bytes().all(is_word)
}

fn error_code(body: &str) -> String {
    #[derive(Deserialize)]
    struct Answer {
        error: Detail,
    }

    /// The message is left out: it may hold personal data.
    #[derive(Deserialize)]
    struct Detail {
        code: Option<String>,
        r#type: Option<String>,
    }

    serde_json::from_str::<Answer>(body)
        .ok()
        .and_then(|answer| answer.error.code.or(answer.error.r#type))
        .filter(|code| is_code(code))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;
