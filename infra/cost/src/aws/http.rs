//! Which service a request is for.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::{DefaultBodyLimit, State as Shared};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::{Value, json};

use super::{State, bus};
use crate::count::{Stage, Unit};

/// Status and JSON.
pub(super) type Answer = (u16, String);

/// The error that the SDKs know and do not try again.
pub(super) fn refused(code: &str) -> Answer {
    (400, json!({ "__type": code }).to_string())
}

pub(super) fn router(state: Arc<Mutex<State>>) -> Router {
    Router::new()
        .fallback(answer)
        .layer(DefaultBodyLimit::max(1 << 26))
        .with_state(state)
}

async fn answer(
    Shared(state): Shared<Arc<Mutex<State>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let target = headers
        .get("x-amz-target")
        .and_then(|value| value.to_str().ok());
    let state = &mut *state.lock().unwrap_or_else(PoisonError::into_inner);
    let Some((service, operation)) = target.and_then(|target| target.split_once('.')) else {
        return object(state, &method, uri.path(), body);
    };
    let requests = state
        .tally
        .requests
        .entry(operation.to_owned())
        .or_default();
    requests.count += 1;
    requests.bytes += body.len() as u64;
    let (status, text) = match service {
        "DynamoDB_20120810" => state.database.answer(&mut state.tally, operation, &body),
        "AmazonSQS" => state.queues.answer(&mut state.tally, operation, &body),
        "AWSEvents" => bus::answer(state, operation, &body),
        "secretsmanager" => secret(state, operation),
        _ => refused("UnknownOperationException"),
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let content_type = [("content-type", "application/x-amz-json-1.0")];
    (status, content_type, text).into_response()
}

fn secret(state: &mut State, operation: &str) -> Answer {
    if operation != "GetSecretValue" {
        return refused("UnknownOperationException");
    }
    state.tally.counts.add(Stage::Secrets, Unit::SecretCall, 1);
    let answer = json!({
        "ARN": "arn:aws:secretsmanager:us-east-1:123456789012:secret:cost",
        "Name": "cost",
        "SecretString": state.secret,
    });
    (200, answer.to_string())
}

/// S3, path style.
fn object(state: &mut State, method: &Method, path: &str, body: Bytes) -> Response {
    let (operation, unit) = match *method {
        Method::PUT => ("PutObject", Unit::S3Put),
        Method::GET => ("GetObject", Unit::S3Get),
        _ => return StatusCode::METHOD_NOT_ALLOWED.into_response(),
    };
    let requests = state
        .tally
        .requests
        .entry(operation.to_owned())
        .or_default();
    requests.count += 1;
    requests.bytes += body.len() as u64;
    state.tally.counts.add(Stage::Objects, unit, 1);
    if unit == Unit::S3Put {
        state.objects.insert(path.to_owned(), body);
        return StatusCode::OK.into_response();
    }
    match state.objects.get(path) {
        Some(body) => body.clone().into_response(),
        None => (
            StatusCode::NOT_FOUND,
            "<Error><Code>NoSuchKey</Code></Error>",
        )
            .into_response(),
    }
}

/// A request's JSON, or the answer to one that has none.
pub(super) fn parse(body: &[u8]) -> Result<Value, Answer> {
    serde_json::from_slice(body).map_err(|_| refused("SerializationException"))
}
