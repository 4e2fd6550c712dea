//! Spans as OTLP/JSON, what a collector takes at `/v1/traces` (OpenTelemetry Protocol
//! 1.x, "JSON Protobuf Encoding": ids in hex, 64-bit numbers as texts).

use std::time::Duration;

use serde::Serialize;

use super::Attribute;
use super::recorder::Ended;

/// Attributes are named apart from those of other libraries.
const PREFIX: &str = "tributary.";
/// Status of a step that did not do what it was to do.
const STATUS_ERROR: u8 = 2;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    resource_spans: [ResourceSpans<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResourceSpans<'a> {
    resource: Resource,
    scope_spans: [ScopeSpans<'a>; 1],
}

#[derive(Serialize)]
struct Resource {
    attributes: Vec<KeyValue>,
}

#[derive(Serialize)]
struct ScopeSpans<'a> {
    scope: Scope,
    spans: Vec<Span<'a>>,
}

#[derive(Serialize)]
struct Scope {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Span<'a> {
    trace_id: &'a str,
    span_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_span_id: Option<&'a str>,
    name: &'static str,
    kind: u8,
    start_time_unix_nano: String,
    end_time_unix_nano: String,
    attributes: Vec<KeyValue>,
    links: Vec<Link<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
}

#[derive(Serialize)]
struct KeyValue {
    key: String,
    value: Value,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Value {
    StringValue(String),
    IntValue(String),
    BoolValue(bool),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Link<'a> {
    trace_id: &'a str,
    span_id: &'a str,
}

#[derive(Serialize)]
struct Status {
    code: u8,
}

/// The body of a request that exports spans of the function `function`.
pub fn request(function: &str, spans: &[Ended]) -> String {
    let text = |key: &str, value: &str| KeyValue {
        key: key.to_owned(),
        value: Value::StringValue(value.to_owned()),
    };
    let request = Request {
        resource_spans: [ResourceSpans {
            resource: Resource {
                attributes: vec![
                    text("service.name", function),
                    text("service.namespace", "tributary"),
                ],
            },
            scope_spans: [ScopeSpans {
                scope: Scope {
                    name: "tributary",
                    version: env!("CARGO_PKG_VERSION"),
                },
                spans: spans.iter().map(span).collect(),
            }],
        }],
    };
    // Texts and numbers: writing them cannot fail.
    serde_json::to_string(&request).unwrap_or_default()
}

fn span(ended: &Ended) -> Span<'_> {
    let attribute = |(name, value): &(&'static str, Attribute)| KeyValue {
        key: [PREFIX, name].concat(),
        value: match value {
            Attribute::Text(text) => Value::StringValue(text.clone()),
            Attribute::Number(number) => Value::IntValue(number.to_string()),
            Attribute::Flag(flag) => Value::BoolValue(*flag),
        },
    };
    let links = ended.links.iter().map(|to| Link {
        trace_id: to.trace_id(),
        span_id: to.span_id(),
    });
    Span {
        trace_id: ended.place.own.trace_id(),
        span_id: ended.place.own.span_id(),
        parent_span_id: ended.place.parent.as_ref().map(|parent| parent.span_id()),
        name: ended.name,
        kind: ended.kind as u8,
        start_time_unix_nano: nanoseconds(ended.began),
        end_time_unix_nano: nanoseconds(ended.ended),
        attributes: ended.attributes.iter().map(attribute).collect(),
        links: links.collect(),
        status: ended.failed.then_some(Status { code: STATUS_ERROR }),
    }
}

fn nanoseconds(since: Duration) -> String {
    since.as_nanos().to_string()
}
