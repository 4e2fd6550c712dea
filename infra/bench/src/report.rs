//! The figures, for people and for machines.

use std::fmt;

use serde::Serialize;

use crate::ingest::Ingest;
use crate::starts::Starts;

/// Where the figures come from.
#[derive(Debug, Clone, Serialize)]
pub struct Machine {
    /// The processor, as it calls itself.
    pub cpu: String,
    /// Its cores.
    pub cores: usize,
    /// Whether this program, hence the bare HMAC, was optimised.
    pub is_optimised: bool,
}

impl Machine {
    /// This one.
    pub fn this() -> Self {
        let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = info.lines().find(|line| line.starts_with("model name"));
        let model = model.and_then(|line| line.split_once(':'));
        Self {
            // Linux does not name the processor on ARM.
            cpu: model
                .map_or(std::env::consts::ARCH, |(_, name)| name.trim())
                .to_owned(),
            cores: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            is_optimised: !cfg!(debug_assertions),
        }
    }
}

/// The figures of one run.
#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    /// Where they come from.
    pub machine: Machine,
    /// Size, start and memory of each function.
    pub functions: Vec<Starts>,
    /// What an event costs ingest.
    pub ingest: Ingest,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Machine { cpu, cores, .. } = &self.machine;
        writeln!(f, "  Release binaries on {cores} cores, {cpu}\n")?;
        write_starts(f, &self.functions)?;
        writeln!(f)?;
        write_ingest(f, &self.ingest)?;
        if !self.machine.is_optimised {
            writeln!(
                f,
                "\n  ✗ The bare HMAC was not optimised: believe neither it nor the ratio.\n    `make bench` builds this program in release."
            )?;
        }
        Ok(())
    }
}

fn write_starts(f: &mut fmt::Formatter<'_>, functions: &[Starts]) -> fmt::Result {
    writeln!(
        f,
        "  {:<16} {:>10}  {:>12}  {:>16}  {:>12}",
        "function", "bootstrap", "start", "fastest–slowest", "peak memory"
    )?;
    writeln!(f, "  {}", "─".repeat(74))?;
    for one in functions {
        let range = format!("{:.1}–{:.1} ms", one.start_ms_min, one.start_ms_max);
        writeln!(
            f,
            "  {:<16} {:>6.1} MiB  {:>9.1} ms  {range:>16}  {:>8.1} MiB",
            one.function,
            mebibytes(one.bootstrap_bytes),
            one.start_ms_median,
            mebibytes(one.memory_peak_kib * 1024),
        )?;
    }
    let starts = functions.first().map_or(0, |one| one.starts);
    writeln!(
        f,
        "  Start: spawn to the first GET …/invocation/next, median of {starts}."
    )
}

fn write_ingest(f: &mut fmt::Formatter<'_>, ingest: &Ingest) -> fmt::Result {
    let aws_bytes = ingest.aws_head_bytes + ingest.aws_body_bytes;
    writeln!(
        f,
        "  ingest_webhook, for each event of {} bytes",
        ingest.event_bytes
    )?;
    writeln!(f, "  {}", "─".repeat(74))?;
    writeln!(
        f,
        "  {:>9.0} µs   CPU: {:.0} in its own code, {:.0} in the kernel",
        ingest.cpu_us, ingest.cpu_user_us, ingest.cpu_system_us
    )?;
    writeln!(
        f,
        "  {:>9.2} µs   CPU of the bare HMAC-SHA256 of the same bytes",
        ingest.hmac_us
    )?;
    writeln!(
        f,
        "  {:>9.2} µs   CPU of the handler alone: {:.2} × the bare HMAC",
        ingest.own_us, ingest.own_per_hmac
    )?;
    writeln!(
        f,
        "  {:>9.0} ×    the bare HMAC with all around it",
        ingest.cpu_per_hmac
    )?;
    writeln!(f, "  {:>9.2}      requests to AWS", ingest.aws_requests)?;
    writeln!(
        f,
        "  {:>9.0} B    sent to AWS: {:.0} of heads, {:.0} of bodies",
        aws_bytes, ingest.aws_head_bytes, ingest.aws_body_bytes
    )?;
    writeln!(f, "  {:>9.0} B    logged", ingest.log_bytes)?;
    writeln!(
        f,
        "  {:>9.1} MiB  peak memory after {} events, {:.1} after the start",
        mebibytes(ingest.memory_peak_after_settling_kib * 1024),
        ingest.settling_events,
        mebibytes(ingest.memory_peak_after_start_kib * 1024),
    )?;
    writeln!(
        f,
        "  Means of {} events, one after the other.",
        ingest.events
    )
}

fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
