//! A webhook request as the HTTP API hands it over (payload format 2.0).

mod wire;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use serde::Deserialize;
use tributary_pipeline::accept::Body;

use crate::answer::Answer;

/// The path in front of an endpoint's name.
const PREFIX: &str = "/webhooks/stripe/";

/// What is read of a request, its body not yet decoded. The rest of it, most of its
/// text, is passed over when the invocation is read: it would be stored to be dropped.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "wire::Request")]
pub struct Request {
    /// As it was sent.
    pub method: Method,
    /// The endpoint's name, from the path.
    pub endpoint: Option<String>,
    /// All values of `Stripe-Signature`.
    pub signatures: Vec<String>,
    /// `Content-Encoding`.
    pub content_encoding: Option<String>,
    /// The body as text.
    pub body: Option<String>,
    /// Whether that text is base64.
    pub is_base64_encoded: bool,
}

impl Request {
    /// The endpoint, if path, method and encoding are what Stripe sends.
    ///
    /// # Errors
    /// The answer to give: 404, 405 or 415.
    pub fn endpoint<'a>(&'a self, known: &[String]) -> Result<&'a str, Answer> {
        let endpoint = self.endpoint.as_deref().ok_or(Answer::NotFound)?;
        if !known.iter().any(|name| name == endpoint) {
            return Err(Answer::NotFound);
        }
        if self.method != Method::POST {
            return Err(Answer::MethodNotAllowed);
        }
        // Nothing is unpacked here: Stripe does not compress, and what unpacks to
        // gigabytes would.
        match self.content_encoding.as_deref() {
            None | Some("" | "identity") => Ok(endpoint),
            Some(_) => Err(Answer::UnsupportedMediaType),
        }
    }
}

/// The bytes that were signed, of a request's body.
///
/// # Errors
/// When there are none, or they are not the base64 that they claim to be.
pub fn decode(text: String, is_base64: bool) -> Result<Body, Answer> {
    if text.is_empty() {
        return Err(Answer::Malformed("body_empty"));
    }
    if !is_base64 {
        return Ok(Body::Text(text));
    }
    STANDARD
        .decode(text)
        .map(Body::from)
        .map_err(|_| Answer::Malformed("body_not_base64"))
}

/// The endpoint in a path, for requests without path parameters.
fn endpoint_in(path: &str) -> Option<String> {
    Some(path.split_once(PREFIX)?.1.to_owned())
}

#[cfg(test)]
mod tests;
