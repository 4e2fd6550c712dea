//! Reconciliation: which books disagree, where, by how much, and what mends it.
//!
//! **Architecture invariant:** pure, like `shared/domain`: no async, no clock, no
//! environment, no AWS.
#![deny(clippy::float_arithmetic)]
