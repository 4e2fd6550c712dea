//! The SDK over the client that functions share, against a server on this machine.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tributary_aws::Aws;
use tributary_aws::operate::Queues;

fn answer_of(status: &str, body: &str) -> String {
    let bytes = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-length: {bytes}\r\n\r\n{body}")
}

async fn serve(wire: &mut TcpStream, answer: &str) {
    let mut part = [0; 16 * 1024];
    assert_ne!(wire.read(&mut part).await.unwrap(), 0);
    wire.write_all(answer.as_bytes()).await.unwrap();
}

/// The next try goes elsewhere than to the host that just failed.
#[tokio::test]
async fn a_connection_over_which_aws_failed_is_left() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint_url = format!("http://{}", listener.local_addr().unwrap());
    let connections = tokio::spawn(async move {
        let failed = answer_of("500 Internal Server Error", "{}");
        let hash = "841a2d689ad86bd1611447453c22c6fc";
        let sent = json!({"MessageId": "1", "MD5OfMessageBody": hash});
        let sent = answer_of("200 OK", &sent.to_string());
        let (mut first, _) = listener.accept().await.unwrap();
        serve(&mut first, &failed).await;
        let (mut second, _) = listener.accept().await.unwrap();
        serve(&mut second, &sent).await;
        // What did not fail is used again.
        serve(&mut second, &sent).await;
        first
    });
    let aws = Aws::at(&endpoint_url, "us-east-1").await;
    let queues = Queues::new(&aws);
    let url = format!("{endpoint_url}/000000000000/queue");
    queues.send(&url, None, "body").await.unwrap();
    queues.send(&url, None, "body").await.unwrap();
    connections.await.unwrap();
}
