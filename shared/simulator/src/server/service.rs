//! The API without its socket: what its requests share, and how one is answered.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use http::{Method, StatusCode, request::Parts};

use super::{
    config::{ApiConfig, RateClock},
    error::Refusal,
    events::EventIndex,
    gate::{Gate, Requests, Verdict},
    replay::{Kept, Replays},
    request::{self, Request},
    routes::{self, View},
    write::Write,
};
use crate::World;

/// What the requests of one server share.
#[derive(Debug)]
pub(super) struct Service {
    world: Arc<Mutex<World>>,
    started: Instant,
    gate: Mutex<Gate>,
    /// Locked after the world, never before it.
    memory: Mutex<Memory>,
}

/// What the server itself remembers between requests.
#[derive(Debug, Default)]
struct Memory {
    events: EventIndex,
    replays: Replays,
    undelivered: HashSet<String>,
}

/// An answer that is not a refusal, or the repetition of an answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reply {
    pub(super) kept: Kept,
    pub(super) replayed: bool,
}

impl Service {
    pub(super) fn new(world: Arc<Mutex<World>>, config: ApiConfig) -> Self {
        Self {
            world,
            started: Instant::now(),
            gate: Mutex::new(Gate::new(config)),
            memory: Mutex::default(),
        }
    }

    pub(super) fn requests(&self) -> Requests {
        lock(&self.gate).requests().clone()
    }

    pub(super) fn reconfigure(&self, config: ApiConfig) {
        lock(&self.gate).reconfigure(config);
    }

    pub(super) fn set_undelivered(&self, event_ids: HashSet<String>) {
        lock(&self.memory).undelivered = event_ids;
    }

    /// The world's time in unix seconds.
    pub(super) fn now(&self) -> i64 {
        lock(&self.world).now()
    }

    /// Counts the request, names it, and decides how it goes on.
    pub(super) fn admit(&self, parts: &Parts) -> (String, Verdict) {
        let simulated = u64::try_from(self.now()).unwrap_or_default();
        let mut gate = lock(&self.gate);
        let now = match gate.config().rate_clock {
            RateClock::Real => self.started.elapsed(),
            RateClock::Simulated => Duration::from_secs(simulated),
        };
        let verdict = gate.admit(&request::endpoint(&parts.method, parts.uri.path()), now);
        (format!("req_{:014}", gate.requests().total), verdict)
    }

    /// Answers a request that was admitted.
    pub(super) fn answer(
        &self,
        parts: &Parts,
        body: &[u8],
        request_id: &str,
    ) -> Result<Reply, Refusal> {
        let api_key = lock(&self.gate).config().api_key.clone();
        let mut world = lock(&self.world);
        let mut memory = lock(&self.memory);
        let request = Request::read(parts, body, &world, api_key.as_deref())?;
        if request.method == Method::POST {
            return execute(&request, &mut world, &mut memory.replays, request_id);
        }
        memory.events.catch_up(world.events());
        let Memory {
            events,
            undelivered,
            ..
        } = &*memory;
        let body = routes::read(
            &View {
                world: &world,
                events,
                undelivered,
            },
            &request,
        )?;
        let kept = Kept {
            status: StatusCode::OK,
            body,
            request_id: request_id.to_owned(),
        };
        Ok(Reply {
            kept,
            replayed: false,
        })
    }
}

/// Does what a POST asks for, once per idempotency key. As at Stripe, an answer is kept from the
/// moment the work begins: what is refused before that may be corrected under the same key.
fn execute(
    request: &Request,
    world: &mut World,
    replays: &mut Replays,
    request_id: &str,
) -> Result<Reply, Refusal> {
    if let Some(kept) = replays.find(request, world.now())? {
        return Ok(Reply {
            kept,
            replayed: true,
        });
    }
    let (status, body) = match Write::parse(request, world)?.execute(world) {
        Ok(body) => (StatusCode::OK, body),
        Err(refusal) => (refusal.status, refusal.body()),
    };
    let kept = Kept {
        status,
        body,
        request_id: request_id.to_owned(),
    };
    replays.keep(request, kept.clone(), world.now());
    Ok(Reply {
        kept,
        replayed: false,
    })
}

/// A poisoned lock means that a caller's own code has panicked while it held the world; the
/// requests of others go on.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
