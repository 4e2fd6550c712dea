//! The contract of queues, kept by the simulated one and by an SQS.
//!
//! The SQS is the local emulator's. Where it differs from AWS: a short poll sees
//! every message, while AWS asks only a sample of its servers; messages come in the
//! order in which they were sent; a handle that is void is refused as invalid, while
//! AWS takes it without deleting anything; a redrive is complete when it returns. The
//! contract asks for none of this, so it holds for AWS as AWS documents itself.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName;
use serde_json::json;
use tributary_aws::Aws;
use tributary_testkit::queue::{Handle, Rules, SimQueue};
use tributary_testkit::queue_contract::{DrivenQueue, RECEIVES_MAX, VISIBILITY_S, holds};

/// Longest that the emulator may take to listen.
const PATIENCE: Duration = Duration::from_secs(60);

struct Simulated {
    queue: SimQueue<String>,
    now: i64,
}

impl DrivenQueue for Simulated {
    type Handle = Handle;

    async fn send(&mut self, body: &str, delay_s: i64) {
        self.queue.send(body.to_owned(), self.now + delay_s);
    }

    async fn receive(&mut self) -> Option<(String, Handle)> {
        let received = self.queue.receive(self.now, |_| 0)?;
        Some((received.payload, received.handle))
    }

    async fn delete(&mut self, handle: &Handle) {
        self.queue.delete(*handle);
    }

    async fn show(&mut self, handle: &Handle) {
        self.queue.show(*handle, self.now);
    }

    async fn dead(&mut self) -> Vec<String> {
        let mut dead = self.queue.dead().to_vec();
        dead.sort();
        dead
    }

    async fn redrive(&mut self) {
        self.queue.redrive(self.now);
    }

    async fn wait(&mut self, seconds: i64) {
        self.now += seconds;
    }
}

#[tokio::test]
async fn contract_the_simulated_queue_keeps_it() {
    let rules = Rules {
        visibility_s: VISIBILITY_S,
        receives_max: RECEIVES_MAX,
    };
    let queue = SimQueue::new(rules);
    holds(&mut Simulated { queue, now: 0 }).await;
}

/// The emulator without any of our stack in it.
struct Emulator {
    process: Child,
    url: String,
}

impl Emulator {
    fn start() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let free = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let state = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("sqs-{port}"));
        let process = Command::new(root.join(".venv/bin/python"))
            .arg(root.join("infra/local/launcher.py"))
            .args(["--port", &port.to_string(), "--state"])
            .arg(&state)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("`make venv` installs the emulator");
        let url = format!("http://127.0.0.1:{port}");
        Self { process, url }
    }

    async fn is_ready(&self) {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            let answer = reqwest::get(format!("{}/_ministack/ready", self.url)).await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("no emulator within {PATIENCE:?}");
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

struct Sqs {
    client: Client,
    queue: String,
    dead: String,
}

impl Sqs {
    async fn on(emulator: &Emulator) -> Self {
        let aws = Aws::at(&emulator.url, "us-east-1").await;
        let client = Client::new(aws.config());
        let dead = client.create_queue().queue_name("dead").send();
        let dead = dead.await.unwrap().queue_url.unwrap();
        let arn = QueueAttributeName::QueueArn;
        let asked = client.get_queue_attributes().queue_url(&dead);
        let asked = asked.attribute_names(arn.clone()).send().await.unwrap();
        let redrive = json!({
            "deadLetterTargetArn": asked.attributes.unwrap()[&arn],
            "maxReceiveCount": RECEIVES_MAX,
        });
        let visibility = VISIBILITY_S.to_string();
        let queue = client
            .create_queue()
            .queue_name("queue")
            .attributes(QueueAttributeName::VisibilityTimeout, visibility)
            .attributes(QueueAttributeName::RedrivePolicy, redrive.to_string());
        let queue = queue.send().await.unwrap().queue_url.unwrap();
        Self {
            client,
            queue,
            dead,
        }
    }
}

impl DrivenQueue for Sqs {
    type Handle = String;

    async fn send(&mut self, body: &str, delay_s: i64) {
        let call = self.client.send_message().queue_url(&self.queue);
        let call = call.message_body(body);
        let delay_s = i32::try_from(delay_s).unwrap();
        call.delay_seconds(delay_s).send().await.unwrap();
    }

    async fn receive(&mut self) -> Option<(String, String)> {
        let call = self.client.receive_message().queue_url(&self.queue);
        let answer = call.max_number_of_messages(1).send().await.unwrap();
        let message = answer.messages.unwrap_or_default().pop()?;
        Some((message.body.unwrap(), message.receipt_handle.unwrap()))
    }

    async fn delete(&mut self, handle: &String) {
        let call = self.client.delete_message().queue_url(&self.queue);
        // A void handle is an error here and none on AWS: what counts is what is left.
        let _ = call.receipt_handle(handle).send().await;
    }

    async fn show(&mut self, handle: &String) {
        let call = self
            .client
            .change_message_visibility()
            .queue_url(&self.queue);
        let call = call.receipt_handle(handle).visibility_timeout(0);
        call.send().await.unwrap();
    }

    async fn dead(&mut self) -> Vec<String> {
        let call = self.client.receive_message().queue_url(&self.dead);
        let call = call.max_number_of_messages(10).visibility_timeout(0);
        let messages = call.send().await.unwrap().messages.unwrap_or_default();
        let mut dead: Vec<String> = messages.into_iter().filter_map(|m| m.body).collect();
        dead.sort();
        dead
    }

    async fn redrive(&mut self) {
        let arn = QueueAttributeName::QueueArn;
        let asked = self.client.get_queue_attributes().queue_url(&self.dead);
        let asked = asked.attribute_names(arn.clone()).send().await.unwrap();
        let arn = asked.attributes.unwrap().remove(&arn).unwrap();
        let call = self.client.start_message_move_task().source_arn(arn);
        call.send().await.unwrap();
    }

    async fn wait(&mut self, seconds: i64) {
        let seconds = seconds.unsigned_abs();
        tokio::time::sleep(Duration::from_secs(seconds) + Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn contract_the_emulated_sqs_keeps_it() {
    let emulator = Emulator::start();
    emulator.is_ready().await;
    holds(&mut Sqs::on(&emulator).await).await;
}
