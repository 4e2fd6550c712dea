//! The client against servers on this machine.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::BodyExt;
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tributary_http::{Body, HttpClient, HttpError, full};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";

/// A server that answers what comes over one connection with these, one after another,
/// and then hangs up. Its requests.
async fn server(answers: Vec<&'static str>) -> (SocketAddr, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let requests = tokio::spawn(async move {
        let (mut wire, _) = listener.accept().await.unwrap();
        let mut requests = Vec::new();
        for answer in answers {
            requests.push(request(&mut wire).await);
            wire.write_all(answer.as_bytes()).await.unwrap();
        }
        requests
    });
    (address, requests)
}

/// A request with a body of a few bytes, which comes with its head.
async fn request(wire: &mut TcpStream) -> String {
    let mut read = String::new();
    while !read.contains("\r\n\r\n") {
        let mut part = [0; 4096];
        let bytes = wire.read(&mut part).await.unwrap();
        assert_ne!(bytes, 0, "hung up after {read:?}");
        read += std::str::from_utf8(&part[..bytes]).unwrap();
    }
    read
}

fn client() -> HttpClient {
    HttpClient::new(Duration::from_secs(10))
}

fn post(address: SocketAddr) -> Request<Body> {
    let request = Request::post(format!("http://{address}/path?query"));
    request
        .body(full(Bytes::from_static(b"what is sent")))
        .unwrap()
}

async fn text(client: &HttpClient, request: Request<Body>) -> String {
    let answer = client.send(request).await.unwrap();
    let body = answer.into_body().collect().await.unwrap();
    String::from_utf8(body.to_bytes().to_vec()).unwrap()
}

#[tokio::test]
async fn a_connection_serves_one_request_after_another() {
    let (address, requests) = server(vec![OK, OK]).await;
    let client = client();
    assert_eq!(text(&client, post(address)).await, "hi");
    assert_eq!(text(&client.clone(), post(address)).await, "hi");
    let requests = requests.await.unwrap();
    assert_eq!(requests.len(), 2);
    for request in requests {
        assert!(
            request.starts_with("POST /path?query HTTP/1.1\r\n"),
            "{request}"
        );
        assert!(request.ends_with("\r\n\r\nwhat is sent"), "{request}");
        assert!(
            request.contains(&format!("\r\nhost: {address}\r\n")),
            "{request}"
        );
    }
}

/// It would carry the key along.
#[tokio::test]
async fn a_redirect_is_an_answer() {
    let moved = "HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n";
    let (address, requests) = server(vec![moved]).await;
    let answer = client().send(post(address)).await.unwrap();
    assert_eq!(answer.status(), 302);
    assert_eq!(requests.await.unwrap().len(), 1);
}

#[tokio::test]
async fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = client().send(post(address)).await.unwrap_err();
    assert!(matches!(error, HttpError::NoConnection(_)), "{error:?}");
}

#[tokio::test]
async fn the_other_side_hangs_up_before_it_answers() {
    let (address, _) = server(vec![""]).await;
    let error = client().send(post(address)).await.unwrap_err();
    assert!(matches!(error, HttpError::Broken(_)), "{error:?}");
}

#[tokio::test]
async fn the_other_side_hangs_up_in_the_middle() {
    let (address, _) = server(vec!["HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"]).await;
    let answer = client().send(post(address)).await.unwrap();
    assert!(answer.into_body().collect().await.is_err());
}

#[tokio::test]
async fn the_other_side_speaks_something_else() {
    let (address, _) = server(vec!["220 mail.example.com ESMTP\r\n\r\n"]).await;
    let error = client().send(post(address)).await.unwrap_err();
    assert!(matches!(error, HttpError::Malformed(_)), "{error:?}");
}

/// Anybody can make a certificate: a connection to its owner does not stand.
#[tokio::test]
async fn a_certificate_that_nobody_vouches_for() {
    let own = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).unwrap();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let shaken = tokio::spawn(async move {
        let (wire, _) = listener.accept().await.unwrap();
        TlsAcceptor::from(Arc::new(config)).accept(wire).await
    });
    let request = Request::get(format!("https://localhost:{port}/"));
    let request = request.body(full(Bytes::new())).unwrap();
    let error = client().send(request).await.unwrap_err();
    assert!(matches!(error, HttpError::NoConnection(_)), "{error:?}");
    assert!(shaken.await.unwrap().is_err(), "nothing was sent");
}
