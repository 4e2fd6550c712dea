//! Compares what Stripe has with what we have, and mends most of what differs. One
//! binary in two stages: a schedule's message plans, every other one is a job.

pub mod config;
pub mod handler;
pub mod notice;
pub mod outbox;
pub mod reports;
pub mod stripe;
