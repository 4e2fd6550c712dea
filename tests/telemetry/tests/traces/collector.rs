//! A collector in this process: it takes OTLP over HTTP and keeps the spans.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use serde_json::Value;
use tokio::net::TcpListener;

/// A span as it came over the wire.
#[derive(Debug, Clone)]
pub(crate) struct Span {
    pub(crate) name: String,
    pub(crate) trace: String,
    pub(crate) id: String,
    pub(crate) parent: Option<String>,
    /// Trace and span.
    pub(crate) links: Vec<(String, String)>,
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) failed: bool,
}

#[derive(Debug, Clone, Default)]
struct Kept {
    spans: Arc<Mutex<Vec<Span>>>,
    bodies: Arc<Mutex<String>>,
    refuse: bool,
}

/// The collector.
#[derive(Debug)]
pub(crate) struct Collector {
    pub(crate) endpoint: String,
    kept: Kept,
}

impl Collector {
    pub(crate) async fn start() -> Self {
        Self::that(false).await
    }

    /// One that refuses whatever comes.
    pub(crate) async fn refusing() -> Self {
        Self::that(true).await
    }

    async fn that(refuse: bool) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let kept = Kept {
            refuse,
            ..Kept::default()
        };
        let app = Router::new().fallback(take).with_state(kept.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { endpoint, kept }
    }

    pub(crate) fn spans(&self) -> Vec<Span> {
        self.kept.spans.lock().unwrap().clone()
    }

    /// Everything that came, as it came.
    pub(crate) fn bodies(&self) -> String {
        self.kept.bodies.lock().unwrap().clone()
    }
}

async fn take(State(kept): State<Kept>, uri: Uri, body: Bytes) -> StatusCode {
    if kept.refuse {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    assert_eq!(uri.path(), "/v1/traces");
    let request: Value = serde_json::from_slice(&body).unwrap();
    let text = std::str::from_utf8(&body).unwrap();
    kept.bodies.lock().unwrap().push_str(text);
    let spans = &request["resourceSpans"][0]["scopeSpans"][0]["spans"];
    let spans = spans.as_array().unwrap().iter().map(span);
    kept.spans.lock().unwrap().extend(spans);
    StatusCode::OK
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn span(span: &Value) -> Span {
    let attributes = span["attributes"].as_array().unwrap().iter();
    let links = span["links"].as_array().unwrap().iter();
    let (began, ended) = (&span["startTimeUnixNano"], &span["endTimeUnixNano"]);
    let nanoseconds = |time: &Value| text(time).parse::<u128>().unwrap();
    assert!(nanoseconds(began) <= nanoseconds(ended));
    let this = Span {
        name: text(&span["name"]),
        trace: text(&span["traceId"]),
        id: text(&span["spanId"]),
        parent: span["parentSpanId"].as_str().map(str::to_owned),
        links: links
            .map(|link| (text(&link["traceId"]), text(&link["spanId"])))
            .collect(),
        attributes: attributes
            .map(|attribute| {
                let value = attribute["value"].as_object().unwrap().values().next();
                let value = value.unwrap();
                let value = value.as_str().map_or(value.to_string(), str::to_owned);
                (text(&attribute["key"]), value)
            })
            .collect(),
        failed: span["status"]["code"] == 2,
    };
    assert_eq!((this.trace.len(), this.id.len()), (32, 16));
    this
}
