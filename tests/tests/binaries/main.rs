//! The functions as they were built: what they can call, and what they keep to
//! themselves. `make build-local` builds them; `make test` does so before.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub
)]

mod actions;
mod bad_input;
mod canaries;
mod cores;
#[allow(dead_code, reason = "the template suite uses the rest")]
#[path = "../template/document.rs"]
mod document;
mod operations;
mod secrets;
mod surroundings;
