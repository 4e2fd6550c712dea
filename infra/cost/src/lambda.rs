//! A function whose invocations are counted.

use std::path::PathBuf;

use bytes::Bytes;
use tributary_bench::runtime_api::Outcome;
use tributary_bench::{Function, Program};

use crate::aws::MeteredAws;
use crate::count::{Stage, Unit};
use crate::error::CostError;
use crate::platform::{EVENT_OVERHEAD, invocation_bytes};
use crate::price::Duration;
use crate::template::Logging;

/// Longest wait for a function, on a machine that is busy with other things.
const WAIT_MAX: std::time::Duration = std::time::Duration::from_secs(120);

/// What an invocation is charged by.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// Where requests and time go.
    pub stage: Stage,
    /// Where logs go.
    pub logs: Stage,
    /// MB.
    pub memory_mb: u64,
    /// What Lambda writes about it.
    pub logging: Logging,
    /// How long it takes, by assumption.
    pub duration: Duration,
}

/// A running function with its terms.
#[derive(Debug)]
pub struct Lambda {
    function: Function,
    terms: Terms,
    log: PathBuf,
    /// Bytes of the log that were counted.
    counted: usize,
}

impl Lambda {
    /// Starts a program and waits until it asks for work.
    pub async fn start(program: &Program, terms: Terms) -> Result<Self, CostError> {
        let (function, _) = Function::start_within(program, WAIT_MAX).await?;
        Ok(Self {
            function,
            terms,
            log: program.log.clone(),
            counted: 0,
        })
    }

    /// Invokes it with a payload of so many items.
    pub async fn invoke(
        &mut self,
        aws: &MeteredAws,
        payload: Bytes,
        items: usize,
    ) -> Result<Outcome, CostError> {
        let Terms {
            stage,
            logs,
            memory_mb,
            logging,
            duration,
        } = self.terms;
        let outcome = self.function.outcome(payload).await?;
        let billed_ms = duration.billed_ms(items);
        aws.count(stage, Unit::LambdaRequest, 1);
        aws.count(stage, Unit::LambdaMbMs, billed_ms * memory_mb);
        let platform = invocation_bytes(logging, billed_ms, memory_mb);
        aws.count(logs, Unit::LogByte, platform);
        Ok(outcome)
    }

    /// Counts what it has logged since this was asked last.
    pub fn count_logs(&mut self, aws: &MeteredAws) -> Result<(), CostError> {
        let log = std::fs::read(&self.log)?;
        let new = log.get(self.counted..).unwrap_or_default();
        let lines = new
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty());
        let bytes = lines.map(|line| line.len() as u64 + EVENT_OVERHEAD).sum();
        aws.count(self.terms.logs, Unit::LogByte, bytes);
        self.counted = log.len();
        Ok(())
    }
}
