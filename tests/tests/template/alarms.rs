//! What functions log reaches a person.

use crate::document::{Template, list, target};

/// Stripe says that it failed to make events: the batch line of `apply_event` counts
/// such notices, and the first one raises an alarm.
#[test]
fn fault_07_a_notice_of_events_never_made_raises_an_alarm() {
    let template = Template::load();
    let filter = template.properties("MissingEvents");
    assert_eq!(target(&filter["LogGroupName"]), Some("ApplyEventLog"));
    assert_eq!(filter["FilterPattern"], "{ $.missing_events > 0 }");
    let transformation = list(&filter["MetricTransformations"])[0];
    assert_eq!(transformation["MetricValue"], "$.missing_events");

    let alarm = template.properties("MissingEventsAlarm");
    assert_eq!(alarm["MetricName"], transformation["MetricName"]);
    assert_eq!(alarm["Namespace"], transformation["MetricNamespace"]);
    assert_eq!(
        (&alarm["Statistic"], &alarm["Threshold"]),
        (&"Sum".into(), &0.into())
    );
    let handler = include_str!("../../../functions/apply_event/src/handler.rs");
    assert!(
        handler.contains("missing_events ="),
        "nothing logs what the filter counts"
    );
}
