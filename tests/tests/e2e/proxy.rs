//! A proxy between the functions and the emulator that can hold a call for ever: the
//! moment at which a process is killed is a call of its own, never a matter of luck.

use std::sync::{Arc, Mutex, OnceLock};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::header::{CONNECTION, EXPECT, TRANSFER_ENCODING};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// Chooses a call by operation and body.
type Choice = Box<dyn FnMut(&str, &Value) -> bool + Send>;

struct Hold {
    choice: Choice,
    held: oneshot::Sender<()>,
}

#[derive(Default)]
struct Shared {
    upstream: OnceLock<String>,
    client: OnceLock<reqwest::Client>,
    holds: Mutex<Vec<Hold>>,
    puts: Mutex<Vec<String>>,
}

/// A proxy; it ends with the test's runtime.
pub(crate) struct Proxy {
    pub(crate) url: String,
    shared: Arc<Shared>,
}

impl Proxy {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared::default());
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        shared.client.set(client).unwrap();
        let app = Router::new().fallback(pass);
        let app = app.layer(DefaultBodyLimit::disable());
        let app = app.with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, shared }
    }

    /// Where calls go from now on; until then they fail.
    pub(crate) fn lead_to(&self, upstream: &str) {
        self.shared.upstream.set(upstream.to_owned()).unwrap();
    }

    /// Holds the first call of that choice for ever, and tells when it came. Calls
    /// after it pass.
    pub(crate) fn hold(
        &self,
        choice: impl FnMut(&str, &Value) -> bool + Send + 'static,
    ) -> oneshot::Receiver<()> {
        let (held, came) = oneshot::channel();
        let choice = Box::new(choice);
        self.shared
            .holds
            .lock()
            .unwrap()
            .push(Hold { choice, held });
        came
    }

    /// The keys of all items that functions have put so far, in order.
    pub(crate) fn puts(&self) -> Vec<String> {
        self.shared.puts.lock().unwrap().clone()
    }
}

/// The key of the item that a call puts.
pub(crate) fn key_put<'a>(operation: &str, input: &'a Value) -> Option<&'a str> {
    input["Item"]["pk"]["S"]
        .as_str()
        .filter(|_| operation == "PutItem")
}

/// Whether a call is to be held; if so, its waiter is told.
fn is_held(shared: &Shared, operation: &str, input: &Value) -> bool {
    let mut holds = shared.holds.lock().unwrap();
    let chosen = holds
        .iter_mut()
        .position(|hold| (hold.choice)(operation, input));
    let Some(place) = chosen else { return false };
    let _ = holds.swap_remove(place).held.send(());
    true
}

async fn pass(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    mut headers: HeaderMap,
    body: Bytes,
) -> Response {
    let target = headers
        .get("x-amz-target")
        .and_then(|target| target.to_str().ok());
    let operation = target
        .and_then(|target| target.rsplit('.').next())
        .unwrap_or_default();
    if !operation.is_empty() {
        let input: Value = serde_json::from_slice(&body).unwrap_or_default();
        if is_held(&shared, operation, &input) {
            return std::future::pending().await;
        }
        if let Some(key) = key_put(operation, &input) {
            shared.puts.lock().unwrap().push(key.to_owned());
        }
    }
    let Some(upstream) = shared.upstream.get() else {
        return StatusCode::BAD_GATEWAY.into_response();
    };
    for one_hop in [CONNECTION, EXPECT, TRANSFER_ENCODING] {
        headers.remove(one_hop);
    }
    let call = shared.client.get().unwrap();
    let call = call.request(method, format!("{upstream}{uri}"));
    let Ok(answer) = call.headers(headers).body(body).send().await else {
        return StatusCode::BAD_GATEWAY.into_response();
    };
    let (status, mut headers) = (answer.status(), answer.headers().clone());
    headers.remove(CONNECTION);
    headers.remove(TRANSFER_ENCODING);
    match answer.bytes().await {
        Ok(body) => (status, headers, body).into_response(),
        Err(_) => StatusCode::BAD_GATEWAY.into_response(),
    }
}
