//! The rules by which AWS counts.

pub mod chunks;
pub mod dynamodb;
