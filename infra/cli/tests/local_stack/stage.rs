//! A stack, a simulated Stripe behind it, and the command line before it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;
use tributary_aws::operate::Queues;
use tributary_demo::day::{self, Script};
use tributary_demo::post::Sender;
use tributary_demo::stack::Stack;
use tributary_simulator::server::{ApiConfig, ApiServer};

use crate::mask::masked;

/// Longest that anything may take to come about.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Stage {
    pub(crate) stack: Stack,
    pub(crate) aws: tributary_aws::Aws,
    pub(crate) queues: Queues,
    sender: Sender,
    stripe: ApiServer,
    differences: Vec<String>,
}

impl Stage {
    pub(crate) async fn open() -> Self {
        let script = Script {
            seed: 11,
            accounts: 2,
            events: 20,
        };
        let world = Arc::new(Mutex::new(day::play(script)));
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let stripe = ApiServer::start(world, ApiConfig::default(), address).unwrap();
        let stack = Stack::up("cli", &stripe.url()).unwrap();
        stripe.reconfigure(ApiConfig {
            webhook_url: Some(stack.webhook_url.clone()),
            ..ApiConfig::default()
        });
        let aws = stack.aws().await;
        Self {
            sender: Sender::new(&stack).unwrap(),
            queues: Queues::new(&aws),
            aws,
            stack,
            stripe,
            differences: Vec::new(),
        }
    }

    pub(crate) fn close(&self) {
        self.stack.down().unwrap();
    }

    /// Fails if any answer was another than it was.
    pub(crate) fn verdict(self) {
        self.stripe.stop();
        assert!(
            self.differences.is_empty(),
            "{}\nUPDATE=1 writes the snapshots anew.",
            self.differences.join("\n")
        );
    }

    /// Posts an event, correctly signed.
    pub(crate) async fn post(&self, endpoint: &str, body: &[u8]) {
        let signature = self.sender.sign(endpoint, body);
        let answer = self
            .sender
            .post_with(endpoint, body.to_vec(), Some(&signature));
        assert_eq!(answer.await.status, 200);
    }

    /// Runs the command line against the stack.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_tributary"))
            .args(arguments)
            .env_clear()
            .env("AWS_ENDPOINT_URL", &self.stack.endpoint_url)
            .output()
            .unwrap()
    }

    /// What a command answers as JSON.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let output = self.run(&[&["--format", "json"], arguments].concat());
        let text = String::from_utf8(output.stdout).unwrap();
        serde_json::from_str(&text).unwrap_or_else(|_| {
            panic!("{arguments:?}: {}", String::from_utf8_lossy(&output.stderr))
        })
    }

    /// Runs the command line, and compares everything that can be seen of it with the
    /// snapshot of this name.
    pub(crate) fn shows(&mut self, name: &str, arguments: &[&str]) {
        let output = self.run(arguments);
        let seen = format!(
            "$ tributary {}\n{}{}[{}]\n",
            masked(&arguments.join(" "), &self.stack),
            masked(&String::from_utf8(output.stdout).unwrap(), &self.stack),
            masked(&String::from_utf8(output.stderr).unwrap(), &self.stack),
            output.status.code().unwrap(),
        );
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("tests/local_stack/snapshots")
            .join(format!("{name}.txt"));
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, seen).unwrap();
            return;
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        if kept != seen {
            self.differences
                .push(format!("{name} was\n{kept}and is\n{seen}"));
        }
    }

    /// Both for people and for programs.
    pub(crate) fn shows_both(&mut self, name: &str, arguments: &[&str]) {
        self.shows(name, arguments);
        let as_json = [&["--format", "json"], arguments].concat();
        self.shows(&format!("{name}.json"), &as_json);
    }

    /// Waits until a command ends with 0.
    pub(crate) async fn until_known(&self, arguments: &[&str]) {
        let started = Instant::now();
        while !self.run(arguments).status.success() {
            assert!(
                started.elapsed() < PATIENCE,
                "{arguments:?} did not come about"
            );
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}
