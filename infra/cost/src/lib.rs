//! What the pipeline costs, counted: the real functions run against an AWS that meters
//! every request as the real one bills it, beside a conventional pipeline on the same
//! webhooks and the same meter.
//!
//! **Architecture Invariant:** nothing is estimated that can be counted. What cannot,
//! the duration that Lambda bills, is an assumption in the price file and its part of
//! the total is shown.

pub mod aws;
pub mod count;
pub mod error;
pub mod growth;
pub mod lambda;
pub mod mapping;
pub mod meter;
pub mod platform;
pub mod price;
pub mod reference;
pub mod report;
pub mod road;
pub mod scenario;
pub mod stream;
pub mod template;

pub use count::{Counts, Stage, Tally, Unit};
pub use error::CostError;
