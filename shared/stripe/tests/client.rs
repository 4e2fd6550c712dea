//! The client against a server on this machine that answers from a script.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod script;

use std::time::Duration;

use script::{DATE_S, Script, answer, failed, gate, head_of, ok};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::time::timeout;
use tributary_domain::{AccountId, Owner};
use tributary_stripe::STRIPE_VERSION;
use tributary_stripe::Secret;
use tributary_stripe::client::{FetchError, Fetched, StripeClient};

async fn get_charge(answers: Vec<String>) -> (Result<Fetched, FetchError>, usize) {
    let script = Script::start(answers).await;
    let result = script.get("/v1/charges/ch_1", &Owner::Platform).await;
    (result, script.heads().await.len())
}

fn connected() -> Owner {
    Owner::Account(AccountId::parse("acct_1").unwrap())
}

#[tokio::test]
async fn an_object_of_a_connected_account() {
    let script = Script::start(vec![ok(r#"{"id":"ch_1"}"#)]).await;
    let fetched = script.get("/v1/charges/ch_1", &connected()).await.unwrap();
    assert_eq!(fetched.body, r#"{"id":"ch_1"}"#);
    assert!(fetched.observed_at < DATE_S && fetched.observed_at > DATE_S - 20);
    let [head] = &script.heads().await[..] else {
        panic!("one request")
    };
    assert!(head.starts_with("get /v1/charges/ch_1 http/1.1\r\n"));
    assert!(head.contains("\r\nauthorization: bearer rk_test_1\r\n"));
    assert!(head.contains("\r\nstripe-account: acct_1\r\n"));
    assert!(head.contains(&format!("\r\nstripe-version: {STRIPE_VERSION}\r\n")));
    assert!(!head.contains("stripe-context"));
}

#[tokio::test]
async fn version_two_names_the_account_in_the_context() {
    let script = Script::start(vec![ok("{}")]).await;
    let path = "/v2/core/accounts/acct_1?include[0]=identity&include[1]=requirements";
    script.get(path, &connected()).await.unwrap();
    let [head] = &script.heads().await[..] else {
        panic!("one request")
    };
    assert!(head.starts_with(&format!("get {path} http/1.1\r\n")));
    assert!(head.contains("\r\nstripe-context: acct_1\r\n"));
    assert!(!head.contains("stripe-account"));
}

#[tokio::test]
async fn the_platform_names_no_account() {
    let script = Script::start(vec![ok("{}")]).await;
    script.get("/v1/balance", &Owner::Platform).await.unwrap();
    let [head] = &script.heads().await[..] else {
        panic!("one request")
    };
    assert!(!head.contains("stripe-account") && !head.contains("stripe-context"));
}

#[tokio::test]
async fn what_passes_is_tried_again() {
    let answers = vec![
        failed("500 Internal Server Error", "", "api_error"),
        failed("429 Too Many", "", "lock_timeout"),
        ok("{}"),
    ];
    let (result, requests) = get_charge(answers).await;
    assert!(result.is_ok());
    assert_eq!(requests, 3);
}

#[tokio::test]
async fn three_tries_are_enough() {
    let (result, requests) = get_charge(vec![failed("503 Unavailable", "", "x"); 3]).await;
    assert!(matches!(result, Err(FetchError::Transient(_))));
    assert_eq!(requests, 3);
}

#[tokio::test]
async fn a_missing_object() {
    let (result, _) = get_charge(vec![failed("404 Not Found", "", "resource_missing")]).await;
    assert_eq!(result, Err(FetchError::Missing));
}

#[tokio::test]
async fn a_path_that_stripe_does_not_know_is_no_missing_object() {
    let (result, _) = get_charge(vec![failed("404 Not Found", "", "")]).await;
    assert!(matches!(
        result,
        Err(FetchError::Refused { status: 404, .. })
    ));
}

#[tokio::test]
async fn a_permission_taken_back() {
    let (result, requests) = get_charge(vec![failed("403 Forbidden", "", "account_invalid")]).await;
    let refused = FetchError::Refused {
        status: 403,
        code: "account_invalid".to_owned(),
    };
    assert_eq!(result, Err(refused));
    assert_eq!(requests, 1);
}

#[tokio::test]
async fn a_wait_beyond_the_deadline_is_left_to_the_caller() {
    let headers = "retry-after: 600\r\n";
    let (result, requests) = get_charge(vec![failed("429 Too Many", headers, "rate_limit")]).await;
    let asked = Some(Duration::from_secs(600));
    assert_eq!(result, Err(FetchError::Throttled { retry_after: asked }));
    assert_eq!(requests, 1);
}

#[tokio::test]
async fn an_absurd_wait_is_no_panic() {
    let headers = format!("retry-after: {}\r\n", u64::MAX);
    let (result, _) = get_charge(vec![failed("429 Too Many", &headers, "rate_limit")]).await;
    let asked = Some(Duration::from_secs(u64::MAX));
    assert_eq!(result, Err(FetchError::Throttled { retry_after: asked }));
}

#[tokio::test]
async fn advice_against_another_try_is_heeded() {
    let headers = "stripe-should-retry: false\r\n";
    let (result, requests) = get_charge(vec![failed("500 Error", headers, "x")]).await;
    assert!(matches!(result, Err(FetchError::Transient(_))));
    assert_eq!(requests, 1);
}

#[tokio::test]
async fn advice_for_another_try_is_heeded() {
    let headers = "stripe-should-retry: true\r\n";
    let (result, requests) = get_charge(vec![failed("400 Bad", headers, "x"), ok("{}")]).await;
    assert!(result.is_ok());
    assert_eq!(requests, 2);
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let elsewhere = "location: http://127.0.0.1:1/\r\n";
    let (result, requests) = get_charge(vec![answer("302 Found", elsewhere, "")]).await;
    assert!(matches!(
        result,
        Err(FetchError::Refused { status: 302, .. })
    ));
    assert_eq!(requests, 1);
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off() {
    let most = 8 * 1024 * 1024;
    let (result, _) = get_charge(vec![ok(&"x".repeat(most))]).await;
    assert_eq!(result.unwrap().body.len(), most);
    let (result, _) = get_charge(vec![ok(&"x".repeat(most + 1))]).await;
    assert_eq!(result, Err(FetchError::Invalid("the answer is too large")));
}

#[tokio::test]
async fn fault_35_a_429_about_one_object_is_no_reason_to_slow_down() {
    let resource = "stripe-rate-limited-reason: resource-specific\r\n";
    for (headers, code) in [("", "lock_timeout"), (resource, "rate_limit")] {
        let answers = vec![failed("429 Too Many", headers, code); 3];
        let (result, _) = get_charge(answers).await;
        assert!(matches!(result, Err(FetchError::Transient(_))), "{code}");
    }
    let endpoint = "stripe-should-retry: false\r\nstripe-rate-limited-reason: endpoint-rate\r\n";
    let (result, _) = get_charge(vec![failed("429 Too Many", endpoint, "lock_timeout")]).await;
    assert!(matches!(result, Err(FetchError::Throttled { .. })));
}

#[tokio::test]
async fn fault_38_only_the_account_that_cut_us_off_is_parked() {
    let refusal = failed("403 Forbidden", "", "account_invalid");
    let script = Script::start(vec![refusal, ok("{}"), ok("{}"), ok("{}")]).await;
    let client = script.client();
    let other = Owner::Account(AccountId::parse("acct_2").unwrap());
    let first = client.get("/v1/charges/ch_1", &connected()).await;
    assert!(matches!(
        first,
        Err(FetchError::Refused { status: 403, .. })
    ));
    let again = client.get("/v1/charges/ch_2", &connected()).await;
    assert_eq!(again, first, "nobody is asked");
    for (path, owner) in [
        ("/v1/charges/ch_3", &other),
        ("/v1/charges/ch_4", &Owner::Platform),
        ("/v1/payouts/po_1", &connected()),
    ] {
        assert!(client.get(path, owner).await.is_ok(), "{path}");
    }
    assert_eq!(script.heads().await.len(), 4);
}

#[tokio::test]
async fn fault_38_a_key_that_is_refused_parks_nobody() {
    let refusal = || failed("401 Unauthorized", "", "api_key_expired");
    let script = Script::start(vec![refusal(), ok("{}")]).await;
    let client = script.client();
    let refused = client.get("/v1/balance", &Owner::Platform).await;
    assert!(matches!(
        refused,
        Err(FetchError::Refused { status: 401, .. })
    ));
    assert!(
        client.get("/v1/balance", &Owner::Platform).await.is_ok(),
        "it was put right"
    );
}

#[tokio::test]
async fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let key = Secret::new("rk_test_1").unwrap();
    let client = StripeClient::new(&base_url, &key, Duration::from_secs(5), gate()).unwrap();
    let result = client.get("/v1/balance", &Owner::Platform).await;
    let expected = FetchError::Transient("no connection".to_owned());
    assert_eq!(result, Err(expected));
}

#[tokio::test]
async fn a_server_that_hangs_up() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{";
    for cut in [&head[..9], head] {
        let (result, requests) = get_charge(vec![cut.to_owned(); 3]).await;
        let broke = FetchError::Transient("the connection broke".to_owned());
        assert_eq!((result, requests), (Err(broke), 3));
    }
}

#[tokio::test]
async fn an_address_that_is_none_is_not_tried_again() {
    let key = Secret::new("rk_test_1").unwrap();
    for base_url in ["ftp://127.0.0.1", "http://[", "nowhere"] {
        let client = StripeClient::new(base_url, &key, Duration::from_secs(5), gate()).unwrap();
        let result = client.get("/v1/balance", &Owner::Platform).await;
        assert!(matches!(result, Err(FetchError::Invalid(_))), "{base_url}");
    }
}

#[tokio::test]
async fn a_try_that_hangs_leaves_time_for_another() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let key = Secret::new("rk_test_1").unwrap();
    let client = StripeClient::new(&base_url, &key, Duration::from_secs(3), gate()).unwrap();
    let balance = tokio::spawn(async move { client.get("/v1/balance", &Owner::Platform).await });
    let accept = || timeout(Duration::from_secs(5), listener.accept());
    let hanging = accept().await.unwrap().unwrap();
    let (mut stream, _) = accept().await.unwrap().unwrap();
    head_of(&mut stream).await;
    stream.write_all(ok("{}").as_bytes()).await.unwrap();
    assert_eq!(balance.await.unwrap().unwrap().body, "{}");
    drop(hanging);
}

#[tokio::test]
async fn a_server_that_hangs() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let key = Secret::new("rk_test_1").unwrap();
    let client = StripeClient::new(&base_url, &key, Duration::from_millis(300), gate()).unwrap();
    let result = client.get("/v1/balance", &Owner::Platform).await;
    assert_eq!(
        result,
        Err(FetchError::Transient("no answer in time".to_owned()))
    );
}

#[tokio::test]
async fn a_path_cannot_choose_the_host() {
    let script = Script::start(Vec::new()).await;
    for path in [
        "@elsewhere.example/v1/",
        "v1/charges",
        "//elsewhere.example",
        "/v3/x",
        "",
    ] {
        let result = script.get(path, &Owner::Platform).await;
        assert_eq!(
            result,
            Err(FetchError::Invalid("not a path of the API")),
            "{path}"
        );
    }
}

#[test]
fn failures_show_no_message() {
    let refused = FetchError::Refused {
        status: 402,
        code: "card_declined".to_owned(),
    };
    assert_eq!(refused.to_string(), "refused with 402: card_declined");
}
