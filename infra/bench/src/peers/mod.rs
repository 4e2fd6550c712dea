//! Side by side: the same work done by others, in one run, on one machine, in turns.
//!
//! **Architecture Invariant:** who does other work gets no ratio. What each peer
//! answered and sent is compared with what ours did before a figure is printed.

pub mod charts;
pub mod cold;
pub mod endpoint;
pub mod exam;
pub mod ingest;
pub mod installed;
pub mod instructions;
pub mod report;
pub mod sample;
pub mod schedule;
pub mod spread;
pub mod sync;
pub mod tls;
pub mod warm;
