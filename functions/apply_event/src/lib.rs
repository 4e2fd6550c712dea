//! Applies queued events: decodes them, joins their objects into the mirror, and
//! writes the event log.

#[cfg(feature = "aws")]
pub mod config;
pub mod handler;
mod notable;
#[cfg(feature = "aws")]
mod records;
mod spans;
