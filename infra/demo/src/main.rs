//! `make demo`: a seeded day of a Connect platform, from webhook to mirror.

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::error::Error;
use std::io::{IsTerminal, Write};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tributary_aws::operate::Queues;
use tributary_demo::audit::audit;
use tributary_demo::day::{self, Script};
use tributary_demo::drain;
use tributary_demo::post::Sender;
use tributary_demo::stack::{Stack, root};
use tributary_demo::summary::Summary;
use tributary_simulator::World;
use tributary_simulator::delivery::Intent;
use tributary_simulator::server::{ApiConfig, ApiServer};

/// Longest wait for the queues after the last webhook.
const DRAIN_MAX: Duration = Duration::from_secs(150);
/// A message that no version of apply knows what to do with.
const POISON: &str = "from_the_future";

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("demo: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Progress on one line: in place on a terminal, now and then elsewhere.
fn say(text: &str, now_and_then: bool) {
    if std::io::stdout().is_terminal() {
        print!("\r\x1b[2K{text}");
        let _ = std::io::stdout().flush();
    } else if now_and_then {
        println!("{text}");
    }
}

fn setting(name: &str, default: u64) -> Result<u64, String> {
    match std::env::var(name) {
        Err(_) => Ok(default),
        Ok(text) => text
            .parse()
            .map_err(|_| format!("{name}={text} is not a whole number")),
    }
}

async fn run() -> Result<bool, Box<dyn Error>> {
    let script = Script {
        seed: setting("SEED", 1)?,
        accounts: usize::try_from(setting("ACCOUNTS", 200)?)?,
        events: usize::try_from(setting("EVENTS", 5000)?)?,
    };
    let world = Arc::new(Mutex::new(day::play(script)));
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    let stripe = ApiServer::start(Arc::clone(&world), ApiConfig::default(), address)?;
    say(
        "Starting a local AWS and deploying template.yaml to it…",
        true,
    );
    let stack = Stack::up("demo", &stripe.url())?;
    let summary = through(&stack, &world, script).await;
    stack.down()?;
    stripe.stop();
    let summary = summary?;
    let file = root().join("target/demo/summary.json");
    std::fs::create_dir_all(root().join("target/demo"))?;
    std::fs::write(&file, serde_json::to_string_pretty(&summary)? + "\n")?;
    println!("\n\n{summary}");
    println!("  Figures: target/demo/summary.json. A stack of your own: make up.");
    Ok(summary.is_good())
}

/// Sends the day through the stack and compares.
async fn through(
    stack: &Stack,
    world: &Mutex<World>,
    script: Script,
) -> Result<Summary, Box<dyn Error>> {
    let started = Instant::now();
    let queues = Queues::new(&stack.aws().await);
    queues
        .send(stack.output("EventsQueueUrl")?, Some(POISON), "{}")
        .await?;
    let (deliveries, events) = {
        let world = world.lock().map_err(|_| "the world is poisoned")?;
        (day::deliveries(&world, script.seed), world.events().len())
    };
    let total = deliveries.len();
    let sender = Sender::new(stack)?;
    let answers = day::send(&sender, &deliveries, |sent| {
        let percent = sent * 100 / total.max(1);
        say(
            &format!("Sending webhooks: {sent} of {total} ({percent} %)"),
            sent % 1000 == 0,
        );
    });
    let answers = answers.await;
    drain::until_empty(stack, &queues, DRAIN_MAX, |events, fetches| {
        let (events, fetches) = (
            events.visible + events.in_flight,
            fetches.visible + fetches.delayed,
        );
        say(
            &format!("Waiting: {events} events and {fetches} fetches to go"),
            false,
        );
    })
    .await?;
    say("Comparing every object with Stripe's truth…", true);
    let store = stack.store(&stack.aws().await)?;
    let (rows, outcomes) = (store.all_rows().await?, store.all_outcomes().await?);
    let mut summary = Summary {
        seed: script.seed,
        accounts: script.accounts,
        events,
        ..Summary::default()
    };
    summary.answers(&answers);
    summary.audit(&audit(
        &*world.lock().map_err(|_| "the world is poisoned")?,
        &rows,
        &outcomes,
    ));
    let malformed = deliveries
        .iter()
        .filter(|delivery| delivery.intent == Intent::Malformed)
        .count();
    let quarantine = queues.depth(stack.output("QuarantineQueueUrl")?).await?;
    let dead = queues.depth(stack.output("EventsDeadLettersUrl")?).await?;
    summary.waiting(quarantine, malformed as u64, dead, 1);
    for name in ["FetchDeadLettersUrl", "PublishDeadLettersUrl"] {
        let dead = queues.depth(stack.output(name)?).await?;
        if !dead.is_empty() {
            summary
                .failures
                .push(format!("{name}: {} messages", dead.visible));
        }
    }
    summary.seconds = started.elapsed().as_secs();
    Ok(summary)
}
