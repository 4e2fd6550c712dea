//! The errors a verb answers with, in the terms of Stripe's API.

use serde_json::{Value, json};

/// A refused call, as Stripe's API would refuse it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind}: {message}")]
pub struct ApiError {
    /// HTTP status of the answer.
    pub status: u16,
    /// `error.type`, e.g. `invalid_request_error`.
    pub kind: &'static str,
    /// `error.code`, e.g. `resource_missing`.
    pub code: Option<&'static str>,
    /// `error.param`: the offending parameter.
    pub param: Option<&'static str>,
    /// `error.message`.
    pub message: String,
}

impl ApiError {
    /// 404: no such object for this owner.
    #[must_use]
    pub fn missing(kind: &str, id: &str) -> Self {
        Self {
            status: 404,
            kind: "invalid_request_error",
            code: Some("resource_missing"),
            param: Some("id"),
            message: format!("No such {kind}: '{id}'"),
        }
    }

    /// 400: the request cannot be done in the state the object is in.
    #[must_use]
    pub fn invalid(code: &'static str, param: Option<&'static str>, message: &str) -> Self {
        Self {
            status: 400,
            kind: "invalid_request_error",
            code: Some(code),
            param,
            message: message.to_owned(),
        }
    }

    /// 403: the platform has no access to this account (any more).
    #[must_use]
    pub fn no_access(account: &str) -> Self {
        Self {
            status: 403,
            kind: "invalid_request_error",
            code: Some("account_invalid"),
            param: None,
            message: format!("The platform does not have access to account '{account}'"),
        }
    }

    /// The error document of the answer's body.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut error = json!({ "type": self.kind, "message": self.message });
        if let Some(object) = error.as_object_mut() {
            if let Some(code) = self.code {
                object.insert("code".into(), json!(code));
                object.insert(
                    "doc_url".into(),
                    json!(format!(
                        "https://stripe.com/docs/error-codes/{}",
                        code.replace('_', "-")
                    )),
                );
            }
            if let Some(param) = self.param {
                object.insert("param".into(), json!(param));
            }
        }
        json!({ "error": error })
    }
}
