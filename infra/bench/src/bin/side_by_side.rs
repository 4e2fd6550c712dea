//! `make bench-side-by-side`: ours beside the same work done by others.

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::path::PathBuf;
use std::process::ExitCode;

use tributary_bench::peers::ingest::{self, Plan};
use tributary_bench::peers::installed::Tools;
use tributary_bench::{BenchError, Site};

/// Where `make bench` leaves the binaries.
const BINARIES: &str = "target/release";
/// Where `make bench-peers` leaves the peers.
const PEERS: &str = "target/tools/peers";
/// Where the figures and the functions' logs go.
const OUTPUT: &str = "target/bench";

const PLAN: Plan = Plan {
    starts: 3,
    settling: 300,
    blocks: 1,
    block_events: 400,
    rate_per_s: 50.0,
    seed: 1,
    counts_instructions: false,
};

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
    let site = Site {
        binaries: binaries.map_or_else(|| PathBuf::from(BINARIES), PathBuf::from),
        logs: PathBuf::from(OUTPUT),
        // Each peer is told the encrypted endpoint instead.
        aws_url: String::new(),
    };
    std::fs::create_dir_all(OUTPUT)?;
    let tools = Tools(PathBuf::from(PEERS));
    let report = ingest::measure(&site, &tools, PLAN, &|text| println!("{text}")).await?;
    let file = site.logs.join("side_by_side.json");
    std::fs::write(&file, serde_json::to_string_pretty(&report)? + "\n")?;
    println!("\n{report}\n  Figures: {}.", file.display());
    Ok(())
}
