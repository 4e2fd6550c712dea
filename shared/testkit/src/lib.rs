//! Ports for tests: in memory, faulty by seed, and the contract that every store
//! keeps. A development dependency only: nothing here is deployed.
//!
//! The in-memory store is no mock. It keeps the same contract as the real one
//! (see [`contract`]) and stands in for it where thousands of runs are needed.

pub mod clock;
pub mod contract;
pub mod control;
pub mod faulty;
pub mod labelled;
pub mod ledger;
pub mod memory;
pub mod own_book;
pub mod queue;
pub mod queue_contract;
pub mod reconcile;
pub mod samples;
pub mod trace;

pub use clock::SimClock;
pub use control::MemoryControl;
pub use faulty::Faulty;
pub use memory::{MemoryBlobs, MemoryQueues, MemoryStore};
pub use queue::SimQueue;
