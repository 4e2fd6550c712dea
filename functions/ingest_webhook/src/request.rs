//! A webhook request as the HTTP API hands it over (payload format 2.0).

use std::borrow::Cow;

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, Method};

use crate::answer::Answer;

/// The path in front of an endpoint's name.
const PREFIX: &str = "/webhooks/stripe/";

/// A request, its body not yet decoded.
#[derive(Debug)]
pub struct Request {
    method: Method,
    endpoint: Option<String>,
    headers: HeaderMap,
    body: Option<String>,
    is_base64: bool,
}

impl From<ApiGatewayV2httpRequest> for Request {
    fn from(event: ApiGatewayV2httpRequest) -> Self {
        let path = event.raw_path.unwrap_or_default();
        let endpoint = event.path_parameters.get("endpoint").cloned();
        let endpoint = endpoint.or_else(|| Some(path.split_once(PREFIX)?.1.to_owned()));
        Self {
            method: event.request_context.http.method,
            endpoint,
            headers: event.headers,
            body: event.body,
            is_base64: event.is_base64_encoded,
        }
    }
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
        match self
            .headers
            .get(http::header::CONTENT_ENCODING)
            .map(|value| value.as_bytes())
        {
            None | Some(b"" | b"identity") => Ok(endpoint),
            Some(_) => Err(Answer::UnsupportedMediaType),
        }
    }

    /// All values of the signature header; one that is not text counts as empty.
    pub fn signatures(&self) -> Vec<&str> {
        let values = self.headers.get_all("stripe-signature");
        values
            .iter()
            .map(|value| value.to_str().unwrap_or_default())
            .collect()
    }

    /// The bytes that were signed.
    ///
    /// # Errors
    /// When there are none, or they are not the base64 that they claim to be.
    pub fn body(&self) -> Result<Cow<'_, [u8]>, Answer> {
        let text = self.body.as_deref().unwrap_or_default();
        if text.is_empty() {
            return Err(Answer::Malformed("body_empty"));
        }
        if !self.is_base64 {
            return Ok(Cow::Borrowed(text.as_bytes()));
        }
        STANDARD
            .decode(text)
            .map(Cow::Owned)
            .map_err(|_| Answer::Malformed("body_not_base64"))
    }
}
