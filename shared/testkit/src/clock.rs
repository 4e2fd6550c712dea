//! Time that moves only when it is told to.

use std::sync::atomic::{AtomicI64, Ordering};

/// A clock in unix seconds, with a host beside it whose clock may be wrong.
#[derive(Debug)]
pub struct SimClock {
    now: AtomicI64,
    skew_s: AtomicI64,
}

impl SimClock {
    /// A clock that stands at `now`, unix seconds.
    pub fn new(now: i64) -> Self {
        Self {
            now: AtomicI64::new(now),
            skew_s: AtomicI64::new(0),
        }
    }

    /// The true time, unix seconds.
    pub fn now(&self) -> i64 {
        self.now.load(Ordering::Relaxed)
    }

    /// What the host believes, unix seconds.
    pub fn host_now(&self) -> i64 {
        self.now() + self.skew_s.load(Ordering::Relaxed)
    }

    /// Lets time pass.
    pub fn advance(&self, seconds: i64) {
        self.now.fetch_add(seconds.max(0), Ordering::Relaxed);
    }

    /// Sets how far the host's clock is ahead of the true time, in seconds.
    pub fn skew(&self, seconds: i64) {
        self.skew_s.store(seconds, Ordering::Relaxed);
    }
}
