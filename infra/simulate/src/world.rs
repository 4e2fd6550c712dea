//! What all functions of a run share: queues, store, bucket, bus, secrets, time.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tributary_domain::FetchRequest;
use tributary_testkit::queue::Rules;
use tributary_testkit::{MemoryBlobs, MemoryStore, SimClock, SimQueue};

use crate::chance::{Chance, Weather};
use crate::feed::Feed;
use crate::flaw::Flaw;
use crate::history::{self, History, START};
use crate::shapes::State;
use crate::trace::Trace;
use crate::turns::Turns;

/// A message of the events queue.
#[derive(Debug)]
pub(crate) struct Letter {
    /// The attribute `kind`; none for what came by EventBridge.
    pub(crate) kind: Option<&'static str>,
    pub(crate) body: String,
    /// Whether nothing can ever be made of it.
    pub(crate) is_poison: bool,
}

/// An object as Stripe's API showed it.
#[derive(Debug)]
pub(crate) struct Observation {
    pub(crate) thing: usize,
    /// Unix seconds.
    pub(crate) at: i64,
    /// Canonical.
    pub(crate) body: String,
    pub(crate) is_deleted: bool,
    /// The message in which it travels.
    pub(crate) message: String,
}

/// A message in quarantine.
#[derive(Debug)]
pub(crate) struct Note {
    pub(crate) code: &'static str,
    pub(crate) stage: &'static str,
    pub(crate) event: Option<String>,
    pub(crate) body: Vec<u8>,
}

/// One event on the bus.
#[derive(Debug)]
pub(crate) struct Announcement {
    pub(crate) id: String,
    pub(crate) sequence: usize,
    pub(crate) detail: String,
}

/// How often what happened.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    /// Unique events of Stripe.
    pub events: u64,
    /// Webhooks sent, and messages put on the queue by EventBridge.
    pub deliveries: u64,
    /// Functions that were dropped at an await.
    pub crashes: u64,
    /// Messages that had been applied before.
    pub duplicates: u64,
    /// Writes that another worker was ahead of.
    pub conflicts: u64,
    /// Calls whose effect took place and whose answer was lost.
    pub ambiguous: u64,
    /// Calls that failed before their effect.
    pub refused: u64,
    /// Messages that went to a dead-letter queue.
    pub dead: u64,
    /// Messages that were moved back, or sent again at the end.
    pub redriven: u64,
    /// Objects fetched.
    pub fetches: u64,
    /// Domain events put on the bus.
    pub announced: u64,
    /// Steps: turns given to port calls, and everything else that was let happen.
    pub steps: u64,
}

impl Counts {
    /// Adds another run's.
    pub fn add(&mut self, other: &Self) {
        self.events += other.events;
        self.deliveries += other.deliveries;
        self.crashes += other.crashes;
        self.duplicates += other.duplicates;
        self.conflicts += other.conflicts;
        self.ambiguous += other.ambiguous;
        self.refused += other.refused;
        self.dead += other.dead;
        self.redriven += other.redriven;
        self.fetches += other.fetches;
        self.announced += other.announced;
        self.steps += other.steps;
    }
}

/// The mutable part, behind one lock.
pub(crate) struct Shared {
    pub(crate) events: SimQueue<Arc<Letter>>,
    pub(crate) fetches: SimQueue<Arc<FetchRequest>>,
    /// Every message ever sent to the events queue.
    pub(crate) letters: Vec<Arc<Letter>>,
    pub(crate) quarantine: Vec<Note>,
    pub(crate) bus: Vec<Announcement>,
    pub(crate) feed: Feed,
    /// The signing secrets that Secrets Manager knows, by endpoint.
    pub(crate) vault: BTreeMap<&'static str, Vec<String>>,
    /// Rows that the next version wrote.
    pub(crate) newer: Vec<String>,
    /// Whether it only added a field, which this version passes over.
    pub(crate) newer_is_readable: bool,
    /// The states of all objects as Stripe has them now.
    pub(crate) truth: Vec<Option<State>>,
    /// What Stripe's API was seen to show.
    pub(crate) observations: Vec<Observation>,
    pub(crate) weather: Weather,
    pub(crate) counts: Counts,
    /// The first promise that was seen broken.
    pub(crate) broken: Option<String>,
}

/// Everything that is simulated.
pub(crate) struct World {
    pub(crate) turns: Turns,
    pub(crate) chance: Chance,
    pub(crate) clock: SimClock,
    pub(crate) trace: Trace,
    pub(crate) store: MemoryStore,
    pub(crate) blobs: MemoryBlobs,
    pub(crate) flaw: Flaw,
    pub(crate) history: History,
    /// Until when Secrets Manager does not answer, unix seconds.
    pub(crate) vault_down_until: AtomicI64,
    fault: AtomicU32,
    shared: Mutex<Shared>,
}

/// Visibility of both queues: six timeouts of a function of five seconds.
pub(crate) const VISIBILITY_S: i64 = 30;
const RECEIVES_MAX: u32 = 5;

impl World {
    pub(crate) fn new(seed: u64, events_min: usize, flaw: Flaw, trace: Trace) -> Self {
        let chance = Chance::new(seed);
        let weather = Weather::draw(&chance);
        let history = history::draw(&chance, events_min);
        let rules = Rules {
            visibility_s: VISIBILITY_S,
            receives_max: RECEIVES_MAX,
        };
        Self {
            turns: Turns::default(),
            clock: SimClock::new(START),
            trace,
            store: MemoryStore::default(),
            blobs: MemoryBlobs::default(),
            flaw,
            vault_down_until: AtomicI64::new(0),
            fault: AtomicU32::new(weather.fault),
            shared: Mutex::new(Shared {
                events: SimQueue::new(rules),
                fetches: SimQueue::new(rules),
                letters: Vec::with_capacity(400),
                quarantine: Vec::new(),
                bus: Vec::with_capacity(300),
                feed: Feed::default(),
                vault: BTreeMap::new(),
                newer: Vec::new(),
                newer_is_readable: chance.below(2) == 0,
                truth: vec![None; history.things.len()],
                observations: Vec::new(),
                weather,
                counts: Counts::default(),
                broken: None,
            }),
            chance,
            history,
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Of a thousand port calls, how many fail now.
    pub(crate) fn fault_rate(&self) -> u32 {
        self.fault.load(Ordering::Relaxed)
    }

    pub(crate) fn set_weather(&self, weather: Weather) {
        self.fault.store(weather.fault, Ordering::Relaxed);
        self.lock().weather = weather;
    }

    /// Notes a broken promise; the first one ends the run.
    pub(crate) fn accuse(&self, what: impl FnOnce() -> String) {
        self.lock().broken.get_or_insert_with(what);
    }

    /// Puts a message on the events queue.
    pub(crate) fn enqueue(&self, letter: Letter) {
        let letter = Arc::new(letter);
        let now = self.clock.now();
        let mut shared = self.lock();
        if self.flaw == Flaw::QueueLosesAMessage && self.chance.per_mille(5) {
            return;
        }
        shared.letters.push(Arc::clone(&letter));
        shared.events.send(letter, now);
    }

    /// Puts every message ever sent on the queue once more; the same text once.
    pub(crate) fn resend(&self) {
        let now = self.clock.now();
        let mut shared = self.lock();
        let mut letters = shared.letters.clone();
        letters.sort_unstable_by(|a, b| (a.kind, &a.body).cmp(&(b.kind, &b.body)));
        letters.dedup_by(|a, b| (a.kind, &a.body) == (b.kind, &b.body));
        shared.counts.redriven += letters.len() as u64;
        for letter in letters {
            shared.events.send(letter, now);
        }
    }

    /// How many steps the mirror took, and how many writes the store was asked for.
    pub(crate) fn changes(&self) -> (usize, usize) {
        (self.lock().feed.visible().len(), self.store.writes())
    }
}
