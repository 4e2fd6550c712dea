//! A simulated day of a Connect platform, sent through a deployed stack and
//! compared with the truth. The end-to-end tests use the same parts.

pub mod audit;
pub mod day;
pub mod drain;
pub mod post;
pub mod stack;
pub mod summary;
