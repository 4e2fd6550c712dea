//! What functions log reaches a person.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::document::{Template, list, repository, text};

/// Stripe says that it failed to make events, in one notice and with no number of them:
/// the first one has to be heard.
#[test]
fn fault_07_a_notice_of_events_never_made_raises_an_alarm() {
    let alarms = Template::load().alarms();
    let alarm = alarms.properties("MissingEventsAlarm");
    assert_eq!(alarm["MetricName"], "missing_events");
    assert_eq!(
        (&alarm["Statistic"], &alarm["Threshold"]),
        (&"Sum".into(), &0.into())
    );
    assert_eq!(alarm["EvaluationPeriods"], 1);
}

/// Every function fails, is throttled and takes long in sight of somebody.
#[test]
fn every_function_is_watched() {
    let template = Template::load();
    let alarms = template.alarms();
    for (name, function) in template.resources("AWS::Serverless::Function") {
        for (kind, metrics) in [
            ("Errors", &["Errors", "Invocations"][..]),
            ("Throttles", &["Throttles"]),
            ("Duration", &["Duration"]),
        ] {
            let alarm = alarms.properties(&format!("{name}{kind}Alarm"));
            let watched: Vec<_> = metrics_of(alarm).collect();
            let names: Vec<_> = watched.iter().map(|it| text(&it["MetricName"])).collect();
            assert_eq!(names, metrics, "{name}{kind}");
            for metric in watched {
                assert_eq!(metric["Namespace"], "AWS/Lambda", "{name}{kind}");
                let dimension = &metric["Dimensions"][0];
                assert_eq!(dimension["Name"], "FunctionName", "{name}{kind}");
                assert_eq!(dimension["Value"]["Ref"], *name, "{name}{kind}");
            }
        }
        let alarm = alarms.properties(&format!("{name}DurationAlarm"));
        assert_eq!(
            text(&alarm["Metrics"][0]["Expression"]),
            text(&percent_of(&function["Properties"]["Timeout"])),
            "{name}"
        );
        // These two stop by themselves shortly before their timeout.
        let percent = match name {
            "PostLedger" | "Reconcile" => 95,
            _ => 80,
        };
        assert_eq!(alarm["Threshold"], percent, "{name}");
        assert_eq!(alarm["Metrics"][1]["MetricStat"]["Stat"], "p99", "{name}");
    }
}

/// Milliseconds as percent of a timeout in seconds.
fn percent_of(timeout: &Value) -> Value {
    match timeout["Ref"].as_str() {
        Some(parameter) => {
            json!({ "Fn::Sub": format!("p99 / (10 * ${{{parameter}}})") })
        }
        None => json!(format!("p99 / (10 * {timeout})")),
    }
}

/// What an alarm watches: one metric, or those that it calculates with.
pub(crate) fn metrics_of(alarm: &Value) -> impl Iterator<Item = &Value> {
    let several = alarm["Metrics"].as_array();
    let one = several.is_none().then_some(alarm);
    let several = several.into_iter().flatten();
    let several = several.map(|metric| &metric["MetricStat"]["Metric"]);
    one.into_iter()
        .chain(several.filter(|metric| metric.is_object()))
}

/// An alarm behind none that notifies would sound unheard; behind two, twice.
#[test]
fn every_alarm_is_behind_one_that_notifies() {
    let alarms = Template::load().alarms();
    let mut behind = BTreeMap::new();
    for (name, composite) in alarms.resources("AWS::CloudWatch::CompositeAlarm") {
        let properties = &composite["Properties"];
        let severity = if name.starts_with("Page") {
            "Page"
        } else {
            "Ticket"
        };
        for actions in ["AlarmActions", "OKActions"] {
            let actions = &properties[actions]["Fn::If"];
            assert_eq!(actions[0], format!("Has{severity}Topic"), "{name}");
        }
        for rule in list(&properties["AlarmRule"]["Fn::Join"][1]) {
            let rule = rule["Fn::If"].get(1).unwrap_or(rule);
            let rule = rule["Fn::Sub"].as_str().unwrap();
            let alarm = rule
                .strip_prefix("ALARM(\"${")
                .and_then(|rest| rest.strip_suffix("}\")"));
            let before = behind.insert(alarm.unwrap().to_owned(), name);
            assert_eq!(before, None, "{rule}");
        }
    }
    let all = alarms.resources("AWS::CloudWatch::Alarm");
    let all: BTreeSet<_> = all.into_iter().map(|(name, _)| name.to_owned()).collect();
    assert_eq!(behind.into_keys().collect::<BTreeSet<_>>(), all);
    let composites = alarms.resources("AWS::CloudWatch::CompositeAlarm").len();
    assert_eq!(composites, 6);
}

/// The page that somebody gets says where to read on.
#[test]
fn every_alarm_names_its_section_of_the_runbook_and_every_section_an_alarm() {
    let runbook = std::fs::read_to_string(repository().join("docs/RUNBOOK.md")).unwrap();
    let alarms = Template::load().alarms();
    let named: BTreeSet<_> = alarms
        .resources("AWS::CloudWatch::Alarm")
        .into_iter()
        .map(|(name, alarm)| {
            let description = text(&alarm["Properties"]["AlarmDescription"]);
            let section = description.split("docs/RUNBOOK.md#").nth(1);
            section
                .unwrap_or_else(|| panic!("{name} names no section"))
                .to_owned()
        })
        .collect();
    let alarms = runbook.split("\n## ").find(|it| it.starts_with("Alarms\n"));
    let sections: BTreeSet<_> = alarms
        .unwrap()
        .lines()
        .filter_map(|line| line.strip_prefix("### "))
        .map(str::to_lowercase)
        .collect();
    assert_eq!(named, sections);
}

/// Names of alarms are the first thing that somebody sees at night.
#[test]
fn alarms_are_called_after_the_stack_and_their_place_in_the_template() {
    let template = Template::load();
    let alarms = template.alarms();
    for (logical, alarm) in alarms.resources("AWS::CloudWatch::Alarm") {
        let name = logical.strip_suffix("Alarm").unwrap();
        let called = &alarm["Properties"]["AlarmName"]["Fn::Sub"];
        assert_eq!(*called, format!("${{Stack}}-{name}"));
        // The command line knows resources by these names, whichever stack has them.
        assert_eq!(template.section("Resources").get(logical), None);
        assert!(
            alarm["Properties"].get("AlarmActions").is_none(),
            "{name} notifies by itself"
        );
    }
}
