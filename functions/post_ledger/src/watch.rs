//! How much time an invocation has left.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tributary_pipeline::ledger::Watch;

/// Longest time that is kept for the page under way.
const MARGIN_MAX: Duration = Duration::from_secs(15);

/// The time until an invocation is cut off.
#[derive(Debug, Clone, Copy)]
pub struct Remaining {
    deadline: SystemTime,
    margin: Duration,
}

impl Remaining {
    /// A third of what is left now, or 15 seconds, are kept for the last page.
    pub fn until(deadline: SystemTime) -> Self {
        let left = deadline.duration_since(SystemTime::now());
        Self {
            deadline,
            margin: MARGIN_MAX.min(left.unwrap_or_default() / 3),
        }
    }
}

impl Watch for Remaining {
    fn now(&self) -> i64 {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        now.map_or(0, |now| i64::try_from(now.as_secs()).unwrap_or(i64::MAX))
    }

    fn has_time(&self) -> bool {
        let left = self.deadline.duration_since(SystemTime::now());
        left.is_ok_and(|left| left > self.margin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_page_has_time() {
        let in_a = |seconds| SystemTime::now() + Duration::from_secs(seconds);
        assert!(Remaining::until(in_a(300)).has_time());
        assert!(Remaining::until(in_a(3)).has_time());
        assert!(!Remaining::until(in_a(0)).has_time());
        let late = Remaining {
            deadline: in_a(14),
            margin: MARGIN_MAX,
        };
        assert!(!late.has_time());
    }
}
