//! `make cost`: what a million events cost, counted.

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use tributary_cost::price::Prices;
use tributary_cost::report::Report;
use tributary_cost::road::Ground;
use tributary_cost::template::Template;
use tributary_cost::{CostError, growth, reference, scenario};
use tributary_demo::day::Script;

/// Where cargo leaves the binaries: what is counted is the same in every profile.
const BINARIES: &str = "target/debug";
/// Where the figures and the functions' logs go.
const OUTPUT: &str = "target/bench";
/// Where the pictures go.
const PICTURES: &str = "docs/performance";
const PRICES: &str = "infra/cost/prices/us-east-1-2026-11.yaml";
/// Connected accounts of the day that is counted.
const ACCOUNTS: usize = 100;
/// Its events, if `EVENTS` says nothing else.
const EVENTS: u64 = 1_000;
/// Events of the sample for each number of accounts, if `GROWTH_EVENTS` says nothing
/// else. With 0 no growth is measured.
const GROWTH_EVENTS: u64 = 400;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cost: {error}");
            ExitCode::FAILURE
        }
    }
}

fn setting(name: &'static str, default: u64) -> Result<u64, CostError> {
    match std::env::var(name) {
        Err(_) => Ok(default),
        Ok(text) => text.parse().map_err(|_| CostError::Setting(name, text)),
    }
}

/// Counts with the binaries in the folder that the first argument names.
async fn run() -> Result<(), CostError> {
    let binaries = std::env::args_os().nth(1);
    let ground = Ground {
        binaries: binaries.map_or_else(|| PathBuf::from(BINARIES), PathBuf::from),
        logs: PathBuf::from(OUTPUT),
        template: Template::load(Path::new("template.yaml"))?,
        prices: Prices::load(Path::new(PRICES))?,
    };
    std::fs::create_dir_all(OUTPUT)?;
    let say = |text: &str| println!("{text}");
    let script = Script {
        seed: setting("SEED", 1)?,
        accounts: ACCOUNTS,
        events: usize::try_from(setting("EVENTS", EVENTS)?).unwrap_or(usize::MAX),
    };
    let ours = scenario::ours(&ground, script, say).await?;
    let reference = reference::measure(&ground, script, say).await?;
    let growth = match setting("GROWTH_EVENTS", GROWTH_EVENTS)? {
        0 => None,
        events => Some(growth::measure(&ground, events, say).await?),
    };
    let report = Report::new(ground.prices, ours, reference, growth)?;
    let file = Path::new(OUTPUT).join("cost.json");
    report.write_json(&file)?;
    report.draw(Path::new(PICTURES))?;
    println!(
        "\n{report}\n  Figures: {}; pictures: {PICTURES}.",
        file.display()
    );
    Ok(())
}
