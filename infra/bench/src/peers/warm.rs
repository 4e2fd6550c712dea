//! Running functions under arrivals that do not wait for them.

use std::time::{Duration, Instant};

use bytes::Bytes;
use serde::Serialize;

use super::cold::{mebibytes, milliseconds};
use super::endpoint::{Endpoint, Message};
use super::exam::Answer;
use super::installed::Peer;
use super::schedule::Schedule;
use super::spread::{Spread, quantile};
use crate::error::BenchError;
use crate::function::Function;
use crate::proc;

/// A peer that runs, and what it has shown so far.
#[derive(Debug)]
pub struct Runner {
    name: &'static str,
    function: Function,
    latencies_ms: Vec<f64>,
    p50_ms: Vec<f64>,
    p99_ms: Vec<f64>,
    cpu_ms: Vec<f64>,
}

/// What a running peer shows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Warm {
    /// Events measured.
    pub events: usize,
    /// From the scheduled arrival to the answer, of all events: half are quicker, ms.
    pub p50_ms: f64,
    /// Of all events 99 in 100 are quicker, ms.
    pub p99_ms: f64,
    /// The medians of the blocks, ms.
    pub p50_of_blocks_ms: Spread,
    /// The 99th percentiles of the blocks, ms.
    pub p99_of_blocks_ms: Spread,
    /// CPU time for an event, of all threads: means of the blocks, ms.
    pub cpu_ms: Spread,
    /// The most memory held at the end, MiB.
    pub memory_mib: f64,
}

impl Runner {
    /// Starts a peer and lets it settle: what compiles as it runs has then compiled.
    ///
    /// # Errors
    /// When it does not start, or does not queue an event.
    pub async fn start(peer: &Peer, settling: Vec<Bytes>) -> Result<Self, BenchError> {
        let (mut function, _) = Function::start(&peer.program).await?;
        for invocation in settling {
            queued(peer.name, &function.invoke(invocation).await?)?;
        }
        Ok(Self {
            name: peer.name,
            function,
            latencies_ms: Vec::new(),
            p50_ms: Vec::new(),
            p99_ms: Vec::new(),
            cpu_ms: Vec::new(),
        })
    }

    /// One block: each invocation arrives when `schedule` says, and waits if the
    /// function is still busy. Returns what the queue was sent.
    ///
    /// # Errors
    /// When an event is not queued.
    pub async fn serve(
        &mut self,
        schedule: &Schedule,
        invocations: Vec<Bytes>,
        endpoint: &Endpoint,
    ) -> Result<Vec<Message>, BenchError> {
        endpoint.take();
        let count = invocations.len();
        let cpu = proc::cpu_of_threads(self.function.pid())?;
        let mut arrivals = schedule.play();
        let mut latencies = Vec::with_capacity(count);
        for invocation in invocations {
            let arrived = arrivals.recv().await.unwrap_or_else(Instant::now);
            let (answer, answered) = self.function.answer(invocation).await?;
            latencies.push(milliseconds(answered.duration_since(arrived)));
            queued(self.name, &answer)?;
            self.function.until_asked().await?;
        }
        let cpu = proc::cpu_of_threads(self.function.pid())?.saturating_sub(cpu);
        self.note(latencies, cpu);
        Ok(endpoint.take().messages)
    }

    fn note(&mut self, mut latencies: Vec<f64>, cpu: Duration) {
        self.cpu_ms.push(milliseconds(cpu) / latencies.len() as f64);
        latencies.sort_by(f64::total_cmp);
        self.p50_ms.extend(quantile(&latencies, 0.5));
        self.p99_ms.extend(quantile(&latencies, 0.99));
        self.latencies_ms.extend(latencies);
    }

    /// Ends the process. `None` if nothing was measured.
    ///
    /// # Errors
    /// When the process is gone already.
    pub async fn finish(self) -> Result<Option<Warm>, BenchError> {
        let memory_kib = proc::memory_peak_kib(self.function.pid())?;
        self.function.stop().await?;
        let mut all = self.latencies_ms;
        all.sort_by(f64::total_cmp);
        Ok((|| {
            Some(Warm {
                events: all.len(),
                p50_ms: quantile(&all, 0.5)?,
                p99_ms: quantile(&all, 0.99)?,
                p50_of_blocks_ms: Spread::of(self.p50_ms)?,
                p99_of_blocks_ms: Spread::of(self.p99_ms)?,
                cpu_ms: Spread::of(self.cpu_ms)?,
                memory_mib: mebibytes(memory_kib),
            })
        })())
    }
}

fn queued(name: &str, answer: &[u8]) -> Result<(), BenchError> {
    let answer = Answer::read(answer)?;
    if answer.is_queued() {
        return Ok(());
    }
    Err(BenchError::Unexpected(format!(
        "{name} answered {answer:?}"
    )))
}
