//! Who calls reconciliation, and who notices when nobody does.

use serde_json::json;
use tributary_telemetry::metrics::{METRICS, Says};

use crate::document::{Template, target};

/// What sends events of the bus to reconciliation.
const RULES: [&str; 2] = ["ReconcileRule", "ReturnedPayoutsRule"];

#[test]
fn fault_32_the_schedule_sends_to_the_queue_and_has_dead_letters() {
    let template = Template::load();
    let schedule = &template.properties("ReconcileSchedule")["Target"];
    assert_eq!(target(&schedule["Arn"]), Some("ReconcileQueue"));
    assert_eq!(schedule["Input"], r#"{"plan":"due"}"#);
    let dead_letters = &schedule["DeadLetterConfig"]["Arn"];
    assert_eq!(target(dead_letters), Some("ReconcileDeadLetters"));
    let alarms = template.alarms();
    let watchdog = alarms.properties("ReconcileSilentAlarm");
    assert_eq!(watchdog["TreatMissingData"], "breaching");
    assert_eq!(watchdog["Statistic"], "SampleCount");
    assert_eq!(watchdog["MetricName"], "uncovered_s");
    let told = METRICS.iter().find(|metric| metric.field == "uncovered_s");
    assert_eq!(told.unwrap().says, Says::Always, "zero is news, too");
}

/// A target that fails for a day keeps the event in its dead letters, which have an
/// alarm; that moving them back is harmless holds `fault_45_…` of the use cases.
#[test]
fn fault_31_a_notice_that_cannot_be_delivered_is_kept() {
    let template = Template::load();
    for rule in RULES {
        let rule = &template.properties(rule)["Targets"][0];
        assert_eq!(target(&rule["Arn"]), Some("ReconcileQueue"));
        let dead_letters = target(&rule["DeadLetterConfig"]["Arn"]);
        assert_eq!(dead_letters, Some("ReconcileDeadLetters"));
        assert_eq!(rule["RetryPolicy"]["MaximumEventAgeInSeconds"], 86_400);
    }
    for policy in ["ReconcileQueuePolicy", "ReconcileDeadLettersPolicy"] {
        let allowed = &template.properties(policy)["PolicyDocument"]["Statement"][1];
        assert_eq!(allowed["Principal"]["Service"], "events.amazonaws.com");
        let sources = &allowed["Condition"]["ArnEquals"]["aws:SourceArn"];
        let sources: Vec<_> = sources.as_array().unwrap().iter().map(target).collect();
        assert_eq!(sources, RULES.map(Some), "{policy}");
    }
}

/// Only what its job looks at: a payout that came back, and that Stripe explains.
#[test]
fn payouts_that_came_back_are_taken_to_reconciliation() {
    let template = Template::load();
    let pattern = &template.properties("ReturnedPayoutsRule")["EventPattern"];
    assert_eq!(pattern["detail-type"], json!(["payout.changed"]));
    let state = json!({"automatic": [true], "status": ["failed", "canceled"]});
    assert_eq!(pattern["detail"], json!({ "state": state }));
}

/// Stripe forgets events after 30 days: the alarm has to leave time to act.
#[test]
fn coverage_is_watched_long_before_the_horizon() {
    let template = Template::load();
    let alarms = template.alarms();
    let alarm = alarms.properties("CoverageAlarm");
    assert_eq!(alarm["MetricName"], "uncovered_s");
    let days = alarm["Threshold"].as_i64().unwrap() / 86_400;
    assert!((15..=20).contains(&days), "{days} days");
}

#[test]
fn open_findings_are_one_query() {
    let template = Template::load();
    let index = &template.properties("FindingsTable")["GlobalSecondaryIndexes"][0];
    assert_eq!(index["IndexName"], "open");
    assert_eq!(index["KeySchema"][0]["AttributeName"], "open");
}
