//! Posting the ledger: each movement once, whoever crashes where.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::cast_possible_wrap
)]

mod crashes;
mod events;
mod marks;
mod pulls;
mod replay;
mod size;
mod stakes;
mod turns;
mod untold;
mod world;
mod worlds;
