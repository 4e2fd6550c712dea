//! The life of a payout, and of whatever else has an id: from one id to everything
//! that was received, mirrored, booked, derived and found of it, in the order of time,
//! with what is missing and what comes next.
//!
//! It is answered from the tables: [`gather`] asks one question a hop, and never
//! Stripe. What the answers mean is decided by pure functions ([`timeline()`],
//! [`expect`]). Two clocks meet here, Stripe's and ours: they are put side by side for
//! a reader, and order nothing else.

pub mod expect;
pub mod gather;
pub mod id;
mod links;
pub mod locate;
pub mod paid;
pub mod ports;
mod shown;
pub mod step;
pub mod timeline;

pub use expect::{Note, Remedy};
pub use gather::{Gathered, Told};
pub use locate::{Found, locate};
pub use paid::{Paid, PaidBy};
pub use ports::{Ground, LoggedEvent, Place, Records, Seen, TraceError};
pub use shown::Shown;
pub use step::{Clock, OwnMatch, Step, What};
pub use timeline::{Timeline, timeline};

use expect::expect;
use gather::gather;

/// Tells the life of one object. `now` is unix seconds.
///
/// # Errors
/// When a table cannot be read.
pub async fn trace<G: Ground>(ground: &G, asked: &Place, now: i64) -> Result<Timeline, TraceError> {
    let gathered = gather(ground, asked).await?;
    let mut told = timeline(&gathered);
    (told.missing, told.next) = expect(&gathered, now);
    Ok(told)
}
