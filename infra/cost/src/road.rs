//! Our functions on a metered AWS: from a webhook to the bus.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Value, json};
use tributary_aws::store::Tables;
use tributary_aws::{Aws, DynamoStore, S3Blobs};
use tributary_bench::event::SECRET;
use tributary_bench::{Program, Site};
use tributary_demo::audit::audit;
use tributary_domain::{ObjectKey, Row};
use tributary_simulator::World;
use tributary_simulator::delivery::Delivery;

use crate::aws::MeteredAws;
use crate::count::{Stage, Tally, Unit};
use crate::error::CostError;
use crate::lambda::{Lambda, Terms};
use crate::mapping::{poll_queue, poll_stream};
use crate::meter::chunks::api_chunks;
use crate::platform::access_log_bytes;
use crate::price::Prices;
use crate::stream::invocation;
use crate::template::Template;

/// What a run stands on.
#[derive(Debug)]
pub struct Ground {
    /// Folder of the binaries.
    pub binaries: PathBuf,
    /// Folder of the functions' logs.
    pub logs: PathBuf,
    /// The deployment.
    pub template: Template,
    /// The price list.
    pub prices: Prices,
}

/// How webhooks come: what waits when the pollers look, and what they take at most.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Webhooks that arrive between two looks.
    pub at_once: usize,
    /// Messages of a batch.
    pub messages: usize,
    /// Records of a batch.
    pub records: usize,
}

impl Pace {
    /// Enough traffic for full batches, as large as the template lets them be.
    pub fn load(template: &Template) -> Result<Self, CostError> {
        Ok(Self {
            at_once: 100,
            messages: template.batch_size("ApplyEvent", "Queue")?,
            records: template.batch_size("PublishChanges", "MirrorStream")?,
        })
    }

    /// So little traffic that every webhook is a batch of its own.
    pub const LOW: Self = Self {
        at_once: 1,
        messages: 1,
        records: 1,
    };
}

/// The pipeline.
#[derive(Debug)]
pub struct Road {
    /// What it runs on.
    pub aws: MeteredAws,
    ingest: Lambda,
    apply: Lambda,
    publish: Lambda,
    fetch: Lambda,
    access_log: Option<String>,
}

impl Road {
    /// Starts the functions. What they ask for at their start is not counted: it is
    /// paid for an instance, not for an event.
    pub async fn start(ground: &Ground, stripe_url: &str) -> Result<Self, CostError> {
        let secrets = json!({ "signing_secrets": [SECRET], "api_key": "rk_live_0000000000cost" });
        let aws = MeteredAws::start(&["control", "events", "mirror"], secrets.to_string()).await?;
        let site = Site {
            binaries: ground.binaries.clone(),
            logs: ground.logs.clone(),
            aws_url: aws.url(),
        };
        let start = async |name: &str, resource: &str, stage, logs| {
            let mut program = Program::ours(&site, name)?;
            let stripe = ("STRIPE_API_BASE".to_owned(), stripe_url.to_owned());
            program.settings.push(stripe);
            let terms = Terms {
                stage,
                logs,
                memory_mb: ground.template.memory_mb(resource)?,
                logging: ground.template.logging(resource),
                duration: ground.prices.duration(name)?,
            };
            Lambda::start(&program, terms).await
        };
        let road = Self {
            ingest: start(
                "ingest_webhook",
                "IngestWebhook",
                Stage::Ingress,
                Stage::Logs,
            )
            .await?,
            apply: start("apply_event", "ApplyEvent", Stage::Apply, Stage::Logs).await?,
            publish: start(
                "publish_changes",
                "PublishChanges",
                Stage::FanOut,
                Stage::FanOut,
            )
            .await?,
            fetch: start("fetch_object", "FetchObject", Stage::Fetch, Stage::Logs).await?,
            access_log: ground.template.access_log().map(str::to_owned),
            aws,
        };
        road.aws.take_tally();
        Ok(road)
    }

    /// Posts one webhook, through the HTTP API. Returns the status.
    pub async fn post(&mut self, delivery: &Delivery) -> Result<u16, CostError> {
        let Some(payload) = invocation(delivery) else {
            return Ok(0);
        };
        let requests = api_chunks(delivery.body.len() as u64);
        self.aws
            .count(Stage::Ingress, Unit::HttpApiRequest, requests);
        let answer = self.ingest.invoke(&self.aws, payload, 1).await?;
        let answer = answer.map_err(CostError::Wrong)?;
        let answer: Value = serde_json::from_slice(&answer)?;
        let status = answer.get("statusCode").and_then(Value::as_u64);
        let status = status
            .and_then(|status| u16::try_from(status).ok())
            .unwrap_or(0);
        if let Some(format) = &self.access_log {
            let bytes = access_log_bytes(format, status);
            self.aws.count(Stage::Logs, Unit::AccessLogByte, bytes);
        }
        Ok(status)
    }

    /// Lets the pollers work until nothing is left in queues and stream.
    pub async fn settle(&mut self, pace: Pace) -> Result<(), CostError> {
        let aws = &self.aws;
        loop {
            let applied = poll_queue(aws, &mut self.apply, "events", pace.messages).await?;
            let fetched = poll_queue(aws, &mut self.fetch, "fetch", 1).await?;
            if !applied && !fetched {
                break;
            }
        }
        while poll_stream(aws, &mut self.publish, "mirror", pace.records).await? {}
        Ok(())
    }

    /// Sends webhooks and applies them. All have to get the status.
    pub async fn play<'a>(
        &mut self,
        deliveries: impl IntoIterator<Item = &'a Delivery>,
        status: u16,
        pace: Pace,
    ) -> Result<u64, CostError> {
        let mut sent = 0;
        for delivery in deliveries {
            let answered = self.post(delivery).await?;
            if answered != status {
                let intent = delivery.intent.name();
                let wrong = format!("a {intent} webhook was answered {answered}");
                return Err(CostError::Wrong(wrong));
            }
            sent += 1;
            if u64::is_multiple_of(sent, pace.at_once as u64) {
                self.settle(pace).await?;
            }
        }
        self.settle(pace).await?;
        Ok(sent)
    }

    /// Sends webhooks and applies them, but leaves alone what would have to be asked of
    /// Stripe.
    pub async fn play_webhooks(
        &mut self,
        deliveries: &[Delivery],
        pace: Pace,
    ) -> Result<(), CostError> {
        for chunk in deliveries.chunks(pace.at_once) {
            for delivery in chunk {
                let status = self.post(delivery).await?;
                if status != 200 {
                    let wrong = format!("a webhook was answered {status}");
                    return Err(CostError::Wrong(wrong));
                }
            }
            while poll_queue(&self.aws, &mut self.apply, "events", pace.messages).await? {}
            let (aws, publish) = (&self.aws, &mut self.publish);
            while poll_stream(aws, publish, "mirror", pace.records).await? {}
        }
        Ok(())
    }

    /// What was counted since this was asked last, logs included.
    pub fn take_tally(&mut self) -> Result<Tally, CostError> {
        for lambda in [
            &mut self.ingest,
            &mut self.apply,
            &mut self.publish,
            &mut self.fetch,
        ] {
            lambda.count_logs(&self.aws)?;
        }
        Ok(self.aws.take_tally())
    }

    /// Reads back what is in the tables.
    pub async fn read_back(&self) -> Result<Mirrored, CostError> {
        let aws = Aws::at(&self.aws.url(), "us-east-1").await;
        let tables = Tables {
            mirror: "mirror".to_owned(),
            events: "events".to_owned(),
            retention_days: 400,
        };
        let store = DynamoStore::new(&aws, tables, S3Blobs::new(&aws, "archive".to_owned()));
        let failed = |error: &dyn std::fmt::Display| CostError::Store(error.to_string());
        let rows = store.all_rows().await.map_err(|error| failed(&error))?;
        let outcomes = store.all_outcomes().await.map_err(|error| failed(&error))?;
        self.aws.take_tally();
        let dead_letters = self.aws.dead_letters();
        Ok(Mirrored {
            rows,
            outcomes,
            dead_letters,
        })
    }
}

/// What the tables hold.
#[derive(Debug)]
pub struct Mirrored {
    rows: BTreeMap<ObjectKey, Row>,
    outcomes: BTreeMap<String, String>,
    dead_letters: usize,
}

impl Mirrored {
    /// Compares it with what happened.
    pub fn compare(&self, world: &World) -> Result<(), CostError> {
        let audit = audit(world, &self.rows, &self.outcomes);
        let (different, missing) = (audit.different.len(), audit.missing.len());
        if audit.compared == 0 || different + missing + self.dead_letters > 0 {
            return Err(CostError::Wrong(format!(
                "of {} objects {different} differ, {missing} events are lost, {} messages are dead: {:?}",
                audit.compared,
                self.dead_letters,
                audit.different.iter().next(),
            )));
        }
        Ok(())
    }
}
