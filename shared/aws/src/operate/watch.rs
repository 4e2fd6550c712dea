//! What CloudWatch knows of a stack: alarms, and how old the oldest message is.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{
    AlarmType, Dimension, Metric, MetricDataQuery, MetricStat, ScanBy,
};

use super::CallError;
use crate::Aws;

/// Most names of one `DescribeAlarms`.
const NAMES_MAX: usize = 100;
/// Most queries of one `GetMetricData`.
const QUERIES_MAX: usize = 500;
/// How far back a metric is looked for. SQS tells of idle queues every five minutes.
const BACK: Duration = Duration::from_secs(900);

/// An alarm as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlarmNow {
    /// Its name.
    pub name: String,
    /// `OK`, `ALARM` or `INSUFFICIENT_DATA`.
    pub state: String,
    /// Since when, unix seconds.
    pub since: Option<i64>,
    /// What it says of itself.
    pub description: String,
}

/// Alarms by name, composite ones too.
///
/// # Errors
/// When CloudWatch does not answer.
pub async fn alarms(aws: &Aws, names: &[String]) -> Result<Vec<AlarmNow>, CallError> {
    let client = Client::new(&aws.config);
    let mut found = Vec::new();
    for names in names.chunks(NAMES_MAX) {
        let call = client
            .describe_alarms()
            .set_alarm_names(Some(names.to_vec()))
            .alarm_types(AlarmType::MetricAlarm)
            .alarm_types(AlarmType::CompositeAlarm)
            .max_records(100);
        let answer = Box::pin(call.send()).await;
        let answer = answer.map_err(|error| CallError::of("DescribeAlarms", &error))?;
        let metric = answer.metric_alarms.unwrap_or_default().into_iter();
        found.extend(metric.map(|alarm| {
            AlarmNow {
                name: alarm.alarm_name.unwrap_or_default(),
                state: alarm
                    .state_value
                    .map_or_else(String::new, |state| state.as_str().to_owned()),
                since: alarm.state_updated_timestamp.map(|at| at.secs()),
                description: alarm.alarm_description.unwrap_or_default(),
            }
        }));
        let composite = answer.composite_alarms.unwrap_or_default().into_iter();
        found.extend(composite.map(|alarm| {
            AlarmNow {
                name: alarm.alarm_name.unwrap_or_default(),
                state: alarm
                    .state_value
                    .map_or_else(String::new, |state| state.as_str().to_owned()),
                since: alarm.state_updated_timestamp.map(|at| at.secs()),
                description: alarm.alarm_description.unwrap_or_default(),
            }
        }));
    }
    Ok(found)
}

/// How old the oldest message of each queue is, seconds, where CloudWatch has heard of it
/// in the last quarter of an hour. `queues` are names.
///
/// # Errors
/// When CloudWatch does not answer.
pub async fn oldest_ages(aws: &Aws, queues: &[String]) -> Result<BTreeMap<String, i64>, CallError> {
    let client = Client::new(&aws.config);
    let mut ages = BTreeMap::new();
    let now = SystemTime::now();
    for queues in queues.chunks(QUERIES_MAX) {
        let queries = queues
            .iter()
            .enumerate()
            .map(|(index, queue)| query(index, queue));
        let call = client
            .get_metric_data()
            .set_metric_data_queries(Some(queries.collect()))
            .start_time(DateTime::from(now - BACK))
            .end_time(DateTime::from(now))
            .scan_by(ScanBy::TimestampDescending);
        let answer = Box::pin(call.send()).await;
        let answer = answer.map_err(|error| CallError::of("GetMetricData", &error))?;
        for result in answer.metric_data_results.unwrap_or_default() {
            let index = result
                .id()
                .and_then(|id| id.strip_prefix('q')?.parse::<usize>().ok());
            let queue = index.and_then(|index| queues.get(index));
            if let (Some(queue), Some(seconds)) = (queue, result.values().first()) {
                // Whole seconds far below 2^53.
                #[allow(clippy::cast_possible_truncation)]
                ages.insert(queue.clone(), *seconds as i64);
            }
        }
    }
    Ok(ages)
}

fn query(index: usize, queue: &str) -> MetricDataQuery {
    let dimension = Dimension::builder().name("QueueName").value(queue).build();
    let metric = Metric::builder()
        .namespace("AWS/SQS")
        .metric_name("ApproximateAgeOfOldestMessage")
        .dimensions(dimension)
        .build();
    let stat = MetricStat::builder()
        .metric(metric)
        .period(60)
        .stat("Maximum")
        .build();
    MetricDataQuery::builder()
        .id(format!("q{index}"))
        .metric_stat(stat)
        .build()
}
