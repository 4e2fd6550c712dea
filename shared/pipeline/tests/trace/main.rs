//! From one id to the life of a payout.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_wrap,
    clippy::print_stdout
)]

mod gaps;
mod locate;
mod own_book;
mod payouts;
mod size;
mod story;
