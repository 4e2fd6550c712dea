//! What was put wrong on purpose, what was found of it, and whether both are the same.

pub mod labels;
pub mod verdict;

pub use labels::{Label, Side};
pub use verdict::Verdict;
