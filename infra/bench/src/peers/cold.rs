//! Cold starts: from the spawn of a process to its first answered event.

use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;

use super::exam::Answer;
use super::installed::Peer;
use super::spread::Spread;
use crate::error::BenchError;
use crate::function::Function;
use crate::proc;

/// One start.
#[derive(Debug, Clone, Copy)]
pub struct Start {
    ready: Duration,
    answered: Duration,
    cpu: Duration,
    memory_ready_kib: u64,
    memory_answered_kib: u64,
}

/// What the starts of one peer say.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cold {
    /// From the spawn until it first asks for work, ms.
    pub ready_ms: Spread,
    /// From the spawn until its first event is queued and answered, ms.
    pub answered_ms: Spread,
    /// CPU time by then, of all its threads, ms.
    pub cpu_ms: Spread,
    /// The most memory held when it first asked for work, MiB.
    pub memory_ready_mib: Spread,
    /// The most memory held when it had answered once, MiB.
    pub memory_answered_mib: Spread,
}

/// Starts a peer, gives it one event as soon as it asks, and ends it.
///
/// # Errors
/// When it does not start, or does not queue the event.
pub async fn start(peer: &Peer, invocation: Bytes) -> Result<Start, BenchError> {
    let (mut function, ready) = Function::start(&peer.program).await?;
    let memory_ready_kib = proc::memory_peak_kib(function.pid())?;
    let (answer, answered) = function.answer(invocation).await?;
    let start = Start {
        ready,
        answered: answered.duration_since(function.spawned()),
        cpu: proc::cpu_of_threads(function.pid())?,
        memory_ready_kib,
        memory_answered_kib: proc::memory_peak_kib(function.pid())?,
    };
    function.stop().await?;
    if !Answer::read(&answer)?.is_queued() {
        let text = format!("{} answered {answer:?}", peer.name);
        return Err(BenchError::Unexpected(text));
    }
    Ok(start)
}

/// Medians and ranges of many starts; `None` of none.
pub fn summary(starts: &[Start]) -> Option<Cold> {
    let of = |figure: fn(&Start) -> f64| Spread::of(starts.iter().map(figure).collect());
    Some(Cold {
        ready_ms: of(|start| milliseconds(start.ready))?,
        answered_ms: of(|start| milliseconds(start.answered))?,
        cpu_ms: of(|start| milliseconds(start.cpu))?,
        memory_ready_mib: of(|start| mebibytes(start.memory_ready_kib))?,
        memory_answered_mib: of(|start| mebibytes(start.memory_answered_kib))?,
    })
}

/// A duration as a figure.
pub fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// A size as a figure.
pub fn mebibytes(kib: u64) -> f64 {
    kib as f64 / 1024.0
}
