//! The program `stripe-simulator`, run as a user runs it.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, in its helping functions too"
)]

use std::{
    io::{BufRead, BufReader},
    net::Ipv4Addr,
    process::{Command, Output, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{Router, http::StatusCode};

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stripe-simulator"));
    command.args(arguments);
    command
}

fn run(arguments: &[&str]) -> Output {
    program(arguments).output().expect("it can be started")
}

#[test]
fn help_is_printed_to_who_asks_for_it() {
    let output = run(&["--help"]);
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).expect("text");
    for flag in ["--seed", "--webhook-url", "--secret", "--port 12111"] {
        assert!(text.contains(flag), "{flag}");
    }
}

#[test]
fn a_wrong_flag_is_a_sentence_and_status_2() {
    let output = run(&["--sed", "1"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    let said = String::from_utf8(output.stderr).expect("text");
    let expected = "stripe-simulator: There is no flag --sed; --help lists them all.\n";
    assert_eq!(said, expected);
}

/// Everything but the first request is accepted.
#[tokio::test]
async fn the_played_world_is_posted() {
    let requests = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&requests);
    let app = Router::new().fallback(
        async move || match counted.fetch_add(1, Ordering::Relaxed) {
            0 => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::OK,
        },
    );
    let address = (Ipv4Addr::LOCALHOST, 0);
    let listener = tokio::net::TcpListener::bind(address)
        .await
        .expect("a port");
    let url = format!("http://{}/webhooks", listener.local_addr().expect("bound"));
    tokio::spawn(axum::serve(listener, app).into_future());

    let said = tokio::task::spawn_blocking(move || {
        let mut child = program(&["--accounts", "2", "--days", "2", "--webhook-url", &url])
            .args([
                "--secret",
                "platform=whsec_p",
                "--secret",
                "connect=whsec_c",
            ])
            .args(["--secret", "thin=whsec_t"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("it can be started");
        let lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let mut said: Vec<String> = Vec::new();
        for line in lines {
            said.push(line.expect("text"));
            if said.last().is_some_and(|line| line.starts_with("Posted ")) {
                break;
            }
        }
        child.kill().expect("it serves until it is killed");
        child.wait().expect("it ends");
        said
    });
    let said = said.await.expect("it does not panic");
    assert!(
        said[0].contains(" events, API at http://127.0.0.1:"),
        "{said:?}"
    );
    let posted = requests.load(Ordering::Relaxed) - 1;
    assert!(posted > 40);
    let count = format!(
        "Posted {posted} webhooks: {posted} accepted, 0 refused, 0 unanswered; \
         1 took several attempts"
    );
    assert_eq!(said.last(), Some(&count));
}
