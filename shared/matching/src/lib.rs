//! The platform's own book: how its entries come in, and which movements of the
//! ledger they are.
//!
//! **Architecture invariant:** pure, like `shared/domain`: no async, no clock, no
//! environment, no AWS. Scores are integers too, so that the same books and the same
//! answers give the same matches to the byte, on every machine.
#![deny(clippy::float_arithmetic)]

pub mod entry;
pub mod import;

pub use entry::{LedgerLine, OwnEntry};
