//! The ledger: what each movement of a balance means, in double entry.
//!
//! **Architecture invariant:** pure, like `shared/domain`: no async, no clock, no
//! environment, no AWS, no JSON of Stripe's.
#![deny(clippy::float_arithmetic)]

pub mod digest;

pub use digest::Digest;
