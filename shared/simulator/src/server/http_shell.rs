//! The shell around the API: the socket, waiting, headers.

use std::{
    net::TcpListener,
    sync::Arc,
    time::{Duration, UNIX_EPOCH},
};

use axum::{Router, body::Body, extract::State, response::Response, serve::ListenerExt};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use tokio::sync::oneshot;

use super::{
    error::Refusal,
    gate::Verdict,
    replay::Body as Content,
    service::{Reply, Service},
};

/// No request of the API is near as long.
const BODY_LEN_MAX: usize = 1 << 20;

/// Serves until `stopped` resolves; then the caller drops the runtime, and with it every open
/// connection.
pub(super) async fn serve(
    listener: TcpListener,
    service: Arc<Service>,
    stopped: oneshot::Receiver<()>,
) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
        return;
    };
    let listener = listener.tap_io(|stream| {
        // Answers are small: waiting to fill a packet would only delay them.
        let _ = stream.set_nodelay(true);
    });
    let app = Router::new().fallback(respond).with_state(service);
    tokio::select! {
        _ = axum::serve(listener, app).into_future() => {}
        _ = stopped => {}
    }
}

async fn respond(State(service): State<Arc<Service>>, request: http::Request<Body>) -> Response {
    let (parts, body) = request.into_parts();
    let (request_id, verdict) = service.admit(&parts);
    let answer = match axum::body::to_bytes(body, BODY_LEN_MAX).await {
        Err(_) => Err(Refusal::unreadable()),
        Ok(body) => match verdict {
            Verdict::Refuse(refusal) => Err(refusal),
            Verdict::Pass => service.answer(&parts, &body, &request_id),
            Verdict::LoseAnswer => {
                // The work is done and its result forgotten: that is the fault.
                let _ = service.answer(&parts, &body, &request_id);
                Err(Refusal::internal())
            }
            Verdict::Hang(pause) => {
                tokio::time::sleep(pause).await;
                service.answer(&parts, &body, &request_id)
            }
        },
    };
    let (mut response, content_type) = match answer {
        Ok(reply) => success(&reply),
        Err(refusal) => (failure(&refusal), "application/json"),
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    set(headers, header::DATE, &http_date(service.now()));
    set(headers, HeaderName::from_static("request-id"), &request_id);
    if let Some(version) = parts.headers.get("stripe-version") {
        headers.insert("stripe-version", version.clone());
    }
    response
}

fn success(reply: &Reply) -> (Response, &'static str) {
    let (body, content_type) = match &reply.kept.body {
        Content::Json(body) => (format!("{body:#}\n"), "application/json"),
        Content::Csv(text) => (text.clone(), "text/csv"),
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = reply.kept.status;
    if reply.replayed {
        let headers = response.headers_mut();
        headers.insert("idempotent-replayed", HeaderValue::from_static("true"));
        set(
            headers,
            HeaderName::from_static("original-request"),
            &reply.kept.request_id,
        );
    }
    (response, content_type)
}

fn failure(refusal: &Refusal) -> Response {
    let mut response = Response::new(Body::from(format!("{:#}\n", refusal.body())));
    *response.status_mut() = refusal.status;
    let headers = response.headers_mut();
    if let Some(reason) = refusal.rate_limited_reason {
        headers.insert(
            "stripe-rate-limited-reason",
            HeaderValue::from_static(reason),
        );
    }
    if let Some(retry) = refusal.should_retry {
        let value = if retry { "true" } else { "false" };
        headers.insert("stripe-should-retry", HeaderValue::from_static(value));
    }
    response
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn http_date(at: i64) -> String {
    let since_epoch = Duration::from_secs(u64::try_from(at).unwrap_or_default());
    httpdate::fmt_http_date(UNIX_EPOCH + since_epoch)
}
