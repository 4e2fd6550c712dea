//! The API without its socket: what its requests share, and how one is answered.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use http::{Method, StatusCode, request::Parts};
use serde_json::Value;

use super::{
    config::{ApiConfig, RateClock},
    error::Refusal,
    events::EventIndex,
    gate::{Gate, Requests, Verdict},
    replay::{Body, Kept, Replays},
    reports::Reports,
    request::{self, Request},
    routes::{self, View},
    write::Write,
};
use crate::{Fields, Owner, World};

const TRANSACTIONS: &str = "/v1/balance_transactions";
const REPORT_RUNS: &str = "/v1/reporting/report_runs";
/// Minor units of a fee that is booked late.
const LATE_FEE: i64 = 7;

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
    reports: Reports,
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
        let (api_key, pending_reads, webhook_url, late) = {
            let mut gate = lock(&self.gate);
            let late = parts.uri.path() == TRANSACTIONS && gate.draws_late_transaction();
            let config = gate.config();
            (
                config.api_key.clone(),
                config.report_pending_reads,
                config.webhook_url.clone(),
                late,
            )
        };
        let mut world = lock(&self.world);
        let mut memory = lock(&self.memory);
        let request = Request::read(parts, body, &world, api_key.as_deref())?;
        if request.method == Method::POST {
            let work = Work {
                request: &request,
                request_id,
                pending_reads,
            };
            return work.execute(&mut world, &mut memory);
        }
        if let Some(kept) = memory.reports.read(&request, &world, request_id) {
            let replayed = false;
            return kept.map(|kept| Reply { kept, replayed });
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
                webhook_url: webhook_url.as_deref(),
            },
            &request,
        )?;
        if late {
            book_late(&mut world, &request.owner, &body);
        }
        let kept = Kept {
            status: StatusCode::OK,
            body: Body::Json(body),
            request_id: request_id.to_owned(),
        };
        Ok(Reply {
            kept,
            replayed: false,
        })
    }
}

/// A POST about to be done.
struct Work<'a> {
    request: &'a Request,
    request_id: &'a str,
    pending_reads: u32,
}

impl Work<'_> {
    /// Does it, once per idempotency key. As at Stripe, an answer is kept from the moment the work
    /// begins: what is refused before that may be corrected under the same key.
    fn execute(&self, world: &mut World, memory: &mut Memory) -> Result<Reply, Refusal> {
        if let Some(kept) = memory.replays.find(self.request, world.now())? {
            return Ok(Reply {
                kept,
                replayed: true,
            });
        }
        let done = if self.request.url() == REPORT_RUNS {
            let reports = &mut memory.reports;
            Ok(reports.create(self.request, world, self.pending_reads)?)
        } else {
            Write::parse(self.request, world)?.execute(world)
        };
        let (status, body) = match done {
            Ok(body) => (StatusCode::OK, body),
            Err(refusal) => (refusal.status, refusal.body()),
        };
        let kept = Kept {
            status,
            body: Body::Json(body),
            request_id: self.request_id.to_owned(),
        };
        memory.replays.keep(self.request, kept.clone(), world.now());
        Ok(Reply {
            kept,
            replayed: false,
        })
    }
}

/// Books a fee that is just older than the last transaction of an answered page.
fn book_late(world: &mut World, owner: &Owner, page: &Value) {
    let listed = page.get("data").and_then(Value::as_array);
    if let Some(last) = listed.and_then(|listed| listed.last()) {
        // An account that cannot be booked on cannot be listed either.
        let _ = world.book_late(owner, LATE_FEE, last.int("created") - 1);
    }
}

/// A poisoned lock means that a caller's own code has panicked while it held the world; the
/// requests of others go on.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
