//! A Stripe that counts, and two hundred instances that call it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use tributary_pacing::{
    Clock, ControlStore, Gate, MoneyAtRisk, Outcome, Permit, Share, StoreDown, Stored, WriteError,
};
use tributary_testkit::{Faulty, MemoryControl};

pub(crate) const WORKERS: u32 = 200;
pub(crate) const FAMILY: &str = "balance_transactions";
const PATIENCE: Duration = Duration::from_secs(20);

/// How Stripe is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Health {
    Well,
    /// Answers 500 at once.
    Failing,
    /// Answers 500 to so many of a thousand.
    Flaky(u32),
    /// Answers nothing for as long as anybody waits.
    Hanging,
    /// Answers 429 to more requests in a second than this.
    Allowing(usize),
}

/// One call, as Stripe saw it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call {
    pub(crate) at: Instant,
    pub(crate) is_probe: bool,
    pub(crate) outcome: Outcome,
}

/// Stripe.
pub(crate) struct Stripe {
    pub(crate) health: Mutex<Health>,
    pub(crate) calls: Mutex<Vec<Call>>,
    accepted: Mutex<VecDeque<Instant>>,
    probes: Mutex<(usize, usize)>,
    draw: Mutex<ChaCha8Rng>,
}

impl Stripe {
    pub(crate) fn be(&self, health: Health) {
        *self.health.lock().unwrap() = health;
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    /// The most calls in any one second.
    pub(crate) fn peak(&self) -> usize {
        peak(self.calls.lock().unwrap().iter().map(|call| call.at))
    }

    /// The most probes at a time.
    pub(crate) fn probes_peak(&self) -> usize {
        self.probes.lock().unwrap().1
    }

    async fn answer(&self, permit: &Permit<'_>) -> Outcome {
        let (at, is_probe) = (Instant::now(), permit.is_probe());
        let index = {
            let mut calls = self.calls.lock().unwrap();
            calls.push(Call {
                at,
                is_probe,
                outcome: Outcome::Failed,
            });
            calls.len() - 1
        };
        if is_probe {
            let mut probes = self.probes.lock().unwrap();
            probes.0 += 1;
            probes.1 = probes.1.max(probes.0);
        }
        let health = *self.health.lock().unwrap();
        let outcome = match health {
            Health::Well => self.after(80, Outcome::Answered).await,
            Health::Flaky(per_mille) => {
                let fails = self.draw.lock().unwrap().random_range(0..1_000) < per_mille;
                let outcome = if fails {
                    Outcome::Failed
                } else {
                    Outcome::Answered
                };
                self.after(80, outcome).await
            }
            Health::Failing => self.after(20, Outcome::Failed).await,
            Health::Hanging => {
                sleep(permit.time_max().unwrap_or(Duration::from_secs(8))).await;
                Outcome::Failed
            }
            Health::Allowing(most) => {
                let throttled = Outcome::Throttled { retry_after: None };
                let outcome = if self.accepts(most) {
                    Outcome::Answered
                } else {
                    throttled
                };
                self.after(30, outcome).await
            }
        };
        if is_probe {
            self.probes.lock().unwrap().0 -= 1;
        }
        self.calls.lock().unwrap()[index].outcome = outcome;
        outcome
    }

    async fn after(&self, ms: u64, outcome: Outcome) -> Outcome {
        sleep(Duration::from_millis(ms)).await;
        outcome
    }

    fn accepts(&self, most: usize) -> bool {
        let mut accepted = self.accepted.lock().unwrap();
        while accepted
            .front()
            .is_some_and(|at| at.elapsed() >= Duration::from_secs(1))
        {
            accepted.pop_front();
        }
        let is_free = accepted.len() < most;
        if is_free {
            accepted.push_back(Instant::now());
        }
        is_free
    }
}

/// The most instants within any one second.
pub(crate) fn peak(instants: impl Iterator<Item = Instant>) -> usize {
    let (mut window, mut most) = (VecDeque::new(), 0);
    for at in instants {
        window.push_back(at);
        while at - window[0] >= Duration::from_secs(1) {
            window.pop_front();
        }
        most = most.max(window.len());
    }
    most
}

/// A store some milliseconds away, so that instances come between each other.
struct Far<S> {
    store: S,
    draw: Mutex<ChaCha8Rng>,
}

impl<S> Far<S> {
    async fn travel(&self) {
        let ms = self.draw.lock().unwrap().random_range(2..15);
        sleep(Duration::from_millis(ms)).await;
    }
}

impl<S: ControlStore> ControlStore for Far<S> {
    fn load<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Stored>, StoreDown>> {
        async move {
            self.travel().await;
            let loaded = self.store.load(key).await;
            self.travel().await;
            loaded
        }
        .boxed()
    }

    fn replace<'a>(
        &'a self,
        key: &'a str,
        text: &'a str,
        seen: Option<u64>,
    ) -> BoxFuture<'a, Result<(), WriteError>> {
        async move {
            self.travel().await;
            let replaced = self.store.replace(key, text, seen).await;
            self.travel().await;
            replaced
        }
        .boxed()
    }
}

/// All of it.
pub(crate) struct World {
    pub(crate) stripe: Arc<Stripe>,
    pub(crate) store: &'static MemoryControl,
    pub(crate) gates: Vec<Arc<Gate>>,
    pub(crate) started: Instant,
    workers: JoinSet<()>,
}

impl World {
    /// Two hundred instances that know of a limit, their store failing now and then.
    pub(crate) fn start(seed: u64, limit_per_s: u32, faults_per_mille: u32) -> Self {
        let mut draw = ChaCha8Rng::seed_from_u64(seed);
        let store: &'static MemoryControl = Box::leak(Box::default());
        let stripe = Arc::new(Stripe {
            health: Mutex::new(Health::Well),
            calls: Mutex::default(),
            accepted: Mutex::default(),
            probes: Mutex::default(),
            draw: Mutex::new(ChaCha8Rng::seed_from_u64(seed)),
        });
        let started = Instant::now();
        let clock: Clock = Arc::new(move || {
            1_700_000_000_000 + i64::try_from(started.elapsed().as_millis()).unwrap()
        });
        let gates = (0..WORKERS).map(|_| {
            let share = Share::of(limit_per_s, WORKERS, draw.random_range(0..1_000));
            let faulty = Faulty::new(store, draw.random(), faults_per_mille);
            let far = Far {
                store: faulty,
                draw: Mutex::new(ChaCha8Rng::seed_from_u64(draw.random())),
            };
            Arc::new(Gate::with_clock(share, Arc::new(far), clock.clone()))
        });
        let gates: Vec<_> = gates.collect();
        let mut workers = JoinSet::new();
        for gate in &gates {
            workers.spawn(work(gate.clone(), stripe.clone()));
        }
        Self {
            stripe,
            store,
            gates,
            started,
            workers,
        }
    }

    /// Lets everybody work for some seconds.
    pub(crate) async fn run(&self, seconds: u64) {
        sleep(Duration::from_secs(seconds)).await;
        assert_eq!(self.workers.len(), WORKERS as usize);
    }
}

/// One instance, always with something to do.
async fn work(gate: Arc<Gate>, stripe: Arc<Stripe>) {
    loop {
        match gate.enter(FAMILY, MoneyAtRisk(0), PATIENCE).await {
            Ok(permit) => {
                let outcome = stripe.answer(&permit).await;
                permit.settle(outcome).await;
            }
            Err(deferred) => sleep(deferred.retry_after()).await,
        }
    }
}
