//! The platform's own book and its matches on DynamoDB keep the contract.

mod database;

use database::OwnBookTables;
use tributary_testkit::own_book::contract;

#[tokio::test]
async fn contract_the_own_book_on_dynamodb() {
    let tables = OwnBookTables::open().await;
    contract::imports_count_until_their_file_is_replaced(&tables.own_book).await;
}

#[tokio::test]
async fn contract_matches_on_dynamodb() {
    let tables = OwnBookTables::open().await;
    contract::a_month_is_replaced_at_once(&tables.matches).await;
    contract::an_answer_is_taught_once(&tables.matches).await;
}
