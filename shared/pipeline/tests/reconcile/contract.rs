//! The stores in memory keep the contract of the real ones.

use tributary_testkit::ledger::MemoryLedger;
use tributary_testkit::own_book::{self, MemoryMatches, MemoryOwnBook};
use tributary_testkit::reconcile::{MemoryControl, MemoryFindings, contract};

#[tokio::test]
async fn the_memory_stores_keep_the_contract() {
    contract::jobs_are_done_once(&MemoryControl::default()).await;
    contract::watermarks_move_step_by_step(&MemoryControl::default()).await;
    contract::counters_stop_at_their_cap(&MemoryControl::default()).await;
    contract::findings_are_changed_by_revision(&MemoryFindings::default()).await;
    contract::payouts_under_way_are_read_by_page(&MemoryLedger::default()).await;
    contract::what_is_undecided_is_read_by_page(&MemoryLedger::default()).await;
    own_book::contract::imports_count_until_their_file_is_replaced(&MemoryOwnBook::default()).await;
    own_book::contract::a_month_is_replaced_at_once(&MemoryMatches::default()).await;
    own_book::contract::an_answer_is_taught_once(&MemoryMatches::default()).await;
}
