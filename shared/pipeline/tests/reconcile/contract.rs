//! The stores in memory keep the contract of the real ones.

use tributary_testkit::reconcile::{MemoryControl, MemoryFindings, contract};

#[tokio::test]
async fn the_memory_stores_keep_the_contract() {
    contract::jobs_are_done_once(&MemoryControl::default()).await;
    contract::watermarks_move_step_by_step(&MemoryControl::default()).await;
    contract::counters_stop_at_their_cap(&MemoryControl::default()).await;
    contract::findings_are_changed_by_revision(&MemoryFindings::default()).await;
}
