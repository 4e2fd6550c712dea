//! The ports of the pipeline, simulated.
//!
//! Each call waits for a turn before its effect and for another before its answer,
//! and may fail at either side. The effects are those of the testkit's store and
//! bucket, which the contract suite holds to the real ones.

mod store;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::FutureExt;
use tributary_domain::FetchRequest;
use tributary_pipeline::carriage::{Carried, carry};
use tributary_pipeline::message::{Message, Quarantined};
use tributary_pipeline::ports::{
    Blobs, EventQueue, FetchQueue, Quarantine, SecretSource, SendError, StoreError,
};
use tributary_pipeline::publish::{BusEntry, EventBus, Pause};
use tributary_stripe::Secret;

use crate::chance::Fault;
use crate::flaw::Flaw;
use crate::world::{Announcement, Letter, Note, World};

/// How the next version of ingest marks an event.
pub(crate) const NEXT_KIND: &str = "event_2";

/// Every port, as the functions of one version of the code see them.
#[derive(Clone)]
pub(crate) struct Port {
    pub(crate) world: Arc<World>,
    /// Whether this is the next version, which writes what this one cannot read.
    pub(crate) is_next: bool,
}

/// An error that says: again later.
trait Passing {
    fn passing() -> Self;
    fn quoting(text: &str) -> Self;
}

impl Passing for SendError {
    fn passing() -> Self {
        Self::quoting("injected")
    }

    fn quoting(text: &str) -> Self {
        Self::Transient(text.to_owned())
    }
}

impl Passing for StoreError {
    fn passing() -> Self {
        Self::quoting("injected")
    }

    fn quoting(text: &str) -> Self {
        Self::Transient(text.to_owned())
    }
}

/// The answer of a port in memory, which never waits.
fn at_once<T, E: Passing>(answer: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    answer.now_or_never().unwrap_or_else(|| Err(E::passing()))
}

impl Port {
    /// One call: a turn, the effect, a turn, the answer. `about` is what a flawed
    /// port quotes.
    async fn call<T, E: Passing>(
        &self,
        name: &'static str,
        about: impl FnOnce() -> String,
        effect: impl FnOnce(&World) -> Result<T, E>,
    ) -> Result<T, E> {
        let world = &*self.world;
        world.turns.wait(name).await;
        let fault = world.chance.fault(world.fault_rate());
        world.trace.detail(|| format!("{name}: {fault:?}"));
        if fault == Fault::Before {
            world.lock().counts.refused += 1;
            if world.flaw == Flaw::ErrorsQuotePayloads {
                return Err(E::quoting(&about()));
            }
            return Err(E::passing());
        }
        let answer = effect(world);
        world.turns.wait(name).await;
        if fault == Fault::After {
            world.lock().counts.ambiguous += 1;
            return Err(E::passing());
        }
        answer
    }
}

fn nothing() -> String {
    "injected".to_owned()
}

fn quote(body: &[u8]) -> String {
    String::from_utf8_lossy(body).into_owned()
}

impl EventQueue for Port {
    async fn send(&self, message: &Message) -> Result<(), SendError> {
        self.call(
            "events.send",
            || message.body.clone(),
            |world| {
                if !is_sendable(&message.body) {
                    return Err(SendError::Invalid("InvalidMessageContents".to_owned()));
                }
                let kind = match message.kind.as_str() {
                    "event" if self.is_next => NEXT_KIND,
                    kind => kind,
                };
                world.enqueue(Letter {
                    kind: Some(kind),
                    body: message.body.clone(),
                    is_poison: false,
                });
                Ok(())
            },
        )
        .await
    }
}

/// What SQS takes: 1 MiB of the characters of XML 1.0.
fn is_sendable(text: &str) -> bool {
    let controls = text
        .bytes()
        .any(|byte| byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r'));
    !text.is_empty()
        && text.len() <= 1 << 20
        && !controls
        && !text.contains(['\u{FFFE}', '\u{FFFF}'])
}

impl FetchQueue for Port {
    async fn request(&self, request: &FetchRequest, delay_s: u16) -> Result<(), SendError> {
        self.call("fetches.request", nothing, |world| {
            let text = serde_json::to_string(request).unwrap_or_default();
            if !is_sendable(&text) {
                return Err(SendError::Invalid("InvalidMessageContents".to_owned()));
            }
            let at = world.clock.now() + i64::from(delay_s);
            world
                .trace
                .detail(|| format!("{} because of {}", request.object, request.cause));
            if world.flaw == Flaw::QueueLosesAFetch && world.chance.per_mille(200) {
                return Ok(());
            }
            world.lock().fetches.send(Arc::new(request.clone()), at);
            Ok(())
        })
        .await
    }
}

impl Quarantine for Port {
    async fn hold(&self, held: &Quarantined) -> Result<(), SendError> {
        let body = carry(self, "quarantine", &held.body).await?;
        let body = match body {
            Carried::Inline(_) => held.body.clone(),
            Carried::Claim(pointer) => pointer.into_bytes(),
        };
        self.call(
            "quarantine.hold",
            || quote(&held.body),
            |world| {
                if world.flaw == Flaw::QuarantineLosesAMessage && world.chance.per_mille(200) {
                    return Ok(());
                }
                world.lock().quarantine.push(Note {
                    code: held.code,
                    stage: held.stage,
                    event: held.event.clone(),
                    body,
                });
                Ok(())
            },
        )
        .await
    }
}

impl Blobs for Port {
    async fn put(&self, key: &str, body: &[u8]) -> Result<(), SendError> {
        self.call(
            "blobs.put",
            || quote(body),
            |world| {
                if world.flaw != Flaw::BucketLosesABody {
                    at_once(world.blobs.put(key, body))?;
                }
                Ok(())
            },
        )
        .await
    }

    async fn get(&self, key: &str) -> Result<Vec<u8>, SendError> {
        self.call("blobs.get", nothing, |world| at_once(world.blobs.get(key)))
            .await
    }
}

impl SecretSource for Port {
    type Secret = Secret;

    async fn fetch(&self, endpoint: &str) -> Result<Vec<Secret>, SendError> {
        self.call("secrets.fetch", nothing, |world| {
            if world.clock.now() < world.vault_down_until.load(Ordering::Relaxed) {
                return Err(SendError::passing());
            }
            let shared = world.lock();
            let secrets = shared.vault.get(endpoint).into_iter().flatten();
            secrets
                .map(|text| Secret::new(text).map_err(|_| SendError::passing()))
                .collect()
        })
        .await
    }
}

impl EventBus for Port {
    async fn put(&self, entries: &[BusEntry]) -> Result<Vec<Result<(), SendError>>, SendError> {
        self.call("bus.put", nothing, |world| {
            let mut shared = world.lock();
            assert!(world.flaw != Flaw::BusPanics, "the bus panics");
            let one = |entry: &BusEntry| {
                if world.chance.per_mille(world.fault_rate()) {
                    return Err(SendError::passing());
                }
                if world.flaw == Flaw::BusLosesAnEvent && world.chance.per_mille(5) {
                    return Ok(());
                }
                shared.counts.announced += 1;
                shared.bus.push(announcement(&entry.detail));
                Ok(())
            };
            Ok(entries.iter().map(one).collect())
        })
        .await
    }
}

/// Reads the two fields that consumers dedupe and order by.
fn announcement(detail: &str) -> Announcement {
    let field = |name: &str| {
        let rest = detail.split_once(name).map_or("", |(_, rest)| rest);
        rest.split('"').next().unwrap_or_default()
    };
    let sequence = field("\"sequence\":\"").trim_start_matches('0');
    Announcement {
        id: field("\"id\":\"").to_owned(),
        sequence: sequence.parse().unwrap_or(0),
        detail: detail.to_owned(),
    }
}

impl Pause for Port {
    async fn up_to(&self, _: Duration) {
        self.world.turns.wait("pause").await;
    }
}
