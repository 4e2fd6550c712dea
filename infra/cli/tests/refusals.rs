//! Calls that cannot succeed: one clear sentence, what to do, and the promised status.

#![allow(clippy::unwrap_used)]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;

/// Runs the command line with nothing of this shell's, and returns status and what it
/// said on standard error.
fn run(arguments: &[&str], environment: &[(&str, &str)]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_tributary"))
        .args(arguments)
        .env_clear()
        // No instance that would hand out credentials is asked.
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_CONFIG_FILE", "/nonexistent")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    assert!(output.stdout.is_empty(), "{arguments:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), said)
}

/// One line that begins with the program's name, and no trace of how it was computed.
fn refused(arguments: &[&str], environment: &[(&str, &str)], status: i32, names: &str) {
    let (code, said) = run(arguments, environment);
    assert_eq!(code, status, "{arguments:?}: {said}");
    assert!(
        said.starts_with("tributary: ") && said.contains(names),
        "{said}"
    );
    assert_eq!(said.lines().count(), 1, "{said}");
    for trace in ["panicked", "backtrace", "RUST_", "Error {", "\u{1b}["] {
        assert!(!said.contains(trace), "{said}");
    }
}

#[test]
fn bad_arguments_are_64() {
    for (arguments, names) in [
        (&["--sorry"][..], "--sorry"),
        (&["sorry"], "sorry"),
        (&["event", "show"], "<ID>"),
        (&["--format", "xml", "status"], "xml"),
        (&["dlq", "peek", "events", "--limit", "0"], "0"),
        (&["dlq", "redrive", "events", "--all", "--id", "x"], "--id"),
        (&["completions", "command.com"], "command.com"),
        (&["account", "show", "bob"], "bob"),
        (&["match", "list", "bob"], "bob"),
        (&["fetch", "po_1"], "--account"),
        (&["fetch", "x1", "--account", "acct_1"], "--kind"),
        (&["fetch", "fr_1", "--account", "acct_1"], "fee_refund"),
        (&["trace", "po_1", "--account", "bob"], "bob"),
        (&["event", "list", "--since", "yesterday"], "yesterday"),
        (
            &[
                "event",
                "list",
                "--since",
                "2026-01-02",
                "--until",
                "2026-01-01",
            ],
            "--until",
        ),
        (&["view", "fx", "--month", "2026-13"], "2026-13"),
        (&["view", "expect", "nothing.json"], "nothing.json"),
        (
            &["reconcile", "accept", "NO_CODE", "po_1", "--why", "x"],
            "NO_CODE",
        ),
        (&["reconcile", "accept", "PAYOUT_STUCK", "po_1"], "--why"),
        (
            &["reconcile", "accept", "PAYOUT_STUCK", "po_1", "--why", "x"],
            "--by",
        ),
        (&["reconcile", "run", "events"], "--account"),
        (
            &["reconcile", "run", "due", "--account", "platform"],
            "--account",
        ),
        (&["reconcile", "findings", "--state", "all"], "--account"),
    ] {
        refused(arguments, &[], 64, names);
    }
}

/// What deletes or sends is not guessed.
#[test]
fn what_is_meant_has_to_be_said() {
    for arguments in [
        &["dlq", "redrive", "events"][..],
        &["dlq", "drop", "events", "--yes"],
        &["quarantine", "release"],
        &["quarantine", "drop", "--yes"],
        &["replay", "requeue"],
    ] {
        refused(arguments, &[], 64, "is not said");
    }
    for arguments in [
        &["dlq", "drop", "events", "--all"][..],
        &["quarantine", "drop", "--all"],
    ] {
        refused(arguments, &[], 64, "--yes");
    }
}

/// Programs ask for JSON, and read a failure from the status: what is said stays a
/// sentence, and nothing is on standard output.
#[test]
fn a_failure_is_the_same_sentence_in_every_format() {
    for format in ["table", "json", "csv"] {
        let url = [
            "--endpoint-url",
            "http://127.0.0.1:1",
            "--format",
            format,
            "status",
        ];
        refused(&url, &[], 69, "cannot be reached");
        refused(
            &["--format", format, "account", "show", "bob"],
            &[],
            64,
            "bob",
        );
    }
}

#[test]
fn without_credentials_it_is_77() {
    refused(
        &["--region", "eu-central-1", "status"],
        &[],
        77,
        "credentials",
    );
}

#[test]
fn without_a_region_it_is_64() {
    let keys = [("AWS_ACCESS_KEY_ID", "x"), ("AWS_SECRET_ACCESS_KEY", "x")];
    refused(&["status"], &keys, 64, "--region");
}

#[test]
fn a_closed_door_is_69() {
    refused(
        &["--endpoint-url", "http://127.0.0.1:1", "status"],
        &[],
        69,
        "cannot be reached",
    );
}

#[test]
fn a_profile_that_nobody_has_is_77() {
    let arguments = ["--profile", "nobody", "--region", "eu-central-1", "status"];
    refused(&arguments, &[], 77, "--profile");
}

/// `.invalid` is no domain, as that of a Region that is none.
#[test]
fn an_address_that_is_none_is_69() {
    let keys = [("AWS_ACCESS_KEY_ID", "x"), ("AWS_SECRET_ACCESS_KEY", "x")];
    let arguments = [
        "--endpoint-url",
        "http://aws.invalid",
        "--region",
        "mars-1",
        "status",
    ];
    refused(&arguments, &keys, 69, "--region");
}

#[test]
fn a_stack_that_is_not_there_is_78() {
    let url = answering("400 Bad Request", "ValidationError");
    let arguments = ["--endpoint-url", &url, "--stack", "nobody", "status"];
    refused(&arguments, &[], 78, "no stack `nobody`");
}

#[test]
fn what_one_may_not_do_is_77() {
    let url = answering("403 Forbidden", "AccessDenied");
    refused(
        &["--endpoint-url", &url, "status"],
        &[],
        77,
        "DescribeStacks",
    );
}

/// Something that listens there and is not AWS.
#[test]
fn what_is_not_aws_is_told_as_such() {
    let url = answering("200 OK", "Hello");
    refused(&["--endpoint-url", &url, "status"], &[], 69, "not AWS's");
}

/// A server that has one answer, and its address. It ends with the test's process.
fn answering(status: &'static str, code: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let body = format!("<ErrorResponse><Error><Code>{code}</Code></Error></ErrorResponse>");
    let head = format!("HTTP/1.1 {status}\r\nContent-Type: text/xml\r\nConnection: close\r\n");
    let answer = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            // The request has to be read before an answer is believed.
            let _ = stream.read(&mut [0; 16_384]).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    url
}

#[test]
fn help_version_and_completions_need_nobody() {
    for arguments in [
        &["--help"][..],
        &["--version"],
        &["dlq", "redrive", "--help"],
        &["completions", "bash"],
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_tributary"))
            .args(arguments)
            .env_clear()
            .output()
            .unwrap();
        assert!(
            output.status.success() && !output.stdout.is_empty(),
            "{arguments:?}"
        );
    }
}
