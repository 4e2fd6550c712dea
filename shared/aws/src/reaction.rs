//! From what the SDK says to what the caller does about it.

use std::fmt;

use aws_sdk_sqs::config::http::HttpResponse;
use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use tributary_pipeline::ledger::LedgerError;
use tributary_pipeline::ports::{SendError, StoreError};
use tributary_pipeline::reconcile::ControlError;

/// Error codes that no repetition can cure. Everything else is worth another try:
/// giving up early loses, trying in vain ends in a dead-letter queue.
const FINAL_CODES: [&str; 8] = [
    "ValidationException",
    "ValidationError",
    "InvalidParameterValue",
    "InvalidMessageContents",
    "AWS.SimpleQueueService.UnsupportedOperation",
    "InvalidParameterException",
    "NoSuchKey",
    "InvalidRequest",
];

/// Codes are words, joined by dots; anything else may be a value.
fn is_code(text: &str) -> bool {
    let is_word = |b: u8| b.is_ascii_alphanumeric() || b == b'.' || b == b'_';
    text.len() <= 100 && text.bytes().all(is_word)
}

/// Whether no repetition can help, and what to say of it: the service's code, not
/// its message, which may quote the payload.
fn reaction<E: ProvideErrorMetadata + fmt::Debug>(
    what: &str,
    error: &SdkError<E, HttpResponse>,
) -> (bool, String) {
    match error {
        SdkError::ServiceError(service) => {
            let code = service.err().code().filter(|code| is_code(code));
            let code = code.unwrap_or("unknown");
            (FINAL_CODES.contains(&code), format!("{what}: {code}"))
        }
        SdkError::ConstructionFailure(_) => (true, format!("{what}: the request was not built")),
        SdkError::TimeoutError(_) => (false, format!("{what}: timed out")),
        SdkError::DispatchFailure(_) => (false, format!("{what}: no connection")),
        _ => (false, format!("{what}: unreadable answer")),
    }
}

pub(crate) fn send_error<E: ProvideErrorMetadata + fmt::Debug>(
    what: &str,
    error: &SdkError<E, HttpResponse>,
) -> SendError {
    match reaction(what, error) {
        (true, text) => SendError::Invalid(text),
        (false, text) => SendError::Transient(text),
    }
}

pub(crate) fn store_error<E: ProvideErrorMetadata + fmt::Debug>(
    what: &str,
    error: &SdkError<E, HttpResponse>,
) -> StoreError {
    match reaction(what, error) {
        (true, text) => StoreError::Invalid(text),
        (false, text) => StoreError::Transient(text),
    }
}

pub(crate) fn ledger_error<E: ProvideErrorMetadata + fmt::Debug>(
    what: &str,
    error: &SdkError<E, HttpResponse>,
) -> LedgerError {
    match reaction(what, error) {
        (true, text) => LedgerError::Invalid(text),
        (false, text) => LedgerError::Transient(text),
    }
}

pub(crate) fn control_error<E: ProvideErrorMetadata + fmt::Debug>(
    what: &str,
    error: &SdkError<E, HttpResponse>,
) -> ControlError {
    match reaction(what, error) {
        (true, text) => ControlError::Invalid(text),
        (false, text) => ControlError::Transient(text),
    }
}
