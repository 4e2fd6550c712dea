//! Publishes the mirror's changes: from its stream to normalized events on the bus.

pub mod config;
pub mod handler;
