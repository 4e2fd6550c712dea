//! What a day's reports cost, and what they come to, at a simulated Stripe.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reconcile::reports::{fold_runs, start};
use tributary_ledger::Day;
use tributary_pacing::{Gate, Share};
use tributary_simulator::server::{ApiConfig, ApiServer};
use tributary_simulator::{World, WorldConfig};
use tributary_stripe::Secret;
use tributary_stripe::client::StripeClient;
use tributary_testkit::MemoryControl;

/// 2026-09-01.
const BEGIN: i64 = 1_788_220_800;

fn stage(report_pending_reads: u32) -> (ApiServer, StripeClient) {
    let mut world = World::new(WorldConfig {
        seed: 7,
        accounts: 12,
        start: BEGIN,
        days: 9,
        events_min: 2_000,
        livemode: true,
        api_version: "2026-10-28.endive".to_owned(),
    });
    world.run();
    let config = ApiConfig {
        report_pending_reads,
        ..ApiConfig::default()
    };
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let server = ApiServer::start(Arc::new(Mutex::new(world)), config, address).unwrap();
    let share = Share::of(1_000_000, 1, 0);
    let gate = Gate::new(share, Arc::new(MemoryControl::default()));
    let key = Secret::new("rk_live_1").unwrap();
    let deadline = Duration::from_secs(20);
    let client = StripeClient::new(&server.url(), &key, deadline, Arc::new(gate)).unwrap();
    (server, client)
}

#[tokio::test]
async fn reports_of_some_days_take_ten_calls() {
    let (server, client) = stage(0);
    let (first, last) = (Day::of(BEGIN), Day::of(BEGIN).plus(6));
    let runs = start(&client, first, last).await.unwrap().unwrap();
    assert_eq!(server.requests().total, 5, "types, and four reports");
    let reported = fold_runs(&client, &runs).await.unwrap().unwrap();
    assert_eq!(server.requests().total, 10, "runs, and four files");
    let days = reported.digests.iter().map(|(_, day, ..)| day);
    let days: std::collections::BTreeSet<_> = days.collect();
    assert!(days.len() > 3, "{days:?}");
    assert!(days.iter().all(|day| (first..=last).contains(day)));
}

#[tokio::test]
async fn reports_that_are_not_there_yet_cost_a_call() {
    let (server, client) = stage(1);
    let today = Day::of(BEGIN).plus(30);
    assert_eq!(start(&client, today, today).await.unwrap(), None);
    assert_eq!(server.requests().total, 1);
    let day = Day::of(BEGIN);
    let runs = start(&client, day, day).await.unwrap().unwrap();
    assert_eq!(fold_runs(&client, &runs).await.unwrap(), None);
    assert_eq!(server.requests().total, 7);
    assert!(fold_runs(&client, &runs).await.unwrap().is_some());
    assert_eq!(server.requests().total, 12);
}
