//! The records with which Lambda calls us.

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use tributary_domain::TraceParent;
use tributary_pipeline::message::{Delivered, Kind};

/// The messages of an invocation. A message that names no kind came straight from
/// an EventBridge rule; functions that expect another kind do not ask for it.
pub fn delivered(event: SqsEvent) -> Vec<Delivered> {
    event.records.into_iter().map(one).collect()
}

fn one(message: SqsMessage) -> Delivered {
    let kind = match message.message_attributes.get("kind") {
        None => Some(Kind::EventBridge),
        Some(attribute) => attribute.string_value.as_deref().and_then(Kind::parse),
    };
    let trace = message.message_attributes.get("traceparent");
    let trace = trace.and_then(|attribute| attribute.string_value.as_deref());
    Delivered {
        message_id: message.message_id.unwrap_or_default(),
        kind,
        body: message.body.unwrap_or_default(),
        trace: trace.and_then(TraceParent::parse),
    }
}
