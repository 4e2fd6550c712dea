//! Each role may do what it does, to what it does it to, and stands in SECURITY.md.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::document::{Template, list, repository, target, text};

const FUNCTION: &str = "AWS::Serverless::Function";
const ROLE: &str = "AWS::IAM::Role";

const LOGS: &[&str] = &["logs:CreateLogStream", "logs:PutLogEvents"];

/// With a collector that wants to know whose spans it gets.
const OF_ALL: &str = "secretsmanager:GetSecretValue OtlpHeadersSecretArn";

/// Everything each function may call, beside writing its own log and reading the headers
/// for a collector.
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

/// All roles: the template's, and those that SAM makes of functions that name none.
fn roles(template: &Template) -> BTreeSet<String> {
    let of_the_template = template.resources(ROLE).into_iter();
    let by_sam = template
        .resources(FUNCTION)
        .into_iter()
        .filter(|(_, function)| function["Properties"].get("Role").is_none());
    of_the_template
        .map(|(name, _)| name.to_owned())
        .chain(by_sam.map(|(name, _)| format!("{name}Role")))
        .collect()
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

/// All that a role may do: actions and what they are done to.
fn granted(template: &Template, role: &str) -> BTreeSet<String> {
    let mut granted = BTreeSet::new();
    for statement in template.statements(role) {
        for action in list(&statement["Action"]) {
            for resource in list(&statement["Resource"]) {
                granted.insert(format!("{} {}", text(action), object(resource)));
            }
        }
    }
    granted
}

/// What a role is called in SECURITY.md: what takes it, as code calls that.
fn row_of(role: &str) -> String {
    let mut row = String::new();
    for letter in role.strip_suffix("Role").unwrap_or(role).chars() {
        if letter.is_ascii_uppercase() && !row.is_empty() {
            row.push('_');
        }
        row.push(letter.to_ascii_lowercase());
    }
    row
}

fn page() -> String {
    std::fs::read_to_string(repository().join("docs/SECURITY.md")).unwrap()
}

/// The rules that fill a queue, with what they match or with what they could not deliver.
fn rules_into(template: &Template, queue: &str) -> BTreeSet<String> {
    let fills = |rule: &Value| {
        let targets = list(&rule["Properties"]["Targets"]).into_iter();
        targets
            .flat_map(|it| [&it["Arn"], &it["DeadLetterConfig"]["Arn"]])
            .any(|end| target(end) == Some(queue))
    };
    let rules = template.resources("AWS::Events::Rule").into_iter();
    rules
        .filter(|(_, rule)| fills(rule))
        .map(|(name, _)| name.to_owned())
        .collect()
}

#[test]
fn each_function_is_allowed_exactly_what_it_needs() {
    let template = Template::load();
    assert_eq!(template.resources(FUNCTION).len(), ALLOWED.len());
    for (function, allowed) in ALLOWED {
        let properties = template.properties(function);
        let role = target(&properties["Role"]).unwrap();
        assert_eq!(role, format!("{function}Role"));
        let log = target(&properties["LoggingConfig"]["LogGroup"]).unwrap();
        let mut expected: BTreeSet<String> = allowed.iter().map(|&pair| pair.to_owned()).collect();
        expected.extend(LOGS.iter().map(|action| format!("{action} {log}")));
        expected.insert(OF_ALL.to_owned());
        assert_eq!(granted(&template, role), expected, "{function}");
    }
}

#[test]
fn beside_functions_only_the_schedule_has_a_role_and_it_may_only_send() {
    let template = Template::load();
    let mut others = roles(&template);
    for (function, _) in ALLOWED {
        others.remove(&format!("{function}Role"));
    }
    let schedule = "ReconcileScheduleRole";
    assert_eq!(others, BTreeSet::from([schedule.to_owned()]));
    let expected: BTreeSet<String> = ["ReconcileDeadLetters", "ReconcileQueue"]
        .map(|queue| format!("sqs:SendMessage {queue}"))
        .into();
    assert_eq!(granted(&template, schedule), expected);
}

/// What allows something and is no part of a role has to be of a kind that is read here,
/// or this suite would not see it. Those of queues and buckets are looked at one by one;
/// of a connector SAM makes policies.
#[test]
fn one_policy_is_a_resource_of_its_own() {
    let template = Template::load();
    let roles = roles(&template);
    let (alarms, dashboard) = (template.alarms(), template.dashboard());
    let seen = ["AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy"];
    let mut found = BTreeSet::new();
    for stack in [&template, &alarms, &dashboard] {
        for (name, resource) in stack.section("Resources") {
            let kind = text(&resource["Type"]);
            let is_of_iam = kind.starts_with("AWS::IAM::") && !roles.contains(name);
            let is_policy = kind.ends_with("Policy") && !seen.contains(&kind.as_str());
            let connects = kind == "AWS::Serverless::Connector";
            if is_of_iam || is_policy || connects || resource.get("Connectors").is_some() {
                found.insert((name.as_str(), kind));
            }
        }
    }
    let known = ("OtlpHeadersPolicy", "AWS::IAM::Policy".to_owned());
    assert_eq!(found, BTreeSet::from([known]));
}

#[test]
fn nothing_is_granted_by_wildcard() {
    let template = Template::load();
    for (name, role) in template.resources(ROLE) {
        assert!(
            role["Properties"].get("ManagedPolicyArns").is_none(),
            "{name}"
        );
        for statement in template.statements(name) {
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

#[test]
fn a_queue_takes_from_outside_what_its_rules_send_and_nothing_else() {
    let template = Template::load();
    for (name, policy) in template.resources("AWS::SQS::QueuePolicy") {
        let policy = &policy["Properties"];
        let queue = target(&policy["Queues"][0]).unwrap();
        let mut senders = BTreeSet::new();
        for statement in list(&policy["PolicyDocument"]["Statement"]) {
            // What is there on a condition counts as if it held.
            let statement = statement["Fn::If"].get(1).unwrap_or(statement);
            if statement["Effect"] == "Deny" {
                continue;
            }
            let service = &statement["Principal"]["Service"];
            assert_eq!(*service, "events.amazonaws.com", "{name}");
            assert_eq!(statement["Action"], "sqs:SendMessage", "{name}");
            let sources = &statement["Condition"]["ArnEquals"]["aws:SourceArn"];
            let sources = list(sources).into_iter();
            senders.extend(sources.map(|source| target(source).unwrap().to_owned()));
        }
        assert_eq!(senders, rules_into(&template, queue), "{name}");
    }
}

#[test]
fn the_page_has_a_row_for_every_role_and_for_nothing_else() {
    let page = page();
    let (_, section) = page.split_once("\n## What each role may do\n").unwrap();
    let table = section.lines().skip_while(|line| !line.starts_with("|---"));
    let rows = table.skip(1).take_while(|line| line.starts_with('|'));
    let named: Vec<_> = rows
        .map(|row| {
            let name = row
                .strip_prefix("| `")
                .and_then(|rest| rest.split('`').next());
            name.unwrap_or_else(|| panic!("whose row is this? {row}"))
                .to_owned()
        })
        .collect();
    let distinct: BTreeSet<_> = named.iter().cloned().collect();
    assert_eq!(distinct.len(), named.len(), "twice: {named:?}");
    let roles = roles(&Template::load());
    let expected: BTreeSet<_> = roles.iter().map(|role| row_of(role)).collect();
    assert_eq!(distinct, expected);
}

#[test]
fn the_page_says_in_whose_memory_the_api_key_is() {
    let template = Template::load();
    let reads = "secretsmanager:GetSecretValue StripeApiKeySecret";
    let readers: BTreeSet<_> = roles(&template)
        .iter()
        .filter(|role| granted(&template, role).contains(reads))
        .map(|role| row_of(role))
        .collect();
    let page = page();
    let row = page.lines().find(|line| line.starts_with("| API key"));
    let place = row.unwrap().split('|').nth(2).unwrap();
    let named: BTreeSet<_> = place
        .split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect();
    assert_eq!(named, readers);
}
