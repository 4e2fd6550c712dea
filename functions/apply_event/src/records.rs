//! From a batch of Lambda's to the ids of the messages that have to come again.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use tributary_aws::records::delivered;
use tributary_aws::telemetry::unix_now;
use tributary_pipeline::apply::Fate;
use tributary_pipeline::ports::{Blobs, FetchQueue, Quarantine, Store};

use crate::handler::Apply;

impl<S: Store, F: FetchQueue, H: Quarantine, B: Blobs> Apply<S, F, H, B> {
    /// Applies a batch and names the messages that have to come again.
    pub async fn handle(&self, event: SqsEvent) -> SqsBatchResponse {
        let mut response = SqsBatchResponse::default();
        for (message_id, fate) in self.apply(delivered(event), unix_now()).await {
            if fate == Fate::Failed {
                response.add_failure(message_id);
            }
        }
        response
    }
}
