//! Calls that cannot succeed: one clear sentence, what to do, and the promised status.

#![allow(clippy::unwrap_used)]

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
    ] {
        refused(arguments, &[], 64, names);
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
