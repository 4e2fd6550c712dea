//! What ingest's own code costs: from a request to the message that the queue is
//! given, without what brings the one and takes the other.

use std::hint::black_box;
use std::time::Duration;

use ingest_webhook::answer::Answer;
use ingest_webhook::handler::Ingest;
use ingest_webhook::request::Request;
use tributary_pipeline::message::{Message, Quarantined};
use tributary_pipeline::ports::{Blobs, EventQueue, Quarantine, SecretSource, SendError};
use tributary_pipeline::secrets::SecretCache;
use tributary_stripe::Secret;

use crate::error::BenchError;
use crate::event::{Event, SECRET};
use crate::proc::Cpu;

/// CPU time to spend.
const CPU_MIN: Duration = Duration::from_secs(1);
/// Events between two looks at the clock: as many as fit into the processor's cache,
/// where an event is that has just been read.
const ROUND: u32 = 100;
/// Rounds at most, however quick the machine.
const ROUNDS_MAX: u32 = 10_000;

/// Takes what it is given, and does nothing with it.
struct Nowhere;

impl EventQueue for Nowhere {
    async fn send(&self, message: &Message) -> Result<(), SendError> {
        black_box(message);
        Ok(())
    }
}

impl Quarantine for Nowhere {
    async fn hold(&self, _: &Quarantined) -> Result<(), SendError> {
        Err(SendError::Invalid("nothing is to be held".to_owned()))
    }
}

impl Blobs for Nowhere {
    async fn put(&self, _: &str, _: &[u8]) -> Result<(), SendError> {
        Err(SendError::Invalid("nothing is to be stored".to_owned()))
    }

    async fn get(&self, _: &str) -> Result<Vec<u8>, SendError> {
        Err(SendError::Invalid("nothing is stored".to_owned()))
    }
}

impl SecretSource for Nowhere {
    type Secret = Secret;

    async fn fetch(&self, _: &str) -> Result<Vec<Secret>, SendError> {
        let secret = Secret::new(SECRET).map_err(|e| SendError::Invalid(e.to_string()))?;
        Ok(vec![secret])
    }
}

/// CPU time of the handler for one event, by the clock that the bare HMAC is measured
/// with.
pub async fn cpu(event: &Event) -> Result<Duration, BenchError> {
    let ingest = Ingest {
        queue: Nowhere,
        quarantine: Nowhere,
        blobs: Nowhere,
        secrets: SecretCache::new(Nowhere),
        endpoints: vec!["connect".to_owned()],
    };
    let request: Request = serde_json::from_slice(&event.invocation())?;
    let now = Event::now();
    let (mut rounds, mut spent) = (0, Duration::ZERO);
    while spent < CPU_MIN && rounds < ROUNDS_MAX {
        let requests = vec![request.clone(); ROUND as usize];
        let start = Cpu::of_this_process();
        for request in requests {
            let answer = ingest.handle(request, now).await;
            if answer != Answer::Queued {
                return Err(BenchError::Unexpected(format!(
                    "ingest answered {answer:?}"
                )));
            }
        }
        spent += Cpu::of_this_process().saturating_sub(start);
        rounds += 1;
    }
    Ok(spent / (rounds * ROUND))
}
