//! What ingest needs of AWS, on loopback and counted.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::event::SECRET;

/// What functions sent, without what TCP and TLS add.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Requests by operation.
    pub requests: BTreeMap<String, u64>,
    /// Bytes of request lines and headers.
    pub head_bytes: u64,
    /// Bytes of bodies.
    pub body_bytes: u64,
}

type Counted = Arc<Mutex<Traffic>>;

/// A server that answers as Secrets Manager and SQS do. It ends when it is dropped.
#[derive(Debug)]
pub struct FakeAws {
    address: SocketAddr,
    traffic: Counted,
    server: JoinHandle<()>,
}

impl FakeAws {
    /// Listens on a free port of the loopback interface.
    pub async fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let traffic = Counted::default();
        let app = Router::new()
            .fallback(answer)
            .layer(DefaultBodyLimit::max(1 << 21))
            .with_state(Arc::clone(&traffic));
        let server = tokio::spawn(async move {
            let _ = axum::serve(listener, app).await;
        });
        Ok(Self {
            address,
            traffic,
            server,
        })
    }

    /// What `AWS_ENDPOINT_URL` is to say.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What came since this was asked last.
    pub fn take_traffic(&self) -> Traffic {
        std::mem::take(&mut self.traffic.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for FakeAws {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn answer(State(traffic): State<Counted>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers.get("x-amz-target");
    let target = target.and_then(|value| value.to_str().ok());
    let operation = target.and_then(|target| target.rsplit('.').next());
    let operation = operation.unwrap_or("none").to_owned();
    let answer = match operation.as_str() {
        "GetSecretValue" => json!({
            "ARN": "arn:aws:secretsmanager:us-east-1:123456789012:secret:bench",
            "Name": "bench",
            "SecretString": json!({ "signing_secrets": [SECRET] }).to_string(),
        }),
        "GetQueueAttributes" => json!({
            "Attributes": { "QueueArn": "arn:aws:sqs:us-east-1:123456789012:events" },
        }),
        "SendMessage" => json!({
            "MessageId": "219f8380-5770-4cc2-8c3e-5c715e145f5e",
            "MD5OfMessageBody": "fafb00f5732ab283681e124bf8747ed1",
        }),
        _ => json!({ "__type": "UnknownOperationException" }),
    };
    let status = match answer.get("__type") {
        Some(_) => StatusCode::BAD_REQUEST,
        None => StatusCode::OK,
    };
    let mut traffic = traffic.lock().unwrap_or_else(PoisonError::into_inner);
    traffic.head_bytes += head_bytes(&headers);
    traffic.body_bytes += body.len() as u64;
    *traffic.requests.entry(operation).or_default() += 1;
    let content_type = [("content-type", "application/x-amz-json-1.0")];
    (status, content_type, answer.to_string()).into_response()
}

/// The bytes of a request's head: every AWS JSON request begins `POST / HTTP/1.1`.
fn head_bytes(headers: &HeaderMap) -> u64 {
    let line = |text: usize| text + "\r\n".len();
    let headers = headers
        .iter()
        .map(|(name, value)| line(name.as_str().len() + ": ".len() + value.len()));
    let bytes = line("POST / HTTP/1.1".len()) + headers.sum::<usize>() + line(0);
    bytes as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_counted_as_it_was_on_the_wire() {
        let head =
            "POST / HTTP/1.1\r\nhost: 127.0.0.1:9\r\nx-amz-target: AmazonSQS.SendMessage\r\n\r\n";
        let mut headers = HeaderMap::new();
        headers.insert("host", "127.0.0.1:9".parse().unwrap());
        headers.insert("x-amz-target", "AmazonSQS.SendMessage".parse().unwrap());
        assert_eq!(head_bytes(&headers), head.len() as u64);
    }
}
