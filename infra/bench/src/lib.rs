//! Functions as processes, with Lambda and AWS around them: what runs them, what
//! Linux says of them, and how the figures are shown.
//!
//! **Architecture Invariant:** nothing leaves this machine. Lambda's Runtime API and
//! AWS are servers on loopback inside the measuring program.

pub mod aws;
pub mod error;
pub mod event;
pub mod function;
pub mod hmac;
pub mod ingest;
pub mod own;
pub mod peers;
pub mod proc;
pub mod report;
pub mod runtime_api;
pub mod starts;

pub use error::BenchError;
pub use function::{Function, Program, Site};
