//! Listening to the bus for a while, by a queue of one's own behind a rule, and speaking
//! on it as the platform does.

use aws_sdk_eventbridge::types::{PutEventsRequestEntry, Target};
use aws_sdk_sqs::types::QueueAttributeName;
use tributary_pipeline::ports::SendError;

use crate::Aws;
use crate::reaction::send_error;

/// Matches every domain event, live and test.
const PATTERN: &str = r#"{"source":[{"prefix":"tributary."}]}"#;

/// Puts a new queue behind the bus and returns its URL. Queue and rule are called
/// `name`, and stay until somebody deletes them.
///
/// # Errors
/// When SQS or EventBridge refuse.
pub async fn tap(aws: &Aws, bus: &str, name: &str) -> Result<String, SendError> {
    let sqs = aws_sdk_sqs::Client::new(&aws.config);
    let created = Box::pin(sqs.create_queue().queue_name(name).send()).await;
    let created = created.map_err(|error| send_error("CreateQueue", &error))?;
    let url = created.queue_url.unwrap_or_default();
    let call = sqs.get_queue_attributes().queue_url(&url);
    let call = call.attribute_names(QueueAttributeName::QueueArn);
    let answer = Box::pin(call.send()).await;
    let answer = answer.map_err(|error| send_error("GetQueueAttributes", &error))?;
    let arn = answer
        .attributes
        .and_then(|mut all| all.remove(&QueueAttributeName::QueueArn));
    let arn = arn.ok_or_else(|| SendError::Invalid("the queue has no ARN".to_owned()))?;
    let bridge = aws_sdk_eventbridge::Client::new(&aws.config);
    let rule = bridge
        .put_rule()
        .name(name)
        .event_bus_name(bus)
        .event_pattern(PATTERN);
    let rule = Box::pin(rule.send())
        .await
        .map_err(|error| send_error("PutRule", &error))?;
    let policy = policy(&arn, rule.rule_arn().unwrap_or_default());
    let call = sqs.set_queue_attributes().queue_url(&url);
    let call = call.attributes(QueueAttributeName::Policy, policy);
    Box::pin(call.send())
        .await
        .map_err(|error| send_error("SetQueueAttributes", &error))?;
    let target = Target::builder().id(name).arn(arn).build();
    let target = target.map_err(|error| SendError::Invalid(error.to_string()))?;
    let call = bridge
        .put_targets()
        .rule(name)
        .event_bus_name(bus)
        .targets(target);
    Box::pin(call.send())
        .await
        .map_err(|error| send_error("PutTargets", &error))?;
    Ok(url)
}

/// Lets this one rule send to the queue.
fn policy(queue: &str, rule: &str) -> String {
    serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": queue,
            "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
        }],
    })
    .to_string()
}

/// Puts one event on a bus, by its source and detail type.
///
/// # Errors
/// When EventBridge refuses.
pub async fn put_event(
    aws: &Aws,
    bus: &str,
    (source, kind): (&str, &str),
    detail: &str,
) -> Result<(), SendError> {
    let bridge = aws_sdk_eventbridge::Client::new(&aws.config);
    let entry = PutEventsRequestEntry::builder()
        .event_bus_name(bus)
        .source(source)
        .detail_type(kind)
        .detail(detail)
        .build();
    let sent = Box::pin(bridge.put_events().entries(entry).send()).await;
    let sent = sent.map_err(|error| send_error("PutEvents", &error))?;
    if sent.failed_entry_count() > 0 {
        return Err(SendError::Transient("PutEvents: not taken".to_owned()));
    }
    Ok(())
}
