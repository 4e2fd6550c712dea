//! Each function may do what it does, to what it does it to.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::document::{Template, list, target, text};

const LOGS: &[&str] = &["logs:CreateLogStream", "logs:PutLogEvents"];

/// Everything each function may call, beside writing its own log.
const ALLOWED: &[(&str, &[&str])] = &[
    (
        "IngestWebhook",
        &[
            "s3:PutObject claims/*",
            "s3:PutObject quarantine/*",
            "secretsmanager:GetSecretValue ConnectSigningSecret",
            "secretsmanager:GetSecretValue PlatformSigningSecret",
            "secretsmanager:GetSecretValue ThinSigningSecret",
            "sqs:GetQueueAttributes EventsQueue",
            "sqs:SendMessage EventsQueue",
            "sqs:SendMessage QuarantineQueue",
        ],
    ),
    (
        "ApplyEvent",
        &[
            "dynamodb:BatchGetItem EventsTable",
            "dynamodb:BatchGetItem MirrorTable",
            "dynamodb:PutItem EventsTable",
            "dynamodb:PutItem MirrorTable",
            "s3:GetObject bodies/*",
            "s3:GetObject claims/*",
            "s3:PutObject bodies/*",
            "s3:PutObject quarantine/*",
            "sqs:DeleteMessage EventsQueue",
            "sqs:GetQueueAttributes EventsQueue",
            "sqs:ReceiveMessage EventsQueue",
            "sqs:SendMessage FetchQueue",
            "sqs:SendMessage QuarantineQueue",
        ],
    ),
    (
        "PublishChanges",
        &[
            "dynamodb:DescribeStream MirrorTable",
            "dynamodb:GetRecords MirrorTable",
            "dynamodb:GetShardIterator MirrorTable",
            "dynamodb:ListStreams MirrorTable",
            "events:PutEvents DomainEventBus",
            "s3:GetObject bodies/*",
            "s3:PutObject quarantine/*",
            "sqs:SendMessage PublishDeadLetters",
            "sqs:SendMessage QuarantineQueue",
        ],
    ),
    (
        "ImportEntries",
        &[
            "dynamodb:PutItem OwnBookTable",
            "s3:GetObject ImportBucket/imports/*",
            "s3:PutObject ImportBucket/imports/*.errors.csv",
            "s3:PutObject quarantine/*",
            "sqs:DeleteMessage ImportQueue",
            "sqs:GetQueueAttributes ImportQueue",
            "sqs:ReceiveMessage ImportQueue",
            "sqs:SendMessage QuarantineQueue",
            "sqs:SendMessage ReconcileQueue",
        ],
    ),
    (
        "Reconcile",
        &[
            "dynamodb:BatchGetItem EventsTable",
            "dynamodb:BatchGetItem LedgerTable",
            "dynamodb:BatchGetItem MirrorTable",
            "dynamodb:BatchGetItem OwnBookTable",
            "dynamodb:GetItem ControlTable",
            "dynamodb:GetItem FindingsTable",
            "dynamodb:GetItem LedgerTable",
            "dynamodb:GetItem MatchesTable",
            "dynamodb:PutItem ControlTable",
            "dynamodb:PutItem FindingsTable",
            "dynamodb:PutItem LedgerTable",
            "dynamodb:PutItem MatchesTable",
            "dynamodb:Query FindingsTable",
            "dynamodb:Query FindingsTable/index/open",
            "dynamodb:Query LedgerTable",
            "dynamodb:Query LedgerTable/index/payouts",
            "dynamodb:Query MatchesTable",
            "dynamodb:Query OwnBookTable",
            "dynamodb:UpdateItem ControlTable",
            "s3:GetObject bodies/*",
            "s3:PutObject claims/*",
            "s3:PutObject quarantine/*",
            "secretsmanager:GetSecretValue StripeApiKeySecret",
            "sqs:DeleteMessage ReconcileQueue",
            "sqs:GetQueueAttributes ReconcileQueue",
            "sqs:ReceiveMessage ReconcileQueue",
            "sqs:SendMessage EventsQueue",
            "sqs:SendMessage FetchQueue",
            "sqs:SendMessage LedgerQueue",
            "sqs:SendMessage QuarantineQueue",
            "sqs:SendMessage ReconcileQueue",
        ],
    ),
    (
        "FetchObject",
        &[
            "dynamodb:GetItem ControlTable",
            "dynamodb:PutItem ControlTable",
            "s3:PutObject claims/*",
            "secretsmanager:GetSecretValue StripeApiKeySecret",
            "sqs:DeleteMessage FetchQueue",
            "sqs:GetQueueAttributes FetchQueue",
            "sqs:ReceiveMessage FetchQueue",
            "sqs:SendMessage EventsQueue",
        ],
    ),
    (
        "PostLedger",
        &[
            "dynamodb:BatchGetItem LedgerTable",
            "dynamodb:GetItem ControlTable",
            "dynamodb:GetItem FindingsTable",
            "dynamodb:PutItem ControlTable",
            "dynamodb:PutItem FindingsTable",
            "dynamodb:PutItem LedgerTable",
            "dynamodb:Query LedgerTable",
            "secretsmanager:GetSecretValue StripeApiKeySecret",
            "sqs:DeleteMessage LedgerQueue",
            "sqs:GetQueueAttributes LedgerQueue",
            "sqs:ReceiveMessage LedgerQueue",
            "sqs:SendMessage LedgerQueue",
        ],
    ),
];

fn statements(role: &Value) -> impl Iterator<Item = &Value> {
    list(&role["Policies"])
        .into_iter()
        .flat_map(|policy| list(&policy["PolicyDocument"]["Statement"]))
}

/// The logical resource, the key prefix in the archive bucket or another one, or a
/// table's index.
fn object(resource: &Value) -> String {
    if let Some(arn) = resource["Fn::Sub"].as_str() {
        let part = arn.strip_prefix("${").unwrap().replacen(".Arn}", "", 1);
        let archived = part.strip_prefix("ArchiveBucket/").map(str::to_owned);
        return archived.unwrap_or(part);
    }
    target(resource)
        .unwrap_or_else(|| panic!("not a resource of this stack: {resource}"))
        .to_owned()
}

#[test]
fn each_function_is_allowed_exactly_what_it_needs() {
    let template = Template::load();
    assert_eq!(
        template.resources("AWS::Serverless::Function").len(),
        ALLOWED.len()
    );
    for (function, allowed) in ALLOWED {
        let properties = template.properties(function);
        let role = target(&properties["Role"]).unwrap();
        assert_eq!(role, format!("{function}Role"));
        let log = target(&properties["LoggingConfig"]["LogGroup"]).unwrap();
        let mut expected: BTreeSet<String> = allowed.iter().map(|&pair| pair.to_owned()).collect();
        expected.extend(LOGS.iter().map(|action| format!("{action} {log}")));

        let mut granted = BTreeSet::new();
        for statement in statements(template.properties(role)) {
            for action in list(&statement["Action"]) {
                for resource in list(&statement["Resource"]) {
                    granted.insert(format!("{} {}", text(action), object(resource)));
                }
            }
        }
        assert_eq!(granted, expected, "{function}");
    }
}

#[test]
fn nothing_is_granted_by_wildcard() {
    let template = Template::load();
    for (name, role) in template.resources("AWS::IAM::Role") {
        assert!(
            role["Properties"].get("ManagedPolicyArns").is_none(),
            "{name}"
        );
        for statement in statements(&role["Properties"]) {
            assert_eq!(statement["Effect"], "Allow", "{name}");
            for action in list(&statement["Action"]) {
                assert!(!text(action).contains('*'), "{name} allows {action}");
            }
            for resource in list(&statement["Resource"]) {
                assert_ne!(*resource, "*", "{name} reaches everything");
            }
        }
    }
}

#[test]
fn only_the_route_may_invoke_the_webhook_function() {
    let template = Template::load();
    let permissions = template.resources("AWS::Lambda::Permission");
    assert_eq!(permissions.len(), 1);
    let permission = template.properties("WebhookPermission");
    assert_eq!(permission["Principal"], "apigateway.amazonaws.com");
    let source = permission["SourceArn"]["Fn::Sub"].as_str().unwrap();
    assert!(
        source.ends_with(":${WebhookApi}/*/*/webhooks/stripe/{endpoint}"),
        "{source}"
    );
}
