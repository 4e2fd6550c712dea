//! Reconciling: whatever differs is found once, and mended where that is safe.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::cast_possible_wrap
)]

mod between;
mod contract;
mod crashes;
mod days;
mod doubts;
mod events;
mod facts;
mod holdings;
mod left;
mod own;
mod parts;
mod payouts;
mod prices;
mod rig;
mod schedule;
mod silence;
mod under_way;
