//! Lists, page by page, from a server on this machine that answers from a script.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod script;

use std::pin::pin;

use futures_util::TryStreamExt;
use script::{Script, ok};
use serde_json::{Value, json};
use tributary_domain::{ObjectId, Owner};
use tributary_stripe::client::{FetchError, TransactionFilter};

fn transaction(id: &str) -> Value {
    json!({
        "id": id, "object": "balance_transaction", "amount": 100, "fee": 0, "net": 100,
        "currency": "usd", "created": 1_700_000_000, "available_on": 1_700_000_000,
        "type": "charge", "status": "available", "source": "ch_1", "fee_details": [],
    })
}

fn list(data: &[Value], has_more: bool) -> String {
    ok(&json!({"object": "list", "data": data, "has_more": has_more}).to_string())
}

fn id(text: &str) -> ObjectId {
    ObjectId::parse(text).unwrap()
}

#[tokio::test]
async fn a_page_of_transactions_names_the_next() {
    let script = Script::start(vec![list(
        &[transaction("txn_2"), transaction("txn_1")],
        true,
    )])
    .await;
    let filter = TransactionFilter {
        created_from: Some(1_700_000_000),
        created_until: Some(1_700_086_400),
        payout: Some(id("po_1")),
        source: Some(id("ch_1&x=y")),
    };
    let client = script.client();
    let cursor = id("txn_3");
    let page = client.transactions(&Owner::Platform, &filter, Some(&cursor));
    let page = page.await.unwrap();
    let ids: Vec<_> = page.items.iter().map(|item| item.id.as_str()).collect();
    assert_eq!(ids, ["txn_2", "txn_1"]);
    assert_eq!(page.next, Some(id("txn_1")));
    let heads = script.heads().await;
    let path = "get /v1/balance_transactions?limit=100&starting_after=txn_3&expand%5b%5d=data.source\
        &created%5bgte%5d=1700000000&created%5blte%5d=1700086400\
        &payout=po_1&source=ch_1%26x%3dy http/1.1";
    assert!(heads[0].starts_with(path), "{}", heads[0]);
}

/// What the platform calls an object stands where the platform says.
#[tokio::test]
async fn a_reference_is_read_under_the_platforms_own_key() {
    let mut sold = transaction("txn_1");
    sold["source"] = json!({"id": "ch_1", "object": "charge",
        "metadata": {"order_id": "o", "booking": "b"}});
    for (key, reference) in [(None, "o"), (Some("booking"), "b")] {
        let script = Script::start(vec![list(&[sold.clone()], false)]).await;
        let client = script.client();
        let client = key
            .iter()
            .fold(client, |client, key| client.referring_by(key));
        let filter = TransactionFilter::default();
        let page = client.transactions(&Owner::Platform, &filter, None);
        let page = page.await.unwrap();
        let source = page.items[0].source.clone().unwrap();
        assert_eq!(source.links.reference.as_deref(), Some(reference));
    }
}

#[tokio::test]
async fn the_last_page_names_none() {
    let script = Script::start(vec![list(&[transaction("txn_1")], false)]).await;
    let filter = TransactionFilter::default();
    let client = script.client();
    let page = client
        .transactions(&Owner::Platform, &filter, None)
        .await
        .unwrap();
    assert_eq!((page.items.len(), page.next), (1, None));
}

#[tokio::test]
async fn pages_follow_each_other_when_they_are_asked_for() {
    let answers = vec![
        list(&[transaction("txn_3"), transaction("txn_2")], true),
        list(&[transaction("txn_1")], false),
    ];
    let script = Script::start(answers).await;
    let client = script.client();
    let filter = TransactionFilter::default();
    let pages = client.transaction_pages(&Owner::Platform, &filter);
    let sizes: Vec<usize> = pages
        .map_ok(|page| page.items.len())
        .try_collect()
        .await
        .unwrap();
    assert_eq!(sizes, [2, 1]);
    let heads = script.heads().await;
    assert!(!heads[0].contains("starting_after"));
    assert!(heads[1].contains("starting_after=txn_2&"));
}

#[tokio::test]
async fn a_list_that_does_not_go_on_ends_in_an_error() {
    let page = || list(&[transaction("txn_1")], true);
    let script = Script::start(vec![page(), page()]).await;
    let client = script.client();
    let filter = TransactionFilter::default();
    let mut pages = pin!(client.transaction_pages(&Owner::Platform, &filter));
    assert!(pages.try_next().await.unwrap().is_some());
    assert!(matches!(
        pages.try_next().await,
        Err(FetchError::Invalid(_))
    ));
    assert!(
        pages.try_next().await.unwrap().is_none(),
        "and then it is over"
    );
}

#[tokio::test]
async fn what_cannot_be_read_costs_itself() {
    let mut odd = transaction("txn_1");
    odd["amount"] = json!(1.5);
    let script = Script::start(vec![list(&[transaction("txn_2"), odd], true)]).await;
    let client = script.client();
    let filter = TransactionFilter::default();
    let page = client
        .transactions(&Owner::Platform, &filter, None)
        .await
        .unwrap();
    assert_eq!(page.items.len(), 1);
    assert_eq!(page.unreadable[0].id, Some(id("txn_1")));
    assert_eq!(page.unreadable[0].why.field, "amount");
    assert_eq!(page.next, Some(id("txn_1")), "the cursor goes on behind it");
}

#[tokio::test]
async fn what_is_no_list_is_no_empty_page() {
    for body in [
        "{}",
        r#"{"data":[]}"#,
        r#"{"has_more":false}"#,
        r#"{"data":[],"has_more":true}"#,
        "[]",
    ] {
        let script = Script::start(vec![ok(body)]).await;
        let client = script.client();
        let filter = TransactionFilter::default();
        let page = client.transactions(&Owner::Platform, &filter, None).await;
        assert!(matches!(page, Err(FetchError::Invalid(_))), "{body}");
    }
}
