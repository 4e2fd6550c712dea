//! Takes the platform's own entries in: files that are dropped in the bucket, and events
//! that the platform puts on the bus. Either way they are checked, stored whole or not
//! at all, and their books matched.

pub mod config;
pub mod handler;
pub mod notice;
