//! How many instructions an event takes, by Valgrind's count: the one figure that a
//! busy machine does not change.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;

use super::exam::Answer;
use super::installed::{Peer, on_path};
use super::sample::Sample;
use crate::error::BenchError;
use crate::function::Function;

/// Events of the shorter run; the longer one has twice as many.
pub const EVENTS: usize = 50;
/// A watched program is some fifty times slower, and interpreters start slowly as it is.
const WAIT_MAX: Duration = Duration::from_secs(240);

/// What was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Instructions {
    /// Events of the shorter run.
    pub events: usize,
    /// Of the whole shorter run, the start included.
    pub shorter: u64,
    /// Of the whole longer run.
    pub longer: u64,
    /// The difference for each event: starting and ending cancel out.
    pub per_event: u64,
}

/// Counts a peer's instructions; or says why they cannot be counted.
pub async fn count(peer: &Peer, sample: &Sample, folder: &Path) -> Result<Instructions, String> {
    let valgrind = on_path("valgrind").ok_or("there is no valgrind")?;
    let mut runs = [0, 0];
    for (run, events) in runs.iter_mut().zip([EVENTS, 2 * EVENTS]) {
        let output = folder.join(format!("callgrind.{}.{events}", peer.program.name));
        let output = std::path::absolute(output).map_err(|error| error.to_string())?;
        let mut watched = peer.clone();
        let program = &mut watched.program;
        let mut to = OsString::from("--callgrind-out-file=");
        to.push(&output);
        let mut arguments = vec!["--tool=callgrind".into(), to];
        arguments.push(std::mem::replace(&mut program.executable, valgrind.clone()).into());
        arguments.append(&mut program.arguments);
        program.arguments = arguments;
        let ran = one(&watched, sample.invocations(events)).await;
        ran.map_err(|error| error.to_string())?;
        let text = std::fs::read_to_string(&output).map_err(|error| error.to_string())?;
        *run = total(&text).ok_or("Callgrind wrote no total")?;
    }
    let [shorter, longer] = runs;
    let more = longer.checked_sub(shorter);
    let more = more.ok_or("more events took fewer instructions")?;
    Ok(Instructions {
        events: EVENTS,
        shorter,
        longer,
        per_event: more / EVENTS as u64,
    })
}

async fn one(watched: &Peer, invocations: Vec<Bytes>) -> Result<(), BenchError> {
    let (mut function, _) = Function::start_within(&watched.program, WAIT_MAX).await?;
    for invocation in invocations {
        let answer = Answer::read(&function.invoke(invocation).await?)?;
        if !answer.is_queued() {
            let text = format!("{} answered {answer:?}", watched.name);
            return Err(BenchError::Unexpected(text));
        }
    }
    function.end().await
}

/// The instructions of all threads, as Callgrind sums them up.
fn total(output: &str) -> Option<u64> {
    let line = |name| output.lines().find_map(|line| line.strip_prefix(name));
    let counts = line("totals:").or_else(|| line("summary:"))?;
    counts.split_ascii_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_of_all_parts_is_read() {
        let output = "events: Ir\nsummary: 41\n\nfn=(1) main\n1 41\n\ntotals: 97053\n";
        assert_eq!(total(output), Some(97_053));
        assert_eq!(total("events: Ir\nsummary: 41\n"), Some(41));
        assert_eq!(total("events: Ir\n"), None);
    }
}
