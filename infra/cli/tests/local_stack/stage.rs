//! A stack, a simulated Stripe behind it, and the command line before it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::Value;
use tributary_books::labels;
use tributary_demo::post::{Answer, Sender};
use tributary_demo::stage::Stage as Played;
use tributary_demo::tie_out::journal;
use tributary_demo::{drain, own};
use tributary_domain::ObjectId;
use tributary_pipeline::reconcile::{PaidOut, PaidOuts};
use tributary_simulator::delivery::{Delivery, DeliveryConfig, plan};
use tributary_simulator::server::ApiConfig;
use tributary_simulator::{OwnBook, Owner};

use crate::mask::masked;
use crate::world::{self, SEED};

/// Longest that anything may take to come about.
const PATIENCE: Duration = Duration::from_secs(120);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(200);
/// Webhooks under way at once.
const CONCURRENCY: usize = 8;

pub(crate) struct Stage {
    pub(crate) played: Played,
    sender: Sender,
    /// The account whose payout the bank sent back, and the payout.
    pub(crate) sent_back: (Owner, String),
    differences: Vec<String>,
}

/// Every event once, in its order.
fn in_order() -> DeliveryConfig {
    DeliveryConfig {
        seed: SEED,
        duplicate_per_mille: 0,
        reorder_window: 0,
        delayed_per_mille: 0,
        delay_max: 0,
        lost_per_mille: 0,
        forged: 0,
        malformed: 0,
    }
}

impl Stage {
    pub(crate) async fn open() -> Self {
        let week = world::play();
        let played = Played::open("cli", week.world).await.unwrap();
        played.stripe.reconfigure(ApiConfig {
            webhook_url: Some(played.stack.webhook_url.clone()),
            ..ApiConfig::default()
        });
        Self {
            sender: Sender::new(&played.stack).unwrap(),
            played,
            sent_back: week.sent_back,
            differences: Vec::new(),
        }
    }

    /// Stops the stack; fails if any answer was another than it was.
    pub(crate) fn close(self) -> Result<(), String> {
        self.played.close().unwrap();
        match self.differences.is_empty() {
            true => Ok(()),
            false => Err(format!(
                "{}\nUPDATE=1 writes the snapshots anew.",
                self.differences.join("\n")
            )),
        }
    }

    /// Posts an event, correctly signed.
    pub(crate) async fn post(&self, endpoint: &str, body: &[u8]) {
        let signature = self.sender.sign(endpoint, body);
        let answer = self
            .sender
            .post_with(endpoint, body.to_vec(), Some(&signature));
        assert_eq!(answer.await.status, 200);
    }

    /// Waits until CloudWatch has ages for all queues.
    pub(crate) async fn until_aged(&self) {
        let started = Instant::now();
        let is_aged = || {
            let status = self.json("status");
            let mut queues = status["queues"].as_array().unwrap().iter();
            queues.all(|queue| !queue["oldest_s"].is_null())
        };
        while !is_aged() {
            assert!(started.elapsed() < PATIENCE, "the queues have no ages");
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Delivers every event of the world. What Stripe lists for the payout that came back
    /// is kept, as a comparison would: the week is too long ago for one.
    ///
    /// A row names its events in the order in which they came, so of each object there is
    /// only one under way at a time.
    pub(crate) async fn deliver(&self) {
        for wave in self.waves() {
            let ended = |_: &Delivery, answer: Answer| assert_eq!(answer.status, 200);
            self.sender.deliver_all(&wave, CONCURRENCY, ended).await;
            self.until_quiet().await;
        }
        self.until_posted().await;
        let (owner, payout) = &self.sent_back;
        let (made, movements) = world::paid_out(&self.played.world(), owner, payout);
        let id = ObjectId::parse(payout).unwrap();
        let (paid, lines) = PaidOut::of(&id, made, &movements);
        let book = labels::book(owner).unwrap();
        let ledger = self.played.stack.ledger(&self.played.aws).unwrap();
        ledger.keep_paid_out(&book, &paid, &lines).await.unwrap();
    }

    /// The first event of each object, the second of each, and so on.
    fn waves(&self) -> Vec<Vec<Delivery>> {
        let world = self.played.world();
        let events = world.events().iter();
        let objects: BTreeMap<&str, &str> = events
            .map(|event| (event.id.as_str(), event.object.id.as_str()))
            .collect();
        let mut told = BTreeMap::<&str, usize>::new();
        let mut waves: Vec<Vec<Delivery>> = Vec::new();
        for delivery in plan(&world, &in_order()) {
            let object = objects[delivery.event_id.as_deref().unwrap()];
            let nth = told.entry(object).or_default();
            if waves.len() == *nth {
                waves.push(Vec::new());
            }
            waves[*nth].push(delivery);
            *nth += 1;
        }
        waves
    }

    /// Waits until each movement has its entry.
    async fn until_posted(&self) {
        let ledger = self.played.stack.ledger(&self.played.aws).unwrap();
        let started = Instant::now();
        loop {
            self.until_quiet().await;
            let entries = ledger.all_entries().await.unwrap();
            if journal(&self.played.world(), &entries).is_exact() {
                return;
            }
            assert!(started.elapsed() < PATIENCE, "not every movement is posted");
        }
    }

    /// Drops the platform's own book, with a mistake of each kind, and waits until it is
    /// matched.
    pub(crate) async fn drop_book(&self) -> OwnBook {
        own::drop_book(&self.played, SEED, 1).await.unwrap()
    }

    /// Waits until no queue has anything left.
    pub(crate) async fn until_quiet(&self) {
        let empty = self.played.until_empty(drain::BOOKS, PATIENCE, |_| ());
        empty.await.unwrap();
    }

    /// Runs the command line against the stack.
    pub(crate) fn run(&self, command: &str) -> Output {
        Command::new(env!("CARGO_BIN_EXE_tributary"))
            .args(command.split_whitespace())
            .current_dir(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/local_stack"))
            .env_clear()
            .env("AWS_ENDPOINT_URL", &self.played.stack.endpoint_url)
            .env("USER", "on-call")
            .output()
            .unwrap()
    }

    /// What a command answers as JSON.
    pub(crate) fn json(&self, command: &str) -> Value {
        let output = self.run(&format!("--format json {command}"));
        let text = String::from_utf8(output.stdout).unwrap();
        serde_json::from_str(&text)
            .unwrap_or_else(|_| panic!("{command}: {}", String::from_utf8_lossy(&output.stderr)))
    }

    /// Runs the command line, and compares everything that can be seen of it with the
    /// snapshot of this name.
    pub(crate) fn shows(&mut self, name: &str, command: &str) {
        let output = self.run(command);
        if name.contains(".json") && !output.stdout.is_empty() {
            let read = serde_json::from_slice::<Value>(&output.stdout);
            assert!(read.is_ok(), "{command}: {read:?}");
        }
        let mask = |text: &str| masked(text, &self.played.stack);
        let seen = format!(
            "$ tributary {}{}{}[{}]\n",
            mask(command),
            mask(&String::from_utf8(output.stdout).unwrap()),
            mask(&String::from_utf8(output.stderr).unwrap()),
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
    pub(crate) fn shows_both(&mut self, name: &str, command: &str) {
        self.shows(name, command);
        self.shows(&format!("{name}.json"), &format!("--format json {command}"));
    }

    /// Waits until a command ends with 0.
    pub(crate) async fn until_done(&self, command: &str) {
        let started = Instant::now();
        while !self.run(command).status.success() {
            assert!(started.elapsed() < PATIENCE, "{command} did not come about");
            tokio::time::sleep(PAUSE).await;
        }
    }
}
