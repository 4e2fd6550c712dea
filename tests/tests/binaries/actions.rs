//! Each role allows what its function's code can call, and nothing else.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::document::{Template, list, repository, target, text};
use crate::operations::{Operation, reachable};

/// What Lambda does with a function's role beside running its code: writing its log,
/// reading its event sources, handing on what it gave up. Action and resource.
fn on_its_behalf(function: &Value) -> BTreeSet<(String, String)> {
    let mut pairs = BTreeSet::new();
    let mut add = |actions: &[&str], reference: &Value| {
        let resource = target(reference).unwrap();
        pairs.extend(actions.iter().map(|&a| (a.to_owned(), resource.to_owned())));
    };
    add(
        &["logs:CreateLogStream", "logs:PutLogEvents"],
        &function["LoggingConfig"]["LogGroup"],
    );
    for event in function["Events"]
        .as_object()
        .into_iter()
        .flat_map(|events| events.values())
    {
        let source = &event["Properties"];
        match event["Type"].as_str().unwrap() {
            "SQS" => add(
                &[
                    "sqs:DeleteMessage",
                    "sqs:GetQueueAttributes",
                    "sqs:ReceiveMessage",
                ],
                &source["Queue"],
            ),
            "DynamoDB" => add(
                &[
                    "dynamodb:DescribeStream",
                    "dynamodb:GetRecords",
                    "dynamodb:GetShardIterator",
                    "dynamodb:ListStreams",
                ],
                &source["Stream"],
            ),
            other => panic!("what does Lambda need to poll {other}?"),
        }
        let on_failure = &source["DestinationConfig"]["OnFailure"];
        if on_failure["Type"] == "SQS" {
            add(&["sqs:SendMessage"], &on_failure["Destination"]);
        }
    }
    pairs
}

/// The SDKs that the adapters call. Others in a binary are `aws-config`'s own, which
/// looks for credentials; in Lambda it finds them in the environment first.
fn adapters() -> BTreeSet<String> {
    let manifest = std::fs::read_to_string(repository().join("shared/aws/Cargo.toml")).unwrap();
    let names = manifest
        .lines()
        .filter_map(|line| line.strip_prefix("aws-sdk-"));
    names
        .map(|name| name.split('.').next().unwrap().to_owned())
        .collect()
}

/// The IAM action of an operation. Most have one of their own name.
fn action(operation: &Operation) -> Option<String> {
    let prefix = match operation.service.as_str() {
        "eventbridge" => "events",
        service => service,
    };
    let name = match (prefix, operation.name.as_str()) {
        // The S3 client makes sessions for directory buckets only, and ours is none.
        ("s3", "create_session") => return None,
        ("s3", "head_object") => "GetObject".to_owned(),
        ("s3", "list_objects_v2" | "list_objects") => "ListBucket".to_owned(),
        ("sqs", batch) => pascal_case(batch.trim_end_matches("_batch")),
        // Their actions are those of what is in them, which no symbol tells: the ledger
        // puts.
        ("dynamodb", "transact_write_items") => "PutItem".to_owned(),
        ("dynamodb", "transact_get_items" | "execute_statement") => {
            panic!("say here which actions {operation:?} needs")
        }
        (_, other) => pascal_case(other),
    };
    Some(format!("{prefix}:{name}"))
}

fn pascal_case(snake: &str) -> String {
    let words = snake
        .split('_')
        .map(|word| word[..1].to_uppercase() + &word[1..]);
    words.collect()
}

/// What a function calls when it was built with spans, which these binaries were not, and
/// has a collector that wants to know whose they are.
fn for_spans() -> (String, String) {
    let action = "secretsmanager:GetSecretValue".to_owned();
    (action, "OtlpHeadersSecretArn".to_owned())
}

/// Actions and resources that the role of a function allows. A key prefix in the
/// archive counts as the archive, an index as its table.
fn granted(template: &Template, function: &Value) -> BTreeSet<(String, String)> {
    let role = target(&function["Role"]).unwrap();
    let mut pairs = BTreeSet::new();
    for statement in template.statements(role) {
        for resource in list(&statement["Resource"]) {
            let part = resource["Fn::Sub"].as_str();
            let whole = part.and_then(|arn| arn.strip_prefix("${")?.split('.').next());
            let name = target(resource).or(whole).unwrap().to_owned();
            let actions = list(&statement["Action"]).into_iter().map(text);
            pairs.extend(actions.map(|action| (action, name.clone())));
        }
    }
    pairs
}

#[test]
fn policies_allow_what_code_can_call_and_nothing_else() {
    let template = Template::load();
    let adapters = adapters();
    for (name, function) in template.resources("AWS::Serverless::Function") {
        let function = &function["Properties"];
        let code = text(&function["CodeUri"]);
        let package = code.trim_end_matches('/').rsplit('/').next().unwrap();
        let called: BTreeSet<_> = reachable(package)
            .iter()
            .filter(|operation| adapters.contains(&operation.service))
            .filter_map(action)
            .collect();

        let granted = granted(&template, function);
        let mut besides = on_its_behalf(function);
        besides.insert(for_spans());
        let missing: Vec<_> = besides.difference(&granted).collect();
        assert!(
            missing.is_empty(),
            "{name}: Lambda, or a build with spans, may not {missing:?}"
        );
        let for_code: BTreeSet<_> = granted
            .difference(&besides)
            .map(|(a, _)| a.clone())
            .collect();
        let useless: Vec<_> = for_code.difference(&called).collect();
        assert!(
            useless.is_empty(),
            "{name} never calls {useless:?}, and may"
        );
        let forbidden: Vec<_> = called.difference(&for_code).collect();
        assert!(
            forbidden.is_empty(),
            "{name} may not call {forbidden:?}, and can"
        );
    }
}

#[test]
fn operations_are_told_apart() {
    // No function reads messages or whole tables: were uncalled operations left in the
    // binaries, these would be.
    for function in [
        "ingest_webhook",
        "apply_event",
        "publish_changes",
        "fetch_object",
        "post_ledger",
        "import_entries",
        "reconcile",
    ] {
        for operation in reachable(function) {
            assert_ne!(operation.name, "receive_message", "{function}");
            assert_ne!(operation.name, "scan", "{function}");
        }
    }
}
