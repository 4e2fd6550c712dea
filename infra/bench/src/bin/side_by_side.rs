//! `make bench-side-by-side`: ours beside the same work done by others.

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde::Serialize;
use tributary_bench::peers::charts;
use tributary_bench::peers::ingest::{self, IngestReport, Plan};
use tributary_bench::peers::installed::Tools;
use tributary_bench::peers::sync::run::SyncReport;
use tributary_bench::peers::sync::{self, database};
use tributary_bench::{BenchError, Site};

/// Where `make bench` leaves the binaries.
const BINARIES: &str = "target/release";
/// Where `make bench-peers` leaves the peers.
const PEERS: &str = "target/tools/peers";
/// Where the pictures go.
const PICTURES: &str = "docs/performance";
/// Where the figures and the functions' logs go.
const OUTPUT: &str = "target/bench";

const PLAN: Plan = Plan {
    starts: 21,
    settling: 300,
    blocks: 5,
    block_events: 400,
    rate_per_s: 50.0,
    seed: 1,
    counts_instructions: true,
};

const STREAM: sync::run::Plan = sync::run::Plan {
    seed: 1,
    accounts: 12,
    events_min: 6_000,
};

/// The figures of one run.
#[derive(Debug, Serialize)]
struct SideBySide {
    ingest: IngestReport,
    sync: SyncReport,
}

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
    let argument = std::env::args_os().nth(1);
    if argument.as_deref() == Some(OsStr::new(database::ARGUMENT)) {
        return database::serve().await;
    }
    let site = Site {
        binaries: argument.map_or_else(|| PathBuf::from(BINARIES), PathBuf::from),
        logs: PathBuf::from(OUTPUT),
        // Each peer is told the encrypted endpoint instead.
        aws_url: String::new(),
    };
    std::fs::create_dir_all(OUTPUT)?;
    let tools = Tools(PathBuf::from(PEERS));
    let say = |text: &str| println!("{text}");
    let sync = sync::run::measure(&site, &tools, STREAM, &say).await?;
    println!("\n{sync}");
    let ingest = ingest::measure(&site, &tools, PLAN, &say).await?;
    println!("\n{ingest}");
    std::fs::create_dir_all(PICTURES)?;
    for (name, picture) in charts::pictures(&ingest, &sync) {
        std::fs::write(Path::new(PICTURES).join(name), picture)?;
    }
    let report = SideBySide { ingest, sync };
    let file = site.logs.join("side_by_side.json");
    std::fs::write(&file, serde_json::to_string_pretty(&report)? + "\n")?;
    println!("  Figures: {}.", file.display());
    Ok(())
}
