//! The calls of one instance: in a line by what is at stake, one for each slot.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use tokio::time::Instant;

use crate::pace::FULL;
use crate::share::Share;

/// Where a call stands: greatest stake first, then in order of arrival.
type Rank = (Reverse<u64>, u64);

/// Lets one call through at each slot, and so many at a time.
#[derive(Debug)]
pub(crate) struct Turnstile {
    share: Share,
    first_slot: Instant,
    line: Mutex<Line>,
    moved: Notify,
}

#[derive(Debug, Default)]
struct Line {
    waiting: BTreeSet<Rank>,
    arrivals: u64,
    /// When the last call was due: its slot, or up to a slot before.
    last_due: Option<Instant>,
    in_flight: usize,
}

/// A place in the line; leaving gives it up.
#[derive(Debug)]
pub(crate) struct Place<'a> {
    turnstile: &'a Turnstile,
    rank: Rank,
}

/// A call on its way; dropping it makes room for another.
#[derive(Debug)]
pub(crate) struct Seat<'a>(&'a Turnstile);

impl Turnstile {
    pub(crate) fn new(share: Share) -> Self {
        Self {
            share,
            first_slot: Instant::now() + share.phase,
            line: Mutex::default(),
            moved: Notify::new(),
        }
    }

    pub(crate) fn share(&self) -> Share {
        self.share
    }

    pub(crate) fn line_up(&self, stake: u64) -> Place<'_> {
        let mut line = self.line();
        line.arrivals += 1;
        let rank = (Reverse(stake), line.arrivals);
        line.waiting.insert(rank);
        drop(line);
        self.moved.notify_waiters();
        Place {
            turnstile: self,
            rank,
        }
    }

    /// Completes when the line has moved since this was called and enabled.
    pub(crate) fn moved(&self) -> Notified<'_> {
        self.moved.notified()
    }

    /// The slot of the call at the front, not before `from`, at a pace in thousandths.
    ///
    /// Slots are points of the instance's own grid, at every pace: at a slower one
    /// some are left out. So instances that were waked together do not call together,
    /// and neither do those that were slowed down together.
    pub(crate) fn slot(&self, from: Instant, pace: u16) -> Instant {
        let due = self.due(&self.line(), pace);
        self.on_grid(due.map_or(from, |due| due.max(from)))
    }

    /// When the pace allows the next call, on the grid or between its points.
    fn due(&self, line: &Line, pace: u16) -> Option<Instant> {
        let spacing = self.share.slot.saturating_mul(u32::from(FULL)) / u32::from(pace.max(1));
        line.last_due.map(|last| last + spacing)
    }

    fn on_grid(&self, from: Instant) -> Instant {
        let since_first = from.saturating_duration_since(self.first_slot).as_nanos();
        let slots = since_first.div_ceil(self.share.slot.as_nanos().max(1));
        let slots = u32::try_from(slots).unwrap_or(u32::MAX);
        self.first_slot + self.share.slot.saturating_mul(slots)
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<'a> Place<'a> {
    /// Whether nobody stands before this one, and there is room.
    pub(crate) fn is_next(&self) -> bool {
        self.is_next_in(&self.turnstile.line())
    }

    fn is_next_in(&self, line: &Line) -> bool {
        line.waiting.first() == Some(&self.rank)
            && line.in_flight < self.turnstile.share.in_flight_max
    }

    /// Goes through at a slot that has come; `None` when another one was let through
    /// meanwhile.
    pub(crate) fn go(&self, slot: Instant, pace: u16) -> Option<Seat<'a>> {
        let mut line = self.turnstile.line();
        let due = self.turnstile.due(&line, pace);
        if due.is_some_and(|due| due > slot) || !self.is_next_in(&line) {
            return None;
        }
        // What was due between two points counts from then, or the pace would fall to
        // the next whole part of the full one. Who starts again has nothing saved.
        let kept = due.filter(|due| *due + self.turnstile.share.slot > slot);
        line.last_due = Some(kept.unwrap_or(slot));
        line.in_flight += 1;
        Some(Seat(self.turnstile))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.turnstile.line().waiting.remove(&self.rank);
        self.turnstile.moved.notify_waiters();
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.0.line().in_flight -= 1;
        self.0.moved.notify_waiters();
    }
}

/// The time until an instant, none if it has passed.
pub(crate) fn until(instant: Instant) -> Duration {
    instant.saturating_duration_since(Instant::now())
}
