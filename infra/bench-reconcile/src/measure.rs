//! Programs, and what the kernel says they took.

use std::io;
use std::process::Command;
use std::time::Instant;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Why there are no figures.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BenchError {
    #[error("no argument, or one of: reconcile OURS THEIRS, calls ACCOUNTS, match, import")]
    Usage,
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("{program} failed: {text}")]
    Failed { program: String, text: String },
    #[error("not the answer that was expected: {0}")]
    Answer(#[from] serde_json::Error),
    #[error("{0} cannot be read from /proc")]
    Proc(&'static str),
    #[error("a report cannot be read: {0}")]
    Report(#[from] tributary_reconciliation::report::ReportError),
    #[error("a generated file was refused")]
    Refused,
    #[error("accounts that agree had {0} findings")]
    Disagree(usize),
    #[error("reconciling: {0}")]
    Reconcile(#[from] tributary_pipeline::reconcile::WorkError),
    #[error("pulling: {0}")]
    Pull(#[from] tributary_pipeline::ledger::PullError),
}

/// What a program answered and took.
#[derive(Debug, Clone)]
pub(crate) struct Ran<T> {
    pub(crate) answer: T,
    /// User and system, all threads and from its start on, milliseconds.
    pub(crate) cpu_ms: u64,
    pub(crate) wall_ms: u64,
}

/// Prints what a measurement found as a line of JSON, for the program that asked.
pub(crate) fn answer(found: impl Serialize) -> Result<(), BenchError> {
    println!("{}", serde_json::to_string(&found)?);
    Ok(())
}

/// Runs a program to its end and reads its last line.
pub(crate) fn run<T: DeserializeOwned>(command: &mut Command) -> Result<Ran<T>, BenchError> {
    let (before, began) = (cpu_of_ended_ms()?, Instant::now());
    let output = command.output()?;
    let wall_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let cpu_ms = cpu_of_ended_ms()?.saturating_sub(before);
    let text = String::from_utf8_lossy(&output.stdout);
    let last = text.lines().last().unwrap_or_default();
    if !output.status.success() {
        let program = command.get_program().to_string_lossy().into_owned();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(BenchError::Failed { program, text });
    }
    Ok(Ran {
        answer: serde_json::from_str(last)?,
        cpu_ms,
        wall_ms,
    })
}

/// CPU time of this program's ended children, milliseconds.
fn cpu_of_ended_ms() -> Result<u64, BenchError> {
    ticks([15, 16])
}

/// CPU time of this program, milliseconds.
pub(crate) fn cpu_ms() -> Result<u64, BenchError> {
    ticks([13, 14])
}

/// Fields of `/proc/self/stat`, counted from 0; the kernel's ticks are 10 ms.
fn ticks(fields: [usize; 2]) -> Result<u64, BenchError> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    // The program's name may hold anything; the fields after it are numbers.
    let (_, after) = stat.rsplit_once(')').ok_or(BenchError::Proc("stat"))?;
    let values: Vec<_> = after.split_ascii_whitespace().collect();
    let tick = |field: usize| values.get(field - 2)?.parse::<u64>().ok();
    let sum: Option<u64> = fields.into_iter().map(tick).sum();
    Ok(sum.ok_or(BenchError::Proc("stat"))? * 10)
}

/// The most memory that this program has held at once, KiB.
pub(crate) fn peak_kib() -> Result<u64, BenchError> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok())
        .ok_or(BenchError::Proc("VmHWM"))
}
