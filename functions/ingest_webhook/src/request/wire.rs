//! The JSON of an invocation, as far as it is of use.

use std::borrow::Cow;
use std::fmt;

use http::Method;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

use super::endpoint_in;

/// A request of payload format 2.0.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Request {
    raw_path: Option<String>,
    request_context: Context,
    path_parameters: Option<Parameters>,
    #[serde(default)]
    headers: Headers,
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

#[derive(Deserialize)]
struct Context {
    http: Http,
}

#[derive(Deserialize)]
struct Http {
    method: String,
}

#[derive(Deserialize)]
struct Parameters {
    endpoint: Option<String>,
}

/// The headers that are looked at. The API gives names in lower case, and joins the
/// values of one that came more than once with commas; others may give them as a list.
#[derive(Default)]
struct Headers {
    signatures: Vec<String>,
    content_encoding: Option<String>,
}

/// A header's value or values.
#[derive(Deserialize)]
#[serde(untagged)]
enum Values {
    One(String),
    Many(Vec<String>),
}

impl<'de> Deserialize<'de> for Headers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_option(HeadersVisitor)
    }
}

struct HeadersVisitor;

impl<'de> Visitor<'de> for HeadersVisitor {
    type Value = Headers;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("headers by name")
    }

    fn visit_none<E>(self) -> Result<Headers, E> {
        Ok(Headers::default())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Headers, D::Error> {
        deserializer.deserialize_map(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Headers, A::Error> {
        let mut headers = Headers::default();
        while let Some(name) = map.next_key::<Name<'_>>()? {
            let is = |known: &str| name.0.eq_ignore_ascii_case(known);
            if is("stripe-signature") {
                match map.next_value()? {
                    Values::One(value) => headers.signatures.push(value),
                    Values::Many(values) => headers.signatures.extend(values),
                }
            } else if is("content-encoding") {
                headers.content_encoding = Some(match map.next_value()? {
                    Values::One(value) => value,
                    Values::Many(values) => values.join(","),
                });
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(headers)
    }
}

#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl From<Request> for super::Request {
    fn from(wire: Request) -> Self {
        let named = wire.path_parameters.and_then(|names| names.endpoint);
        let path = wire.raw_path.unwrap_or_default();
        Self {
            // A method that cannot be one is not POST either.
            method: Method::from_bytes(wire.request_context.http.method.as_bytes())
                .unwrap_or_default(),
            endpoint: named.or_else(|| endpoint_in(&path)),
            signatures: wire.headers.signatures,
            content_encoding: wire.headers.content_encoding,
            body: wire.body,
            is_base64_encoded: wire.is_base64_encoded,
        }
    }
}
