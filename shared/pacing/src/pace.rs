//! How fast everybody goes: less at once when Stripe asks for it, more again bit by bit.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Full pace, in thousandths.
pub const FULL: u16 = 1_000;

/// The slowest pace, in thousandths: what is stopped entirely learns nothing.
const LEAST: u16 = 50;

/// What is won back each second, in thousandths: half the pace takes 20 seconds.
const GAIN_PER_S: i64 = 25;

/// How long it takes until everybody goes at a pace that was just reduced. What is
/// refused until then is no reason to go slower still.
const SETTLING_MS: i64 = 2_000;

/// Longest pause that one answer can ask of all instances.
const PAUSE_MS_MAX: i64 = 300_000;

/// Additive increase, multiplicative decrease. The increase is a function of time,
/// so only a decrease has to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pace {
    reduced_to: u16,
    reduced_at_ms: i64,
    paused_until_ms: i64,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            reduced_to: FULL,
            reduced_at_ms: 0,
            paused_until_ms: 0,
        }
    }
}

impl Pace {
    /// The pace at a time, in thousandths of the full one: never 0, never more than
    /// [`FULL`].
    pub fn at(&self, now_ms: i64) -> u16 {
        let elapsed_ms = now_ms.saturating_sub(self.reduced_at_ms).max(0);
        let gained = elapsed_ms.saturating_mul(GAIN_PER_S) / 1_000;
        let pace = i64::from(self.reduced_to).saturating_add(gained);
        u16::try_from(pace).unwrap_or(FULL).clamp(LEAST, FULL)
    }

    /// Until when nobody may call, unix milliseconds.
    pub fn paused_until_ms(&self) -> i64 {
        self.paused_until_ms
    }

    /// The pace after an answer that asked to slow down; `None` when that changes
    /// nothing. Answers to requests that were sent before everybody knew of the last
    /// decrease are about the pace before it: a burst of them counts once.
    #[must_use]
    pub fn throttled(
        &self,
        sent_at_ms: i64,
        now_ms: i64,
        retry_after: Option<Duration>,
    ) -> Option<Self> {
        let mut pace = *self;
        if sent_at_ms >= self.reduced_at_ms.saturating_add(SETTLING_MS) {
            pace.reduced_to = (self.at(now_ms) / 2).max(LEAST);
            pace.reduced_at_ms = now_ms;
        }
        if let Some(asked) = retry_after {
            let asked_ms = i64::try_from(asked.as_millis()).unwrap_or(i64::MAX);
            let until_ms = now_ms.saturating_add(asked_ms.min(PAUSE_MS_MAX));
            pace.paused_until_ms = self.paused_until_ms.max(until_ms);
        }
        (pace != *self).then_some(pace)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn halved_at(now_ms: i64) -> Pace {
        let pace = Pace::default().throttled(now_ms - 10, now_ms, None);
        pace.unwrap()
    }

    #[test]
    fn one_answer_halves_the_pace_and_time_brings_it_back() {
        let pace = halved_at(100_000);
        assert_eq!(pace.at(100_000), 500);
        assert_eq!(pace.at(110_000), 750);
        assert_eq!(pace.at(120_000), FULL);
        assert_eq!(pace.at(i64::MAX), FULL);
        assert_eq!(pace.at(0), 500, "a clock that is behind gains nothing");
    }

    #[test]
    fn a_burst_of_answers_counts_once() {
        let pace = halved_at(100_000);
        let heard_ms = 100_000 + SETTLING_MS;
        assert_eq!(pace.throttled(heard_ms - 1, heard_ms + 200, None), None);
        let again = pace.throttled(heard_ms, heard_ms, None).unwrap();
        assert_eq!(again.at(heard_ms), 275);
    }

    #[test]
    fn the_pace_never_ends() {
        let mut pace = Pace::default();
        for n in 1..100 {
            let now_ms = n * SETTLING_MS;
            pace = pace.throttled(now_ms, now_ms, None).unwrap_or(pace);
            assert!(pace.at(now_ms) >= LEAST);
        }
        assert_eq!(pace.at(99 * SETTLING_MS), LEAST);
    }

    #[test]
    fn everybody_waits_as_long_as_stripe_asks() {
        let asked = |s| Some(Duration::from_secs(s));
        let pace = Pace::default().throttled(0, 1_000, asked(7)).unwrap();
        assert_eq!(pace.paused_until_ms(), 8_000);
        let shorter = pace.throttled(0, 1_000, asked(2));
        assert_eq!(shorter, None, "the longest counts");
        let absurd = pace.throttled(0, 1_000, asked(u64::MAX)).unwrap();
        assert_eq!(absurd.paused_until_ms(), 1_000 + PAUSE_MS_MAX);
    }
}
