//! Reconciliation: which books disagree, where, by how much, and what mends it.
//!
//! **Architecture invariant:** pure, like `shared/domain`: no async, no clock, no
//! environment, no AWS.
#![deny(clippy::float_arithmetic)]

pub mod compare;
pub mod finding;
pub mod heal;
pub mod report;

pub use finding::{Code, Finding, Scope, Stake, State, Step};
pub use heal::{Caps, Heal, Policy, Spent, Why, heal};
