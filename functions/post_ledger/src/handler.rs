//! From a batch of the ledger's queue to the messages that have to come again.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use tributary_aws::records::delivered;
use tributary_pipeline::ledger::{
    Doubts, Ledger, Ports, PullQueue, Stories, Transactions, Watch, Worked, work,
};

/// The function, with its ports.
#[derive(Debug)]
pub struct PostLedger<T, L, D, Q> {
    /// Stripe's list.
    pub list: T,
    /// The ledger.
    pub ledger: L,
    /// Where concerns are noted, for people to look at.
    pub doubts: D,
    /// The queue that this function reads, to ask itself for what it cannot do yet.
    pub queue: Q,
}

impl<T: Transactions, L: Ledger + Stories, D: Doubts, Q: PullQueue> PostLedger<T, L, D, Q> {
    /// Works on a batch as the worker of that name, and names the messages that have
    /// to come again.
    pub async fn handle(
        &self,
        event: SqsEvent,
        worker: &str,
        watch: &impl Watch,
    ) -> SqsBatchResponse {
        let ports = Ports {
            transactions: &self.list,
            ledger: &self.ledger,
            doubts: &self.doubts,
            watch,
            worker,
        };
        let messages: Vec<_> = delivered(event)
            .into_iter()
            .map(|message| (message.message_id, message.body))
            .collect();
        let count = messages.len();
        let worked = work(&ports, &self.queue, messages).await;
        log(count, &worked);
        let mut response = SqsBatchResponse::default();
        for message_id in worked.failed {
            response.add_failure(message_id);
        }
        response
    }
}

fn log(messages: usize, worked: &Worked) {
    let tally = &worked.tally;
    tributary_telemetry::info!(
        "batch",
        messages = messages,
        failed = worked.failed.len(),
        pulled = worked.pulled,
        answered = worked.answered,
        deferred = worked.deferred,
        unlisted = worked.unlisted,
        facts = worked.facts,
        pages = tally.pages,
        listed = tally.listed,
        posted = tally.posted,
        derived = tally.derived,
        concerns = tally.concerns
    );
}
