//! The command line against the deployed template on the local stack: what each command
//! answers, and how it ends, as it is kept in `snapshots`. `UPDATE=1 cargo test
//! -p tributary-cli --test local_stack` writes them anew.
//!
//! One stack serves all scenes, for it takes longer to deploy than to ask.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod mask;
mod scenes;
mod stage;
mod world;

use std::panic::{AssertUnwindSafe, resume_unwind};

use futures_util::FutureExt;
use stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn every_command_answers_as_it_did() {
    let mut stage = Stage::open().await;
    let outcome = AssertUnwindSafe(scenes::all(&mut stage))
        .catch_unwind()
        .await;
    let verdict = stage.close();
    if let Err(failure) = outcome {
        resume_unwind(failure);
    }
    if let Err(differences) = verdict {
        panic!("{differences}");
    }
}
