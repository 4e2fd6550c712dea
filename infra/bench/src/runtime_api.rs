//! The side of Lambda's Runtime API that Lambda plays: one function, one
//! invocation at a time.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;

/// What the function is told about the time that it has: ingest's timeout.
const DEADLINE: Duration = Duration::from_secs(10);
/// As long as Lambda's: the SDKs repeat it in every request.
const TRACE_ID: &str = "Root=1-6922400a-1b2c3d4e5f60718293a4b5c6;Parent=53995c3f42cd8ad8;Sampled=0;Lineage=1:a1b2c3d4:0";

/// What became of an invocation: the function's answer, or its report of an error.
pub type Outcome = Result<Bytes, String>;

/// A Runtime API of its own for one process. It ends when it is dropped.
#[derive(Debug)]
pub struct RuntimeApi {
    address: SocketAddr,
    work: mpsc::Sender<Bytes>,
    asked: mpsc::Receiver<Instant>,
    outcomes: mpsc::Receiver<Outcome>,
    server: JoinHandle<()>,
}

/// The other ends.
struct Lambda {
    work: Mutex<mpsc::Receiver<Bytes>>,
    asked: mpsc::Sender<Instant>,
    outcomes: mpsc::Sender<Outcome>,
}

impl RuntimeApi {
    /// Listens on a free port of the loopback interface.
    pub async fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let (work, work_here) = mpsc::channel(1);
        let (asked_there, asked) = mpsc::channel(1);
        let (outcomes_there, outcomes) = mpsc::channel(1);
        let lambda = Arc::new(Lambda {
            work: Mutex::new(work_here),
            asked: asked_there,
            outcomes: outcomes_there,
        });
        let routes = Router::new()
            .route("/invocation/next", get(next))
            .route("/invocation/{id}/response", post(response))
            .route("/invocation/{id}/error", post(error))
            .route("/init/error", post(error));
        let app = Router::new().nest("/2018-06-01/runtime", routes);
        let app = app.with_state(lambda);
        let server = tokio::spawn(async move {
            let _ = axum::serve(listener, app).await;
        });
        Ok(Self {
            address,
            work,
            asked,
            outcomes,
            server,
        })
    }

    /// What `AWS_LAMBDA_RUNTIME_API` is to say.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until the function asks for work; returns when its request came.
    /// `None` if the server has ended. A failed start comes instead of it.
    pub async fn asked(&mut self) -> Option<Result<Instant, String>> {
        tokio::select! {
            at = self.asked.recv() => at.map(Ok),
            failed = self.outcomes.recv() => failed.map(|outcome| {
                Err(outcome.map_or_else(|report| report, |_| "answered unasked".to_owned()))
            }),
        }
    }

    /// Hands over one invocation and waits for what becomes of it.
    pub async fn invoke(&mut self, payload: Bytes) -> Option<Outcome> {
        self.work.send(payload).await.ok()?;
        self.outcomes.recv().await
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn next(State(lambda): State<Arc<Lambda>>) -> Response {
    let _ = lambda.asked.send(Instant::now()).await;
    let Some(payload) = lambda.work.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    let deadline = SystemTime::now() + DEADLINE;
    let deadline = deadline.duration_since(SystemTime::UNIX_EPOCH);
    let deadline_ms = deadline.unwrap_or_default().as_millis().to_string();
    let headers = [
        ("content-type", "application/json"),
        (
            "lambda-runtime-aws-request-id",
            "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
        ),
        ("lambda-runtime-deadline-ms", deadline_ms.as_str()),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:us-east-1:123456789012:function:bench",
        ),
        ("lambda-runtime-trace-id", TRACE_ID),
    ];
    (headers, payload).into_response()
}

async fn response(State(lambda): State<Arc<Lambda>>, body: Bytes) -> StatusCode {
    let _ = lambda.outcomes.send(Ok(body)).await;
    StatusCode::ACCEPTED
}

async fn error(State(lambda): State<Arc<Lambda>>, body: Bytes) -> StatusCode {
    let report = String::from_utf8_lossy(&body).into_owned();
    let _ = lambda.outcomes.send(Err(report)).await;
    StatusCode::ACCEPTED
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    /// One request on a connection of its own; returns the whole answer.
    async fn request(address: SocketAddr, head: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let bytes = body.len();
        let request = format!(
            "{head} HTTP/1.1\r\nhost: lambda\r\nconnection: close\r\ncontent-length: {bytes}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn an_invocation_goes_out_and_its_answer_comes_back() {
        let mut lambda = RuntimeApi::start().await.unwrap();
        let address = lambda.address();
        let function = async {
            let work = request(address, "GET /2018-06-01/runtime/invocation/next", "").await;
            let response = "POST /2018-06-01/runtime/invocation/1/response";
            request(address, response, "pong").await;
            work
        };
        let played = async {
            lambda.asked().await.unwrap().unwrap();
            lambda.invoke(Bytes::from("ping")).await.unwrap().unwrap()
        };
        let (work, answer) = tokio::join!(function, played);
        assert!(work.contains("lambda-runtime-deadline-ms: "), "{work}");
        assert!(work.ends_with("ping"), "{work}");
        assert_eq!(answer, "pong");
    }

    #[tokio::test]
    async fn a_start_that_fails_says_why() {
        let mut lambda = RuntimeApi::start().await.unwrap();
        let address = lambda.address();
        let path = "POST /2018-06-01/runtime/init/error";
        let (_, asked) = tokio::join!(request(address, path, "no table"), lambda.asked());
        assert_eq!(asked.unwrap().unwrap_err(), "no table");
    }
}
