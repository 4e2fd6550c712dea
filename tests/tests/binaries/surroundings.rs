//! A function's binary as a process, between a Lambda, an AWS and a Stripe that say
//! what a test wants them to.

use std::fs::{File, read_to_string, remove_file};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Longest wait for anything that a function does.
const PATIENCE: Duration = Duration::from_secs(60);
const RUNTIME: &str = "/2018-06-01/runtime/";

/// Every setting that a function may ask for.
const SETTINGS: [(&str, &str); 28] = [
    ("ARCHIVE_BUCKET", "archive"),
    ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
    ("AWS_LAMBDA_FUNCTION_NAME", "function"),
    ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
    ("AWS_LAMBDA_LOG_STREAM_NAME", "stream"),
    ("AWS_REGION", "us-east-1"),
    ("CONFIRM_SECONDS", "900"),
    ("CONTROL_TABLE", "control"),
    (
        "EVENTS_QUEUE_URL",
        "https://sqs.us-east-1.amazonaws.com/1/events",
    ),
    ("EVENTS_TABLE", "events"),
    ("EVENT_BUS_NAME", "tributary"),
    ("EVENT_RETENTION_DAYS", "400"),
    (
        "FETCH_QUEUE_URL",
        "https://sqs.us-east-1.amazonaws.com/1/fetch",
    ),
    ("FINDINGS_TABLE", "findings"),
    ("IMPORT_BUCKET", "imports"),
    (
        "LEDGER_QUEUE_URL",
        "https://sqs.us-east-1.amazonaws.com/1/ledger",
    ),
    ("LEDGER_TABLE", "ledger"),
    ("MATCHES_TABLE", "matches"),
    ("MATCH_WINDOW_SECONDS", "900"),
    ("MIRROR_TABLE", "mirror"),
    ("OWN_BOOK_TABLE", "own-book"),
    (
        "QUARANTINE_QUEUE_URL",
        "https://sqs.us-east-1.amazonaws.com/1/quarantine",
    ),
    (
        "RECONCILE_QUEUE_URL",
        "https://sqs.us-east-1.amazonaws.com/1/reconcile",
    ),
    ("STRIPE_API_KEY_SECRET", "api-key"),
    ("STRIPE_ENDPOINTS", "connect=signing"),
    ("STRIPE_REQUESTS_PER_SECOND", "10000"),
    ("STRIPE_WORKERS", "10"),
    ("UNMATCHED_GRACE_SECONDS", "172800"),
];

/// What AWS, or Stripe, says to an operation: a status and a body.
pub(crate) type Say = fn(operation: &str) -> (u16, Value);

/// What a function did next.
enum Step {
    AskedForWork,
    Answered(String),
    Failed(String),
}

struct Around {
    say: Say,
    work: Mutex<mpsc::UnboundedReceiver<Value>>,
    steps: mpsc::UnboundedSender<Step>,
}

/// A running function that has asked for work.
pub(crate) struct Function {
    process: Child,
    log: PathBuf,
    server: JoinHandle<()>,
    work: mpsc::UnboundedSender<Value>,
    steps: mpsc::UnboundedReceiver<Step>,
}

/// What a function left behind.
pub(crate) struct Remains {
    /// Everything that it wrote to standard output and standard error.
    pub(crate) logs: String,
    pub(crate) dumped_core: bool,
}

/// The binary that `make build-local` and `make test` build before the tests.
pub(crate) fn binary(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let path = test.parent().unwrap().parent().unwrap().join(name);
    assert!(path.is_file(), "{} is not built", path.display());
    path
}

impl Function {
    /// Starts a function with the credentials that Lambda would give it, and waits
    /// until it asks for work.
    pub(crate) async fn start(name: &str, credential: &str, log_level: &str, say: Say) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (work, work_here) = mpsc::unbounded_channel();
        let (steps_there, steps) = mpsc::unbounded_channel();
        let around = Arc::new(Around {
            say,
            work: Mutex::new(work_here),
            steps: steps_there,
        });
        let app = Router::new().fallback(serve).with_state(around);
        let server = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        // A file: a pipe that nobody reads would make a talkative function wait.
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let log = folder.join(format!("{name}-{}.log", address.port()));
        let out = File::create(&log).unwrap();
        let process = Command::new(binary(name))
            .current_dir(folder)
            .env_clear()
            .envs(SETTINGS)
            .env("AWS_ACCESS_KEY_ID", "ASIAIOSFODNN7EXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", credential)
            .env("AWS_SESSION_TOKEN", credential)
            .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
            .env("AWS_ENDPOINT_URL", format!("http://{address}"))
            .env("STRIPE_API_BASE", format!("http://{address}"))
            .env("LOG_LEVEL", log_level)
            .stdin(Stdio::null())
            .stderr(out.try_clone().unwrap())
            .stdout(out)
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut function = Self {
            process,
            log,
            server,
            work,
            steps,
        };
        match function.step().await {
            Step::AskedForWork => function,
            Step::Answered(report) | Step::Failed(report) => panic!("{name}: {report}"),
        }
    }

    /// One invocation: what the function answered, or its report of an error.
    pub(crate) async fn invoke(&mut self, event: Value) -> String {
        self.work.send(event).unwrap();
        let (Step::Answered(outcome) | Step::Failed(outcome)) = self.step().await else {
            panic!("asked twice");
        };
        let Step::AskedForWork = self.step().await else {
            panic!("two outcomes of one invocation");
        };
        outcome
    }

    /// A file of `/proc` about the process.
    pub(crate) fn proc(&self, file: &str) -> String {
        let path = format!("/proc/{}/{file}", self.pid().as_raw_nonzero());
        String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned()
    }

    /// Ends the process by a signal whose default action is a core dump.
    pub(crate) async fn abort(mut self) -> Remains {
        kill_process(self.pid(), Signal::ABORT).unwrap();
        let status = timeout(PATIENCE, self.process.wait()).await;
        let status = status.unwrap().unwrap();
        self.server.abort();
        assert_eq!(status.signal(), Some(Signal::ABORT.as_raw()), "{status}");
        let logs = read_to_string(&self.log).unwrap();
        remove_file(&self.log).unwrap();
        Remains {
            logs,
            dumped_core: status.core_dumped(),
        }
    }

    fn pid(&self) -> Pid {
        let id = self.process.id().unwrap();
        Pid::from_raw(id.try_into().unwrap()).unwrap()
    }

    async fn step(&mut self) -> Step {
        let step = timeout(PATIENCE, self.steps.recv());
        step.await.expect("the function is silent").unwrap()
    }
}

async fn serve(
    State(around): State<Arc<Around>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let body = String::from_utf8_lossy(&body).into_owned();
    match uri.path().strip_prefix(RUNTIME) {
        Some("invocation/next") => next(&around).await,
        Some(path) => {
            let failed = path.ends_with("/error");
            let step = if failed {
                Step::Failed(body)
            } else {
                Step::Answered(body)
            };
            around.steps.send(step).unwrap();
            (StatusCode::ACCEPTED, "{}").into_response()
        }
        None => {
            let target = headers
                .get("x-amz-target")
                .map(|value| value.to_str().unwrap());
            let operation = target.and_then(|target| target.rsplit('.').next());
            let (status, said) = (around.say)(operation.unwrap_or(method.as_str()));
            let content_type = [("content-type", "application/x-amz-json-1.0")];
            (
                StatusCode::from_u16(status).unwrap(),
                content_type,
                said.to_string(),
            )
                .into_response()
        }
    }
}

async fn next(around: &Around) -> Response {
    // Nobody listens any more once the test has what it wanted.
    let _ = around.steps.send(Step::AskedForWork);
    let Some(event) = around.work.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    let headers = [
        (
            "lambda-runtime-aws-request-id",
            "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
        ),
        ("lambda-runtime-deadline-ms", "4102444800000"),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:us-east-1:1:function:f",
        ),
    ];
    (headers, json!(event).to_string()).into_response()
}
