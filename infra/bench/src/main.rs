//! `make bench`: what the release binaries weigh, how fast they start, and what one
//! event costs ingest. Nothing leaves this machine: Lambda's Runtime API and AWS
//! are servers inside this program.

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::path::PathBuf;
use std::process::ExitCode;

use tributary_bench::aws::FakeAws;
use tributary_bench::function::{NAMES, Site};
use tributary_bench::report::{Machine, Summary};
use tributary_bench::{BenchError, ingest, starts};

/// Where `make bench` leaves the binaries.
const BINARIES: &str = "target/release";
/// Where the figures and the functions' logs go.
const OUTPUT: &str = "target/bench";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Measures the binaries in the folder that the first argument names.
async fn run() -> Result<(), BenchError> {
    let binaries = std::env::args_os().nth(1);
    let aws = FakeAws::start().await?;
    let site = Site {
        binaries: binaries.map_or_else(|| PathBuf::from(BINARIES), PathBuf::from),
        logs: PathBuf::from(OUTPUT),
        aws_url: aws.url(),
    };
    std::fs::create_dir_all(OUTPUT)?;
    let mut functions = Vec::new();
    for name in NAMES {
        println!("Starting {name}, {} times…", starts::STARTS);
        functions.push(starts::measure(&site, name).await?);
    }
    println!(
        "Sending {} events to {}…",
        ingest::SETTLING_EVENTS + ingest::EVENTS,
        ingest::NAME
    );
    let summary = Summary {
        machine: Machine::this(),
        functions,
        ingest: ingest::measure(&site, &aws).await?,
    };
    let file = site.logs.join("summary.json");
    std::fs::write(&file, serde_json::to_string_pretty(&summary)? + "\n")?;
    println!("\n{summary}\n  Figures: {}.", file.display());
    Ok(())
}
