//! What alarms and dashboard watch is there: AWS emits it, or our functions do.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;
use tributary_telemetry::metrics::{DIMENSION, METRICS, NAMESPACE};

use crate::alarms::metrics_of;
use crate::document::{Template, list, repository, target, text};

/// Metrics of AWS that we watch, with the dimension by which they are asked for. From
/// the manuals of SQS, Lambda and API Gateway (HTTP APIs).
const OF_AWS: &[(&str, &str, &[&str])] = &[
    ("AWS/ApiGateway", "ApiId", &["4xx", "5xx", "Count"]),
    (
        "AWS/Lambda",
        "FunctionName",
        &[
            "Duration",
            "Errors",
            "Invocations",
            "IteratorAge",
            "Throttles",
        ],
    ),
    (
        "AWS/SQS",
        "QueueName",
        &[
            "ApproximateAgeOfOldestMessage",
            "ApproximateNumberOfMessagesVisible",
            "NumberOfMessagesDeleted",
            "NumberOfMessagesSent",
        ],
    ),
];

/// A metric that is watched: namespace, name, dimension, and the logical name of what
/// the dimension's value is.
type Watched = (String, String, String, String);

fn by_alarms(template: &Template) -> Vec<Watched> {
    let alarms = template.alarms();
    let alarms = alarms.resources("AWS::CloudWatch::Alarm");
    alarms
        .into_iter()
        .flat_map(|(name, alarm)| {
            metrics_of(&alarm["Properties"]).map(move |metric| {
                let dimensions = list(&metric["Dimensions"]);
                assert_eq!(dimensions.len(), 1, "{name}");
                let subject = target(&dimensions[0]["Value"]).expect(name);
                (
                    text(&metric["Namespace"]),
                    text(&metric["MetricName"]),
                    text(&dimensions[0]["Name"]),
                    subject.to_owned(),
                )
            })
        })
        .collect()
}

fn by_the_dashboard(template: &Template) -> Vec<Watched> {
    let given = &template.properties("Dashboard")["Parameters"];
    let nested = template.dashboard();
    let body = text(&nested.properties("Overview")["DashboardBody"]["Fn::Sub"]);
    let body: Value = serde_json::from_str(&body).expect("a dashboard is JSON");
    let widgets = list(&body["widgets"]);
    let metrics = widgets
        .into_iter()
        .filter_map(|widget| widget["properties"]["metrics"].as_array())
        .flatten();
    metrics
        .map(|metric| {
            let part = |index: usize| text(&metric[index]);
            let parameter = part(3);
            let parameter = parameter
                .strip_prefix("${")
                .and_then(|rest| rest.strip_suffix('}'));
            let subject = target(&given[parameter.unwrap()]).unwrap();
            (part(0), part(1), part(2), subject.to_owned())
        })
        .collect()
}

/// The package of each function, by its logical name.
fn packages(template: &Template) -> BTreeMap<String, String> {
    let functions = template.resources("AWS::Serverless::Function");
    functions
        .into_iter()
        .map(|(name, function)| {
            let code = text(&function["Properties"]["CodeUri"]);
            let package = code.trim_end_matches('/').rsplit('/').next().unwrap();
            (name.to_owned(), package.to_owned())
        })
        .collect()
}

#[test]
fn every_metric_of_aws_that_is_watched_exists() {
    let template = Template::load();
    let kinds = BTreeMap::from([
        ("ApiId", "AWS::ApiGatewayV2::Api"),
        ("FunctionName", "AWS::Serverless::Function"),
        ("QueueName", "AWS::SQS::Queue"),
    ]);
    let watched = [by_alarms(&template), by_the_dashboard(&template)].concat();
    let mut count = 0;
    for (namespace, name, dimension, subject) in watched {
        if namespace == NAMESPACE {
            continue;
        }
        count += 1;
        let known = OF_AWS
            .iter()
            .find(|(known, by, _)| *known == namespace && *by == dimension);
        let (_, _, names) = known.unwrap_or_else(|| panic!("{namespace} by {dimension}"));
        assert!(names.contains(&name.as_str()), "{namespace} has no {name}");
        let kind = &template.section("Resources")[&subject]["Type"];
        assert_eq!(*kind, kinds[dimension.as_str()], "{name} of {subject}");
    }
    assert!(count > 50, "{count}");
}

/// Both ways: nothing watches what nobody says, and nothing is said that nobody watches.
#[test]
fn every_metric_of_ours_is_logged_by_who_is_watched_for_it_and_watched() {
    let template = Template::load();
    let packages = packages(&template);
    let mut watched = BTreeSet::new();
    for (namespace, name, dimension, subject) in
        [by_alarms(&template), by_the_dashboard(&template)].concat()
    {
        if namespace == NAMESPACE {
            assert_eq!(dimension, DIMENSION, "{name}");
            watched.insert((name, packages[&subject].clone()));
        }
    }
    let logged: BTreeSet<_> = METRICS
        .iter()
        .flat_map(|metric| {
            let by = metric.by.iter();
            by.map(|by| (metric.field.to_owned(), (*by).to_owned()))
        })
        .collect();
    assert_eq!(watched, logged);
}

/// An alarm of a metric whose field nobody logs would be silent for ever. Breakers are
/// in the adapter that all who call Stripe have.
#[test]
fn every_metric_of_ours_stands_in_the_code_of_who_logs_it() {
    for metric in METRICS {
        for package in metric.by {
            let sources = match metric.field {
                "breaker_opened" => vec!["shared/aws/src/control.rs".to_owned()],
                _ => vec![format!("functions/{package}/src")],
            };
            let logs = sources.iter().any(|source| {
                let logged = format!("{} = ", metric.field);
                contains(&repository().join(source), &logged)
            });
            assert!(logs, "{package} does not log {}", metric.field);
        }
    }
}

fn contains(path: &Path, text: &str) -> bool {
    if path.is_dir() {
        let mut entries = std::fs::read_dir(path).unwrap();
        return entries.any(|entry| contains(&entry.unwrap().path(), text));
    }
    std::fs::read_to_string(path).unwrap().contains(text)
}

/// A metric for each account would be thousands of metrics, and tell who they are.
#[test]
fn no_metric_is_told_apart_by_account() {
    assert_eq!(DIMENSION, "function");
    let template = Template::load();
    let filters = template.section("Resources").values();
    let filters = filters.filter(|resource| resource["Type"] == "AWS::Logs::MetricFilter");
    assert_eq!(
        filters.count(),
        0,
        "metrics of logs are documents of their own"
    );
    let dimensions = [by_alarms(&template), by_the_dashboard(&template)].concat();
    let dimensions: BTreeSet<_> = dimensions.into_iter().map(|(_, _, by, _)| by).collect();
    let allowed = ["ApiId", "FunctionName", "QueueName", DIMENSION];
    assert_eq!(dimensions, allowed.map(str::to_owned).into());
}

/// The dashboard answers three questions, about every function and every queue.
#[test]
fn the_dashboard_shows_every_function_every_queue_and_who_notifies() {
    let template = Template::load();
    let shown: BTreeSet<_> = by_the_dashboard(&template)
        .into_iter()
        .map(|(_, _, _, subject)| subject)
        .collect();
    for kind in ["AWS::Serverless::Function", "AWS::SQS::Queue"] {
        for (name, resource) in template.resources(kind) {
            let is_optional = resource.get("Condition").is_some();
            assert!(is_optional || shown.contains(name), "{name} is not shown");
        }
    }
    let nested = template.dashboard();
    let body = text(&nested.properties("Overview")["DashboardBody"]["Fn::Sub"]);
    for (_, composite) in template
        .alarms()
        .resources("AWS::CloudWatch::CompositeAlarm")
    {
        let name = text(&composite["Properties"]["AlarmName"]["Fn::Sub"]);
        assert!(body.contains(&format!(":alarm:{name}\"")), "{name}");
    }
    for question in ["Is money flowing?", "Is it right?", "What is stuck?"] {
        assert!(body.contains(question), "{question}");
    }
}

/// A saved query asks for fields that lines have.
#[test]
fn saved_queries_ask_for_fields_of_the_vocabulary() {
    let nested = Template::load().dashboard();
    let words = [
        "as",
        "asc",
        "by",
        "bin",
        "count",
        "desc",
        "error",
        "fields",
        "filter",
        "ispresent",
        "latest",
        "level",
        "like",
        "limit",
        "message",
        "parse",
        "pct",
        "sort",
        "stats",
        "sum",
    ];
    for (name, query) in nested.resources("AWS::Logs::QueryDefinition") {
        let query = text(&query["Properties"]["QueryString"]);
        // What a query makes itself, it calls something.
        let named = query.split(" as ").skip(1);
        let named = named.filter_map(|rest| rest.lines().next()?.split(" by ").next());
        let made: BTreeSet<_> = named.flat_map(names).collect();
        // Texts and numbers are no names.
        let outside: String = query.split('"').step_by(2).collect::<Vec<_>>().join(" ");
        for word in names(&outside) {
            let is_known = words.contains(&word)
                || made.contains(word)
                || tributary_telemetry::vocabulary::find(word).is_some()
                || matches!(word, "timestamp" | "log");
            assert!(is_known, "{name}: no line has {word}");
        }
    }
}

fn names(text: &str) -> Vec<&str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| word.starts_with(|c: char| c.is_ascii_lowercase()))
        .collect()
}
