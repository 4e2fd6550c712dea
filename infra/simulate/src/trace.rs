//! The record of a run: a hash of all its steps, and their text on demand.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// What happened, step by step.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    steps: AtomicU64,
    hash: AtomicU64,
    prints: AtomicBool,
}

impl Trace {
    /// A trace that prints each step.
    pub(crate) fn printing() -> Self {
        Self {
            prints: AtomicBool::new(true),
            ..Self::default()
        }
    }

    /// Notes a step by a number that tells it from others.
    pub(crate) fn step(&self, number: u64, text: impl FnOnce() -> String) {
        let step = self.steps.fetch_add(1, Ordering::Relaxed) + 1;
        let hash = self.hash.load(Ordering::Relaxed);
        // FNV-1a over 64 bits at a time: it tells traces apart, it protects nothing.
        let hash = (hash ^ number)
            .wrapping_mul(0x0000_0100_0000_01b3)
            .rotate_left(5);
        self.hash.store(hash, Ordering::Relaxed);
        if self.prints.load(Ordering::Relaxed) {
            print(&format!("{step:6}  {}", text()));
        }
    }

    /// Adds a line to the step, if steps are printed.
    pub(crate) fn detail(&self, text: impl FnOnce() -> String) {
        if self.prints.load(Ordering::Relaxed) {
            print(&format!("          {}", text()));
        }
    }

    /// How many steps there were.
    pub(crate) fn steps(&self) -> u64 {
        self.steps.load(Ordering::Relaxed)
    }

    /// A hash of all steps.
    pub(crate) fn hash(&self) -> u64 {
        self.hash.load(Ordering::Relaxed)
    }
}

#[allow(clippy::print_stdout)]
fn print(line: &str) {
    println!("{line}");
}
