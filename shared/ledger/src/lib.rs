//! The ledger: what each movement of a balance means, in double entry.
//!
//! **Architecture invariant:** pure, like `shared/domain`: no async, no clock, no
//! environment, no AWS, no JSON of Stripe's.
#![deny(clippy::float_arithmetic)]

pub mod account;
pub mod book;
pub mod day;
pub mod digest;
pub mod entry;
pub mod post;

pub use account::{Account, Class, Head, NotAnAccount};
pub use book::Book;
pub use day::{Day, NotADay};
pub use digest::Digest;
pub use entry::{Balances, Entry, EntryKey, Line, Overflow};
pub use post::{Doubt, Posted, Unpostable, post};
