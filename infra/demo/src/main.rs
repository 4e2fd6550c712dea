//! `make demo`: two seeded weeks of a Connect platform, from webhook to books.

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::error::Error;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use tributary_cli::render::{Format, print};
use tributary_demo::day::Script;
use tributary_demo::stack::root;
use tributary_demo::stage::Stage;
use tributary_demo::summary::Summary;
use tributary_demo::{finale, reconciling, road, weeks};

/// How often everything is reconciled: once to find and heal, and once more to see that
/// it helped.
const TIMES: usize = 2;

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
        events: usize::try_from(setting("EVENTS", 4000)?)?,
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let wrong = usize::try_from(setting("WRONG", 2)?)?;
    let world = weeks::play(script, wrong, i64::try_from(now)?);
    say(
        "Starting a local AWS and deploying template.yaml to it…",
        true,
    );
    let stage = Stage::open("demo", world).await?;
    let played = async {
        let summary = through(&stage, script, wrong).await?;
        Ok::<_, Box<dyn Error>>((summary, finale::trace(&stage).await?))
    };
    let played = played.await;
    stage.close()?;
    let (summary, told) = played?;
    let file = root().join("target/demo/summary.json");
    std::fs::create_dir_all(root().join("target/demo"))?;
    std::fs::write(&file, serde_json::to_string_pretty(&summary)? + "\n")?;
    println!("\n\n{summary}");
    println!("  Figures: target/demo/summary.json.");
    if let Some(told) = told {
        println!(
            "\nA payout that the bank sent back after it was paid:\n\n$ {}",
            told.command
        );
        print(&told.report, Format::Table);
    }
    println!("\n{}", finale::NEXT);
    Ok(summary.is_good())
}

/// Plays everything through the stack, from the first webhook to the last cent.
async fn through(stage: &Stage, script: Script, wrong: usize) -> Result<Summary, Box<dyn Error>> {
    let started = Instant::now();
    stage.stripe.reconfigure(reconciling::outage());
    road::poison(stage).await?;
    let mut summary = road::travel(stage, script, 1, say).await?;
    summary.road_seconds = started.elapsed().as_secs();
    stage.stripe.reconfigure(reconciling::unsteady());
    summary.books = reconciling::reconcile(stage, wrong, TIMES, say).await?;
    road::compare(stage, &mut summary, say).await?;
    road::dead_letters(stage, &mut summary).await?;
    summary.seconds = started.elapsed().as_secs();
    Ok(summary)
}
