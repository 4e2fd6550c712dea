//! The ledger: what each movement of a balance means, in double entry.
//!
//! **Architecture invariant:** pure, like `shared/domain`: no async, no clock, no
//! environment, no AWS, no JSON of Stripe's.
#![deny(clippy::float_arithmetic)]

pub mod account;
pub mod book;
pub mod day;
pub mod derive;
pub mod digest;
pub mod entry;
pub mod fact;
pub mod invariants;
mod origin;
pub mod post;
pub mod rate;
pub mod revise;
pub mod story;
pub mod views;

pub use account::{Account, Class, Head, NotAnAccount};
pub use book::Book;
pub use day::{Day, NotADay};
pub use derive::{Rule, Want, Wanted, derive};
pub use digest::Digest;
pub use entry::{Balances, Entry, EntryKey, Line, Overflow};
pub use fact::{Fact, Says};
pub use invariants::{Severity, Violation};
pub use post::{Doubt, Posted, Unpostable, post};
pub use rate::{NotARate, Rate};
pub use revise::{Derived, revise};
pub use story::{Story, stories};
