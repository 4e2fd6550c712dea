//! What one event costs ingest.

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use crate::aws::{FakeAws, Traffic};
use crate::error::BenchError;
use crate::event::Event;
use crate::function::{Function, NAMES, Program, Site};
use crate::proc::{self, Cpu};

/// The function.
pub const NAME: &str = NAMES[0];
/// Events before memory is read and CPU time is counted.
pub const SETTLING_EVENTS: u32 = 200;
/// Events whose CPU time is counted: enough that a tick of the clock is nothing.
pub const EVENTS: u32 = 5_000;

/// The figures of ingest. Times and bytes are means per event.
#[derive(Debug, Clone, Serialize)]
pub struct Ingest {
    /// Events counted.
    pub events: u32,
    /// Size of the signed body.
    pub event_bytes: usize,
    /// The most memory held when it first asked for work.
    pub memory_peak_after_start_kib: u64,
    /// Events after which memory was read again.
    pub settling_events: u32,
    /// The most memory held after those.
    pub memory_peak_after_settling_kib: u64,
    /// CPU time in its own code, from asking for an event to asking for the next.
    pub cpu_user_us: f64,
    /// CPU time in the kernel.
    pub cpu_system_us: f64,
    /// Both.
    pub cpu_us: f64,
    /// CPU time of the HMAC-SHA256 of the same bytes and nothing else.
    pub hmac_us: f64,
    /// CPU time of the handler alone, from a request to the queue's message.
    pub own_us: f64,
    /// How many HMACs that is.
    pub own_per_hmac: f64,
    /// How many HMACs an event costs with all that is around the handler.
    pub cpu_per_hmac: f64,
    /// Requests to AWS.
    pub aws_requests: f64,
    /// Bytes of their heads, the session token included.
    pub aws_head_bytes: f64,
    /// Bytes of their bodies.
    pub aws_body_bytes: f64,
    /// Bytes logged.
    pub log_bytes: f64,
}

/// Sends events one after the other.
pub async fn measure(site: &Site, aws: &FakeAws) -> Result<Ingest, BenchError> {
    let event = Event::charge()?;
    let (mut function, _) = Function::start(&Program::ours(site, NAME)?).await?;
    let pid = function.pid();
    let memory_peak_after_start_kib = proc::memory_peak_kib(pid)?;
    send(&mut function, &event, SETTLING_EVENTS).await?;
    let memory_peak_after_settling_kib = proc::memory_peak_kib(pid)?;

    aws.take_traffic();
    let logged = function.logged_bytes()?;
    let cpu = Cpu::of(pid)?;
    send(&mut function, &event, EVENTS).await?;
    let cpu = Cpu::of(pid)? - cpu;
    let logged = function.logged_bytes()? - logged;
    let traffic = aws.take_traffic();
    function.stop().await?;

    let hmac = crate::hmac::cpu(event.body().as_bytes());
    let own = crate::own::cpu(&event).await?;
    let microseconds = |time: Duration| time.as_secs_f64() * 1e6;
    let each = |count: u64| count as f64 / f64::from(EVENTS);
    let cpu_us = microseconds(cpu.total()) / f64::from(EVENTS);
    Ok(Ingest {
        events: EVENTS,
        event_bytes: event.body().len(),
        memory_peak_after_start_kib,
        settling_events: SETTLING_EVENTS,
        memory_peak_after_settling_kib,
        cpu_user_us: microseconds(cpu.user) / f64::from(EVENTS),
        cpu_system_us: microseconds(cpu.system) / f64::from(EVENTS),
        cpu_us,
        hmac_us: microseconds(hmac),
        own_us: microseconds(own),
        own_per_hmac: own.as_secs_f64() / hmac.as_secs_f64(),
        cpu_per_hmac: cpu_us / microseconds(hmac),
        aws_requests: each(requests(&traffic)?),
        aws_head_bytes: each(traffic.head_bytes),
        aws_body_bytes: each(traffic.body_bytes),
        log_bytes: each(logged),
    })
}

/// Sends an event `times` times, signed anew each time as Stripe does. Ingest keeps
/// no memory of events, so that one serves as well as thousands.
async fn send(function: &mut Function, event: &Event, times: u32) -> Result<(), BenchError> {
    for _ in 0..times {
        let answer = function.invoke(event.invocation()).await?;
        let answer: Value = serde_json::from_slice(&answer)?;
        if answer.get("body").and_then(Value::as_str) != Some(r#"{"result":"queued"}"#) {
            return Err(BenchError::Unexpected(format!("ingest answered {answer}")));
        }
    }
    Ok(())
}

/// All requests. That each event was sent to the queue once, and that AWS was asked
/// for nothing unknown, has to be true or the figures mean nothing.
fn requests(traffic: &Traffic) -> Result<u64, BenchError> {
    let counts = &traffic.requests;
    let known = ["SendMessage", "GetSecretValue"];
    let all_known = counts.keys().all(|name| known.contains(&name.as_str()));
    if counts.get("SendMessage") != Some(&u64::from(EVENTS)) || !all_known {
        return Err(BenchError::Unexpected(format!(
            "{EVENTS} events made AWS see {counts:?}"
        )));
    }
    Ok(counts.values().sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traffic(counts: &[(&str, u32)]) -> Traffic {
        let counts = counts.iter().copied();
        Traffic {
            requests: counts
                .map(|(name, n)| (name.to_owned(), n.into()))
                .collect(),
            ..Traffic::default()
        }
    }

    #[test]
    fn only_the_road_of_an_event_is_measured() {
        let renewed = traffic(&[("SendMessage", EVENTS), ("GetSecretValue", 1)]);
        assert_eq!(requests(&renewed).unwrap(), u64::from(EVENTS) + 1);
        let retried = traffic(&[("SendMessage", EVENTS + 1)]);
        let quarantined = traffic(&[("SendMessage", EVENTS), ("PutObject", 1)]);
        for unexpected in [retried, quarantined, Traffic::default()] {
            requests(&unexpected).unwrap_err();
        }
    }
}
