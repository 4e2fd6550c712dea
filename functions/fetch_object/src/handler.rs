//! From a batch of fetch requests to what Stripe answered, queued.

use std::future::Future;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use tributary_aws::records::delivered;
use tributary_domain::{FetchRequest, Owner, TraceParent};
use tributary_pipeline::accept::CLAIMS;
use tributary_pipeline::carriage::{Carried, carry};
use tributary_pipeline::message::{Kind, Message, group};
use tributary_pipeline::ports::{Blobs, EventQueue, SendError};
use tributary_stripe::client::{FetchError, Fetched};
use tributary_stripe::{fetched_message, resource};
use tributary_telemetry::Reason;
use tributary_telemetry::value::Place;

use crate::config::StripeApi;

/// Stripe's API as far as fetch needs it.
pub trait Api: Sync {
    /// Reads what is at `path`, as `owner` sees it.
    fn get(
        &self,
        path: &str,
        owner: &Owner,
    ) -> impl Future<Output = Result<Fetched, FetchError>> + Send;
}

impl Api for StripeApi {
    async fn get(&self, path: &str, owner: &Owner) -> Result<Fetched, FetchError> {
        let client = self.client().await;
        let client = client.map_err(|error| FetchError::Transient(error.to_string()))?;
        client.get(path, owner).await
    }
}

/// Fetch, with its ports.
#[derive(Debug)]
pub struct Fetch<A, Q, B> {
    /// Stripe's API.
    pub api: A,
    /// The events queue.
    pub queue: Q,
    /// The bucket.
    pub blobs: B,
}

/// Why a request has to come again.
#[derive(Debug, thiserror::Error)]
pub enum Unfinished {
    /// The message is not a fetch request.
    #[error("not a fetch request: {0}")]
    Unreadable(Place),
    /// Stripe did not answer.
    #[error(transparent)]
    Stripe(#[from] FetchError),
    /// The answer was not made durable.
    #[error(transparent)]
    Queue(#[from] SendError),
}

impl Reason for Unfinished {}

/// Whether this object will not be had another time either: there is none, or its
/// account has cut the platform off. A key that is refused can be put right.
fn is_final(error: &FetchError) -> bool {
    match error {
        FetchError::Missing => true,
        FetchError::Refused { status, code } => *status == 403 && code == "account_invalid",
        _ => false,
    }
}

impl<A: Api, Q: EventQueue, B: Blobs> Fetch<A, Q, B> {
    /// Serves a batch and names the requests that have to come again. One after
    /// the other: the budget lets no more through at a time anyway.
    pub async fn handle(&self, event: SqsEvent) -> SqsBatchResponse {
        let mut response = SqsBatchResponse::default();
        for message in delivered(event) {
            if let Err(error) = self.serve(&message.body).await {
                tributary_telemetry::warn!(
                    "the fetch has to come again",
                    error = error,
                    message_id = message.message_id
                );
                response.add_failure(message.message_id);
            }
        }
        response
    }

    async fn serve(&self, body: &str) -> Result<(), Unfinished> {
        let request: FetchRequest = serde_json::from_str(body)
            .map_err(|error| Unfinished::Unreadable(Place::from(&error)))?;
        let Some(path) = resource::request_path(&request) else {
            tributary_telemetry::warn!(
                "no path is known",
                code = "unfetchable",
                unfetchable = 1_usize,
                object = request.object
            );
            return Ok(());
        };
        let fetched = match self.api.get(&path, &request.object.owner).await {
            Ok(fetched) => fetched,
            // The next event about it, or reconciliation, tells what became of it.
            Err(error) if is_final(&error) => {
                let error = Unfinished::from(error);
                tributary_telemetry::warn!(
                    "not to be had",
                    code = "unfetchable",
                    unfetchable = 1_usize,
                    object = request.object,
                    error = error
                );
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        let text = fetched_message(&request, fetched.observed_at, &fetched.body);
        let (kind, body) = match carry(&self.blobs, CLAIMS, text.as_bytes()).await? {
            Carried::Inline(text) => (Kind::Fetched, text),
            Carried::Claim(pointer) => (Kind::FetchedClaim, pointer),
        };
        let message = Message {
            kind,
            body,
            group: group(request.object.mode, &request.object.owner),
            endpoint: None,
            trace: TraceParent::of_object(&request.object, &request.cause),
        };
        self.queue.send(&message).await?;
        Ok(())
    }
}
