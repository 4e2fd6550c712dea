//! When Stripe may be called.
//!
//! All instances of all functions spend one budget. Each holds a fixed share of it,
//! so that together they stay below Stripe's limit without asking anybody; what
//! they share beyond that, how far to slow down and which endpoints to leave alone,
//! only ever makes them slower. Losing the shared state can therefore not make
//! them faster: it leaves every instance with its share.
//!
//! **Architecture invariant:** nothing here knows HTTP or Stripe's JSON. [`Circuit`]
//! and [`Pace`] decide and do nothing else; the time is their argument.

mod circuit;
mod gate;
mod pace;
mod share;
mod shared;
mod store;
mod turnstile;

pub use circuit::{COOL_DOWN_MS, Circuit, LEASE_MS, ProbeId, Verdict};
pub use gate::{Deferred, Gate, MoneyAtRisk, Outcome, Permit};
pub use pace::{FULL, Pace};
pub use share::Share;
pub use store::{ControlStore, StoreDown, Stored, WriteError};

/// A clock that all instances read alike: milliseconds of unix time.
pub type Clock = std::sync::Arc<dyn Fn() -> i64 + Send + Sync>;

/// The host's clock.
pub fn host_clock() -> Clock {
    std::sync::Arc::new(|| {
        let since_1970 = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let ms = since_1970.map_or(0, |elapsed| elapsed.as_millis());
        i64::try_from(ms).unwrap_or(i64::MAX)
    })
}
