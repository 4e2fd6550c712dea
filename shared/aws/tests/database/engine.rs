//! dynoxide behind the SDK, as its HTTP client: a request is a function call.

use aws_sdk_dynamodb::config::SharedHttpClient;
use aws_sdk_dynamodb::config::http::{HttpRequest, HttpResponse};
use aws_sdk_s3::primitives::SdkBody;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use dynoxide::Database;
use dynoxide::errors::{DynoxideError, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What the header `x-amz-target` puts in front of an operation's name.
const TARGET: &str = "DynamoDB_20120810.";

/// An HTTP client that leads to a database of its own.
pub(crate) fn client() -> SharedHttpClient {
    let engine = SharedHttpConnector::new(Engine(Database::memory().unwrap()));
    http_client_fn(move |_, _| engine.clone())
}

struct Engine(Database);

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Engine")
    }
}

impl HttpConnector for Engine {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap();
        let operation = target.strip_prefix(TARGET).unwrap();
        let (status, body) = match self.answer(operation, request.body().bytes().unwrap()) {
            Ok(body) => (200, body),
            Err(error) => (error.status_code(), error.to_json()),
        };
        let response = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body));
        HttpConnectorFuture::ready(Ok(response))
    }
}

impl Engine {
    /// The operations that the store and its tests use.
    fn answer(&self, operation: &str, body: &[u8]) -> Result<String> {
        let Self(database) = self;
        match operation {
            "BatchGetItem" => run(body, |request| database.batch_get_item(request)),
            "CreateTable" => run(body, |request| database.create_table(request)),
            "DeleteItem" => run(body, |request| database.delete_item(request)),
            "GetItem" => run(body, |request| database.get_item(request)),
            "PutItem" => run(body, |request| database.put_item(request)),
            "Query" => run(body, |request| database.query(request)),
            "Scan" => run(body, |request| database.scan(request)),
            "TransactWriteItems" => run(body, |request| database.transact_write_items(request)),
            "UpdateItem" => run(body, |request| database.update_item(request)),
            other => Err(DynoxideError::UnsupportedCapability(other.to_owned())),
        }
    }
}

fn run<Q: DeserializeOwned, A: Serialize>(
    body: &[u8],
    operation: impl FnOnce(Q) -> Result<A>,
) -> Result<String> {
    let invalid =
        |error: serde_json::Error| DynoxideError::SerializationException(error.to_string());
    let answer = operation(serde_json::from_slice(body).map_err(invalid)?)?;
    serde_json::to_string(&answer).map_err(invalid)
}
