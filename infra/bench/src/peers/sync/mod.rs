//! Webhook to applied, beside engines that sync Stripe into PostgreSQL: the same
//! deliveries, late and repeated as Stripe's are, and what each then holds of every
//! object, compared with the truth.

pub mod database;
pub mod engine;
pub mod held;
pub mod ours;
pub mod postgres;
pub mod report;
pub mod run;
pub mod stream;
