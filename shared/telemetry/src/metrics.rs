//! Fields that are metrics too. A line in which one of them says something is a document
//! of CloudWatch's embedded metric format as well, and costs 230 bytes more: so an
//! ordinary line, in which they are all zero, costs nothing.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>
//!
//! The only dimension is the function's name: a metric for each account would be
//! thousands of metrics, and tell who they are.

use std::fmt::Write as _;
use std::time::Duration;

/// The namespace of all of them.
pub const NAMESPACE: &str = "Tributary";
/// The only dimension: what Lambda calls the function.
pub const DIMENSION: &str = "function";

/// What a metric counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// How many.
    Count,
    /// How long.
    Seconds,
}

impl Unit {
    /// As CloudWatch calls it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::Seconds => "Seconds",
        }
    }
}

/// When a value is worth a datum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Says {
    /// Zero says nothing.
    WhenNotZero,
    /// Zero says that somebody looked.
    Always,
}

/// A field that is a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    /// The field, which is the metric's name.
    pub field: &'static str,
    /// What it counts in.
    pub unit: Unit,
    /// When it is a datum.
    pub says: Says,
    /// The functions that log it.
    pub by: &'static [&'static str],
}

const fn count(field: &'static str, by: &'static [&'static str]) -> Metric {
    Metric {
        field,
        unit: Unit::Count,
        says: Says::WhenNotZero,
        by,
    }
}

/// Every metric. docs/LOGGING.md says what each means, and infra/observability what
/// becomes of it; tests compare all three.
pub const METRICS: &[Metric] = &[
    count("signature_mismatch", &["ingest_webhook"]),
    count("missing_events", &["apply_event"]),
    count("other_body", &["apply_event"]),
    count("unknown", &["apply_event"]),
    count("claimed", &["apply_event"]),
    count("newer_version", &["apply_event"]),
    count("odd_time", &["apply_event"]),
    count("unfetchable", &["fetch_object"]),
    count("concerns", &["post_ledger"]),
    count("imports_refused", &["import_entries"]),
    count("findings_open", &["reconcile"]),
    count("residuals", &["reconcile"]),
    Metric {
        field: "uncovered_s",
        unit: Unit::Seconds,
        says: Says::Always,
        by: &["reconcile"],
    },
    count(
        "breaker_opened",
        &["fetch_object", "post_ledger", "reconcile"],
    ),
];

/// The metric that a field is, if its value says something.
pub(crate) fn told(field: &str, value: i64) -> Option<&'static Metric> {
    let metric = METRICS.iter().find(|metric| metric.field == field)?;
    (value != 0 || metric.says == Says::Always).then_some(metric)
}

/// Appends to a line, whose members they are already, that these are metrics.
pub(crate) fn direct(line: &mut String, metrics: &[&Metric], function: &str, at: Duration) {
    if metrics.is_empty() {
        return;
    }
    // Writing to a string cannot fail.
    let _ = write!(
        line,
        r#","{DIMENSION}":"{function}","_aws":{{"Timestamp":{},"CloudWatchMetrics":[{{"Namespace":"{NAMESPACE}","Dimensions":[["{DIMENSION}"]],"Metrics":["#,
        at.as_millis()
    );
    for (place, metric) in metrics.iter().enumerate() {
        let comma = if place == 0 { "" } else { "," };
        let (field, unit) = (metric.field, metric.unit.as_str());
        let _ = write!(line, r#"{comma}{{"Name":"{field}","Unit":"{unit}"}}"#);
    }
    line.push_str("]}]}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::Form;
    use crate::vocabulary::find;

    #[test]
    fn every_metric_is_a_number_of_the_vocabulary() {
        for metric in METRICS {
            let field = find(metric.field).expect(metric.field);
            assert_eq!(field.form, Form::Number, "{}", metric.field);
            assert!(!metric.by.is_empty(), "{}", metric.field);
        }
    }

    #[test]
    fn zero_is_a_datum_of_a_watchdog_only() {
        assert_eq!(told("concerns", 0), None);
        assert_eq!(told("concerns", 1).unwrap().unit, Unit::Count);
        assert_eq!(told("uncovered_s", 0).unwrap().unit, Unit::Seconds);
        assert_eq!(told("applied", 5), None);
    }
}
