//! Calls that have to wait for the budget.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod script;

use std::sync::Arc;

use futures_util::future::join_all;
use script::{Script, ok};
use tributary_domain::Owner;
use tributary_pacing::{Gate, Share};
use tributary_stripe::client::MoneyAtRisk;
use tributary_testkit::MemoryControl;

/// There is a slot each third of a second, and all line up before the first has passed.
#[tokio::test]
async fn the_call_with_more_at_risk_goes_first() {
    let script = Script::start(vec![ok("{}"); 4]).await;
    let gate = Gate::new(Share::of(5, 1, 0), Arc::new(MemoryControl::default()));
    let client = script.client_through(Arc::new(gate));
    let calls = [1, 3, 9, 7].map(|stake| {
        let client = client.at_risk(MoneyAtRisk(stake));
        async move {
            let path = format!("/v1/charges/ch_{stake}");
            client.get(&path, &Owner::Platform).await.unwrap();
        }
    });
    join_all(calls).await;
    let heads = script.heads().await;
    let paths: Vec<_> = heads
        .iter()
        .filter_map(|head| head.split(' ').nth(1))
        .collect();
    let expected = [9, 7, 3, 1].map(|stake| format!("/v1/charges/ch_{stake}"));
    assert_eq!(paths, expected);
}
