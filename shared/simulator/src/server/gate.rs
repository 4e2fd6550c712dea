//! What happens to a request before it is looked at: counting, rate limits, faults.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{
    config::{ApiConfig, OutageAnswer},
    error::Refusal,
};

const WINDOW: Duration = Duration::from_secs(1);

/// What a server has been asked so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Requests {
    /// All requests, refused ones included.
    pub total: u64,
    /// Requests by method and path, ids replaced: `GET /v1/charges/:id`.
    pub by_endpoint: BTreeMap<String, u64>,
    /// Requests refused by a rate limit.
    pub rate_limited: u64,
    /// Requests that met an injected fault.
    pub faults: u64,
    /// The most requests within any one second of the rate clock.
    pub peak_per_s: usize,
}

/// How a request goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    Pass,
    Refuse(Refusal),
    /// Do the work, then answer as if it had failed.
    LoseAnswer,
    /// Wait, then do the work.
    Hang(Duration),
}

/// Counts, limits and disturbs the requests of one server.
#[derive(Debug)]
pub(super) struct Gate {
    config: ApiConfig,
    /// When the first request under `config` came.
    since: Option<Duration>,
    draw: ChaCha8Rng,
    offered: Window,
    admitted: Window,
    admitted_by_endpoint: BTreeMap<String, Window>,
    requests: Requests,
}

impl Gate {
    pub(super) fn new(config: ApiConfig) -> Self {
        Self {
            draw: ChaCha8Rng::seed_from_u64(config.seed),
            config,
            since: None,
            offered: Window::default(),
            admitted: Window::default(),
            admitted_by_endpoint: BTreeMap::new(),
            requests: Requests::default(),
        }
    }

    pub(super) fn config(&self) -> &ApiConfig {
        &self.config
    }

    pub(super) fn requests(&self) -> &Requests {
        &self.requests
    }

    /// Takes over new limits and faults; counters and windows go on.
    pub(super) fn reconfigure(&mut self, config: ApiConfig) {
        self.draw = ChaCha8Rng::seed_from_u64(config.seed);
        self.config = config;
        self.since = None;
    }

    /// Decides on a request to `endpoint` at time `now` of the rate clock.
    pub(super) fn admit(&mut self, endpoint: &str, now: Duration) -> Verdict {
        self.requests.total += 1;
        *self
            .requests
            .by_endpoint
            .entry(endpoint.to_owned())
            .or_default() += 1;
        self.offered.push(now);
        self.requests.peak_per_s = self.requests.peak_per_s.max(self.offered.len_at(now));
        if let Some(refusal) = self.outage(now) {
            self.requests.faults += 1;
            return Verdict::Refuse(refusal);
        }
        if let Some(reason) = self.exceeded_limit(endpoint, now) {
            self.requests.rate_limited += 1;
            return Verdict::Refuse(Refusal::rate_limited(reason));
        }
        let verdict = self.fault();
        self.requests.faults += u64::from(verdict != Verdict::Pass);
        verdict
    }

    /// What an outage tells a request that comes now.
    fn outage(&mut self, now: Duration) -> Option<Refusal> {
        let passed = now.saturating_sub(*self.since.get_or_insert(now));
        let outages = &self.config.outages;
        let outage = outages
            .iter()
            .find(|outage| (outage.from..outage.until).contains(&passed))?;
        Some(match outage.answer {
            OutageAnswer::TooManyRequests => Refusal::rate_limited("global-rate"),
            OutageAnswer::Unavailable => Refusal::unavailable(),
        })
    }

    /// Whether an answered list of balance transactions is followed by a late one.
    pub(super) fn draws_late_transaction(&mut self) -> bool {
        let share = self.config.late_transaction_per_mille;
        share > 0 && self.draw.random_range(0..1_000_u32) < share
    }

    /// The limit that this request would exceed, else the request is booked.
    fn exceeded_limit(&mut self, endpoint: &str, now: Duration) -> Option<&'static str> {
        let of_endpoint = self
            .admitted_by_endpoint
            .entry(endpoint.to_owned())
            .or_default();
        if is_full(
            of_endpoint.len_at(now),
            self.config.endpoint_rate_limit_per_s,
        ) {
            return Some("endpoint-rate");
        }
        if is_full(self.admitted.len_at(now), self.config.rate_limit_per_s) {
            return Some("global-rate");
        }
        of_endpoint.push(now);
        self.admitted.push(now);
        None
    }

    fn fault(&mut self) -> Verdict {
        let faults = [
            (
                self.config.error_5xx_per_mille,
                Verdict::Refuse(Refusal::internal()),
            ),
            (
                self.config.lock_timeout_per_mille,
                Verdict::Refuse(Refusal::lock_timeout()),
            ),
            (self.config.lost_answer_per_mille, Verdict::LoseAnswer),
            (self.config.hang_per_mille, Verdict::Hang(self.config.hang)),
        ];
        let mut drawn = self.draw.random_range(0..1_000_u32);
        for (share, verdict) in faults {
            if drawn < share {
                return verdict;
            }
            drawn -= share;
        }
        Verdict::Pass
    }
}

fn is_full(requests: usize, limit: Option<u32>) -> bool {
    limit.is_some_and(|limit| requests >= limit as usize)
}

/// The requests of the last second.
#[derive(Debug, Default)]
struct Window(VecDeque<Duration>);

impl Window {
    fn push(&mut self, now: Duration) {
        self.0.push_back(now);
    }

    fn len_at(&mut self, now: Duration) -> usize {
        while self
            .0
            .front()
            .is_some_and(|at| now.saturating_sub(*at) >= WINDOW)
        {
            self.0.pop_front();
        }
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{ApiConfig, Gate, Verdict};

    fn passed(gate: &mut Gate, endpoint: &str, ms: u64) -> bool {
        gate.admit(endpoint, Duration::from_millis(ms)) == Verdict::Pass
    }

    #[test]
    fn limits_hold_in_every_second() {
        let mut gate = Gate::new(ApiConfig {
            rate_limit_per_s: Some(3),
            endpoint_rate_limit_per_s: Some(2),
            ..ApiConfig::default()
        });
        assert!(passed(&mut gate, "a", 0));
        assert!(passed(&mut gate, "a", 900));
        assert!(!passed(&mut gate, "a", 950), "two within a second");
        assert!(passed(&mut gate, "b", 950), "another endpoint has room");
        assert!(!passed(&mut gate, "b", 999), "three within a second");
        assert!(
            passed(&mut gate, "a", 1_000),
            "the first one has left the window"
        );
        assert!(!passed(&mut gate, "a", 1_899));
        assert_eq!(gate.requests().rate_limited, 3);
        assert_eq!(gate.requests().total, 7);
        assert_eq!(
            gate.requests().peak_per_s,
            6,
            "from 0.9 s on, refused ones included"
        );
    }

    #[test]
    fn faults_come_in_the_configured_shares() {
        let config = ApiConfig {
            error_5xx_per_mille: 100,
            lock_timeout_per_mille: 100,
            lost_answer_per_mille: 100,
            hang_per_mille: 100,
            ..ApiConfig::default()
        };
        let mut gate = Gate::new(config.clone());
        let verdicts: Vec<_> = (0..2_000)
            .map(|_| gate.admit("a", Duration::ZERO))
            .collect();
        let hangs = verdicts
            .iter()
            .filter(|v| matches!(v, Verdict::Hang(_)))
            .count();
        let passes = verdicts.iter().filter(|v| **v == Verdict::Pass).count();
        assert!((150..250).contains(&hangs), "{hangs}");
        assert!((1_100..1_300).contains(&passes), "{passes}");

        let mut again = Gate::new(config);
        assert!(
            verdicts
                .iter()
                .all(|verdict| *verdict == again.admit("a", Duration::ZERO))
        );
    }
}
