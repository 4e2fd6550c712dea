//! Calls of AWS by hand, for no SDK of these services is needed for anything else here.

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use tributary_demo::stack::Stack;

use crate::road::eventually;

const MAPPINGS: &str = "/2015-03-31/event-source-mappings/";

/// The emulator behind a stack.
pub(crate) struct Emulator<'s> {
    stack: &'s Stack,
    client: Client,
}

impl<'s> Emulator<'s> {
    pub(crate) fn of(stack: &'s Stack) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().no_proxy().build().unwrap();
        Self { stack, client }
    }

    fn call(&self, service: &str, method: Method, path: &str) -> RequestBuilder {
        let scope = format!("test/20260101/us-east-1/{service}/aws4_request");
        let signed =
            format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0");
        let url = format!("{}{path}", self.stack.endpoint_url);
        self.client
            .request(method, url)
            .header("Authorization", signed)
    }

    /// A call of a service that speaks in forms and XML.
    pub(crate) async fn query(&self, service: &str, body: String) -> String {
        let call = self
            .call(service, Method::POST, "/")
            .header("Content-Type", "application/x-www-form-urlencoded");
        let answer = call.body(body).send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{status}: {text}");
        text
    }

    /// A call of Lambda.
    async fn lambda(&self, method: Method, path: &str, input: Option<&Value>) -> Value {
        let call = self.call("lambda", method, path);
        let call = match input {
            Some(input) => call.body(input.to_string()),
            None => call,
        };
        let answer = call.send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status}: {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// A call of DynamoDB.
    pub(crate) async fn dynamodb(&self, operation: &str, input: &Value) {
        let call = self
            .call("dynamodb", Method::POST, "/")
            .header("X-Amz-Target", format!("DynamoDB_20120810.{operation}"))
            .header("Content-Type", "application/x-amz-json-1.0");
        let answer = call.body(input.to_string()).send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{operation}: {status}: {text}");
    }

    /// `aws lambda update-event-source-mapping`: whether a function reads its queue or
    /// stream. Returns when that is so.
    pub(crate) async fn set_reading(&self, function: &str, reads: bool) {
        let of_function = format!("{MAPPINGS}?FunctionName={function}");
        let listed = self.lambda(Method::GET, &of_function, None).await;
        let uuid = listed["EventSourceMappings"][0]["UUID"].as_str().unwrap();
        let mapping = format!("{MAPPINGS}{uuid}");
        let input = json!({ "Enabled": reads });
        self.lambda(Method::PUT, &mapping, Some(&input)).await;
        let wanted = if reads { "Enabled" } else { "Disabled" };
        eventually(wanted, || async {
            let mapping = self.lambda(Method::GET, &mapping, None).await;
            (mapping["State"] == wanted).then_some(())
        })
        .await;
    }

    /// The environment of a function.
    pub(crate) async fn settings(&self, function: &str) -> Value {
        let path = format!("/2015-03-31/functions/{function}/configuration");
        let known = self.lambda(Method::GET, &path, None).await;
        known["Environment"]["Variables"].clone()
    }

    /// Gives a function that environment, as a deployment does.
    pub(crate) async fn deploy_settings(&self, function: &str, settings: &Value) {
        let path = format!("/2015-03-31/functions/{function}/configuration");
        let input = json!({"Environment": {"Variables": settings}});
        self.lambda(Method::PUT, &path, Some(&input)).await;
    }

    /// Reserves that much concurrency for a function; `None` reserves none.
    pub(crate) async fn reserve(&self, function: &str, concurrency: Option<u32>) {
        let path = format!("/2017-10-31/functions/{function}/concurrency");
        match concurrency {
            Some(count) => {
                let input = json!({ "ReservedConcurrentExecutions": count });
                self.lambda(Method::PUT, &path, Some(&input)).await
            }
            None => self.lambda(Method::DELETE, &path, None).await,
        };
    }
}
