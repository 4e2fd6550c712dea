//! Rate limits and injected faults.

use std::time::{Duration, Instant};

use crate::{ApiConfig, Stage};
use tributary_simulator::server::RateClock;

#[test]
fn a_full_second_is_refused_until_time_moves_on() {
    let stage = Stage::with(
        0,
        ApiConfig {
            rate_limit_per_s: Some(3),
            endpoint_rate_limit_per_s: Some(2),
            rate_clock: RateClock::Simulated,
            ..ApiConfig::default()
        },
    );
    assert_eq!(stage.client.get("/v1/charges").status, 200);
    assert_eq!(stage.client.get("/v1/charges").status, 200);
    let endpoint = stage.client.get("/v1/charges");
    assert_eq!(
        (endpoint.status, endpoint.error("code")),
        (429, "rate_limit")
    );
    assert_eq!(
        endpoint.header("stripe-rate-limited-reason"),
        Some("endpoint-rate")
    );
    assert_eq!(stage.client.get("/v1/payouts").status, 200);
    let global = stage.client.get("/v1/payouts");
    assert_eq!(
        global.header("stripe-rate-limited-reason"),
        Some("global-rate")
    );

    stage.world().advance_to(crate::START + 1);
    assert_eq!(stage.client.get("/v1/charges").status, 200);

    let requests = stage.server.requests();
    assert_eq!(
        (requests.total, requests.rate_limited, requests.peak_per_s),
        (6, 2, 5)
    );
    assert_eq!(requests.by_endpoint.get("GET /v1/charges"), Some(&4));
}

#[test]
fn faults_say_whether_to_retry() {
    let errors = ApiConfig {
        error_5xx_per_mille: 1_000,
        ..ApiConfig::default()
    };
    let stage = Stage::with(0, errors);
    let broken = stage.client.get("/v1/balance");
    assert_eq!((broken.status, broken.error("type")), (500, "api_error"));
    assert_eq!(broken.header("stripe-should-retry"), Some("true"));

    let locks = ApiConfig {
        lock_timeout_per_mille: 1_000,
        ..ApiConfig::default()
    };
    stage.server.reconfigure(locks);
    let locked = stage.client.get("/v1/balance");
    assert_eq!((locked.status, locked.error("code")), (429, "lock_timeout"));
    assert_eq!(locked.header("stripe-rate-limited-reason"), None);

    stage.server.reconfigure(ApiConfig::default());
    assert_eq!(stage.client.get("/v1/balance").status, 200);
    assert_eq!(stage.server.requests().faults, 2);
}

#[test]
fn a_hanging_request_holds_up_neither_the_others_nor_the_end() {
    let hangs = ApiConfig {
        hang_per_mille: 1_000,
        hang: Duration::from_secs(3_600),
        ..ApiConfig::default()
    };
    let stage = Stage::with(0, hangs);
    let patience = Some(Duration::from_millis(100));
    assert!(
        stage
            .client
            .send("GET", "/v1/balance", "", patience)
            .is_err()
    );

    stage.server.reconfigure(ApiConfig::default());
    assert_eq!(stage.client.get("/v1/balance").status, 200);

    let before = Instant::now();
    let Stage { server, client, .. } = stage;
    server.stop();
    assert!(before.elapsed() < Duration::from_secs(10));
    assert!(
        client.send("GET", "/v1/balance", "", patience).is_err(),
        "the socket is closed"
    );
}

#[test]
fn only_the_configured_key_is_accepted() {
    let config = ApiConfig {
        api_key: Some("rk_live_reader".to_owned()),
        ..ApiConfig::default()
    };
    let stage = Stage::with(0, config);
    assert_eq!(stage.client.get("/v1/balance").status, 401);
    let anonymous = crate::Client::anonymous(&stage.server.url());
    let reader = anonymous.with("Authorization", "Bearer rk_live_reader");
    assert_eq!(reader.get("/v1/balance").status, 200);
}
