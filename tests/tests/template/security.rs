//! What is secret is named, never said; what is watched tells nobody's name.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::document::{Template, repository, target, text};

/// The logical names that `!Sub` puts into a text.
fn substituted(value: &str) -> Vec<&str> {
    let parts = value.split("${").skip(1);
    parts.filter_map(|part| part.split('}').next()).collect()
}

fn kind<'a>(template: &'a Template, name: &str) -> &'a str {
    let resource = template.section("Resources").get(name);
    resource.map_or("parameter", |resource| resource["Type"].as_str().unwrap())
}

#[test]
fn environments_hold_references_only() {
    let template = Template::load();
    assert!(
        template.section("Globals")["Function"]
            .get("Environment")
            .is_none()
    );
    for (name, function) in template.resources("AWS::Serverless::Function") {
        let variables = &function["Properties"]["Environment"]["Variables"];
        for (variable, value) in variables.as_object().unwrap() {
            // A mapping says one thing to all functions.
            if value.get("Fn::FindInMap").is_some() {
                continue;
            }
            // What `!Ref` gives of a secret is its ARN.
            let named = match value["Fn::Sub"].as_str() {
                Some(pattern) => substituted(pattern),
                None => vec![
                    target(value).unwrap_or_else(|| panic!("{name}: {variable} is spelled out")),
                ],
            };
            for reference in named {
                let known = [
                    "AWS::DynamoDB::Table",
                    "AWS::Events::EventBus",
                    "AWS::S3::Bucket",
                    "AWS::SQS::Queue",
                    "AWS::SecretsManager::Secret",
                    "parameter",
                ];
                assert!(
                    known.contains(&kind(&template, reference)),
                    "{name}: {variable}"
                );
            }
        }
    }
}

#[test]
fn no_secret_passes_through_the_template() {
    let source = std::fs::read_to_string(repository().join("template.yaml")).unwrap();
    assert!(
        !source.contains("{{resolve:"),
        "a dynamic reference copies a secret's value"
    );
    for (name, parameter) in Template::load().section("Parameters") {
        assert!(parameter.get("NoEcho").is_none(), "{name} takes a secret");
        assert!(
            !text(&parameter["Type"]).contains("SSM"),
            "{name} reads a stored value"
        );
    }
}

#[test]
fn every_log_group_forgets() {
    let template = Template::load();
    for (name, group) in template.resources("AWS::Logs::LogGroup") {
        assert_eq!(
            group["Properties"]["RetentionInDays"]["Ref"], "LogRetentionDays",
            "{name}"
        );
    }
}

#[test]
fn signatures_that_fit_no_secret_are_noticed() {
    let alarms = Template::load().alarms();
    let alarm = alarms.properties("SignatureMismatchAlarm");
    let counted = &alarm["Metrics"][1]["MetricStat"]["Metric"];
    assert_eq!(counted["MetricName"], "signature_mismatch");
    assert_eq!(
        alarm["Metrics"][0]["Expression"],
        "100 * mismatches / webhooks"
    );
    assert_eq!(alarm["Threshold"], 1);
}

#[test]
fn every_role_is_assumed_by_one_service_only_and_can_be_bounded() {
    let template = Template::load();
    for (name, role) in template.resources("AWS::IAM::Role") {
        let properties = &role["Properties"];
        let trust = &properties["AssumeRolePolicyDocument"]["Statement"];
        assert_eq!(trust.as_array().map(Vec::len), Some(1), "{name}");
        let service = match name {
            "ReconcileScheduleRole" => "scheduler.amazonaws.com",
            _ => "lambda.amazonaws.com",
        };
        assert_eq!(trust[0]["Principal"]["Service"], service, "{name}");
        let boundary = &properties["PermissionsBoundary"]["Fn::If"];
        assert_eq!(boundary[0], "HasPermissionsBoundary", "{name}");
        assert_eq!(boundary[1]["Ref"], "PermissionsBoundaryArn", "{name}");
    }
    // Nobody else's schedule.
    let schedule = template.properties("ReconcileScheduleRole");
    let trust = &schedule["AssumeRolePolicyDocument"]["Statement"][0];
    let account = &trust["Condition"]["StringEquals"]["aws:SourceAccount"];
    assert_eq!(account["Ref"], "AWS::AccountId");
}

/// Reserved concurrency would throttle a queue's consumer, which counts as receives:
/// only what is invoked by requests may have it.
#[test]
fn only_ingest_can_reserve_concurrency() {
    let template = Template::load();
    let reserving: BTreeSet<_> = template
        .resources("AWS::Serverless::Function")
        .into_iter()
        .filter(|(_, function)| has_reserve(&function["Properties"]))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(reserving, BTreeSet::from(["IngestWebhook"]));
    let reserve = &template.properties("IngestWebhook")["ReservedConcurrentExecutions"]["Fn::If"];
    assert_eq!(reserve[0], "HasIngestConcurrency");
    assert_eq!(reserve[1]["Ref"], "IngestConcurrency");
}

fn has_reserve(properties: &Value) -> bool {
    properties.get("ReservedConcurrentExecutions").is_some()
}
