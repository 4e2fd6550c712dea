//! What the ledger makes of movements: every row of its tables, and what holds
//! whatever happens.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod contra;
mod document;
mod effects;
mod facts;
mod fees;
mod flows;
mod invariants;
mod moves;
mod payouts;
mod sample;
mod scenes;
mod stories;
mod views;
