//! Everything that a seed decides.

use std::sync::atomic::{AtomicU64, Ordering};

use fastrand::Rng;

/// The one source of chance of a run: the state of its generator. One thread plays a
/// run, so nobody comes between a load and a store.
#[derive(Debug)]
pub(crate) struct Chance(AtomicU64);

/// What goes wrong with one call of a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// It fails, and nothing has happened: a throttle, an error.
    Before,
    /// It happens, and the answer does not arrive.
    After,
}

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    fn draw<T>(&self, number: impl FnOnce(&mut Rng) -> T) -> T {
        let mut rng = Rng::with_seed(self.0.load(Ordering::Relaxed));
        let drawn = number(&mut rng);
        self.0.store(rng.get_seed(), Ordering::Relaxed);
        drawn
    }

    /// A number below `end`; 0 if there is none.
    pub(crate) fn below(&self, end: usize) -> usize {
        if end < 2 {
            0
        } else {
            self.draw(|rng| rng.usize(..end))
        }
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&self, low: i64, high: i64) -> i64 {
        self.draw(|rng| rng.i64(low..=high))
    }

    /// True so many times in a thousand.
    pub(crate) fn per_mille(&self, rate: u32) -> bool {
        rate > 0 && self.draw(|rng| rng.u32(..1000)) < rate
    }

    /// One of several.
    pub(crate) fn of<T: Copy, const N: usize>(&self, choices: [T; N]) -> Option<T> {
        choices.get(self.below(N)).copied()
    }

    /// A fault, so many times in a thousand; half of them after the effect.
    pub(crate) fn fault(&self, rate: u32) -> Fault {
        match self.per_mille(rate) {
            false => Fault::None,
            true if self.below(2) == 0 => Fault::Before,
            true => Fault::After,
        }
    }
}

/// How rough one run is. Rates are per thousand: of steps for what befalls the
/// world, of calls for what befalls a port.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Weather {
    /// A running function is gone.
    pub(crate) crash: u32,
    /// A call fails, before its effect or after it.
    pub(crate) fault: u32,
    /// Something befalls the world: see `mishap.rs`.
    pub(crate) mishap: u32,
    /// Stripe sends an event that was accepted once more.
    pub(crate) duplicate: u32,
    /// A message is seen again although it was deleted, or by two at once.
    pub(crate) twice: u32,
    /// An event also comes by EventBridge.
    pub(crate) eventbridge: u32,
    /// Environments of ingest.
    pub(crate) ingests: usize,
    /// Workers that apply.
    pub(crate) workers: usize,
    /// Of what is tried at a step, how much is new work instead of work that goes on.
    pub(crate) haste: u32,
    /// Whether Stripe's events pile up before any is delivered.
    pub(crate) backlog: bool,
}

impl Weather {
    /// No fault at all: how every run ends.
    pub(crate) const CALM: Self = Self {
        crash: 0,
        fault: 0,
        mishap: 0,
        duplicate: 0,
        twice: 0,
        eventbridge: 0,
        ingests: 2,
        workers: 2,
        haste: 500,
        backlog: false,
    };

    pub(crate) fn draw(chance: &Chance) -> Self {
        let rate = |choices: [u32; 4]| chance.of(choices).unwrap_or(0);
        Self {
            crash: rate([0, 1, 3, 8]),
            fault: rate([0, 5, 20, 60]),
            mishap: rate([0, 1, 2, 4]),
            duplicate: rate([0, 30, 100, 200]),
            twice: rate([0, 5, 20, 50]),
            eventbridge: rate([0, 0, 30, 100]),
            ingests: 1 + chance.below(3),
            workers: 1 + chance.below(3),
            haste: rate([60, 120, 250, 500]),
            backlog: chance.below(4) == 0,
        }
    }
}
