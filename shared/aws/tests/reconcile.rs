//! Leases, watermarks, counters and findings on DynamoDB keep the contract.

#![allow(clippy::unwrap_used)]

mod database;

use database::Reconciliation;
use tributary_testkit::reconcile::contract;

#[tokio::test]
async fn contract_jobs_are_done_once_on_dynamodb() {
    contract::jobs_are_done_once(&Reconciliation::open().await.control).await;
}

#[tokio::test]
async fn contract_watermarks_and_counters_on_dynamodb() {
    let tables = Reconciliation::open().await;
    contract::watermarks_move_step_by_step(&tables.control).await;
    contract::counters_stop_at_their_cap(&tables.control).await;
}

#[tokio::test]
async fn contract_findings_on_dynamodb_are_changed_by_revision() {
    contract::findings_are_changed_by_revision(&Reconciliation::open().await.findings).await;
}
