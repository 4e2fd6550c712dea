//! When a delivery is tried again.

use std::time::Duration;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};

/// The attempts for one delivery. The pause after the n-th attempt is drawn between nothing and
/// `first_pause` · 2ⁿ⁻¹, but at most `pause_max`: exponential backoff with full jitter.
///
/// The default goes on for up to three days, as Stripe does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    /// Seed of the pauses; the same seed and body give the same ones.
    pub seed: u64,
    /// Attempts at most; 0 counts as 1.
    pub attempts: u32,
    /// The longest possible first pause, in Stripe's time.
    pub first_pause: Duration,
    /// The longest possible pause of all, in Stripe's time.
    pub pause_max: Duration,
    /// How many times faster than Stripe's time the pauses pass; 0 counts as 1.
    pub time_scale: u32,
    /// How long an attempt waits for its answer, in real time.
    pub timeout: Duration,
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            seed: 0,
            attempts: 13,
            first_pause: Duration::from_secs(5 * 60),
            pause_max: Duration::from_secs(12 * 60 * 60),
            time_scale: 1,
            timeout: Duration::from_secs(30),
        }
    }
}

impl Schedule {
    /// The default with its hours compressed to seconds: the first pause lasts 0.1 s at most, and
    /// all of them together less than a minute.
    #[must_use]
    pub fn compressed(seed: u64) -> Self {
        Self {
            seed,
            attempts: 10,
            time_scale: 3_000,
            ..Self::default()
        }
    }

    /// The pauses between the attempts for `body`, in real time.
    pub(super) fn pauses(&self, body: &[u8]) -> impl Iterator<Item = Duration> + use<> {
        // Drawn from the body, so that they do not depend on what else is under way.
        let mut draw = ChaCha8Rng::from_seed(Sha256::digest(body).into());
        draw.set_stream(self.seed);
        let schedule = *self;
        (1..schedule.attempts).map(move |attempt| {
            let longest = schedule.longest_pause(attempt);
            let nanos = u64::try_from(longest.as_nanos()).unwrap_or(u64::MAX);
            Duration::from_nanos(draw.random_range(0..=nanos))
        })
    }

    /// The longest possible pause after the `attempt`-th attempt, in real time.
    fn longest_pause(&self, attempt: u32) -> Duration {
        let doubled = 2_u32.saturating_pow(attempt.saturating_sub(1));
        self.first_pause.saturating_mul(doubled).min(self.pause_max) / self.time_scale.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::{Duration, Schedule};

    #[test]
    fn pauses_double_up_to_the_longest() {
        let minutes = |attempt| Schedule::default().longest_pause(attempt).as_secs() / 60;
        assert_eq!(
            (1..=5).map(minutes).collect::<Vec<_>>(),
            [5, 10, 20, 40, 80]
        );
        assert_eq!(minutes(9), 12 * 60);
        assert_eq!(minutes(u32::MAX), 12 * 60);
    }

    #[test]
    fn the_default_ends_within_three_days_and_the_compressed_within_a_minute() {
        let longest = |schedule: Schedule| {
            (1..schedule.attempts)
                .map(|attempt| schedule.longest_pause(attempt))
                .sum::<Duration>()
        };
        let days = longest(Schedule::default()).as_secs() / 86_400;
        assert_eq!(days, 2, "in the third day");
        assert!(longest(Schedule::compressed(1)) < Duration::from_secs(60));
        assert_eq!(
            Schedule::compressed(1).longest_pause(1),
            Duration::from_millis(100)
        );
    }

    #[test]
    fn pauses_are_jittered_by_seed_and_body() {
        let pauses = |seed, body: &[u8]| -> Vec<Duration> {
            let schedule = Schedule {
                seed,
                ..Schedule::default()
            };
            let pauses: Vec<Duration> = schedule.pauses(body).collect();
            for (attempt, pause) in (1..).zip(&pauses) {
                assert!(*pause <= schedule.longest_pause(attempt));
            }
            pauses
        };
        assert_eq!(pauses(1, b"a").len(), 12);
        assert_eq!(pauses(1, b"a"), pauses(1, b"a"));
        assert_ne!(pauses(1, b"a"), pauses(2, b"a"));
        assert_ne!(pauses(1, b"a"), pauses(1, b"b"));
    }
}
