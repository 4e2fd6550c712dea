//! The fault matrix: what breaks, and what is promised all the same.
//!
//! Each test is named by its row, `fault_NN_`, and says the fault and the promise
//! in a sentence. The real handlers run here, with ports that fail on cue
//! ([`rig`]), a model of the queue ([`sqs`]) or a fake of AWS's wire ([`cloud`]). What needs the deployed template is in the
//! end-to-end suite; rows about a single crate are among that crate's tests.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod cloud;
mod door;
mod events;
mod rig;
mod sqs;
mod world;

mod apply;
mod delivery;
mod ingest;
mod load;
mod processes;
mod queue;
mod stream;
mod time_and_secrets;
