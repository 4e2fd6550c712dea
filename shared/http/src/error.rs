//! Why there is no answer.

use std::error::Error;
use std::io;

use hyper_util::client::legacy;

/// Any error.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// Why there is no answer, by what that says of the request.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// It was not sent: no address, no connection, or no TLS.
    #[error("no connection")]
    NoConnection(#[source] BoxError),
    /// The connection broke. Whether the request arrived is not known.
    #[error("the connection broke")]
    Broken(#[source] BoxError),
    /// What came is no HTTP, or what was to be sent is none.
    #[error("no HTTP")]
    Malformed(#[source] BoxError),
}

impl HttpError {
    pub(crate) fn of(error: legacy::Error) -> Self {
        if error.is_connect() {
            return Self::NoConnection(error.into());
        }
        if is_broken(&error) {
            return Self::Broken(error.into());
        }
        Self::Malformed(error.into())
    }
}

/// A connection that closed before the answer, in the middle of it, or was reset.
fn is_broken(error: &legacy::Error) -> bool {
    let mut source = error.source();
    while let Some(cause) = source {
        if cause.is::<io::Error>() {
            return true;
        }
        if let Some(cause) = cause.downcast_ref::<hyper::Error>()
            && (cause.is_incomplete_message() || cause.is_closed() || cause.is_canceled())
        {
            return true;
        }
        source = cause.source();
    }
    false
}
