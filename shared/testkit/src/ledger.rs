//! Stripe's list and a ledger in memory, and ways to break them.

pub mod contract;
pub mod list;
pub mod memory;
pub mod mortal;
mod paid_out;
pub mod samples;
pub mod turns;

pub use list::MemoryList;
pub use memory::{MemoryDoubts, MemoryLedger, MemoryPulls};
pub use mortal::{Life, Mortal};
