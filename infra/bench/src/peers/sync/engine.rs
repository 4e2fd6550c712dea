//! An engine that syncs Stripe into PostgreSQL, as a Node process that is handed the
//! deliveries as its webhook server would hand them over.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tributary_stripe::{Secret, signature};

use super::held::{Account, Row};
use super::postgres::Postgres;
use super::run::{Done, Work, unix_now};
use super::stream::Stream;
use crate::error::BenchError;
use crate::event::SECRET;
use crate::peers::installed::{on_path, package_version};
use crate::proc;

/// The engines, as npm calls them.
pub const ENGINES: [&str; 2] = ["@supabase/stripe-sync-engine", "@stripe/sync-engine"];

/// A delivery that an engine did not take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// The event's type.
    pub kind: String,
    /// What it said.
    pub error: String,
    /// How often.
    pub times: usize,
}

/// An engine that is installed.
#[derive(Debug, Clone)]
pub struct Engine {
    /// As npm calls it.
    pub package: &'static str,
    /// Its version.
    pub version: String,
    node: PathBuf,
    folder: PathBuf,
}

impl Engine {
    /// Looks for it below `folder`.
    ///
    /// # Errors
    /// What is missing.
    pub fn find(folder: &Path, package: &'static str) -> Result<Self, String> {
        Ok(Self {
            package,
            version: package_version(folder, package)?,
            node: on_path("node").ok_or("there is no node")?,
            folder: std::path::absolute(folder).map_err(|error| error.to_string())?,
        })
    }

    /// Hands it every delivery, one after the other.
    ///
    /// # Errors
    /// When it does not start, or says something unforeseen.
    pub async fn run(
        &self,
        stream: &Stream,
        order: &[usize],
        postgres: &Postgres,
        log: &Path,
    ) -> Result<Done, BenchError> {
        let mut talk = Talk::start(self, postgres, log).await?;
        // It has made its tables now.
        let before = (proc::cpu_of_threads(talk.pid())?, postgres.cpu()?);
        let secret = Secret::new(SECRET).map_err(|e| BenchError::Unexpected(e.to_string()))?;
        for event in order
            .iter()
            .filter_map(|position| stream.events.get(*position))
        {
            let body = format!("{:#}", event.json);
            let signature = signature::sign(body.as_bytes(), &secret, unix_now());
            talk.say(&json!({ "body": body, "signature": signature }))
                .await?;
        }
        let told: Told = talk.ask(&json!({ "done": true })).await?;
        let after = (proc::cpu_of_threads(talk.pid())?, postgres.cpu()?);
        let rows: Vec<HeldRow> = talk.ask(&json!({ "rows": true })).await?;
        talk.stop().await?;
        let work = [
            ("node", after.0.saturating_sub(before.0)),
            ("postgres", after.1.saturating_sub(before.1)),
        ];
        Ok(Done {
            deliveries: order.len(),
            refused: told.refused,
            wall_s: told.wall_s,
            work: work
                .map(|(name, cpu)| Work {
                    name: name.to_owned(),
                    cpu_s: cpu.as_secs_f64(),
                })
                .into(),
            rows: rows.into_iter().map(Row::from).collect(),
        })
    }
}

/// What an engine says when it has done its work.
#[derive(Debug, Deserialize)]
struct Told {
    wall_s: f64,
    refused: Vec<Refused>,
}

/// One row of an engine's tables.
#[derive(Debug, Deserialize)]
struct HeldRow {
    kind: String,
    id: String,
    /// Absent where the engine keeps none.
    account: Option<String>,
    deleted: bool,
    fields: Map<String, Value>,
}

impl From<HeldRow> for Row {
    fn from(held: HeldRow) -> Self {
        Self {
            kind: held.kind,
            id: held.id,
            account: match held.account {
                None => Account::Unknown,
                Some(account) if account == PLATFORM => Account::Known(None),
                account => Account::Known(account),
            },
            fields: (!held.deleted).then_some(held.fields),
        }
    }
}

/// How the platform's own account is called; the engines are told it.
const PLATFORM: &str = "acct_platform";

/// Lines of JSON to and from an engine's process. It is killed when it is dropped.
struct Talk {
    process: Child,
    to: ChildStdin,
    from: Lines<BufReader<ChildStdout>>,
}

impl Talk {
    async fn start(engine: &Engine, postgres: &Postgres, log: &Path) -> Result<Self, BenchError> {
        let mut process = Command::new(&engine.node)
            .arg(engine.folder.join("drive.mjs"))
            .arg(engine.package)
            .env_clear()
            .env("DATABASE_URL", postgres.url())
            .env("STRIPE_WEBHOOK_SECRET", SECRET)
            .env("PLATFORM_ACCOUNT", PLATFORM)
            .current_dir(&engine.folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(log)?)
            .kill_on_drop(true)
            .spawn()?;
        let to = process.stdin.take().ok_or(BenchError::Proc("input"))?;
        let from = process.stdout.take().ok_or(BenchError::Proc("output"))?;
        let from = BufReader::new(from).lines();
        let mut talk = Self { process, to, from };
        let _: Value = talk.ask(&json!({ "start": true })).await?;
        Ok(talk)
    }

    fn pid(&self) -> u32 {
        self.process.id().unwrap_or_default()
    }

    async fn say(&mut self, line: &Value) -> Result<(), BenchError> {
        self.to.write_all(format!("{line}\n").as_bytes()).await?;
        Ok(())
    }

    async fn ask<T: for<'de> Deserialize<'de>>(&mut self, line: &Value) -> Result<T, BenchError> {
        self.say(line).await?;
        let answer = self.from.next_line().await?;
        let answer = answer.ok_or_else(|| {
            BenchError::Unexpected("the engine ended; its log says why".to_owned())
        })?;
        Ok(serde_json::from_str(&answer)?)
    }

    async fn stop(mut self) -> Result<(), BenchError> {
        drop(self.to);
        self.process.wait().await?;
        Ok(())
    }
}
