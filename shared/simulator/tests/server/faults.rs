//! Rate limits and injected faults.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::{ApiConfig, Stage};
use tributary_simulator::server::{Outage, OutageAnswer, RateClock};

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
fn outages_come_and_go_with_the_clock() {
    let outage = |from, until, answer| Outage {
        from: Duration::from_secs(from),
        until: Duration::from_secs(until),
        answer,
    };
    let config = ApiConfig {
        rate_clock: RateClock::Simulated,
        outages: vec![
            outage(10, 20, OutageAnswer::TooManyRequests),
            outage(30, 40, OutageAnswer::Unavailable),
        ],
        ..ApiConfig::default()
    };
    let stage = Stage::with(0, config);
    let mut answered = Vec::new();
    for second in [0, 9, 10, 19, 20, 30, 39, 40] {
        stage.world().advance_to(crate::START + second);
        answered.push(stage.client.get("/v1/balance").status);
    }
    assert_eq!(answered, [200, 200, 429, 429, 200, 503, 503, 200]);
    assert_eq!(stage.server.requests().faults, 4);
}

#[test]
fn transactions_turn_up_between_two_pages() {
    let config = ApiConfig {
        late_transaction_per_mille: 1_000,
        ..ApiConfig::default()
    };
    let stage = Stage::with(3, config);
    let first = stage.client.get("/v1/balance_transactions?limit=1");
    let newest = first.ids()[0].to_owned();
    let before = stage
        .world()
        .balance_transactions(&crate::Owner::Platform)
        .len();
    let rest = format!("/v1/balance_transactions?limit=100&starting_after={newest}");
    let page = stage.client.get(&rest);
    let created = |transaction: &Value| transaction["created"].as_i64();
    let listed = page.body["data"].as_array().expect("a list");
    let late = stage.world().balance_transactions(&crate::Owner::Platform)[before - 1].clone();
    assert_eq!(late["type"], "stripe_fee", "booked after the first page");
    assert!(listed.contains(&late), "among those of its time");
    assert!(listed.is_sorted_by(|one, next| created(one) >= created(next)));
    let after = stage
        .world()
        .balance_transactions(&crate::Owner::Platform)
        .len();
    assert_eq!(after, before + 1, "the second page was followed by one too");
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
