//! A function as a process, with Lambda and AWS around it.

use std::ffi::OsString;
use std::fs::File;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::error::BenchError;
use crate::runtime_api::{Outcome, RuntimeApi};

/// The functions, in the order of an event's road.
pub const NAMES: [&str; 4] = [
    "ingest_webhook",
    "apply_event",
    "publish_changes",
    "fetch_object",
];

/// Longest wait for a function. No figure depends on it.
pub const WAIT_MAX: Duration = Duration::from_secs(10);

/// The settings of all functions together, as template.yaml makes them; each reads
/// its own.
const SETTINGS: [(&str, &str); 15] = [
    ("ARCHIVE_BUCKET", "archive"),
    ("CONTROL_TABLE", "control"),
    (
        "EVENTS_QUEUE_URL",
        "https://sqs.us-east-1.amazonaws.com/123456789012/events",
    ),
    ("EVENTS_TABLE", "events"),
    ("EVENT_BUS_NAME", "tributary"),
    ("EVENT_RETENTION_DAYS", "400"),
    (
        "FETCH_QUEUE_URL",
        "https://sqs.us-east-1.amazonaws.com/123456789012/fetch",
    ),
    ("LOG_LEVEL", "info"),
    ("MIRROR_TABLE", "mirror"),
    (
        "QUARANTINE_QUEUE_URL",
        "https://sqs.us-east-1.amazonaws.com/123456789012/quarantine",
    ),
    ("STRIPE_API_BASE", "https://api.stripe.com"),
    ("STRIPE_API_KEY_SECRET", "api-key"),
    ("STRIPE_REQUESTS_PER_SECOND", "10000"),
    ("STRIPE_WORKERS", "10"),
    (
        "STRIPE_ENDPOINTS",
        "platform=platform,connect=connect,thin=thin",
    ),
];

/// What Lambda sets, but for the addresses.
const LAMBDA: [(&str, &str); 6] = [
    ("AWS_ACCESS_KEY_ID", "ASIAIOSFODNN7EXAMPLE"),
    (
        "AWS_SECRET_ACCESS_KEY",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    ),
    ("AWS_REGION", "us-east-1"),
    ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
    ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
    ("AWS_LAMBDA_LOG_STREAM_NAME", "bench"),
];

/// About the length of the session tokens that Lambda gives a role. Every request
/// to AWS carries one.
const SESSION_TOKEN_BYTES: usize = 800;

/// Where the functions are and what is around them.
#[derive(Debug)]
pub struct Site {
    /// Folder of the binaries.
    pub binaries: PathBuf,
    /// Folder of their logs.
    pub logs: PathBuf,
    /// What stands in for AWS.
    pub aws_url: String,
}

impl Site {
    /// A function's binary: what a deployment calls `bootstrap`.
    pub fn binary(&self, name: &str) -> Result<PathBuf, BenchError> {
        let path = self.binaries.join(name);
        if path.is_file() {
            Ok(path)
        } else {
            Err(BenchError::NotBuilt(path))
        }
    }

    /// Where a function's output goes.
    pub fn log(&self, name: &str) -> PathBuf {
        self.logs.join(format!("{name}.log"))
    }
}

/// A program that speaks to Lambda's Runtime API: one of ours, or an interpreter with
/// somebody else's function.
#[derive(Debug, Clone)]
pub struct Program {
    /// What it is called, in errors and in `AWS_LAMBDA_FUNCTION_NAME`.
    pub name: String,
    /// The program.
    pub executable: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// Its settings, beside what Lambda sets. Later ones win.
    pub settings: Vec<(String, String)>,
    /// Where its output goes.
    pub log: PathBuf,
    /// What stands in for AWS.
    pub aws_url: String,
}

impl Program {
    /// One of our functions, with the settings of template.yaml.
    pub fn ours(site: &Site, name: &str) -> Result<Self, BenchError> {
        Ok(Self {
            name: name.to_owned(),
            executable: site.binary(name)?,
            arguments: Vec::new(),
            settings: SETTINGS.map(|(k, v)| (k.to_owned(), v.to_owned())).into(),
            log: site.log(name),
            aws_url: site.aws_url.clone(),
        })
    }

    /// The command, in an environment that is Lambda's and nothing else.
    fn command(&self, lambda: SocketAddr) -> Result<Command, BenchError> {
        let out = File::create(&self.log)?;
        let settings = self.settings.iter().map(|(name, value)| (name, value));
        let mut command = Command::new(&self.executable);
        command
            .args(&self.arguments)
            .env_clear()
            .envs(LAMBDA)
            .env("AWS_SESSION_TOKEN", "t".repeat(SESSION_TOKEN_BYTES))
            .env("AWS_LAMBDA_FUNCTION_NAME", &self.name)
            .env("AWS_LAMBDA_RUNTIME_API", lambda.to_string())
            .env("AWS_ENDPOINT_URL", &self.aws_url)
            .envs(settings)
            .stdin(Stdio::null())
            .stderr(out.try_clone()?)
            .stdout(out)
            .kill_on_drop(true);
        Ok(command)
    }
}

/// A running function, idle: it has asked for work. It is killed when it is dropped.
#[derive(Debug)]
pub struct Function {
    name: String,
    log: PathBuf,
    pid: u32,
    spawned: Instant,
    wait_max: Duration,
    process: Child,
    lambda: RuntimeApi,
}

impl Function {
    /// Starts a program and waits until it asks for work. Returns how long that took
    /// from the moment before the process was made.
    pub async fn start(program: &Program) -> Result<(Self, Duration), BenchError> {
        Self::start_within(program, WAIT_MAX).await
    }

    /// The same of a program that may take its time, for a start and for an answer:
    /// one that is watched while it runs.
    pub async fn start_within(
        program: &Program,
        wait_max: Duration,
    ) -> Result<(Self, Duration), BenchError> {
        let lambda = RuntimeApi::start().await?;
        let mut command = program.command(lambda.address())?;
        let spawned = Instant::now();
        let process = command.spawn()?;
        let mut function = Self {
            name: program.name.clone(),
            log: program.log.clone(),
            pid: process.id().unwrap_or_default(),
            spawned,
            wait_max,
            process,
            lambda,
        };
        let asked = function.until_asked().await?;
        Ok((function, asked.duration_since(spawned)))
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Bytes logged so far.
    pub fn logged_bytes(&self) -> Result<u64, BenchError> {
        Ok(std::fs::metadata(&self.log)?.len())
    }

    /// The moment before the process was made.
    pub fn spawned(&self) -> Instant {
        self.spawned
    }

    /// One invocation: from handing it over until the function, having answered,
    /// asks for the next. Returns the answer.
    pub async fn invoke(&mut self, payload: Bytes) -> Result<Bytes, BenchError> {
        let (answer, _) = self.answer(payload).await?;
        self.until_asked().await?;
        Ok(answer)
    }

    /// The same, for functions that may fail: returns what became of the invocation.
    pub async fn outcome(&mut self, payload: Bytes) -> Result<Outcome, BenchError> {
        let Ok(Some(outcome)) = timeout(self.wait_max, self.lambda.invoke(payload)).await else {
            return Err(self.silent("answer"));
        };
        self.until_asked().await?;
        Ok(outcome)
    }

    /// Hands over one invocation. Returns the answer and when it came; the function
    /// has not yet asked for more.
    pub async fn answer(&mut self, payload: Bytes) -> Result<(Bytes, Instant), BenchError> {
        let answer = timeout(self.wait_max, self.lambda.invoke(payload)).await;
        let answered = Instant::now();
        let Ok(Some(answer)) = answer else {
            return Err(self.silent("answer"));
        };
        let answer = answer.map_err(|report| self.failed(report))?;
        Ok((answer, answered))
    }

    /// Waits until the function asks for work; returns when it did.
    pub async fn until_asked(&mut self) -> Result<Instant, BenchError> {
        match timeout(self.wait_max, self.lambda.asked()).await {
            Ok(Some(asked)) => asked.map_err(|report| self.failed(report)),
            _ => Err(self.silent("ask for work")),
        }
    }

    /// Ends the process by SIGTERM, so that whoever watches it writes down what was
    /// seen, and waits until it is gone.
    pub async fn end(mut self) -> Result<(), BenchError> {
        let pid = self.pid.to_string();
        Command::new("kill").args(["-TERM", &pid]).status().await?;
        match timeout(self.wait_max, self.process.wait()).await {
            Ok(ended) => Ok(ended.map(drop)?),
            Err(_) => Err(self.silent("end")),
        }
    }

    /// Ends the process and waits until it is gone.
    pub async fn stop(mut self) -> Result<(), BenchError> {
        Ok(self.process.kill().await?)
    }

    fn silent(&self, what: &'static str) -> BenchError {
        BenchError::Silent {
            function: self.name.clone(),
            what,
            log: self.log.clone(),
        }
    }

    fn failed(&self, report: String) -> BenchError {
        BenchError::Failed {
            function: self.name.clone(),
            report,
        }
    }
}
