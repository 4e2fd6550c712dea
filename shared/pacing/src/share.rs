//! One instance's share of the budget.

use std::time::Duration;

/// How much of Stripe's limit all instances together may use, in percent: the rest
/// is for whatever else the platform does with its key.
const USED_PERCENT: u32 = 60;

/// Most calls of one instance that wait for an answer at a time: an endpoint that
/// hangs must not be asked without end.
const IN_FLIGHT_MAX: usize = 4;

/// An instance's slots: points in time, equally far apart, at each of which it may
/// make one call. Instances start at random phases, so those that wake together do
/// not call together.
///
/// In any second an instance makes at most the next whole number of calls above its
/// rate. So with `workers` up to 45 % of the limit, whose rate is 4/3 at least, all
/// together stay within 90 % of it whatever their phases are; with more, that is as
/// likely as their phases are spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    pub(crate) slot: Duration,
    pub(crate) phase: Duration,
    pub(crate) in_flight_max: usize,
}

impl Share {
    /// The share of one of `workers` instances in a limit of requests per second,
    /// its phase a part of the slot in thousandths.
    pub fn of(limit_per_s: u32, workers: u32, phase_per_mille: u32) -> Self {
        let calls_in_100_s = limit_per_s.max(1).saturating_mul(USED_PERCENT);
        let slot = Duration::from_secs(100) * workers.max(1) / calls_in_100_s;
        Self {
            slot,
            phase: slot / 1_000 * (phase_per_mille % 1_000),
            in_flight_max: IN_FLIGHT_MAX,
        }
    }

    /// The share of one of `workers` instances, at a random phase.
    pub fn at_random(limit_per_s: u32, workers: u32) -> Self {
        Self::of(limit_per_s, workers, rand::random_range(0..1_000))
    }

    /// Time between two calls at full pace.
    pub fn slot(&self) -> Duration {
        self.slot
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_shares_together_are_six_tenths_of_the_limit() {
        let slot = Share::of(25, 1, 0).slot().as_secs_f64();
        assert!((1.0 / slot - 15.0).abs() < 1e-6, "{slot}");
        let slot = Share::of(100, 200, 0).slot().as_secs_f64();
        assert!((200.0 / slot - 60.0).abs() < 1e-6, "{slot}");
    }

    #[test]
    fn nonsense_is_the_smallest_share_and_no_panic() {
        assert!(Share::of(0, u32::MAX, 5_000).slot() > Duration::from_secs(1));
        assert!(Share::of(u32::MAX, 0, 999).slot() > Duration::ZERO);
    }
}
