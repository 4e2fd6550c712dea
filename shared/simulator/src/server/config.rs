//! How the API behaves beside answering.

use std::time::Duration;

/// Limits and faults of an [`ApiServer`](super::ApiServer). The default has none.
///
/// Every `…_per_mille` is a share of the requests that pass the rate limit, drawn from `seed` in
/// the order of their arrival.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiConfig {
    /// Where webhooks go, without the endpoint's name: what `/v1/webhook_endpoints` lists.
    /// `None` lists none.
    pub webhook_url: Option<String>,
    /// Seed of the faults.
    pub seed: u64,
    /// The only key accepted; `None` accepts every key that looks like a secret or restricted one.
    pub api_key: Option<String>,
    /// Requests within any second, over all endpoints.
    pub rate_limit_per_s: Option<u32>,
    /// Requests within any second to one endpoint.
    pub endpoint_rate_limit_per_s: Option<u32>,
    /// Whose seconds those are.
    pub rate_clock: RateClock,
    /// When the API is out of order altogether, over and above the shares below.
    pub outages: Vec<Outage>,
    /// Share answered with 500 before anything was done.
    pub error_5xx_per_mille: u32,
    /// Share answered with 429 `lock_timeout` before anything was done.
    pub lock_timeout_per_mille: u32,
    /// Share answered with 500 after all was done: the caller cannot know.
    pub lost_answer_per_mille: u32,
    /// Share of the answered lists of balance transactions after which an older one is booked on
    /// the same account: pages that are read later have it, those before do not.
    pub late_transaction_per_mille: u32,
    /// How often a report's run is still `pending` when it is read.
    pub report_pending_reads: u32,
    /// Share answered only after `hang`.
    pub hang_per_mille: u32,
    /// How long a hanging request waits, in real time.
    pub hang: Duration,
}

impl Default for ApiConfig {
    fn default() -> Self {
        Self {
            webhook_url: None,
            seed: 0,
            api_key: None,
            rate_limit_per_s: None,
            endpoint_rate_limit_per_s: None,
            rate_clock: RateClock::Real,
            outages: Vec::new(),
            late_transaction_per_mille: 0,
            report_pending_reads: 1,
            error_5xx_per_mille: 0,
            lock_timeout_per_mille: 0,
            lost_answer_per_mille: 0,
            hang_per_mille: 0,
            hang: Duration::from_secs(60),
        }
    }
}

/// A stretch of time in which every request is refused. The time is the rate clock's, counted from
/// the first request under this configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outage {
    /// When it begins.
    pub from: Duration,
    /// When it is over.
    pub until: Duration,
    /// What requests are told meanwhile.
    pub answer: OutageAnswer,
}

/// What an outage answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutageAnswer {
    /// 429 with `Stripe-Rate-Limited-Reason: global-rate`.
    TooManyRequests,
    /// 503.
    Unavailable,
}

/// The clock of the rate limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateClock {
    /// The machine's monotonic clock.
    Real,
    /// The world's clock: the window moves only when the world does.
    Simulated,
}
