//! What every call to Stripe passes.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::circuit::{Circuit, ProbeId, Verdict};
use crate::pace::Pace;
use crate::share::Share;
use crate::shared::{Changed, Shared};
use crate::store::ControlStore;
use crate::turnstile::{Place, Seat, Turnstile, until};
use crate::{Clock, host_clock};

/// Most families told apart; those beyond share one circuit.
const FAMILIES_MAX: usize = 64;

/// Longest that a probe may take: well within its lease, see [`crate::LEASE_MS`].
const PROBE_TIME_MAX: Duration = Duration::from_secs(10);

/// How the keys of circuits begin; the family follows.
const CIRCUIT_KEY: &str = "stripe#circuit#";

/// How soon to ask again when the shared state cannot say who probes.
const AGAIN_AFTER_MS: i64 = 1_000;

/// What a call is about, in minor units of any currency: calls that have to wait
/// are let through in this order, greatest first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct MoneyAtRisk(pub u64);

/// What became of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Stripe answered, whatever it said.
    Answered,
    /// Stripe broke, hung or could not be reached.
    Failed,
    /// Stripe asked to slow down.
    Throttled {
        /// How long it asked to wait.
        retry_after: Option<Duration>,
    },
}

/// Why a call may not go now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Deferred {
    /// The endpoints fail: they are left alone for a while.
    #[error("the circuit is open")]
    CircuitOpen {
        /// When it is worth to ask again.
        retry_after: Duration,
    },
    /// The budget is spent for longer than the caller would wait.
    #[error("the budget is spent")]
    BudgetSpent {
        /// When it is worth to ask again.
        retry_after: Duration,
    },
}

impl Deferred {
    /// When it is worth to ask again.
    pub fn retry_after(&self) -> Duration {
        match self {
            Self::CircuitOpen { retry_after } | Self::BudgetSpent { retry_after } => *retry_after,
        }
    }
}

/// One instance's way to Stripe.
pub struct Gate {
    clock: Clock,
    store: Arc<dyn ControlStore>,
    turnstile: Turnstile,
    pace: Shared<Pace>,
    families: Mutex<BTreeMap<String, Arc<Family>>>,
}

/// Endpoints that fail together.
type Family = Shared<Circuit>;

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Gate({:?})", self.turnstile)
    }
}

/// Leave to make one call, now.
pub struct Permit<'a> {
    gate: &'a Gate,
    family: Arc<Family>,
    probe: Option<ProbeId>,
    sent_at_ms: i64,
    _seat: Seat<'a>,
}

impl Gate {
    /// A gate with this share of the budget.
    pub fn new(share: Share, store: Arc<dyn ControlStore>) -> Self {
        Self::with_clock(share, store, host_clock())
    }

    /// A gate whose instances read this clock.
    pub fn with_clock(share: Share, store: Arc<dyn ControlStore>, clock: Clock) -> Self {
        Self {
            turnstile: Turnstile::new(share),
            pace: Shared::new("stripe#pace".to_owned(), store.clone(), clock.clone()),
            families: Mutex::default(),
            clock,
            store,
        }
    }

    /// Waits until a call to a family of endpoints may go, no longer than `patience`.
    ///
    /// # Errors
    /// At once when the family's circuit is open; when the slot would come too late,
    /// or did.
    pub async fn enter(
        &self,
        family: &str,
        risk: MoneyAtRisk,
        patience: Duration,
    ) -> Result<Permit<'_>, Deferred> {
        let family = self.family(family);
        let place = self.turnstile.line_up(risk.0);
        let give_up_at = Instant::now() + patience;
        let mut slot = None;
        loop {
            let mut moved = pin!(self.turnstile.moved());
            moved.as_mut().enable();
            let at = if place.is_next() {
                let (verdict, pace) = self.ask(&family).await?;
                let at = self.slot(slot, &pace, give_up_at)?;
                slot = Some(at);
                if at <= Instant::now() {
                    match self.go(&family, &place, at, verdict, &pace).await {
                        Some(permit) => return permit,
                        None => continue,
                    }
                }
                at
            } else {
                // Whoever comes to the front later waits for a slot of its own.
                slot = None;
                give_up_at
            };
            tokio::select! {
                () = moved => {}
                () = sleep_until(at) => {}
            }
            if Instant::now() >= give_up_at && !place.is_next() {
                let retry_after = self.turnstile.share().slot();
                return Err(Deferred::BudgetSpent { retry_after });
            }
        }
    }

    /// Whether the family may be called, and at which pace.
    async fn ask(&self, family: &Family) -> Result<(Verdict, Pace), Deferred> {
        let (circuit, pace) = tokio::join!(family.view(), self.pace.view());
        let now_ms = (self.clock)();
        match circuit.ask(now_ms) {
            Verdict::Refuse { until_ms } => Err(circuit_open(until_ms, now_ms)),
            verdict => Ok((verdict, pace)),
        }
    }

    /// The slot that the call at the front gets: the one that it waited for, or a
    /// later one if everybody was slowed down meanwhile.
    fn slot(
        &self,
        waited_for: Option<Instant>,
        pace: &Pace,
        give_up_at: Instant,
    ) -> Result<Instant, Deferred> {
        let now_ms = (self.clock)();
        let paused_ms = pace.paused_until_ms().saturating_sub(now_ms);
        let paused = Duration::from_millis(u64::try_from(paused_ms).unwrap_or(0));
        let from = match waited_for {
            Some(slot) if paused.is_zero() => slot,
            _ => Instant::now() + paused,
        };
        let at = self.turnstile.slot(from, pace.at(now_ms));
        if at > give_up_at {
            return Err(Deferred::BudgetSpent {
                retry_after: until(at),
            });
        }
        Ok(at)
    }

    /// Goes, as the probe if one is due. `None` when another call was faster.
    async fn go<'a>(
        &'a self,
        family: &Arc<Family>,
        place: &Place<'a>,
        slot: Instant,
        verdict: Verdict,
        pace: &Pace,
    ) -> Option<Result<Permit<'a>, Deferred>> {
        let seat = place.go(slot, pace.at((self.clock)()))?;
        let probe = match verdict {
            Verdict::ProbeDue => match self.become_probe(family).await {
                Ok(probe) => Some(probe),
                Err(deferred) => return Some(Err(deferred)),
            },
            _ => None,
        };
        Some(Ok(Permit {
            gate: self,
            family: family.clone(),
            probe,
            sent_at_ms: (self.clock)(),
            _seat: seat,
        }))
    }

    /// Nobody else may know of this attempt, so its name is drawn for it.
    async fn become_probe(&self, family: &Family) -> Result<ProbeId, Deferred> {
        let probe = ProbeId(rand::random());
        let lend = |circuit: &Circuit| circuit.lend(probe, (self.clock)());
        let lent = family.change(lend).await;
        let circuit = family.latest();
        // `Not` with our name in it: the answer to our own write was lost on the way.
        if lent != Changed::Nowhere && circuit.is_lent_to(probe) {
            return Ok(probe);
        }
        let now_ms = (self.clock)();
        Err(match circuit.ask(now_ms) {
            Verdict::Refuse { until_ms } => circuit_open(until_ms, now_ms),
            _ => circuit_open(now_ms.saturating_add(AGAIN_AFTER_MS), now_ms),
        })
    }

    fn family(&self, name: &str) -> Arc<Family> {
        let mut families = self.families.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = families.len() >= FAMILIES_MAX && !families.contains_key(name);
        let name = if is_full { "other" } else { name };
        let family = families.entry(name.to_owned()).or_insert_with(|| {
            let key = format!("{CIRCUIT_KEY}{name}");
            Arc::new(Shared::new(key, self.store.clone(), self.clock.clone()))
        });
        family.clone()
    }
}

fn circuit_open(until_ms: i64, now_ms: i64) -> Deferred {
    let left_ms = u64::try_from(until_ms.saturating_sub(now_ms)).unwrap_or(0);
    Deferred::CircuitOpen {
        retry_after: Duration::from_millis(left_ms),
    }
}

impl Permit<'_> {
    /// Whether this call decides if the others may go again.
    pub fn is_probe(&self) -> bool {
        self.probe.is_some()
    }

    /// Longest that the call may take, if there is such a limit: an answer that comes
    /// later is nobody's any more.
    pub fn time_max(&self) -> Option<Duration> {
        self.probe.map(|_| PROBE_TIME_MAX)
    }

    /// Tells the others what became of the call. A permit that is dropped instead
    /// tells nothing; a probe's lease then has to run out.
    pub async fn settle(self, outcome: Outcome) {
        let now_ms = (self.gate.clock)();
        if let Outcome::Throttled { retry_after } = outcome {
            self.slow_down(retry_after, now_ms).await;
        }
        let answered = outcome != Outcome::Failed;
        match self.probe {
            Some(probe) => self.end_probe(probe, answered, now_ms).await,
            None if answered => self.count(|circuit| circuit.answered(now_ms)).await,
            None => {
                self.count(|circuit| circuit.failed(self.sent_at_ms, now_ms))
                    .await;
            }
        }
    }

    async fn slow_down(&self, retry_after: Option<Duration>, now_ms: i64) {
        let slower = |pace: &Pace| pace.throttled(self.sent_at_ms, now_ms, retry_after);
        if self.gate.pace.change(slower).await == Changed::Nowhere {
            self.gate.pace.change_here(slower);
        }
    }

    async fn count(&self, counted: impl Fn(&Circuit) -> Option<Circuit>) {
        // As far as anybody here knows there is nothing to tell: ask nobody.
        if counted(&self.family.latest()).is_none() {
            return;
        }
        match self.family.change(&counted).await {
            Changed::Everywhere => self.tell(),
            Changed::Nowhere => {
                self.family.change_here(counted);
                self.tell();
            }
            Changed::Not => {}
        }
    }

    /// Tells of a change that opened the circuit.
    fn tell(&self) {
        if let Circuit::Open { .. } = self.family.latest() {
            let key = self.family.key();
            let family = key.strip_prefix(CIRCUIT_KEY).unwrap_or(key);
            self.gate.store.opened(family);
        }
    }

    /// An answer that the others cannot learn of closes nothing: each instance would
    /// believe to be the only one that calls.
    async fn end_probe(&self, probe: ProbeId, answered: bool, now_ms: i64) {
        let probed = |circuit: &Circuit| circuit.probed(probe, answered, now_ms);
        match self.family.change(probed).await {
            Changed::Everywhere => self.tell(),
            Changed::Nowhere if !answered => {
                self.family.change_here(probed);
                self.tell();
            }
            Changed::Nowhere | Changed::Not => {}
        }
    }
}
