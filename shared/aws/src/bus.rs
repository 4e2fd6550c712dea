//! The event bus.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::{PutEventsRequestEntry, PutEventsResultEntry};
use tributary_pipeline::ports::SendError;
use tributary_pipeline::publish::{BusEntry, EventBus, Pause};

use crate::Aws;
use crate::reaction::send_error;

/// Error codes of single entries that another try may cure. Everything else is
/// about the entry itself.
const PASSING_CODES: [&str; 3] = [
    "ThrottlingException",
    "InternalException",
    "InternalFailure",
];

/// A bus on EventBridge.
#[derive(Debug, Clone)]
pub struct EventBridgeBus {
    client: Client,
    name: String,
}

impl EventBridgeBus {
    /// A bus by name.
    pub fn new(aws: &Aws, name: String) -> Self {
        Self {
            client: Client::new(&aws.config),
            name,
        }
    }

    fn entry(&self, entry: &BusEntry) -> PutEventsRequestEntry {
        PutEventsRequestEntry::builder()
            .event_bus_name(&self.name)
            .source(entry.source)
            .detail_type(entry.detail_type)
            .detail(&entry.detail)
            .build()
    }
}

fn verdict(entry: &PutEventsResultEntry) -> Result<(), SendError> {
    match entry.error_code() {
        None => Ok(()),
        Some(code) if PASSING_CODES.contains(&code) => Err(SendError::Transient(code.to_owned())),
        Some(code) => Err(SendError::Invalid(code.to_owned())),
    }
}

impl EventBus for EventBridgeBus {
    async fn put(&self, entries: &[BusEntry]) -> Result<Vec<Result<(), SendError>>, SendError> {
        let entries = entries.iter().map(|entry| self.entry(entry)).collect();
        let call = self.client.put_events().set_entries(Some(entries));
        let answer = Box::pin(call.send()).await;
        let answer = answer.map_err(|error| send_error("PutEvents", &error))?;
        Ok(answer.entries().iter().map(verdict).collect())
    }
}

/// Waits for real.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sleep;

impl Pause for Sleep {
    async fn up_to(&self, limit: Duration) {
        tokio::time::sleep(limit.mul_f64(fastrand::f64())).await;
    }
}
