//! AWS as an ingest function sees it: Secrets Manager and one queue, behind TLS. What
//! the queue was sent is kept, to be compared.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::tls::{Identity, TlsListener};
use crate::event::SECRET;

/// The key of Stripe's API, for whoever reads it.
const API_KEY: &str = "rk_live_5f3b1a9c7e2d4860";

/// A message as the queue was sent it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Message {
    /// The queue's name.
    pub queue: String,
    /// The text.
    pub body: String,
    /// The message group: fair queuing's tenant.
    pub group: Option<String>,
    /// Attributes: type and text.
    pub attributes: BTreeMap<String, (String, Option<String>)>,
}

/// What came since it was looked at last.
#[derive(Debug, Default)]
pub struct Arrived {
    /// The messages, in the order of their coming.
    pub messages: Vec<Message>,
    /// Requests by operation.
    pub requests: BTreeMap<String, u64>,
}

type Shared = Arc<Mutex<Arrived>>;

/// A server that answers as Secrets Manager and SQS do. It ends when it is dropped.
#[derive(Debug)]
pub struct Endpoint {
    url: String,
    authority: PathBuf,
    arrived: Shared,
    server: JoinHandle<()>,
}

impl Endpoint {
    /// Listens on a free port of the loopback interface. The certificate of whom
    /// clients are to trust is left in `folder`.
    ///
    /// # Errors
    /// When there is no port, or the folder cannot be written to.
    pub async fn start(folder: &Path) -> io::Result<Self> {
        let identity = Identity::of_this_machine()?;
        let authority = std::path::absolute(folder.join("authority.pem"))?;
        std::fs::write(&authority, &identity.authority_pem)?;
        let listener = TlsListener::bind(&identity).await?;
        let url = format!("https://{}", listener.address());
        let arrived = Shared::default();
        let app = Router::new()
            .fallback(answer)
            .layer(DefaultBodyLimit::max(1 << 21))
            .with_state(Arc::clone(&arrived));
        let server = tokio::spawn(async move {
            let _ = axum::serve(listener, app).await;
        });
        Ok(Self {
            url,
            authority,
            arrived,
            server,
        })
    }

    /// What `AWS_ENDPOINT_URL` is to say.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A queue by its name.
    pub fn queue_url(&self, name: &str) -> String {
        format!("{}/123456789012/{name}", self.url)
    }

    /// The file with the authority's certificate.
    pub fn authority(&self) -> &Path {
        &self.authority
    }

    /// What came since this was asked last.
    pub fn take(&self) -> Arrived {
        std::mem::take(&mut self.arrived.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// `SendMessage`, as far as it is compared.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendMessage {
    queue_url: String,
    message_body: String,
    message_group_id: Option<String>,
    #[serde(default)]
    message_attributes: BTreeMap<String, Attribute>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attribute {
    data_type: String,
    string_value: Option<String>,
}

impl From<SendMessage> for Message {
    fn from(sent: SendMessage) -> Self {
        let attributes = sent.message_attributes.into_iter();
        let queue = sent.queue_url.rsplit('/').next();
        Self {
            queue: queue.unwrap_or_default().to_owned(),
            body: sent.message_body,
            group: sent.message_group_id,
            attributes: attributes
                .map(|(name, value)| (name, (value.data_type, value.string_value)))
                .collect(),
        }
    }
}

async fn answer(State(arrived): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers.get("x-amz-target");
    let target = target.and_then(|value| value.to_str().ok());
    let operation = target.and_then(|target| target.rsplit('.').next());
    let operation = operation.unwrap_or("none").to_owned();
    let mut arrived = arrived.lock().unwrap_or_else(PoisonError::into_inner);
    let answer = match operation.as_str() {
        "GetSecretValue" => Some(json!({
            "ARN": "arn:aws:secretsmanager:us-east-1:123456789012:secret:bench",
            "Name": "bench",
            "SecretString": json!({ "signing_secrets": [SECRET], "api_key": API_KEY }).to_string(),
        })),
        "GetQueueAttributes" => Some(json!({
            "Attributes": { "QueueArn": "arn:aws:sqs:us-east-1:123456789012:events" },
        })),
        "SendMessage" => take_message(&mut arrived, &body),
        _ => None,
    };
    *arrived.requests.entry(operation).or_default() += 1;
    let (status, answer) = match answer {
        Some(answer) => (StatusCode::OK, answer),
        None => (
            StatusCode::BAD_REQUEST,
            json!({ "__type": "UnknownOperationException" }),
        ),
    };
    let content_type = [("content-type", "application/x-amz-json-1.0")];
    (status, content_type, answer.to_string()).into_response()
}

/// Keeps a message. Some SDKs compare the digest in the answer with their own.
fn take_message(arrived: &mut Arrived, body: &[u8]) -> Option<Value> {
    let sent: SendMessage = serde_json::from_slice(body).ok()?;
    let digest = Md5::digest(sent.message_body.as_bytes());
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    arrived.messages.push(sent.into());
    Some(json!({
        "MessageId": "219f8380-5770-4cc2-8c3e-5c715e145f5e",
        "MD5OfMessageBody": digest,
    }))
}
