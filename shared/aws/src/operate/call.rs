//! What a call of AWS can answer instead of success, for a person.

use std::fmt;

use aws_sdk_sqs::config::http::HttpResponse;
use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};

/// What somebody can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Log in.
    NoCredentials,
    /// Name a Region.
    NoRegion,
    /// Ask for permission.
    Denied,
    /// Look at the network or the endpoint.
    Unreachable,
    /// Wait a moment.
    Throttled,
    /// What was asked for is not there.
    Absent,
    /// Anything else that AWS says no to.
    Refused,
}

/// A call that failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct CallError {
    /// The call and AWS's code, never its message, which may quote a payload.
    pub what: String,
    /// What to do about it.
    pub reason: Reason,
}

impl CallError {
    pub(crate) fn new(what: impl Into<String>, reason: Reason) -> Self {
        Self {
            what: what.into(),
            reason,
        }
    }

    pub(crate) fn of<E: ProvideErrorMetadata + fmt::Debug>(
        call: &str,
        error: &SdkError<E, HttpResponse>,
    ) -> Self {
        match error {
            // Every refusal of AWS' has a code.
            SdkError::ServiceError(service) if service.err().code().is_some() => {
                let code = service.err().code().unwrap_or_default();
                Self::new(format!("AWS refused {call} ({code})"), reason_of(code))
            }
            SdkError::DispatchFailure(_) => Self::new(
                format!("AWS cannot be reached for {call}"),
                Reason::Unreachable,
            ),
            SdkError::TimeoutError(_) => Self::new(
                format!("AWS did not answer {call} in time"),
                Reason::Unreachable,
            ),
            _ => Self::new(
                format!("the answer to {call} is not AWS's"),
                Reason::Unreachable,
            ),
        }
    }
}

fn reason_of(code: &str) -> Reason {
    match code {
        "AccessDenied"
        | "AccessDeniedException"
        | "UnauthorizedOperation"
        | "AuthorizationError" => Reason::Denied,
        "ExpiredToken"
        | "ExpiredTokenException"
        | "InvalidClientTokenId"
        | "SignatureDoesNotMatch"
        | "UnrecognizedClientException"
        | "InvalidSignatureException" => Reason::NoCredentials,
        "Throttling" | "ThrottlingException" | "TooManyRequestsException" | "RequestThrottled" => {
            Reason::Throttled
        }
        "ResourceNotFoundException"
        | "NoSuchBucket"
        | "QueueDoesNotExist"
        | "AWS.SimpleQueueService.NonExistentQueue" => Reason::Absent,
        _ => Reason::Refused,
    }
}
