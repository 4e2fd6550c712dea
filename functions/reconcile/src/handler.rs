//! From messages to work done, and a line for each.

use std::time::{SystemTime, UNIX_EPOCH};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use tributary_aws::records::delivered;
use tributary_pipeline::ledger::Watch;
use tributary_pipeline::reconcile::{
    Job, Outcome, Plan, Remote, Rules, Settled, WorkError, World, plan, work,
};
use tributary_telemetry::Reason;

use crate::notice::Notice;

/// Most that is kept free at the end of an invocation, to keep the place and answer: a
/// page with all its tries takes no longer. Milliseconds.
const RESERVE_MS_MAX: u64 = 25_000;
/// How long a lease outlives its worker, seconds: clocks may differ.
const LEASE_SLACK_S: i64 = 5;

/// Reconcile, with everything it reads and writes.
#[derive(Debug)]
pub struct Reconcile<W> {
    /// Everything it reads and writes.
    pub world: W,
    /// What it may do.
    pub rules: Rules,
}

/// A worker's clock.
#[derive(Debug)]
struct Clock {
    /// When the invocation ends, unix milliseconds.
    ends_at: u64,
    /// Kept free before that, milliseconds.
    reserve: u64,
}

impl Clock {
    /// A third of what is left now, or 25 seconds, are kept free.
    fn until(ends_at: u64) -> Self {
        let left = ends_at.saturating_sub(now_ms());
        Self {
            ends_at,
            reserve: RESERVE_MS_MAX.min(left / 3),
        }
    }

    /// How long nobody else may take what this worker has claimed, seconds: it is dead
    /// when its invocation has ended, and the message comes again.
    fn lease_s(&self) -> i64 {
        let left = self.ends_at.saturating_sub(now_ms()) / 1_000;
        i64::try_from(left)
            .unwrap_or(i64::MAX)
            .saturating_add(LEASE_SLACK_S)
    }
}

fn now_ms() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |now| u64::try_from(now.as_millis()).unwrap_or(u64::MAX))
}

impl Watch for Clock {
    fn now(&self) -> i64 {
        i64::try_from(now_ms() / 1_000).unwrap_or(i64::MAX)
    }

    fn has_time(&self) -> bool {
        now_ms().saturating_add(self.reserve) < self.ends_at
    }
}

/// Why a message has to come again.
#[derive(Debug, thiserror::Error)]
enum Unfinished {
    #[error("not a message for reconciliation")]
    Unreadable,
    #[error(transparent)]
    Work(#[from] WorkError),
}

impl Reason for Unfinished {}

impl<W: World> Reconcile<W> {
    /// Works on each message, as the worker of that name, until shortly before
    /// `ends_at` (unix milliseconds), and names those that have to come again.
    pub async fn handle(&self, event: SqsEvent, worker: &str, ends_at: u64) -> SqsBatchResponse {
        let mut response = SqsBatchResponse::default();
        let clock = Clock::until(ends_at);
        for message in delivered(event) {
            if let Err(error) = self.serve(&message.body, worker, &clock).await {
                tributary_telemetry::warn!(
                    "the job has to come again",
                    error = error,
                    message_id = message.message_id
                );
                response.add_failure(message.message_id);
            }
        }
        response
    }

    async fn serve(&self, body: &str, worker: &str, clock: &Clock) -> Result<(), Unfinished> {
        match Notice::read(body).ok_or(Unfinished::Unreadable)? {
            Notice::Plan { everything } => self.plan(everything, worker, clock).await,
            Notice::Job(job) => self.work(&job, worker, clock).await,
        }
    }

    async fn plan(&self, everything: bool, worker: &str, clock: &Clock) -> Result<(), Unfinished> {
        let mode = self.world.stripe().mode().await;
        let mode = mode.map_err(WorkError::from)?;
        let what = if everything {
            Plan::everything(mode)
        } else {
            Plan::daily(mode)
        };
        let Some(planned) = plan(&self.world, &what, worker, clock).await? else {
            tributary_telemetry::info!("planned before", planned = false);
            return Ok(());
        };
        // The watchdog counts these lines, and measures what nobody has looked at.
        tributary_telemetry::info!(
            "plan",
            planned = true,
            jobs = planned.jobs,
            report_days = planned.days,
            books = planned.books,
            uncovered_s = planned.uncovered_s,
            findings_open = planned.waiting.findings,
            residuals = planned.waiting.residuals
        );
        Ok(())
    }

    async fn work(&self, job: &Job, worker: &str, clock: &Clock) -> Result<(), Unfinished> {
        let rules = Rules {
            lease_s: clock.lease_s(),
            ..self.rules.clone()
        };
        let outcome = work(&self.world, &rules, job, worker, clock).await?;
        match outcome {
            Outcome::Done(settled) => report(job, &settled),
            other => tributary_telemetry::info!("job", job = job.name(), outcome = other.code()),
        }
        Ok(())
    }
}

fn report(job: &Job, settled: &Settled) {
    tributary_telemetry::info!(
        "job",
        job = job.name(),
        found = settled.found,
        healing = settled.healing,
        labelled = settled.labelled,
        left = settled.left,
        gone = settled.gone
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_page_has_time_however_short_the_timeout_is() {
        for timeout in [10_000, 300_000] {
            let clock = Clock::until(now_ms() + timeout);
            assert!(clock.has_time(), "{timeout}");
            let lease = clock.lease_s() * 1_000;
            assert!(
                lease >= i64::try_from(timeout).unwrap_or(i64::MAX),
                "{timeout}"
            );
        }
        assert!(!Clock::until(now_ms()).has_time());
        let late = Clock {
            ends_at: now_ms() + 24_000,
            reserve: RESERVE_MS_MAX,
        };
        assert!(!late.has_time());
    }
}
