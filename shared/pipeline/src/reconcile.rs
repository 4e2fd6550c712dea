//! Reconciling: what Stripe has is compared with what we have, and most of what
//! differs is mended.
//!
//! A schedule [`plan()`]s: it finds out which windows are due and puts a job for each
//! on a queue. A worker [`work()`]s: it claims a job, reads page by page, keeps its
//! place after each, and settles what it [`found`](settle). A job is known by its
//! name, and is done once: a schedule that fires twice, a message that comes twice
//! and two workers on one message meet at the claim.
//!
//! | Job | Reads of Stripe | Compares |
//! |---|---|---|
//! | [`Job::Reports`] | a day's reports, all books | digests, by book, currency and day |
//! | [`Job::Day`] | the lines of a day that disagrees | lines, entries, the two sides of transfers, reversals and fees |
//! | [`Job::Payouts`] | a payout that the report does not explain | what payouts paid out |
//! | [`Job::Events`] | the list of events | events that were received |
//! | [`Job::Missing`] | the notice, and its object | the mirror, for an event that Stripe could not make |
//! | [`Job::Holdings`] | balance, payouts | sums, payouts, the mirror |
//! | [`Job::Balance`] | balance | sums |
//! | [`Job::UnderWay`] | nothing | payouts under way with the day they were expected, the ledger's facts with the mirror |
//! | [`Job::Prices`] | nothing | the fees of months with the agreed prices |
//! | [`Job::Match`] | nothing | the platform's own book with the ledger |

mod coverage;
mod day;
mod doubts;
mod entries;
mod events;
mod facts;
mod healing;
mod holdings;
pub mod job;
mod matching;
mod missing;
pub mod paid_out;
mod payouts;
pub mod plan;
pub mod ports;
mod prices;
mod reports;
mod reverse;
pub mod settle;
mod suspense;
mod under_way;
pub mod work;

pub use doubts::AsFindings;
pub(crate) use holdings::PAYOUTS_S;
pub use job::Job;
pub use matching::line_of;
pub use paid_out::{PaidLine, PaidLines, PaidOut, PaidOuts, Sum};
pub use plan::{Plan, Planned, plan};
pub use ports::{
    Books, Claim, Control, ControlError, Coverage, Failure, Findings, Jobs, Listed, ListedEvents,
    Mirror, Payouts, Progress, Remote, Reported, Reports, Roster, Runs, Seen, Stored, Waiting,
};
pub(crate) use reverse::without_reversed;
pub use settle::{Means, Run, Settled, settle};
pub use suspense::close_cleared;
pub use under_way::{Shelved, UnderWay};
pub use work::{Outcome, Rules, WorkError, World, work};
