//! Applies queued events: decodes them, joins their objects into the mirror, and
//! writes the event log.

pub mod config;
pub mod handler;
