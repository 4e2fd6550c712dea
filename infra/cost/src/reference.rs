//! The conventional pipeline: a REST API, Node, a FIFO queue, Powertools, three puts,
//! EventBridge and three consumers. Real Node functions (`infra/cost/reference`) on the
//! same metered AWS, with the same webhooks.
//!
//! Where it could be built dearer or cheaper, it is cheaper: no access log, no secret
//! reads, no raw event kept, items under 1 KB, no fetches (thin events are left out), and
//! arm64 prices.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use serde_json::{Value, json};
use tributary_bench::Program;
use tributary_bench::event::SECRET;
use tributary_demo::day::Script;
use tributary_simulator::delivery::{Delivery, Intent};

use crate::aws::MeteredAws;
use crate::count::{Stage, Tally, Unit};
use crate::error::CostError;
use crate::lambda::{Lambda, Terms};
use crate::mapping::poll_queue;
use crate::road::Ground;
use crate::scenario::{Counted, Kind, POISONS, TROUBLES};
use crate::stream::{Stream, invocation};
use crate::template::{Format, Logging};

/// Where the functions and their packages are installed.
const FOLDER: &str = "target/tools/cost-reference";
const QUEUE: &str = "events.fifo";
const CONSUMERS: usize = 3;
const MEMORY_MB: u64 = 512;
/// What Lambda gives to functions whose logs nobody has configured.
const LOGGING: Logging = Logging {
    format: Format::Text,
    successes: true,
};

/// Counts the conventional pipeline; nothing if there is no Node, or its packages are
/// not installed.
pub async fn measure(
    ground: &Ground,
    script: Script,
    say: impl Fn(&str),
) -> Result<Vec<Counted>, CostError> {
    let folder = std::path::absolute(FOLDER)?;
    let Some(node) = node().filter(|_| folder.join("node_modules").is_dir()) else {
        say(
            "No Node, or no packages (make cost-reference): the conventional pipeline is left out.",
        );
        return Ok(Vec::new());
    };
    say("The conventional pipeline…");
    let stream = Stream::play(script);
    let snapshots = |delivery: &&Delivery| delivery.endpoint != "thin";
    let deliveries: Vec<Delivery> = stream
        .deliveries
        .iter()
        .filter(snapshots)
        .cloned()
        .collect();
    let first = |delivery: &&Delivery| delivery.intent != Intent::Duplicate;
    let events = deliveries.iter().filter(first).count() as u64;
    let genuine: Vec<Delivery> = stream
        .genuine()
        .filter(snapshots)
        .take(TROUBLES)
        .cloned()
        .collect();
    let poison: Vec<Delivery> = genuine.iter().take(POISONS).filter_map(poisoned).collect();
    let mut forged = stream.foreign(Intent::Forged, TROUBLES);
    forged.retain(|delivery| delivery.endpoint != "thin");

    let mut pipeline = Pipeline::start(ground, &node, &folder).await?;
    let mut counted = Vec::new();
    let scenarios = [
        (Kind::Low, &deliveries, events, 200),
        (Kind::Duplicates, &genuine, genuine.len() as u64, 200),
        (Kind::Poison, &poison, poison.len() as u64, 200),
        (Kind::Forged, &forged, forged.len() as u64, 400),
    ];
    for (kind, deliveries, of, status) in scenarios {
        // What comes after the day comes more than five minutes later.
        pipeline.aws.forget_deduplication();
        pipeline.play(deliveries, status).await?;
        let tally = pipeline.take_tally()?;
        let stored_bytes = pipeline.aws.stored_bytes();
        let webhooks = deliveries.len() as u64;
        counted.push(Counted {
            kind,
            of,
            webhooks,
            tally,
            stored_bytes,
        });
    }
    let (consumed, dead) = (pipeline.consumed, pipeline.aws.dead_letters());
    if consumed != events || dead != poison.len() {
        return Err(CostError::Wrong(format!(
            "of {events} events {consumed} were consumed, of {} poison {dead} died",
            poison.len()
        )));
    }
    Ok(counted)
}

fn node() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join("node"))
        .find(|file| file.is_file())
}

/// An event of its own, without the object that it should be about.
fn poisoned(delivery: &Delivery) -> Option<Delivery> {
    let mut event: Value = serde_json::from_slice(&delivery.body).ok()?;
    let id = format!("{}x", event.get("id")?.as_str()?);
    *event.get_mut("id")? = id.into();
    *event.get_mut("data")? = json!({});
    let body = event.to_string().into_bytes();
    Some(Delivery {
        body,
        ..delivery.clone()
    })
}

struct Pipeline {
    aws: MeteredAws,
    ingest: Lambda,
    apply: Lambda,
    consumers: Vec<Lambda>,
    /// Events that every consumer was given.
    consumed: u64,
}

impl Pipeline {
    async fn start(ground: &Ground, node: &Path, folder: &Path) -> Result<Self, CostError> {
        let tables = ["idempotency", "objects", "events", "timeline"];
        let aws = MeteredAws::start(&tables, String::new()).await?;
        let url = aws.url();
        let start = async |module: &str, name: String, stage, logs| {
            let program = Program {
                executable: node.to_owned(),
                arguments: ["bootstrap.mjs", module]
                    .map(|file| folder.join(file).into())
                    .into(),
                settings: settings(&url),
                log: ground.logs.join(format!("{name}.log")),
                aws_url: url.clone(),
                name,
            };
            let terms = Terms {
                stage,
                logs,
                memory_mb: MEMORY_MB,
                logging: LOGGING,
                duration: ground
                    .prices
                    .duration(&format!("reference_{}", module.trim_end_matches(".mjs")))?,
            };
            Lambda::start(&program, terms).await
        };
        let name = |name: &str| format!("reference_{name}");
        let mut consumers = Vec::new();
        for number in 0..CONSUMERS {
            let name = name(&format!("consumer_{number}"));
            consumers.push(start("consumer.mjs", name, Stage::Consumers, Stage::Consumers).await?);
        }
        Ok(Self {
            ingest: start("ingest.mjs", name("ingest"), Stage::Ingress, Stage::Logs).await?,
            apply: start("apply.mjs", name("apply"), Stage::Apply, Stage::Logs).await?,
            consumers,
            consumed: 0,
            aws,
        })
    }

    async fn play(&mut self, deliveries: &[Delivery], status: u16) -> Result<(), CostError> {
        for delivery in deliveries {
            let Some(payload) = invocation(delivery) else {
                continue;
            };
            self.aws.count(Stage::Ingress, Unit::RestApiRequest, 1);
            let answer = self.ingest.invoke(&self.aws, payload, 1).await?;
            let answer: Value = serde_json::from_slice(&answer.map_err(CostError::Wrong)?)?;
            if answer.get("statusCode") != Some(&status.into()) {
                let wrong = format!("the conventional ingest answered {answer}");
                return Err(CostError::Wrong(wrong));
            }
            while poll_queue(&self.aws, &mut self.apply, QUEUE, 1).await? {}
            self.consume().await?;
        }
        Ok(())
    }

    async fn consume(&mut self) -> Result<(), CostError> {
        for entry in self.aws.take_published() {
            let detail = entry
                .get("Detail")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let detail: Value = serde_json::from_str(detail)?;
            let event = json!({ "detail-type": entry.get("DetailType"), "detail": detail });
            let payload = Bytes::from(event.to_string());
            for consumer in &mut self.consumers {
                let answer = consumer.invoke(&self.aws, payload.clone(), 1).await?;
                answer.map_err(CostError::Wrong)?;
            }
            self.consumed += 1;
        }
        Ok(())
    }

    fn take_tally(&mut self) -> Result<Tally, CostError> {
        let functions = [&mut self.ingest, &mut self.apply].into_iter();
        for lambda in functions.chain(&mut self.consumers) {
            lambda.count_logs(&self.aws)?;
        }
        Ok(self.aws.take_tally())
    }
}

/// The queue's URL is an address too: the SDK for JavaScript goes where it points.
fn settings(aws_url: &str) -> Vec<(String, String)> {
    let queue = format!("{aws_url}/123456789012/{QUEUE}");
    vec![
        ("EVENTS_QUEUE_URL".to_owned(), queue),
        ("SIGNING_SECRET".to_owned(), SECRET.to_owned()),
        ("NODE_ENV".to_owned(), "production".to_owned()),
    ]
}
