//! The ledger in memory keeps the contract of every ledger.

use tributary_testkit::ledger::{MemoryLedger, contract};

#[tokio::test]
async fn contract_the_ledger_in_memory_keeps_it() {
    contract::holds(&MemoryLedger::default()).await;
    contract::holds_as_a_whole(&MemoryLedger::default()).await;
}
