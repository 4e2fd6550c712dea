//! The in-memory store keeps the contract that the real one keeps.

use tributary_testkit::{MemoryStore, contract};

#[tokio::test]
async fn the_store_in_memory_keeps_the_contract() {
    contract::holds(&MemoryStore::default(), 1).await;
}
