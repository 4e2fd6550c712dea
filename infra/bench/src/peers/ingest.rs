//! Ingest in several languages: first whether they do the same, then in turns what it
//! takes them.

use std::path::Path;

use serde::Serialize;

use super::cold::{self, Cold};
use super::endpoint::{Endpoint, Message};
use super::exam;
use super::installed::{Absent, Peer, Tools, peers};
use super::instructions::{self, Instructions};
use super::sample::Sample;
use super::schedule::Schedule;
use super::warm::{Runner, Warm};
use crate::error::BenchError;
use crate::function::Site;
use crate::report::Machine;

/// How much is measured.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Plan {
    /// Cold starts of each peer. Odd, so that the median is one of them.
    pub starts: usize,
    /// Events that a running function is given before it is measured.
    pub settling: usize,
    /// Blocks of arrivals for each peer.
    pub blocks: usize,
    /// Events of a block.
    pub block_events: usize,
    /// Arrivals per second, on average.
    pub rate_per_s: f64,
    /// Decides when events arrive.
    pub seed: u64,
    /// Whether instructions are counted too.
    pub counts_instructions: bool,
}

/// What one peer showed.
#[derive(Debug, Clone, Serialize)]
pub struct Figures {
    /// The language, and how it is packed.
    pub name: &'static str,
    /// What it is made of, with versions.
    pub made_of: String,
    /// Where its answers or messages differ from ours. Nothing is compared then.
    pub differences: Vec<String>,
    /// Its cold starts.
    pub cold: Cold,
    /// Its events.
    pub warm: Warm,
    /// Instructions for an event; or why they were not counted.
    pub instructions: Result<Instructions, String>,
}

/// The figures of one run; ours come first.
#[derive(Debug, Clone, Serialize)]
pub struct IngestReport {
    /// Where they come from.
    pub machine: Machine,
    /// How much was measured.
    pub plan: Plan,
    /// Mean size of the signed bodies.
    pub event_bytes: usize,
    /// The peers.
    pub peers: Vec<Figures>,
    /// Those that are not installed.
    pub absent: Vec<Absent>,
}

/// Measures every peer that is installed.
///
/// # Errors
/// When ours is not built, or a peer does not do what is to be measured.
pub async fn measure(
    site: &Site,
    tools: &Tools,
    plan: Plan,
    say: &dyn Fn(&str),
) -> Result<IngestReport, BenchError> {
    let endpoint = Endpoint::start(&site.logs).await?;
    let sample = Sample::new()?;
    let (peers, absent) = peers(site, tools, &endpoint)?;
    say("Comparing answers and messages…");
    let mut differences = examine(&peers, &sample, &endpoint).await?;
    say("Starting each in turn…");
    let cold = starts(&peers, &sample, plan.starts).await?;
    say("Sending events to each in turn…");
    let (warm, more) = serve(&peers, &sample, &endpoint, plan).await?;
    for (found, more) in differences.iter_mut().zip(more) {
        found.extend(more);
    }
    let mut figures = Vec::new();
    let measured = peers.iter().zip(differences).zip(cold).zip(warm);
    for (((peer, differences), cold), warm) in measured {
        say(&format!("Counting instructions of {}…", peer.name));
        figures.push(Figures {
            name: peer.name,
            made_of: peer.made_of.clone(),
            differences,
            cold,
            warm,
            instructions: counted(peer, &sample, &site.logs, plan).await,
        });
    }
    Ok(IngestReport {
        machine: Machine::this(),
        plan,
        event_bytes: sample.mean_bytes(),
        peers: figures,
        absent,
    })
}

async fn examine(
    peers: &[Peer],
    sample: &Sample,
    endpoint: &Endpoint,
) -> Result<Vec<Vec<String>>, BenchError> {
    let mut marks = Vec::new();
    for peer in peers {
        marks.push(exam::sit(&peer.program, sample, endpoint).await?);
    }
    let against_ours = |one: &exam::Marks| marks.first().map(|ours| ours.differences(one));
    Ok(marks.iter().filter_map(against_ours).collect())
}

async fn starts(peers: &[Peer], sample: &Sample, rounds: usize) -> Result<Vec<Cold>, BenchError> {
    let mut all = vec![Vec::new(); peers.len()];
    for _ in 0..rounds {
        for (peer, starts) in peers.iter().zip(&mut all) {
            let invocation = sample.invocations(1).pop().unwrap_or_default();
            starts.push(cold::start(peer, invocation).await?);
        }
    }
    let summaries = all.iter().map(|starts| cold::summary(starts));
    let summaries: Option<Vec<Cold>> = summaries.collect();
    summaries.ok_or_else(|| BenchError::Unexpected("nothing was started".to_owned()))
}

/// The figures, and where a peer's messages differ from ours.
async fn serve(
    peers: &[Peer],
    sample: &Sample,
    endpoint: &Endpoint,
    plan: Plan,
) -> Result<(Vec<Warm>, Vec<Vec<String>>), BenchError> {
    let mut runners = Vec::new();
    for peer in peers {
        runners.push(Runner::start(peer, sample.invocations(plan.settling)).await?);
    }
    let mut differences = vec![Vec::new(); peers.len()];
    for (block, seed) in (0..plan.blocks).zip(plan.seed..) {
        let schedule = Schedule::poisson(seed, plan.rate_per_s, plan.block_events);
        let mut ours: Option<Vec<Message>> = None;
        for (runner, found) in runners.iter_mut().zip(&mut differences) {
            let invocations = sample.invocations(plan.block_events);
            let sent = runner.serve(&schedule, invocations, endpoint).await?;
            let ours = ours.get_or_insert_with(|| sent.clone());
            if sent != *ours {
                found.push(format!("block {block}: {}", exam::unlike(ours, &sent)));
            }
        }
    }
    let mut warm = Vec::new();
    for runner in runners {
        warm.extend(runner.finish().await?);
    }
    Ok((warm, differences))
}

async fn counted(
    peer: &Peer,
    sample: &Sample,
    folder: &Path,
    plan: Plan,
) -> Result<Instructions, String> {
    if !plan.counts_instructions {
        return Err("not asked for".to_owned());
    }
    instructions::count(peer, sample, folder).await
}
