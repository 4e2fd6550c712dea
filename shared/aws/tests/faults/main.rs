//! Rows 20, 22 to 25, 42 and 43 of the fault matrix, on a DynamoDB engine.
//!
//! Tributary makes no transactions. What rows 22 to 24 say of them is held of the
//! single conditional writes that stand in their place.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

#[path = "../database/mod.rs"]
mod database;
mod items;
mod wire;
mod workers;
