//! From a batch of the mirror's stream to the records that have to come again.

use aws_lambda_events::dynamodb::{Event, EventRecord};
use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use tributary_aws::store::{ItemError, row_from_stream};
use tributary_domain::change::{RowChange, Sequence};
use tributary_pipeline::message::Quarantined;
use tributary_pipeline::ports::{Blobs, Quarantine, SendError};
use tributary_pipeline::publish::{EventBus, Pause, publish};
use tributary_stripe::normalize;

/// Publish, with its ports.
#[derive(Debug)]
pub struct Publish<E, P, B, H> {
    /// The event bus.
    pub bus: E,
    /// The way to wait before another try.
    pub pause: P,
    /// The bucket, for rows that no item could hold.
    pub blobs: B,
    /// Where rows that cannot be read wait for a person.
    pub quarantine: H,
}

impl<E: EventBus, P: Pause, B: Blobs, H: Quarantine> Publish<E, P, B, H> {
    /// Publishes a batch and names the records that have to come again, in the
    /// stream's order.
    ///
    /// Lambda hands in everything from the first of them on until it succeeds or
    /// hours have passed, and the shard waits. So only what another try may cure
    /// is named; a row that cannot be read goes into quarantine at once.
    pub async fn handle(&self, event: Event) -> DynamoDbEventResponse {
        let mut steps = Vec::new();
        let mut places = Vec::new();
        let mut failed = Vec::new();
        for (place, record) in event.records.iter().enumerate() {
            match self.step(record).await {
                Ok(Some(step)) => {
                    steps.push(step);
                    places.push(place);
                }
                Ok(None) => {}
                Err(error) => {
                    let record = record.event_id.as_str();
                    tributary_telemetry::error!(
                        "a row cannot be read",
                        code = "unreadable_row",
                        record = record,
                        error = error
                    );
                    if !self.is_held(&event, place, &error).await {
                        failed.push(place);
                    }
                }
            }
        }
        let report = publish(&self.bus, &self.pause, &steps, normalize::state).await;
        failed.extend(report.failed.iter().filter_map(|&step| places.get(step)));
        failed.sort_unstable();
        tributary_telemetry::info!(
            "batch",
            records = event.records.len(),
            published = report.published,
            silent = report.silent,
            unreadable = report.unreadable,
            truncated = report.truncated,
            failed = failed.len()
        );
        response(&event, &failed)
    }

    /// Puts the name of a row that no repetition makes readable into quarantine.
    async fn is_held(&self, event: &Event, place: usize, error: &ItemError) -> bool {
        if matches!(error, ItemError::Bucket(SendError::Transient(_))) {
            return false;
        }
        let keys = event.records.get(place).map(|record| &record.change.keys);
        let held = Quarantined {
            code: "unreadable_row",
            detail: error.to_string(),
            stage: "publish",
            event: None,
            endpoint: None,
            body: serde_json::to_vec(&keys).unwrap_or_default(),
        };
        let held = self.quarantine.hold(&held).await;
        held.inspect_err(|error| tributary_telemetry::warn!("not held", error = error))
            .is_ok()
    }

    /// The step that a record tells of; `None` for the removal of an item, which
    /// is never a change of an object: those leave tombstones.
    async fn step(&self, record: &EventRecord) -> Result<Option<RowChange>, ItemError> {
        let change = &record.change;
        if change.new_image.is_empty() {
            return Ok(None);
        }
        let (key, new) = row_from_stream(&self.blobs, &change.new_image).await?;
        let old = match change.old_image.is_empty() {
            true => None,
            false => Some(row_from_stream(&self.blobs, &change.old_image).await?.1),
        };
        Ok(Some(RowChange {
            key,
            sequence: Sequence::new(change.sequence_number.as_deref().unwrap_or_default()),
            old,
            new: Some(new),
        }))
    }
}

/// Names records by their numbers in the stream. One without a number makes the
/// whole batch come again, which is what Lambda takes an empty name for.
fn response(event: &Event, failed: &[usize]) -> DynamoDbEventResponse {
    let mut response = DynamoDbEventResponse::default();
    let records = failed.iter().filter_map(|&place| event.records.get(place));
    response.batch_item_failures = records
        .map(|record| {
            let mut failure = DynamoDbBatchItemFailure::default();
            failure.item_identifier =
                Some(record.change.sequence_number.clone().unwrap_or_default());
            failure
        })
        .collect();
    response
}
