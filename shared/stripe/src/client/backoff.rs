//! How long to wait before another try.

use std::time::Duration;

/// Longest first pause; it doubles with every try.
const BASE_MS: u64 = 500;

/// Longest pause that Stripe did not ask for.
const CAP_MS: u64 = 30_000;

/// A random pause after the given number of tries: anything from nothing to the
/// whole of the exponential step ("full jitter"), so that callers who failed
/// together do not come back together. Never shorter than Stripe asked for.
pub(super) fn pause(tries: u32, retry_after: Option<Duration>) -> Duration {
    let jitter = Duration::from_millis(rand::random_range(0..=step_ms(tries)));
    retry_after.map_or(jitter, |asked| asked.saturating_add(jitter))
}

fn step_ms(tries: u32) -> u64 {
    let doublings = tries.saturating_sub(1).min(16);
    (BASE_MS << doublings).min(CAP_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_double_up_to_the_cap() {
        let steps: Vec<_> = (1..=8).map(step_ms).collect();
        let doubled = [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000];
        assert_eq!(steps, doubled);
        assert_eq!(step_ms(u32::MAX), CAP_MS);
    }

    #[test]
    fn pauses_stay_within_their_step() {
        assert!((0..100).all(|_| pause(1, None) <= Duration::from_millis(BASE_MS)));
        let asked = Duration::from_secs(2);
        assert!((0..100).all(|_| pause(1, Some(asked)) >= asked));
    }
}
