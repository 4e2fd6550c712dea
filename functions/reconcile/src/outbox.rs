//! The queues that reconciling writes to, as one.

use tributary_aws::reconcile::SqsJobs;
use tributary_aws::{S3Blobs, SqsEvents, SqsFetches, SqsPulls, SqsQuarantine};
use tributary_domain::FetchRequest;
use tributary_pipeline::ledger::{FactQueue, Missed, PullQueue, PullRequest};
use tributary_pipeline::message::{Message, Quarantined};
use tributary_pipeline::ports::{EventQueue, FetchQueue, Quarantine, SendError};
use tributary_pipeline::reconcile::{Job, Jobs};

/// The queues.
#[derive(Debug)]
#[expect(missing_docs, reason = "each queue is documented by its type")]
pub struct Outbox {
    pub jobs: SqsJobs,
    pub pulls: SqsPulls,
    pub events: SqsEvents,
    pub fetches: SqsFetches,
    pub quarantine: SqsQuarantine<S3Blobs>,
}

impl Jobs for Outbox {
    async fn send(&self, job: &Job, delay_s: u16) -> Result<(), SendError> {
        self.jobs.send(job, delay_s).await
    }
}

impl PullQueue for Outbox {
    async fn request(&self, request: &PullRequest, delay_s: u16) -> Result<(), SendError> {
        self.pulls.request(request, delay_s).await
    }
}

impl FactQueue for Outbox {
    async fn tell(&self, missed: &Missed) -> Result<(), SendError> {
        self.pulls.tell(missed).await
    }
}

impl EventQueue for Outbox {
    async fn send(&self, message: &Message) -> Result<(), SendError> {
        self.events.send(message).await
    }
}

impl FetchQueue for Outbox {
    async fn request(&self, request: &FetchRequest, delay_s: u16) -> Result<(), SendError> {
        self.fetches.request(request, delay_s).await
    }
}

impl Quarantine for Outbox {
    async fn hold(&self, held: &Quarantined) -> Result<(), SendError> {
        self.quarantine.hold(held).await
    }
}
