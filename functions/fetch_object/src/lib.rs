//! Reads one object from Stripe's API and queues what it saw. The answer takes the
//! ordinary road, so there is one place only that writes the mirror.

pub mod config;
pub mod handler;
