use std::sync::{Arc, Mutex};

use serde_json::Value;
use tributary_domain::{EventId, EventKey, Mode, ObjectKey, Owner};

use super::*;

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<String>>);

impl Out for Kept {
    fn take(&self, line: &str) {
        self.0.lock().unwrap().push_str(line);
    }
}

/// What is written of what `log` logs.
fn written(level: Level, log: impl FnOnce()) -> Vec<Value> {
    let kept = Kept::default();
    tracing::subscriber::with_default(Lines::new(["a_function"], level, kept.clone()), log);
    let text = kept.0.lock().unwrap().clone();
    text.lines()
        .map(|line| serde_json::from_str(line).expect(line))
        .collect()
}

fn without_stamp(mut line: Value) -> String {
    let stamp = line.as_object_mut().unwrap().remove("timestamp").unwrap();
    assert!(tributary_domain::time::unix_seconds(stamp.as_str().unwrap()).is_some());
    line.to_string()
}

struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PutItem: timed out")
    }
}

impl crate::Reason for Broken {}

use std::fmt;

#[test]
fn a_line_holds_what_was_logged() {
    let event = EventKey {
        mode: Mode::Live,
        owner: Owner::Platform,
        id: EventId::parse("evt_1").unwrap(),
    };
    let object = ObjectKey::parse("test#acct_1#payout#po_1").unwrap();
    let lines = written(Level::INFO, || {
        crate::warn!(
            "not written",
            event = event,
            object = object,
            error = Broken
        );
        crate::info!(
            "batch",
            failed = 0_usize,
            planned = true,
            code = "plan",
            endpoint = "connect"
        );
        crate::event!(DEBUG, "not heard");
    });
    let lines: Vec<_> = lines.into_iter().map(without_stamp).collect();
    assert_eq!(
        lines,
        [
            r#"{"error":"PutItem: timed out","event":"live#platform#evt_1","level":"WARN","message":"not written","object":"test#acct_1#payout#po_1"}"#,
            r#"{"code":"plan","endpoint":"connect","failed":0,"level":"INFO","message":"batch","planned":true}"#,
        ]
    );
}

#[test]
fn what_is_not_in_the_vocabulary_is_left_out_and_counted() {
    let before = dropped();
    let lines = written(Level::TRACE, || {
        let name = "Jane Doe";
        tracing::warn!(target: "tributary_x", name, email = "jane@example.com", failed = 1_u64, "met {name}");
        tracing::warn!(target: "tributary_x", code = "Jane Doe", endpoint = ?name, failed = "1", planned = 1, message = "a \"quote\"");
        tracing::warn!(target: "a_function::handler", error = %name.repeat(100), ratio = 1.5, "met");
    });
    let lines: Vec<_> = lines.into_iter().map(without_stamp).collect();
    assert_eq!(
        lines,
        [
            r#"{"dropped":3,"failed":1,"level":"WARN"}"#,
            r#"{"dropped":5,"level":"WARN"}"#,
            r#"{"dropped":3,"level":"WARN"}"#,
        ]
    );
    assert_eq!(dropped() - before, 11);
}

#[test]
fn of_a_library_only_the_place_is_written() {
    let lines = written(Level::TRACE, || {
        tracing::warn!(target: "aws_config::imds", email = "jane@example.com", "no {}", "jane@example.com");
        tracing::info!(target: "aws_config::imds", "too quiet to be heard");
        // A crate whose name only begins like the function's.
        tracing::info!(target: "a_function_of_others", "a stranger");
    });
    let [line] = lines.as_slice() else {
        panic!("{lines:?}")
    };
    assert_eq!(line["library"], "aws_config::imds");
    assert_eq!(line["file"], "tests.rs");
    assert!(line["line"].as_u64().unwrap() > 0);
    assert!(!line.to_string().contains("jane"));
}

#[test]
fn libraries_are_not_louder_than_the_level() {
    let lines = written(Level::ERROR, || {
        tracing::warn!(target: "hyper", "a warning");
        crate::warn!("ours");
    });
    assert!(lines.is_empty(), "{lines:?}");
}

/// The line itself is the document: its members are the metrics, told apart by the
/// function's name only. What says nothing costs nothing.
#[test]
fn a_line_with_something_to_count_is_a_document_of_metrics() {
    let kept = Kept::default();
    let lines = Lines::new(["a_function"], Level::INFO, kept.clone()).called("stack-\"Apply-1");
    tracing::subscriber::with_default(lines, || {
        crate::info!(
            "batch",
            applied = 9_usize,
            missing_events = 0_usize,
            unknown = 0_usize
        );
        crate::info!("batch", missing_events = 2_usize, unknown = 1_usize);
        crate::info!("plan", uncovered_s = 0_i64, residuals = 0_usize);
    });
    let text = kept.0.lock().unwrap().clone();
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect(line))
        .collect();
    assert_eq!(lines[0].get("_aws"), None);
    assert_eq!(lines[0].get("function"), None);
    assert_eq!(lines[1]["missing_events"], 2);
    assert_eq!(lines[1]["function"], "stack-Apply-1");
    let stamp = lines[1]["_aws"]["Timestamp"].as_i64().unwrap();
    assert!(stamp > 1_700_000_000_000, "milliseconds: {stamp}");
    let directive = lines[1]["_aws"]["CloudWatchMetrics"][0].to_string();
    assert_eq!(
        directive,
        r#"{"Dimensions":[["function"]],"Metrics":[{"Name":"missing_events","Unit":"Count"},{"Name":"unknown","Unit":"Count"}],"Namespace":"Tributary"}"#
    );
    let metrics = &lines[2]["_aws"]["CloudWatchMetrics"][0]["Metrics"];
    assert_eq!(
        metrics.to_string(),
        r#"[{"Name":"uncovered_s","Unit":"Seconds"}]"#
    );
}
