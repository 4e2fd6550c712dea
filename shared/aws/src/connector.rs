//! The SDK's calls over the client that all functions share.

use aws_sdk_sqs::config::http::{HttpRequest, HttpResponse};
use aws_sdk_sqs::config::{HttpClient as SdkHttpClient, RuntimeComponents};
use aws_smithy_runtime_api::client::connection::{CaptureSmithyConnection, ConnectionMetadata};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use http_body_util::BodyExt;
use hyper_util::client::legacy::connect::{CaptureConnection, capture_connection};
use tributary_http::{HttpClient, HttpError};

/// Sends what the SDK has signed.
#[derive(Debug, Clone)]
pub(crate) struct Connector(pub(crate) HttpClient);

impl SdkHttpClient for Connector {
    /// One for all settings: how long tries may take is for the SDK to watch.
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let client = self.0.clone();
        HttpConnectorFuture::new(async move { send(&client, request).await })
    }
}

async fn send(client: &HttpClient, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let request = request.try_into_http1x();
    let mut request = request.map_err(|error| ConnectorError::user(error.into()))?;
    let connection = capture_connection(&mut request);
    if let Some(capture) = request.extensions().get::<CaptureSmithyConnection>() {
        capture.set_connection_retriever(move || Some(poisonable(connection.clone())));
    }
    let answer = client.send(request.map(BodyExt::boxed_unsync)).await;
    let answer = answer.map_err(connector_error)?;
    HttpResponse::try_from(answer.map(SdkBody::from_body_1_x))
        .map_err(|error| ConnectorError::other(error.into(), None))
}

/// A connection over which AWS failed is not used for the next try.
fn poisonable(connection: CaptureConnection) -> ConnectionMetadata {
    let poison = move || {
        if let Some(connected) = connection.connection_metadata().as_ref() {
            connected.poison();
        }
    };
    ConnectionMetadata::builder()
        .proxied(false)
        .poison_fn(poison)
        .build()
}

/// What the SDK tries again: all but what would be as malformed another time.
fn connector_error(error: HttpError) -> ConnectorError {
    match error {
        HttpError::NoConnection(_) | HttpError::Broken(_) => ConnectorError::io(error.into()),
        HttpError::Malformed(_) => ConnectorError::other(error.into(), None),
    }
}
