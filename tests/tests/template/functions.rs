//! Each function: its package, its logs, its triggers.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::document::{Template, list, repository, target};

const FUNCTION: &str = "AWS::Serverless::Function";

fn package(function: &Value) -> &str {
    let code = function["Properties"]["CodeUri"].as_str().unwrap();
    code.strip_prefix("target/lambda/")
        .and_then(|rest| rest.strip_suffix('/'))
        .unwrap()
}

#[test]
fn every_package_is_deployed_and_nothing_else() {
    let template = Template::load();
    let deployed: BTreeSet<_> = template
        .resources(FUNCTION)
        .into_iter()
        .map(|(_, f)| package(f).to_owned())
        .collect();
    let packages: BTreeSet<_> = std::fs::read_dir(repository().join("functions"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(deployed, packages);
}

#[test]
fn every_function_logs_to_a_group_of_its_own_that_forgets() {
    let template = Template::load();
    let mut groups = BTreeSet::new();
    for (name, function) in template.resources(FUNCTION) {
        let group = target(&function["Properties"]["LoggingConfig"]["LogGroup"])
            .unwrap_or_else(|| panic!("{name} has no log group"));
        assert!(groups.insert(group), "{name} shares {group}");
        assert_eq!(
            template.properties(group)["RetentionInDays"]["Ref"],
            "LogRetentionDays"
        );
    }
}

#[test]
fn lambda_writes_lines_of_its_own_about_failures_only() {
    let template = Template::load();
    for (name, function) in template.resources(FUNCTION) {
        let logging = &function["Properties"]["LoggingConfig"];
        // Levels are for JSON only: Lambda refuses one beside text.
        assert_eq!(logging["LogFormat"], "JSON", "{name}");
        assert_eq!(logging["SystemLogLevel"], "WARN", "{name}");
        assert!(
            logging.get("ApplicationLogLevel").is_none(),
            "{name}: LOG_LEVEL decides, and metrics are read from what is logged"
        );
    }
}

#[test]
fn a_webhook_leaves_one_short_line_that_says_from_where() {
    let template = Template::load();
    let format = &template.properties("WebhookStage")["AccessLogSettings"]["Format"];
    let format = format.as_str().unwrap();
    let fields: Vec<_> = format.split(' ').collect();
    let named_in_the_manual = [
        "$context.requestId",
        "$context.status",
        "$context.responseLatency",
        "$context.identity.sourceIp",
        "$context.integrationErrorMessage",
    ];
    // The message may have spaces, so it is the last.
    assert_eq!(fields, named_in_the_manual);
}

/// SAM calls what it makes of an event after the function and the event.
#[test]
fn what_sam_makes_has_names_of_its_own() {
    let template = Template::load();
    let resources = template.section("Resources");
    for (name, function) in template.resources(FUNCTION) {
        let events = function["Properties"]["Events"].as_object();
        for event in events.into_iter().flat_map(|events| events.keys()) {
            let made = format!("{name}{event}");
            assert!(resources.get(&made).is_none(), "{made} is taken");
        }
    }
}

#[test]
fn every_event_source_reports_partial_failures_and_has_dead_letters() {
    let template = Template::load();
    let mut sources = 0;
    for (name, function) in template.resources(FUNCTION) {
        let Some(events) = function["Properties"]["Events"].as_object() else {
            continue;
        };
        for event in events.values() {
            sources += 1;
            let properties = &event["Properties"];
            assert_eq!(
                properties["FunctionResponseTypes"][0], "ReportBatchItemFailures",
                "{name}"
            );
            match event["Type"].as_str() {
                Some("SQS") => {
                    let queue = target(&properties["Queue"]).unwrap();
                    let redrive = &template.properties(queue)["RedrivePolicy"];
                    assert!(target(&redrive["deadLetterTargetArn"]).is_some(), "{name}");
                    let concurrency = &properties["ScalingConfig"]["MaximumConcurrency"];
                    assert!(
                        !concurrency.is_null(),
                        "{name} may take every concurrency there is"
                    );
                    assert!(
                        properties.get("FilterCriteria").is_none(),
                        "a filter deletes messages"
                    );
                }
                Some("DynamoDB") => assert_stream_gives_up_visibly(name, properties),
                other => panic!("{name}: no rule for an event source of type {other:?}"),
            }
        }
    }
    assert_eq!(sources, 6);
}

fn assert_stream_gives_up_visibly(name: &str, properties: &Value) {
    let destination = &properties["DestinationConfig"]["OnFailure"]["Destination"];
    assert!(target(destination).is_some(), "{name} drops poison");
    assert_eq!(properties["BisectBatchOnFunctionError"], true, "{name}");
    assert_eq!(
        properties["StartingPosition"], "TRIM_HORIZON",
        "{name} would skip changes"
    );
    assert!(
        !properties["MaximumRetryAttempts"].is_null(),
        "{name} retries without end"
    );
    let age = properties["MaximumRecordAgeInSeconds"].as_i64();
    assert!(
        age > Some(0) && age < Some(86_400),
        "{name}: the stream forgets after a day"
    );
}

#[test]
fn the_webhook_api_hands_every_method_to_the_function() {
    let template = Template::load();
    let route = template.properties("WebhookRoute");
    assert_eq!(route["RouteKey"], "ANY /webhooks/stripe/{endpoint}");
    let integration = template.properties("WebhookIntegration");
    assert_eq!(
        target(&integration["IntegrationUri"]),
        Some("IngestWebhook")
    );
    assert_eq!(integration["PayloadFormatVersion"], "2.0");
    let timeout = template.properties("IngestWebhook")["Timeout"]
        .as_i64()
        .unwrap();
    assert!(integration["TimeoutInMillis"].as_i64() > Some(timeout * 1000));

    let stage = template.properties("WebhookStage");
    let settings = &stage["DefaultRouteSettings"];
    assert_eq!(settings["ThrottlingRateLimit"]["Ref"], "WebhookRateLimit");
    assert_eq!(settings["ThrottlingBurstLimit"]["Ref"], "WebhookBurstLimit");
    let group = target(&stage["AccessLogSettings"]["DestinationArn"]).unwrap();
    assert_eq!(
        template.properties(group)["RetentionInDays"]["Ref"],
        "LogRetentionDays"
    );
}

#[test]
fn the_architecture_is_a_parameter_everywhere() {
    let template = Template::load();
    let globals = &template.section("Globals")["Function"];
    assert_eq!(list(&globals["Architectures"])[0]["Ref"], "Architecture");
    assert_eq!(globals["Runtime"], "provided.al2023");
}
