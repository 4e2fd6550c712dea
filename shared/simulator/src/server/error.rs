//! Answers that are not a success, in Stripe's form.

use http::StatusCode;
use serde_json::{Value, json};

use crate::{ApiError, Fields};

/// An answer that is not a success. The constructors name the cases that the API itself knows;
/// the world's own refusals convert into one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    kind: &'static str,
    code: Option<String>,
    message: String,
    param: Option<String>,
    /// Value of `Stripe-Should-Retry`, where Stripe would give a hint.
    pub(super) should_retry: Option<bool>,
    /// Value of `Stripe-Rate-Limited-Reason`.
    pub(super) rate_limited_reason: Option<&'static str>,
}

impl Refusal {
    fn new(status: StatusCode, kind: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            kind,
            code: None,
            message: message.into(),
            param: None,
            should_retry: None,
            rate_limited_reason: None,
        }
    }

    fn code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    fn param(mut self, param: impl Into<String>) -> Self {
        self.param = Some(param.into());
        self
    }

    /// No usable API key.
    pub(super) fn unauthorized() -> Self {
        let message = "The request carries no valid API key in an Authorization: Bearer header.";
        Self::new(StatusCode::UNAUTHORIZED, "invalid_request_error", message)
    }

    /// A parameter has a value that cannot be used.
    pub(super) fn invalid(param: &str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", message).param(param)
    }

    /// The endpoint does not know the parameter.
    pub(super) fn unknown_parameter(param: &str) -> Self {
        Self::invalid(param, format!("Received unknown parameter: {param}"))
            .code("parameter_unknown")
    }

    /// A required parameter is absent.
    pub(super) fn missing_parameter(param: &str) -> Self {
        Self::invalid(param, format!("Missing required param: {param}.")).code("parameter_missing")
    }

    /// No object of `kind` has this id.
    pub(super) fn missing(kind: &str, id: &str, param: &str) -> Self {
        let message = format!("No such {kind}: '{id}'");
        Self::new(StatusCode::NOT_FOUND, "invalid_request_error", message)
            .code("resource_missing")
            .param(param)
    }

    /// A list cursor names no object; Stripe calls that a bad request, not a missing page.
    pub(super) fn bad_cursor(param: &'static str, id: &str) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            ..Self::missing("object", id, param)
        }
    }

    /// The body did not arrive whole, or is far too long.
    pub(super) fn unreadable() -> Self {
        let message = "The request body cannot be read.";
        Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", message)
    }

    /// No such endpoint.
    pub(super) fn unknown_route(method: &str, path: &str) -> Self {
        let message = format!("Unrecognized request URL ({method}: {path}).");
        Self::new(StatusCode::NOT_FOUND, "invalid_request_error", message)
    }

    /// The idempotency key was used before, for something else.
    pub(super) fn key_reused(key: &str) -> Self {
        let message = format!("Idempotency key '{key}' was first used with other parameters.");
        Self::new(StatusCode::BAD_REQUEST, "idempotency_error", message)
    }

    /// Too many requests; `reason` is the value of `Stripe-Rate-Limited-Reason`.
    pub(super) fn rate_limited(reason: &'static str) -> Self {
        let message = "Too many requests in too short a time.";
        let error = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "invalid_request_error",
            message,
        );
        Self {
            rate_limited_reason: Some(reason),
            ..error.code("rate_limit")
        }
    }

    /// Another request holds the object: a 429 without a rate-limit reason.
    pub(super) fn lock_timeout() -> Self {
        let message = "The object is locked by another request.";
        let error = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "invalid_request_error",
            message,
        );
        Self {
            should_retry: Some(true),
            ..error.code("lock_timeout")
        }
    }

    /// Stripe's own fault.
    pub(super) fn internal() -> Self {
        let message = "Something went wrong on this side.";
        let error = Self::new(StatusCode::INTERNAL_SERVER_ERROR, "api_error", message);
        Self {
            should_retry: Some(true),
            ..error
        }
    }

    /// Stripe is not there.
    pub(super) fn unavailable() -> Self {
        Self {
            status: StatusCode::SERVICE_UNAVAILABLE,
            ..Self::internal()
        }
    }

    /// The error as the body of an answer.
    pub(super) fn body(&self) -> Value {
        let mut error = json!({ "type": self.kind, "message": self.message });
        if let Some(code) = &self.code {
            error.set("code", code.as_str());
        }
        if let Some(param) = &self.param {
            error.set("param", param.as_str());
        }
        json!({ "error": error })
    }
}

impl From<ApiError> for Refusal {
    fn from(error: ApiError) -> Self {
        Self {
            status: StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST),
            code: error.code.map(str::to_owned),
            param: error.param.map(str::to_owned),
            ..Self::new(StatusCode::BAD_REQUEST, error.kind, error.message)
        }
    }
}
