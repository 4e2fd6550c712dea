//! A fleet of clients against a simulated Stripe, in real time.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::net::{Ipv4Addr, SocketAddr};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::TryStreamExt;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tributary_domain::{AccountId, Owner};
use tributary_pacing::{Gate, Share};
use tributary_simulator::server::{ApiConfig, ApiServer};
use tributary_simulator::{World, WorldConfig};
use tributary_stripe::Secret;
use tributary_stripe::client::{FetchError, StripeClient, TransactionFilter};
use tributary_testkit::MemoryControl;

const WORKERS: u32 = 8;

struct Stage {
    server: ApiServer,
    store: Arc<MemoryControl>,
    accounts: Vec<Owner>,
    booked: usize,
}

impl Stage {
    fn start(config: ApiConfig) -> Self {
        let mut world = World::new(WorldConfig {
            seed: 7,
            accounts: 4,
            start: 1_788_220_800,
            days: 3,
            events_min: 0,
            livemode: true,
            api_version: "2026-10-28.endive".to_owned(),
        });
        world.run();
        let owners = world.accounts().to_vec();
        let booked = world
            .balance_transactions(&tributary_simulator::Owner::Platform)
            .len();
        let owner = |id: &String| Owner::Account(AccountId::parse(id).unwrap());
        let accounts = owners.iter().map(owner).collect();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let server = ApiServer::start(Arc::new(Mutex::new(world)), config, address).unwrap();
        Self {
            server,
            store: Arc::default(),
            accounts,
            booked,
        }
    }

    /// The client of one instance, which knows of this limit.
    fn client(&self, limit_per_s: u32, deadline: Duration) -> StripeClient {
        let gate = Gate::new(Share::at_random(limit_per_s, WORKERS), self.store.clone());
        let key = Secret::new("rk_live_1").unwrap();
        StripeClient::new(&self.server.url(), &key, deadline, Arc::new(gate)).unwrap()
    }

    /// Reads balances with all instances for a while; what each call came to.
    async fn read_for(
        &self,
        clients: &[StripeClient],
        time: Duration,
    ) -> Vec<Result<(), FetchError>> {
        let started = Instant::now();
        let mut instances = JoinSet::new();
        for client in clients {
            let client = client.clone();
            instances.spawn(async move {
                let mut results = Vec::new();
                while started.elapsed() < time {
                    let result = client.balance(&Owner::Platform).await.map(drop);
                    if let Err(FetchError::Deferred(deferred)) = &result {
                        let left = time.saturating_sub(started.elapsed());
                        sleep(deferred.retry_after().min(left)).await;
                    }
                    results.push(result);
                }
                results
            });
        }
        instances.join_all().await.concat()
    }
}

#[tokio::test]
async fn every_page_of_every_account_is_read() {
    let stage = Stage::start(ApiConfig {
        error_5xx_per_mille: 50,
        lock_timeout_per_mille: 50,
        ..ApiConfig::default()
    });
    let client = stage.client(100_000, Duration::from_secs(20));
    let filter = TransactionFilter::default();
    let mut connected = 0;
    for account in &stage.accounts {
        let pages = client.transaction_pages(account, &filter);
        let pages: Vec<_> = match pages.try_collect().await {
            Ok(pages) => pages,
            // Some have cut the platform off by then.
            Err(FetchError::Refused { status: 403, .. }) => continue,
            Err(error) => panic!("{error}"),
        };
        assert!(pages.iter().all(|page| page.unreadable.is_empty()));
        connected += 1;
    }
    assert!(connected > 0);
    let mut pages = pin!(client.transaction_pages(&Owner::Platform, &filter));
    let mut read = 0;
    while let Some(page) = pages.try_next().await.unwrap() {
        assert!(page.unreadable.is_empty());
        read += page.items.len();
    }
    assert_eq!(read, stage.booked);
}

#[tokio::test]
async fn fault_35_a_fleet_in_its_budget_is_never_throttled() {
    let stage = Stage::start(ApiConfig {
        endpoint_rate_limit_per_s: Some(25),
        ..ApiConfig::default()
    });
    let clients: Vec<_> = (0..WORKERS)
        .map(|_| stage.client(25, Duration::from_secs(5)))
        .collect();
    let results = stage.read_for(&clients, Duration::from_secs(4)).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    let requests = stage.server.requests();
    assert_eq!(requests.rate_limited, 0);
    assert!(requests.peak_per_s <= 26, "{}", requests.peak_per_s);
    assert!(
        requests.total >= 40,
        "15 a second are allowed, {}",
        requests.total
    );
}

#[tokio::test]
async fn fault_35_a_fleet_that_is_throttled_slows_down() {
    let stage = Stage::start(ApiConfig {
        endpoint_rate_limit_per_s: Some(20),
        ..ApiConfig::default()
    });
    // It believes in a limit ten times as high.
    let clients: Vec<_> = (0..WORKERS)
        .map(|_| stage.client(200, Duration::from_secs(5)))
        .collect();
    let results = stage.read_for(&clients, Duration::from_secs(6)).await;
    let requests = stage.server.requests();
    assert!(requests.rate_limited > 0, "it was throttled");
    assert!(requests.total < 6 * 80, "{} of 720", requests.total);
    assert!(results.iter().filter(|result| result.is_ok()).count() >= 40);
    assert!(
        stage.store.text("stripe#pace").is_some(),
        "and everybody knows"
    );
}

#[tokio::test]
async fn fault_36_an_outage_is_left_alone_and_its_end_is_found() {
    let stage = Stage::start(ApiConfig::default());
    let clients: Vec<_> = (0..WORKERS)
        .map(|_| stage.client(300, Duration::from_millis(1_500)))
        .collect();
    let well = stage.read_for(&clients, Duration::from_millis(500)).await;
    assert!(well.iter().all(Result::is_ok));

    let before = stage.server.requests().total;
    stage.server.reconfigure(ApiConfig {
        error_5xx_per_mille: 1_000,
        ..ApiConfig::default()
    });
    let down = stage.read_for(&clients, Duration::from_secs(3)).await;
    assert!(
        down.iter()
            .any(|result| matches!(result, Err(FetchError::Deferred(_))))
    );
    let asked = stage.server.requests().total - before;
    assert!(
        (5..400).contains(&asked),
        "{asked} of 540 that the budget allows"
    );

    stage.server.reconfigure(ApiConfig::default());
    let again = stage.read_for(&clients, Duration::from_secs(9)).await;
    let read = again.iter().filter(|result| result.is_ok()).count();
    assert!(read > 100, "{read}");
}

#[tokio::test]
async fn fault_36_what_hangs_is_not_asked_without_end() {
    let stage = Stage::start(ApiConfig {
        hang_per_mille: 1_000,
        ..ApiConfig::default()
    });
    let clients: Vec<_> = (0..WORKERS)
        .map(|_| stage.client(300, Duration::from_millis(900)))
        .collect();
    let results = stage.read_for(&clients, Duration::from_secs(4)).await;
    assert!(results.iter().all(Result::is_err));
    let asked = stage.server.requests().total;
    assert!(asked <= 60, "{asked} of 720 that the budget allows");
}
