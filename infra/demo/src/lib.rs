//! Simulated business of a Connect platform, sent through a deployed stack and compared
//! with the truth: every object, every cent, and what was put wrong on purpose. The
//! end-to-end tests use the same parts.

pub mod audit;
pub mod damage;
pub mod day;
pub mod drain;
pub mod finale;
pub mod own;
pub mod post;
pub mod reconciling;
pub mod road;
pub mod stack;
pub mod stage;
pub mod stale;
pub mod summary;
pub mod tie_out;
pub mod weeks;
