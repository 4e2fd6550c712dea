//! A message is worked on, retried, and then kept where someone is told of it.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::document::{Parameters, Template, list, parameter_file, target};

const QUEUE: &str = "AWS::SQS::Queue";
const FOURTEEN_DAYS_SECONDS: i64 = 1_209_600;

/// Queues in which messages end: dead letters, and the quarantine.
fn terminal_queues(template: &Template) -> BTreeSet<&str> {
    let redriven = template
        .resources(QUEUE)
        .into_iter()
        .filter_map(|(_, queue)| {
            target(&queue["Properties"]["RedrivePolicy"]["deadLetterTargetArn"])
        });
    let undelivered = template
        .resources("AWS::Events::Rule")
        .into_iter()
        .flat_map(|(_, rule)| list(&rule["Properties"]["Targets"]))
        .filter_map(|rule_target| target(&rule_target["DeadLetterConfig"]["Arn"]));
    let unpublished = template
        .resources("AWS::Serverless::Function")
        .into_iter()
        .filter_map(|(_, function)| function["Properties"]["Events"].as_object())
        .flat_map(|events| events.values())
        .filter_map(|event| {
            target(&event["Properties"]["DestinationConfig"]["OnFailure"]["Destination"])
        });
    redriven
        .chain(undelivered)
        .chain(unpublished)
        .chain(["QuarantineQueue"])
        .collect()
}

fn working_queues(template: &Template) -> Vec<(&str, &Value)> {
    let terminal = terminal_queues(template);
    let mut queues = template.resources(QUEUE);
    queues.retain(|(name, _)| !terminal.contains(name));
    queues
}

fn has_alarm(template: &Template, queue: &str, metric: &str) -> bool {
    template
        .alarms()
        .resources("AWS::CloudWatch::Alarm")
        .into_iter()
        .any(|(_, alarm)| {
            let properties = &alarm["Properties"];
            properties["MetricName"] == metric
                && properties["Dimensions"][0]["Value"]["Fn::GetAtt"]
                    == format!("{queue}.QueueName")
        })
}

#[test]
fn every_working_queue_has_dead_letters_and_an_alarm() {
    let template = Template::load();
    for (name, queue) in working_queues(&template) {
        let redrive = &queue["Properties"]["RedrivePolicy"];
        assert!(
            target(&redrive["deadLetterTargetArn"]).is_some(),
            "{name} drops poison"
        );
        let receives = template.number(&redrive["maxReceiveCount"], &Parameters::new());
        assert!(receives >= 5, "{name} gives up after {receives} receives");
        assert!(
            has_alarm(&template, name, "ApproximateAgeOfOldestMessage"),
            "nobody notices that {name} stands still"
        );
    }
}

#[test]
fn every_terminal_queue_has_an_alarm_and_the_longest_retention() {
    let template = Template::load();
    for name in terminal_queues(&template) {
        assert!(
            has_alarm(&template, name, "ApproximateNumberOfMessagesVisible"),
            "nobody notices a message in {name}"
        );
        let retention = &template.properties(name)["MessageRetentionPeriod"];
        assert_eq!(retention.as_i64(), Some(FOURTEEN_DAYS_SECONDS), "{name}");
    }
    for (name, queue) in working_queues(&template) {
        let retention = queue["Properties"]["MessageRetentionPeriod"].as_i64();
        assert!(
            retention < Some(FOURTEEN_DAYS_SECONDS),
            "{name} outlives its dead letters"
        );
    }
}

#[test]
fn a_dead_letter_alarm_fires_on_the_first_message() {
    let alarms = Template::load().alarms();
    for (name, alarm) in alarms.resources("AWS::CloudWatch::Alarm") {
        let properties = &alarm["Properties"];
        if properties["MetricName"] == "ApproximateNumberOfMessagesVisible" {
            assert_eq!(properties["Threshold"], 0, "{name}");
            assert_eq!(
                properties["ComparisonOperator"], "GreaterThanThreshold",
                "{name}"
            );
            assert_eq!(properties["EvaluationPeriods"], 1, "{name}");
        }
    }
}

#[test]
fn a_message_stays_hidden_for_six_timeouts_of_its_consumer() {
    let template = Template::load();
    let mut sets = vec![Parameters::new(), parameter_file("local.yaml")];
    for name in [
        "ApplyTimeoutSeconds",
        "FetchTimeoutSeconds",
        "LedgerTimeoutSeconds",
    ] {
        let allowed = list(&template.section("Parameters")[name]["AllowedValues"]);
        sets.extend(
            allowed
                .iter()
                .map(|value| [(name.to_owned(), value.to_string())].into()),
        );
    }
    let mut consumers = 0;
    for (name, function) in template.resources("AWS::Serverless::Function") {
        let properties = &function["Properties"];
        let events = properties["Events"].as_object();
        let mut queues = events
            .into_iter()
            .flat_map(|events| events.values())
            .filter_map(|event| target(&event["Properties"]["Queue"]));
        let Some(queue) = queues.next() else {
            continue;
        };
        consumers += 1;
        for overrides in &sets {
            let values = template.parameters(overrides);
            let timeout = template.number(&properties["Timeout"], &values);
            let hidden = template.number(&template.properties(queue)["VisibilityTimeout"], &values);
            assert!(
                hidden >= 6 * timeout,
                "{name}: {hidden} s for a timeout of {timeout} s"
            );
        }
    }
    assert_eq!(consumers, working_queues(&template).len());
}

#[test]
fn every_queue_is_encrypted_and_refuses_plain_http() {
    let template = Template::load();
    let policies = template.resources("AWS::SQS::QueuePolicy");
    for (name, queue) in template.resources(QUEUE) {
        assert_eq!(queue["Properties"]["SqsManagedSseEnabled"], true, "{name}");
        let denied = policies.iter().any(|(_, policy)| {
            let properties = &policy["Properties"];
            let statement = &properties["PolicyDocument"]["Statement"][0];
            target(&properties["Queues"][0]) == Some(name)
                && target(&statement["Resource"]) == Some(name)
                && statement["Effect"] == "Deny"
                && statement["Principal"] == "*"
                && statement["Condition"]["Bool"]["aws:SecureTransport"] == false
        });
        assert!(denied, "{name} accepts plain HTTP");
    }
}
