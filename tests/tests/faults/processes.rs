//! Rows 15 and 47: real processes at a Runtime API, one that meets a bug and two
//! hundred that start at once.

use std::collections::BTreeMap;
use std::path::PathBuf;

use aws_lambda_events::sqs::SqsEvent;
use futures_util::{StreamExt, stream};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::{Value, json};
use tributary_bench::{Function, Program, Site};

use crate::cloud::{Cloud, Reply};
use crate::events::numbered;
use crate::rig::Fault;
use crate::sqs::{Queue, RECEIVES_MAX};
use crate::world::{Record, World, invocation};

/// Where the programs of this build are.
fn binaries() -> PathBuf {
    let this = std::env::current_exe().unwrap();
    this.ancestors().nth(2).unwrap().to_owned()
}

fn log(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.log"))
}

/// The function of row 15: `apply_event`'s handler in the real runtime, with a bug
/// that strikes when the row of customer 13 is written.
async fn function_with_a_bug() -> Result<(), Error> {
    let world = World::default();
    let bug = |call: &str| match call.ends_with("#cus_13") {
        true => Fault::Panics,
        false => Fault::None,
    };
    let worker = &world.worker(&bug);
    run(service_fn(|event: LambdaEvent<SqsEvent>| async move {
        Ok::<_, Error>(worker.handle(event.payload).await)
    }))
    .await
}

/// The handler panics on one message of ten: the process lives on, the other nine are
/// applied and acknowledged, and the one comes again until it is a dead letter. The
/// release build unwinds, which is what this rests on.
#[tokio::test]
async fn fault_15_a_panic_costs_only_the_message_that_caused_it() {
    if std::env::var_os("AWS_LAMBDA_RUNTIME_API").is_some() {
        return function_with_a_bug().await.unwrap();
    }
    let this_test = "processes::fault_15_a_panic_costs_only_the_message_that_caused_it";
    let program = Program {
        name: "apply_event".to_owned(),
        executable: std::env::current_exe().unwrap(),
        arguments: [this_test, "--exact", "--nocapture"].map(Into::into).into(),
        settings: Vec::new(),
        log: log("fault_15"),
        aws_url: "http://127.0.0.1:9".to_owned(),
    };
    let (mut function, _) = Function::start(&program).await.unwrap();
    let pid = function.pid();
    let mut queue = Queue::of((4..14).map(|n| Record::event(n.to_string(), &numbered(n))));
    let mut received: BTreeMap<String, u32> = BTreeMap::new();
    loop {
        let batch = queue.receive(10);
        if batch.is_empty() {
            break;
        }
        for record in &batch {
            *received.entry(record.id.clone()).or_default() += 1;
        }
        let event = serde_json::to_vec(&invocation(&batch)).unwrap();
        let answer: Value =
            serde_json::from_slice(&function.invoke(event.into()).await.unwrap()).unwrap();
        let failures = answer["batchItemFailures"].as_array().unwrap().iter();
        let failed: Vec<String> = failures
            .map(|failure| failure["itemIdentifier"].as_str().unwrap().to_owned())
            .collect();
        queue.settle(&batch, Some(&failed));
    }
    assert_eq!(queue.dead(), ["13"]);
    assert_eq!(received.remove("13"), Some(RECEIVES_MAX));
    assert!(received.values().all(|times| *times == 1), "{received:?}");
    assert_eq!(
        (received.len(), function.pid()),
        (9, pid),
        "one process for all of it"
    );
    function.stop().await.unwrap();
    let manifest = include_str!("../../../Cargo.toml");
    assert!(manifest.contains("panic = \"unwind\""));
}

/// Two hundred environments of ingest start in a burst, while Secrets Manager
/// throttles every other one: each asks once for each endpoint, or three times at most
/// where it is refused, and starts all the same. No storm of retries.
#[tokio::test]
async fn fault_47_a_burst_of_cold_starts_asks_once_for_each_secret() {
    const STARTS: usize = 200;
    const AT_ONCE: usize = 10;
    let cloud = Cloud::start(|operation, input| match operation {
        "GetSecretValue" if input["SecretId"].as_str().unwrap().ends_with("odd") => {
            Reply::Refused(400, "ThrottlingException")
        }
        "GetSecretValue" => Reply::Ok(json!({"ARN": "arn", "Name": "name",
            "SecretString": r#"{"signing_secrets":["whsec_x"]}"#})),
        _ => Reply::Ok(json!({"Attributes": {"QueueArn": "arn"}})),
    });
    let cloud = cloud.await;
    let site = Site {
        binaries: binaries(),
        logs: PathBuf::from(env!("CARGO_TARGET_TMPDIR")),
        aws_url: cloud.url(),
    };
    let start = async |n: usize| {
        let lot = if n.is_multiple_of(2) { "even" } else { "odd" };
        let endpoints =
            ["platform", "connect", "thin"].map(|name| format!("{name}={name}-{n}-{lot}"));
        let mut program = Program::ours(&site, "ingest_webhook").unwrap();
        program.log = log(&format!("fault_47-{n}"));
        program
            .settings
            .push(("STRIPE_ENDPOINTS".to_owned(), endpoints.join(",")));
        let (function, _) = Function::start(&program).await.unwrap();
        function.stop().await.unwrap();
        // A process that had nothing to complain of logged nothing.
        let calm = std::fs::metadata(&program.log).unwrap().len() == 0;
        std::fs::remove_file(&program.log).unwrap();
        (lot, calm)
    };
    let starts: Vec<_> = stream::iter(0..STARTS)
        .map(start)
        .buffered(AT_ONCE)
        .collect()
        .await;

    let mut reads: BTreeMap<String, usize> = BTreeMap::new();
    for call in cloud.calls("GetSecretValue") {
        *reads
            .entry(call["SecretId"].as_str().unwrap().to_owned())
            .or_default() += 1;
    }
    assert_eq!(
        reads.len(),
        3 * STARTS,
        "each environment reads its secrets during INIT"
    );
    for (secret, times) in reads {
        let n: usize = secret.split('-').nth(1).unwrap().parse().unwrap();
        match starts[n] {
            ("even", true) => assert_eq!(times, 1, "{secret}"),
            // Refused, or on a machine too busy to answer in time.
            _ => assert!(times <= 3, "{secret} was asked for {times} times"),
        }
    }
}
