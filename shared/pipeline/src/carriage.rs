//! The claim check: bodies that a queue cannot carry wait in the bucket.

use tributary_domain::Fingerprint;

use crate::message::{Claim, fits_a_queue};
use crate::ports::{Blobs, SendError};

/// How a body travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Carried {
    /// In the message itself.
    Inline(String),
    /// In the bucket; the text is the pointer.
    Claim(String),
}

/// Stores a body under a key made from its content if a queue cannot carry it.
///
/// # Errors
/// When the bucket does not take it.
pub async fn carry(blobs: &impl Blobs, prefix: &str, body: &[u8]) -> Result<Carried, SendError> {
    if let Ok(text) = std::str::from_utf8(body)
        && fits_a_queue(text)
    {
        return Ok(Carried::Inline(text.to_owned()));
    }
    check_in(blobs, prefix, body).await.map(Carried::Claim)
}

/// Stores a body under a key made from its content. Gives the pointer to it.
///
/// # Errors
/// When the bucket does not take it.
pub async fn check_in(blobs: &impl Blobs, prefix: &str, body: &[u8]) -> Result<String, SendError> {
    let fingerprint = Fingerprint::of([body]);
    let key = format!("{prefix}/{fingerprint}");
    blobs.put(&key, body).await?;
    let claim = Claim {
        key,
        fingerprint,
        bytes: body.len(),
    };
    serde_json::to_string(&claim).map_err(|error| SendError::Invalid(error.to_string()))
}

/// Reads back what a pointer points at, and checks that it is the same.
///
/// # Errors
/// `Invalid` when the pointer is unreadable, points outside `prefix`, or the body
/// is another one; `Transient` when the bucket does not answer.
pub async fn redeem(blobs: &impl Blobs, prefix: &str, pointer: &str) -> Result<Vec<u8>, SendError> {
    let invalid = |what: &str| SendError::Invalid(format!("claim check: {what}"));
    let claim: Claim = serde_json::from_str(pointer).map_err(|_| invalid("not a pointer"))?;
    if claim.key != format!("{prefix}/{}", claim.fingerprint) {
        return Err(invalid("the key does not name the content"));
    }
    let body = blobs.get(&claim.key).await?;
    if body.len() != claim.bytes || Fingerprint::of([body.as_slice()]) != claim.fingerprint {
        return Err(invalid("the stored body is another one"));
    }
    Ok(body)
}
