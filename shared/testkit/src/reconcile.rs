//! Reconciliation's ports in memory.

pub mod contract;
pub mod control;
pub mod findings;
pub mod mortal;
pub mod stripe;
pub mod world;

pub use control::MemoryControl;
pub use findings::MemoryFindings;
pub use mortal::MortalWorld;
pub use stripe::MemoryStripe;
pub use world::{MemoryOutbox, MemoryWorld, TestWatch};
