//! A wire to the database on which calls go wrong on cue.

use std::sync::Arc;

use aws_sdk_dynamodb::config::SharedHttpClient;
use aws_sdk_dynamodb::config::http::{HttpRequest, HttpResponse};
use aws_sdk_s3::primitives::SdkBody;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::result::ConnectorError;
use serde_json::{Value, json};
use tokio::task::yield_now;

/// What goes wrong with one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// It is refused with that code, and nothing happened.
    Refused(&'static str),
    /// It happened, and the answer is lost.
    Lost,
    /// Of a `BatchGetItem`, that key is left unread.
    Unread(String),
}

type Rule = Arc<dyn Fn(&str, &Value) -> Fault + Send + Sync>;

#[derive(Clone)]
struct Wire {
    database: SharedHttpConnector,
    rule: Rule,
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Wire")
    }
}

/// Puts the wire before a client. The rule is given the operation and its input.
pub(crate) fn before(
    client: SharedHttpClient,
    rule: impl Fn(&str, &Value) -> Fault + Send + Sync + 'static,
) -> SharedHttpClient {
    let rule: Rule = Arc::new(rule);
    http_client_fn(move |settings, components| {
        SharedHttpConnector::new(Wire {
            database: client.http_connector(settings, components),
            rule: Arc::clone(&rule),
        })
    })
}

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let wire = self.clone();
        HttpConnectorFuture::new(async move {
            // As on a real wire, others get a turn while a call is under way.
            yield_now().await;
            let answer = wire.answer(request).await;
            yield_now().await;
            answer
        })
    }
}

impl Wire {
    async fn answer(&self, mut request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let mut input: Value = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
        match (self.rule)(&operation, &input) {
            Fault::None => self.database.call(request).await,
            Fault::Refused(code) => Ok(response(400, &json!({ "__type": code }))),
            Fault::Lost => {
                self.database.call(request).await?;
                let cut = std::io::Error::other("the connection was cut");
                Err(ConnectorError::io(cut.into()))
            }
            Fault::Unread(key) => {
                let unread = take_key(&mut input, &key);
                *request.body_mut() = SdkBody::from(input.to_string());
                let mut answer = match input["RequestItems"].as_object().unwrap().is_empty() {
                    true => json!({"Responses": {}}),
                    false => {
                        let answer = self.database.call(request).await?;
                        serde_json::from_slice(answer.body().bytes().unwrap()).unwrap()
                    }
                };
                answer["UnprocessedKeys"] = unread;
                Ok(response(200, &answer))
            }
        }
    }
}

fn response(status: u16, body: &Value) -> HttpResponse {
    HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body.to_string()))
}

/// Takes a key out of a `BatchGetItem`. Returns it in the form of unprocessed keys.
fn take_key(input: &mut Value, key: &str) -> Value {
    let wanted = json!({"pk": {"S": key}});
    let mut unread = json!({});
    let tables = input["RequestItems"].as_object_mut().unwrap();
    for (table, asked) in &mut *tables {
        let keys = asked["Keys"].as_array_mut().unwrap();
        if keys.contains(&wanted) {
            keys.retain(|key| *key != wanted);
            unread[table] = json!({"Keys": [wanted]});
        }
    }
    tables.retain(|_, asked| !asked["Keys"].as_array().unwrap().is_empty());
    unread
}
