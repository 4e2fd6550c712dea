//! The breaker of one family of endpoints: closed, open, half open.

use serde::{Deserialize, Serialize};

/// Longest that answers and failures are counted after a failure.
const WINDOW_MS: i64 = 30_000;

/// Shortest: by then every instance knows that it should tell of its answers too.
const WINDOW_MS_MIN: i64 = 1_500;

/// Fewer failures than this say nothing, and fewer answers neither.
const COUNT_MIN: u32 = 5;

/// So many answers for each failure, and the failure was a chance.
const ANSWERS_PER_FAILURE: u32 = 4;

/// How long a circuit stays open the first time; it doubles with every probe that
/// fails.
pub const COOL_DOWN_MS: i64 = 5_000;

/// The longest that a circuit stays open without a probe.
const COOL_DOWN_MS_MAX: i64 = 60_000;

/// How long a probe keeps others from probing. Whoever holds it gives up long
/// before, see [`crate::Permit::time_max`], so the clocks of instances may differ.
pub const LEASE_MS: i64 = 30_000;

/// Names one attempt to probe, across all instances.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeId(pub u64);

/// Whether a family of endpoints may be called. The same for all instances, who
/// replace it only if they have seen it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Circuit {
    /// Calls pass. From a failure on they are counted, for a while.
    Closed {
        /// Since when, unix milliseconds.
        closed_at_ms: i64,
        /// Since when the counts below are counted.
        counted_from_ms: i64,
        /// Calls that were answered.
        answered: u32,
        /// Calls that failed; nothing is counted while there are none.
        failed: u32,
    },
    /// No call passes.
    Open {
        /// When a probe is due, unix milliseconds.
        until_ms: i64,
        /// How often in a row it opened.
        openings: u32,
    },
    /// One call passes, to see.
    HalfOpen {
        /// Which.
        probe: ProbeId,
        /// Until when the probe's outcome is waited for.
        lease_until_ms: i64,
        /// How often in a row it opened.
        openings: u32,
    },
}

impl Default for Circuit {
    fn default() -> Self {
        Self::closed(0)
    }
}

/// What a circuit says to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Go.
    Pass,
    /// Not before this time, unix milliseconds.
    Refuse {
        /// When to ask again.
        until_ms: i64,
    },
    /// Go, if you get to be the probe.
    ProbeDue,
}

impl Circuit {
    fn closed(closed_at_ms: i64) -> Self {
        Self::Closed {
            closed_at_ms,
            counted_from_ms: closed_at_ms,
            answered: 0,
            failed: 0,
        }
    }

    fn opened(openings: u32, now_ms: i64) -> Self {
        let doublings = openings.saturating_sub(1).min(10);
        let pause_ms = (COOL_DOWN_MS << doublings).min(COOL_DOWN_MS_MAX);
        Self::Open {
            until_ms: now_ms.saturating_add(pause_ms),
            openings,
        }
    }

    /// Whether a call may go now.
    pub fn ask(&self, now_ms: i64) -> Verdict {
        match self {
            Self::Closed { .. } => Verdict::Pass,
            Self::Open { until_ms, .. }
            | Self::HalfOpen {
                lease_until_ms: until_ms,
                ..
            } if now_ms < *until_ms => Verdict::Refuse {
                until_ms: *until_ms,
            },
            Self::Open { .. } | Self::HalfOpen { .. } => Verdict::ProbeDue,
        }
    }

    /// The circuit with this probe under way; `None` when none is due.
    #[must_use]
    pub fn lend(&self, probe: ProbeId, now_ms: i64) -> Option<Self> {
        match (self, self.ask(now_ms)) {
            (Self::Open { openings, .. } | Self::HalfOpen { openings, .. }, Verdict::ProbeDue) => {
                Some(Self::HalfOpen {
                    probe,
                    lease_until_ms: now_ms.saturating_add(LEASE_MS),
                    openings: *openings,
                })
            }
            _ => None,
        }
    }

    /// Whether this probe is the one under way.
    pub fn is_lent_to(&self, wanted: ProbeId) -> bool {
        matches!(self, Self::HalfOpen { probe, .. } if *probe == wanted)
    }

    /// The circuit after a probe; `None` when it is no longer that probe's to say.
    #[must_use]
    pub fn probed(&self, by: ProbeId, answered: bool, now_ms: i64) -> Option<Self> {
        match self {
            Self::HalfOpen {
                probe, openings, ..
            } if *probe == by => Some(if answered {
                Self::closed(now_ms)
            } else {
                Self::opened(openings.saturating_add(1), now_ms)
            }),
            _ => None,
        }
    }

    /// The circuit after a call failed. `None` when it is not closed, or was closed
    /// after that call was sent: the failure is no news.
    #[must_use]
    pub fn failed(&self, sent_at_ms: i64, now_ms: i64) -> Option<Self> {
        let Self::Closed {
            closed_at_ms,
            counted_from_ms,
            answered,
            failed,
        } = *self
        else {
            return None;
        };
        if sent_at_ms < closed_at_ms {
            return None;
        }
        let counted_ms = now_ms.saturating_sub(counted_from_ms);
        if failed == 0 || counted_ms >= WINDOW_MS {
            return Some(Self::Closed {
                closed_at_ms,
                counted_from_ms: now_ms,
                answered: 0,
                failed: 1,
            });
        }
        let failed = failed.saturating_add(1);
        let is_broken = failed >= COUNT_MIN && failed >= answered && counted_ms >= WINDOW_MS_MIN;
        Some(if is_broken {
            Self::opened(1, now_ms)
        } else {
            Self::Closed {
                closed_at_ms,
                counted_from_ms,
                answered,
                failed,
            }
        })
    }

    /// The circuit after a call was answered. `None` while nothing is counted, so a
    /// Stripe that is well costs no write.
    #[must_use]
    pub fn answered(&self, now_ms: i64) -> Option<Self> {
        let Self::Closed {
            closed_at_ms,
            counted_from_ms,
            answered,
            failed: failed @ 1..,
        } = *self
        else {
            return None;
        };
        let answered = answered.saturating_add(1);
        let is_over = now_ms.saturating_sub(counted_from_ms) >= WINDOW_MS;
        let was_chance = answered >= COUNT_MIN && answered / ANSWERS_PER_FAILURE >= failed;
        Some(if is_over || was_chance {
            Self::closed(closed_at_ms)
        } else {
            Self::Closed {
                closed_at_ms,
                counted_from_ms,
                answered,
                failed,
            }
        })
    }
}

#[cfg(test)]
mod tests;
