//! How big a function is, how long it takes to start and what it then holds.

use std::time::Duration;

use serde::Serialize;

use crate::error::BenchError;
use crate::function::{Function, Program, Site};
use crate::proc;

/// Starts of each function. Odd, so that the median is one of them.
pub const STARTS: usize = 21;

/// The figures of one function.
#[derive(Debug, Clone, Serialize)]
pub struct Starts {
    /// The function.
    pub function: &'static str,
    /// Size of its stripped binary.
    pub bootstrap_bytes: u64,
    /// How often it was started.
    pub starts: usize,
    /// From before the process is made until it asks for work: the median.
    pub start_ms_median: f64,
    /// The quickest start.
    pub start_ms_min: f64,
    /// The slowest start.
    pub start_ms_max: f64,
    /// The most memory held by then: the median.
    pub memory_peak_kib: u64,
}

/// Starts a function [`STARTS`] times, one after the other.
pub async fn measure(site: &Site, name: &'static str) -> Result<Starts, BenchError> {
    let program = Program::ours(site, name)?;
    let bootstrap_bytes = std::fs::metadata(&program.executable)?.len();
    let mut took = Vec::with_capacity(STARTS);
    let mut memory = Vec::with_capacity(STARTS);
    for _ in 0..STARTS {
        let (function, start) = Function::start(&program).await?;
        took.push(start);
        memory.push(proc::memory_peak_kib(function.pid())?);
        function.stop().await?;
    }
    took.sort_unstable();
    memory.sort_unstable();
    let milliseconds = |start: Option<&Duration>| start.map_or(0.0, |s| s.as_secs_f64() * 1e3);
    Ok(Starts {
        function: name,
        bootstrap_bytes,
        starts: STARTS,
        start_ms_median: milliseconds(took.get(STARTS / 2)),
        start_ms_min: milliseconds(took.first()),
        start_ms_max: milliseconds(took.last()),
        memory_peak_kib: memory.get(STARTS / 2).copied().unwrap_or_default(),
    })
}
