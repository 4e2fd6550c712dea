//! A server that gives prepared answers.
#![allow(dead_code, reason = "not every test needs all of it")]

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tributary_domain::Owner;
use tributary_pacing::{Gate, Share};
use tributary_stripe::Secret;
use tributary_stripe::client::{FetchError, Fetched, StripeClient};
use tributary_testkit::MemoryControl;

pub(crate) const DATE: &str = "date: Thu, 26 Sep 2024 17:46:22 GMT\r\n";
pub(crate) const DATE_S: i64 = 1_727_372_782;

/// How long requests may be on their way.
const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) fn answer(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}

pub(crate) fn ok(body: &str) -> String {
    answer("200 OK", DATE, body)
}

pub(crate) fn failed(status: &str, headers: &str, code: &str) -> String {
    let body = format!(r#"{{"error":{{"code":"{code}","message":"who@example.com","type":"t"}}}}"#);
    answer(status, headers, &body)
}

/// A gate that lets everybody through.
pub(crate) fn gate() -> Arc<Gate> {
    let share = Share::of(1_000_000, 1, 0);
    Arc::new(Gate::new(share, Arc::new(MemoryControl::default())))
}

/// Reads the head of a request, in lower case.
pub(crate) async fn head_of(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap().to_lowercase()
}

/// A server that gives one answer per connection, then the heads of the requests.
pub(crate) struct Script {
    base_url: String,
    heads: JoinHandle<Vec<String>>,
}

impl Script {
    pub(crate) async fn start(answers: Vec<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let heads = tokio::spawn(async move {
            let mut heads = Vec::new();
            for answer in answers {
                let (mut stream, _) = listener.accept().await.unwrap();
                heads.push(head_of(&mut stream).await);
                // A client that has read enough may hang up.
                let _ = stream.write_all(answer.as_bytes()).await;
            }
            heads
        });
        Self { base_url, heads }
    }

    pub(crate) fn client(&self) -> StripeClient {
        self.client_through(gate())
    }

    pub(crate) fn client_through(&self, gate: Arc<Gate>) -> StripeClient {
        let key = Secret::new("rk_test_1").unwrap();
        StripeClient::new(&self.base_url, &key, Duration::from_secs(20), gate).unwrap()
    }

    pub(crate) async fn get(&self, path: &str, owner: &Owner) -> Result<Fetched, FetchError> {
        self.client().get(path, owner).await
    }

    /// The heads, once every answer was asked for; it fails if one never is.
    pub(crate) async fn heads(self) -> Vec<String> {
        let heads = tokio::time::timeout(PATIENCE, self.heads).await;
        heads.unwrap().unwrap()
    }
}
