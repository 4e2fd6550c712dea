//! Ours: the real functions, release binaries, from the signed webhook to the mirror.
//! Two ingest endpoints become a queue, batches of ten go to apply, what apply wants
//! to be fetched goes to fetch, which reads the simulated Stripe.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::{Map, Value, json};
use tributary_aws::store::Tables;
use tributary_aws::{Aws, DynamoStore, S3Blobs};
use tributary_simulator::server::{ApiConfig, ApiServer};
use tributary_simulator::{Event, World};
use tributary_stripe::{Secret, signature};

use super::database::{DynamoDb, TABLES};
use super::held::{Account, Row};
use super::run::{Done, Work, unix_now};
use super::stream::Stream;
use crate::error::BenchError;
use crate::event::{self, SECRET};
use crate::function::{Function, Program, Site};
use crate::peers::endpoint::{Endpoint, Message};
use crate::peers::exam::Answer;
use crate::proc;

/// Messages that one invocation of apply gets.
const BATCH: usize = 10;
/// How often a batch is tried again before this gives up.
const TRIES: usize = 5;
/// How often what was fetched may ask for more.
const FETCH_ROUNDS: usize = 10;

/// The pipeline, running.
struct Pipeline {
    ingest: Function,
    apply: Function,
    fetch: Function,
    endpoint: Endpoint,
    database: DynamoDb,
    events: VecDeque<Message>,
    fetches: VecDeque<Message>,
}

/// Sends every delivery through the pipeline.
///
/// # Errors
/// When a function is missing, or a message is not taken.
pub async fn run(site: &Site, stream: Stream, order: &[usize]) -> Result<Done, BenchError> {
    let Stream { events, world } = stream;
    let stripe = stripe(world)?;
    let mut pipeline = Pipeline::start(site, &stripe).await?;
    let secret = Secret::new(SECRET).map_err(|e| BenchError::Unexpected(e.to_string()))?;
    let started = Instant::now();
    let cpu = pipeline.cpu()?;
    for event in order.iter().filter_map(|position| events.get(*position)) {
        pipeline.ingest(event, &secret).await?;
        if pipeline.events.len() >= BATCH {
            pipeline.apply().await?;
        }
    }
    for _ in 0..FETCH_ROUNDS {
        while !pipeline.events.is_empty() {
            pipeline.apply().await?;
        }
        if pipeline.fetches.is_empty() {
            break;
        }
        pipeline.fetch().await?;
    }
    let wall = started.elapsed();
    let cpu: Vec<_> = pipeline.cpu()?.into_iter().zip(cpu).collect();
    let cpu = cpu.into_iter();
    let work = cpu.map(|((name, after), (_, before))| Work {
        name,
        cpu_s: after.saturating_sub(before).as_secs_f64(),
    });
    let work = work.collect();
    let rows = rows(pipeline.database.url()).await?;
    pipeline.stop().await?;
    stripe.stop();
    Ok(Done {
        deliveries: order.len(),
        refused: Vec::new(),
        wall_s: wall.as_secs_f64(),
        work,
        rows,
    })
}

fn stripe(world: World) -> Result<ApiServer, BenchError> {
    let world = Arc::new(Mutex::new(world));
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    Ok(ApiServer::start(world, ApiConfig::default(), address)?)
}

impl Pipeline {
    async fn start(site: &Site, stripe: &ApiServer) -> Result<Self, BenchError> {
        let endpoint = Endpoint::start(&site.logs).await?;
        let database = DynamoDb::start().await?;
        let authority = endpoint.authority().display().to_string();
        let settings = [
            ("AWS_ENDPOINT_URL", endpoint.url().to_owned()),
            ("AWS_ENDPOINT_URL_DYNAMODB", database.url().to_owned()),
            ("SSL_CERT_FILE", authority),
            ("EVENTS_QUEUE_URL", endpoint.queue_url("events")),
            ("FETCH_QUEUE_URL", endpoint.queue_url("fetch")),
            ("QUARANTINE_QUEUE_URL", endpoint.queue_url("quarantine")),
            ("STRIPE_API_BASE", stripe.url()),
        ];
        let program = |name| {
            let mut program = Program::ours(site, name)?;
            let settings = settings.iter().map(|(k, v)| ((*k).to_owned(), v.clone()));
            program.settings.extend(settings);
            Ok::<_, BenchError>(program)
        };
        Ok(Self {
            ingest: Function::start(&program("ingest_webhook")?).await?.0,
            apply: Function::start(&program("apply_event")?).await?.0,
            fetch: Function::start(&program("fetch_object")?).await?.0,
            endpoint,
            database,
            events: VecDeque::new(),
            fetches: VecDeque::new(),
        })
    }

    /// CPU time of each process so far.
    fn cpu(&self) -> Result<Vec<(String, Duration)>, BenchError> {
        let processes = [
            ("ingest_webhook", self.ingest.pid()),
            ("apply_event", self.apply.pid()),
            ("fetch_object", self.fetch.pid()),
            ("dynoxide", self.database.pid()),
        ];
        let cpu = |(name, pid): (&str, u32)| Ok((name.to_owned(), proc::cpu_of_threads(pid)?));
        processes.into_iter().map(cpu).collect()
    }

    async fn ingest(&mut self, event: &Event, secret: &Secret) -> Result<(), BenchError> {
        let endpoint = match event.owner.account_id() {
            Some(_) => "connect",
            None => "platform",
        };
        let body = format!("{:#}", event.json);
        let signature = signature::sign(body.as_bytes(), secret, unix_now());
        let invocation = event::request(endpoint, &signature, &body).to_string();
        let answer = Answer::read(&self.ingest.invoke(Bytes::from(invocation)).await?)?;
        if !answer.is_queued() {
            return Err(BenchError::Unexpected(format!(
                "ingest answered {answer:?}"
            )));
        }
        self.collect()
    }

    /// Takes what the queues were sent.
    fn collect(&mut self) -> Result<(), BenchError> {
        for message in self.endpoint.take().messages {
            match message.queue.as_str() {
                "events" => self.events.push_back(message),
                "fetch" => self.fetches.push_back(message),
                other => {
                    let text = format!("a message for {other}: {:?}", message.attributes);
                    return Err(BenchError::Unexpected(text));
                }
            }
        }
        Ok(())
    }

    async fn apply(&mut self) -> Result<(), BenchError> {
        let batch = take(&mut self.events);
        deliver(&mut self.apply, batch).await?;
        self.collect()
    }

    async fn fetch(&mut self) -> Result<(), BenchError> {
        while !self.fetches.is_empty() {
            let batch = take(&mut self.fetches);
            deliver(&mut self.fetch, batch).await?;
        }
        self.collect()
    }

    async fn stop(self) -> Result<(), BenchError> {
        self.ingest.stop().await?;
        self.apply.stop().await?;
        self.fetch.stop().await?;
        self.database.stop().await
    }
}

fn take(queue: &mut VecDeque<Message>) -> Vec<Message> {
    let count = queue.len().min(BATCH);
    queue.drain(..count).collect()
}

/// Delivers a batch as SQS does, those again that the function names.
async fn deliver(function: &mut Function, batch: Vec<Message>) -> Result<(), BenchError> {
    let mut records: Vec<Value> = (0..).zip(&batch).map(record).collect();
    for _ in 0..TRIES {
        let event = json!({ "Records": records }).to_string();
        let answer: Value = serde_json::from_slice(&function.invoke(Bytes::from(event)).await?)?;
        let failed = answer
            .pointer("/batchItemFailures")
            .and_then(Value::as_array);
        let failed: Vec<&Value> = failed.into_iter().flatten().collect();
        let is_failed = |record: &Value| {
            let id = record.get("messageId");
            failed
                .iter()
                .any(|failure| failure.get("itemIdentifier") == id)
        };
        records.retain(is_failed);
        if records.is_empty() {
            return Ok(());
        }
    }
    Err(BenchError::Unexpected(format!(
        "{} messages failed {TRIES} times",
        records.len()
    )))
}

fn record((number, message): (usize, &Message)) -> Value {
    let attributes = message.attributes.iter().map(|(name, (kind, text))| {
        let value = json!({
            "dataType": kind, "stringValue": text,
            "stringListValues": [], "binaryListValues": [],
        });
        (name.clone(), value)
    });
    json!({
        "messageId": format!("00000000-0000-0000-0000-{number:012}"),
        "receiptHandle": "handle",
        "body": message.body,
        "attributes": { "ApproximateReceiveCount": "1" },
        "messageAttributes": Value::Object(attributes.collect()),
        "md5OfBody": "",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:events",
        "awsRegion": "us-east-1",
    })
}

/// The mirror as it is stored.
async fn rows(url: &str) -> Result<Vec<Row>, BenchError> {
    let aws = Aws::at(url, "us-east-1").await;
    let [mirror, events] = TABLES.map(str::to_owned);
    let tables = Tables {
        mirror,
        events,
        retention_days: 400,
    };
    let blobs = S3Blobs::new(&aws, "archive".to_owned());
    let rows = DynamoStore::new(&aws, tables, blobs).all_rows().await;
    let rows = rows.map_err(|error| BenchError::Unexpected(error.to_string()))?;
    let row = |(key, row): (&tributary_domain::ObjectKey, &tributary_domain::Row)| {
        let state = row.resolve()?;
        let fields = (!state.deleted).then(|| object(&state.winner.body.value()));
        let key = key.to_string();
        let mut parts = key.splitn(4, '#').skip(1);
        let (account, kind, id) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Row {
            kind: kind.to_owned(),
            id: id.to_owned(),
            account: Account::Known((account != "platform").then(|| account.to_owned())),
            fields,
        })
    };
    Ok(rows.iter().filter_map(row).collect())
}

fn object(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}
