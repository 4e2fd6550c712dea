//! The platform's own book: how its entries come in, and which movements of the
//! ledger they are.
//!
//! **Architecture invariant:** pure, like `shared/domain`: no async, no clock, no
//! environment, no AWS. Scores are integers too, so that the same books and the same
//! answers give the same matches to the byte, on every machine.
#![deny(clippy::float_arithmetic)]

pub mod bits;
pub mod compare;
pub mod entry;
pub mod import;
pub mod matcher;
pub mod period;
pub mod weights;

pub use bits::Millibits;
pub use compare::Comparison;
pub use entry::{LedgerLine, OwnEntry};
pub use matcher::{Basis, Match, Matches, match_entries};
pub use period::{Matched, Period, Taken, match_period};
pub use weights::{Answer, Lessons, MatchKey, Verdict, Weights};
