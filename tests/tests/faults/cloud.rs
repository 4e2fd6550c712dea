//! AWS's JSON protocols on a loopback port, answered by a script.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// What becomes of a call.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Reply {
    /// It is answered.
    Ok(Value),
    /// It is refused, with that status and code.
    Refused(u16, &'static str),
    /// The connection breaks in the middle of the answer.
    Cut,
}

type Script = Box<dyn Fn(&str, &Value) -> Reply + Send + Sync>;

struct Shared {
    script: Script,
    calls: Mutex<Vec<(String, Value)>>,
}

/// A cloud. It ends when it is dropped.
pub(crate) struct Cloud {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

impl Cloud {
    /// Listens. The script is given the operation and its input.
    pub(crate) async fn start(
        script: impl Fn(&str, &Value) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            script: Box::new(script),
            calls: Mutex::default(),
        });
        let app = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&shared));
        let server = tokio::spawn(async move {
            let _ = axum::serve(listener, app).await;
        });
        Self {
            address,
            shared,
            server,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The inputs of an operation's calls so far.
    pub(crate) fn calls(&self, operation: &str) -> Vec<Value> {
        let calls = self.shared.calls.lock().unwrap();
        let of = calls.iter().filter(|(name, _)| name == operation);
        of.map(|(_, input)| input.clone()).collect()
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn answer(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers
        .get("x-amz-target")
        .map(|target| target.to_str().unwrap());
    let operation = target
        .and_then(|target| target.rsplit('.').next())
        .unwrap_or("none");
    let input = serde_json::from_slice(&body).unwrap_or_default();
    let reply = (shared.script)(operation, &input);
    shared
        .calls
        .lock()
        .unwrap()
        .push((operation.to_owned(), input));
    let json = [("content-type", "application/x-amz-json-1.0")];
    match reply {
        Reply::Ok(output) => (json, output.to_string()).into_response(),
        Reply::Refused(status, code) => {
            let status = StatusCode::from_u16(status).unwrap();
            (status, json, json!({ "__type": code }).to_string()).into_response()
        }
        Reply::Cut => {
            let broken =
                futures_util::stream::iter([Err::<Bytes, _>(std::io::Error::other("cut"))]);
            Body::from_stream(broken).into_response()
        }
    }
}
