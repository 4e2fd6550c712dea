//! One HTTP/1.1 client over TLS, for AWS and for Stripe.
//!
//! It is hyper's own client with a pool, and rustls with ring. Neither AWS nor Stripe
//! needs HTTP/2 for what is asked of them here, and one client that both share is linked
//! once: it is most of what a function is made of.
//!
//! It follows no redirect, which would carry a key to wherever it leads, decodes nothing,
//! and knows no time but that in which a connection has to stand: how long an answer may
//! take is for its callers to say.

mod error;
mod tls;

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};

pub use error::{BoxError, HttpError};
/// The body of an answer, as it comes.
pub use hyper::body::Incoming;

/// The body of a request: of one type, so that there is one client.
pub type Body = UnsyncBoxBody<Bytes, BoxError>;

/// A body that is at hand.
pub fn full(bytes: Bytes) -> Body {
    Full::new(bytes)
        .map_err(|never| match never {})
        .boxed_unsync()
}

/// Sends requests, over connections that it keeps. A clone shares them.
#[derive(Clone)]
pub struct HttpClient(Client<HttpsConnector<HttpConnector>, Body>);

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HttpClient")
    }
}

impl HttpClient {
    /// A client whose connections have to stand within `connect`. It believes the
    /// machine's root certificates, or those that `SSL_CERT_FILE` names.
    pub fn new(connect: Duration) -> Self {
        let mut tcp = HttpConnector::new();
        // The local stack speaks no TLS.
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(connect));
        let https = HttpsConnectorBuilder::new()
            .with_tls_config(tls::config())
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        let client = Client::builder(TokioExecutor::new())
            // Without it no idle connection is ever let go.
            .pool_timer(TokioTimer::new())
            .build(https);
        Self(client)
    }

    /// Sends a request and reads the head of its answer.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn send(&self, request: Request<Body>) -> Result<Response<Incoming>, HttpError> {
        self.0.request(request).await.map_err(HttpError::of)
    }
}
