//! What reconciliation reads, from a server on this machine that answers from a script.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod script;

use std::pin::pin;
use std::time::Duration;

use futures_util::TryStreamExt;
use script::{Script, answer, failed, gate, head_of, ok};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tributary_domain::change::state::State;
use tributary_domain::{AccountId, Mode, ObjectId, ObjectKey, ObjectKind, Origin, Owner};
use tributary_stripe::client::{
    EventFilter, FetchError, PayoutFilter, Report, ReportStatus, StripeClient, UnreadableItem,
};
use tributary_stripe::{Secret, decode};

fn account() -> Owner {
    Owner::Account(AccountId::parse("acct_1").unwrap())
}

fn id(text: &str) -> ObjectId {
    ObjectId::parse(text).unwrap()
}

fn list(data: &[Value]) -> String {
    ok(&json!({"object": "list", "data": data, "has_more": false}).to_string())
}

fn event(account: Option<&str>) -> Value {
    let mut event = json!({
        "id": "evt_1", "object": "event", "type": "charge.succeeded", "created": 1_700_000_000,
        "livemode": true, "api_version": "2026-10-28.endive", "pending_webhooks": 0,
        "data": {"object": {"id": "ch_1", "object": "charge", "amount": 1, "currency": "usd",
            "livemode": true, "a_field_of_tomorrow": {"kept": [1.50]}}},
    });
    if let Some(account) = account {
        event["account"] = json!(account);
    }
    event
}

#[tokio::test]
async fn events_are_listed_as_webhooks_bring_them() {
    let listed = [None, Some("acct_1")].map(|account| {
        list(&[event(account)])
            .replace("[1.5]", "[1.50]")
            .replace("content-length", "x")
    });
    let script = Script::start(listed.to_vec()).await;
    let client = script.client();
    let filter = EventFilter {
        created_from: Some(1),
        created_until: Some(2),
        types: vec!["charge.succeeded".to_owned(), "charge.updated".to_owned()],
        delivery_success: Some(false),
    };
    let mut fingerprints = Vec::new();
    for _ in 0..2 {
        let page = client
            .events(&account(), &filter, Some(&id("evt_2")))
            .await
            .unwrap();
        let [event] = &page.items[..] else {
            panic!("one event")
        };
        assert_eq!(event.key.to_string(), "live#acct_1#evt_1");
        assert_eq!(
            (event.kind.as_str(), event.created),
            ("charge.succeeded", 1_700_000_000)
        );
        let arrival = decode(&event.body, Origin::Webhook).unwrap();
        assert_eq!(arrival.facts.key, event.key, "it takes the ordinary road");
        assert!(event.body.contains("1.50"), "as it was written");
        fingerprints.push(arrival.facts.fingerprint);
    }
    assert_eq!(fingerprints[0], fingerprints[1]);
    let heads = script.heads().await;
    let path = "get /v1/events?limit=100&starting_after=evt_2&created%5bgte%5d=1\
        &created%5blte%5d=2&delivery_success=false&types%5b%5d=charge.succeeded\
        &types%5b%5d=charge.updated http/1.1";
    assert!(heads[0].starts_with(path), "{}", heads[0]);
    assert!(heads[0].contains("stripe-account: acct_1"));
}

#[tokio::test]
async fn an_event_of_another_account_is_nobodys() {
    let script = Script::start(vec![list(&[event(Some("acct_2"))])]).await;
    let client = script.client();
    let page = client
        .events(&account(), &EventFilter::default(), None)
        .await
        .unwrap();
    assert!(page.items.is_empty());
    assert_eq!(page.unreadable[0].why.field, "account");
}

/// The platform's own list names an account only where another's event is meant.
#[tokio::test]
async fn an_event_without_account_is_the_platforms() {
    let events = [event(None), event(Some("acct_2")), json!({"id": "evt_3"})];
    let script = Script::start(vec![list(&events)]).await;
    let client = script.client();
    let filter = EventFilter {
        delivery_success: Some(true),
        ..EventFilter::default()
    };
    let pages: Vec<_> = client
        .event_pages(&Owner::Platform, &filter)
        .try_collect()
        .await
        .unwrap();
    let [page] = &pages[..] else {
        panic!("one page")
    };
    assert_eq!(page.items[0].key.to_string(), "live#platform#evt_1");
    assert_eq!(page.items.len(), 1);
    let why = |item: &UnreadableItem| item.why.field;
    let fields: Vec<_> = page.unreadable.iter().map(why).collect();
    assert_eq!(fields, ["account", "event"]);
    let heads = script.heads().await;
    assert!(heads[0].contains("delivery_success=true"), "{}", heads[0]);
}

#[tokio::test]
async fn connected_accounts_are_listed() {
    let accounts = [json!({"id": "acct_2"}), json!({"id": "cus_1"}), json!({})];
    let script = Script::start(vec![list(&accounts)]).await;
    let page = script.client().accounts(Some(&id("acct_3"))).await.unwrap();
    assert_eq!(page.items, [AccountId::parse("acct_2").unwrap()]);
    assert_eq!(page.unreadable.len(), 2);
    let heads = script.heads().await;
    assert!(heads[0].starts_with("get /v1/accounts?limit=100&starting_after=acct_3 http"));
}

#[tokio::test]
async fn an_answer_that_is_not_the_object_is_refused() {
    let key = |kind: &str| ObjectKey {
        mode: Mode::Live,
        owner: account(),
        kind: ObjectKind::parse(kind).unwrap(),
        id: id("x_1"),
    };
    for answer in ["[]", "{}", "<html>", r#"{"id":""}"#, r#"{"id":7}"#] {
        let script = Script::start(vec![ok(answer)]).await;
        let seen = script.client().object(&key("charge")).await;
        assert!(matches!(seen, Err(FetchError::Invalid(_))), "{answer}");
    }
    let script = Script::start(Vec::new()).await;
    let seen = script.client().object(&key("fee_refund")).await;
    assert_eq!(seen, Err(FetchError::Invalid("a kind without a path")));
}

#[tokio::test]
async fn an_object_keeps_what_is_not_known_here() {
    let charge = json!({"id": "ch_1", "object": "charge", "amount": 100, "currency": "usd",
        "status": "a_status_of_tomorrow", "created": 1, "a_field_of_tomorrow": 1.50});
    let script = Script::start(vec![ok(&charge.to_string())]).await;
    let key = ObjectKey {
        mode: Mode::Live,
        owner: account(),
        kind: ObjectKind::parse("charge").unwrap(),
        id: id("ch_1"),
    };
    let seen = script.client().object(&key).await.unwrap();
    let Some(State::Charge(state)) = seen.state().unwrap() else {
        panic!("a charge")
    };
    assert_eq!(state.status, "a_status_of_tomorrow");
    assert!(seen.whole.as_str().contains("a_field_of_tomorrow"));
    assert_eq!(seen.id, id("ch_1"));
    assert!(script.heads().await[0].starts_with("get /v1/charges/ch_1 http/1.1"));
}

#[tokio::test]
async fn balance_and_payouts_are_read() {
    let balance = json!({"object": "balance", "livemode": true, "pending": [],
        "available": [{"amount": -7, "currency": "usd", "source_types": {"card": -7}}]});
    let payout = json!({"id": "po_1", "object": "payout", "amount": 5, "currency": "usd",
        "status": "paid", "created": 1, "arrival_date": 2, "automatic": true});
    let script = Script::start(vec![ok(&balance.to_string()), list(&[payout, json!(7)])]).await;
    let client = script.client();
    let seen = client.balance(&account()).await.unwrap();
    let Some(State::Balance(balance)) = seen.state().unwrap() else {
        panic!("a balance")
    };
    assert_eq!(balance.available[0].amount, -7);
    let filter = PayoutFilter {
        status: Some("paid".to_owned()),
        ..PayoutFilter::default()
    };
    let owner = account();
    let pages = client.payout_pages(&owner, &filter);
    let pages: Vec<_> = pages.try_collect().await.unwrap();
    let [page] = &pages[..] else {
        panic!("one page")
    };
    let Some(State::Payout(payout)) = page.items[0].state().unwrap() else {
        panic!("a payout")
    };
    assert_eq!((payout.amount, payout.automatic), (5, true));
    assert_eq!(page.unreadable.len(), 1);
    assert!(script.heads().await[1].starts_with("get /v1/payouts?limit=100&status=paid http"));
}

fn report() -> Report {
    Report {
        kind: "balance_change_from_activity.itemized.3".to_owned(),
        interval_start: 1_699_920_000,
        interval_end: 1_700_006_400,
        columns: vec!["balance_transaction_id".to_owned(), "net".to_owned()],
        attempt: 0,
    }
}

fn run(status: &str, result: &Value) -> String {
    let run = json!({"id": "frr_1", "object": "reporting.report_run", "status": status,
        "result": result});
    ok(&run.to_string())
}

/// The one thing that the client asks Stripe to do.
#[tokio::test]
async fn a_report_is_asked_for_under_a_key_of_its_own() {
    let answers = vec![
        failed("500 Error", "", "api_error"),
        run("pending", &Value::Null),
        run("pending", &Value::Null),
        run("pending", &Value::Null),
    ];
    let script = Script::start(answers).await;
    let client = script.client();
    let asked = client.request_report(&report()).await.unwrap();
    assert_eq!(
        (asked.id, asked.status),
        (id("frr_1"), ReportStatus::Pending)
    );
    client.request_report(&report()).await.unwrap();
    let again = Report {
        attempt: 1,
        ..report()
    };
    client.request_report(&again).await.unwrap();
    let heads = script.heads().await;
    let keys: Vec<_> = heads
        .iter()
        .map(|head| {
            assert!(head.starts_with("post /v1/reporting/report_runs http/1.1"));
            head.lines()
                .find(|line| line.starts_with("idempotency-key: "))
                .unwrap()
        })
        .collect();
    assert_eq!(keys[0], keys[1], "a try again is the same request");
    assert_eq!(keys[0], keys[2], "and so is the same report");
    assert_ne!(keys[0], keys[3], "unless another is wanted");
}

#[tokio::test]
async fn a_report_is_read_from_beside_the_api() {
    let file = json!({"id": "file_1", "object": "file", "size": 30, "type": "csv",
        "url": "https://elsewhere.example/v1/files/file_1/contents"});
    let csv = "a,b\n".repeat(50_000);
    let answers = vec![
        run("succeeded", &file),
        failed("503 Unavailable", "", "x"),
        answer("200 OK", "content-type: text/csv\r\n", &csv),
    ];
    let script = Script::start(answers).await;
    let client = script.client();
    let run = client.report_run(&id("frr_1")).await.unwrap();
    let ReportStatus::Succeeded { file, bytes } = run.status else {
        panic!("it is there")
    };
    assert_eq!(bytes, Some(30));
    let parts: Vec<_> = client
        .file(&file)
        .await
        .unwrap()
        .try_collect()
        .await
        .unwrap();
    assert!(parts.len() > 1, "it comes in parts");
    assert_eq!(parts.concat(), csv.as_bytes());
    assert!(script.heads().await[2].starts_with("get /v1/files/file_1/contents http/1.1"));
}

#[tokio::test]
async fn a_file_that_breaks_off_is_no_whole_file() {
    let broken = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\nconnection: close\r\n\r\na,b\n";
    let script = Script::start(vec![broken.to_owned()]).await;
    let file = script.client().file(&id("file_1")).await.unwrap();
    let read: Result<Vec<_>, _> = file.try_collect().await;
    assert!(matches!(read, Err(FetchError::Transient(_))));
}

/// No part of a file may be longer on its way than a call.
#[tokio::test]
async fn a_file_that_hangs_is_given_up() {
    let hanging = FetchError::Transient("no answer in time".to_owned());
    let begun = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\na,b\n";
    for sent in ["", begun] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(async move {
            let mut streams = Vec::new();
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                head_of(&mut stream).await;
                stream.write_all(sent.as_bytes()).await.unwrap();
                streams.push(stream);
            }
        });
        let key = Secret::new("rk_test_1").unwrap();
        let deadline = Duration::from_millis(600);
        let client = StripeClient::new(&base_url, &key, deadline, gate()).unwrap();
        match client.file(&id("file_1")).await {
            Err(error) => assert_eq!((error, sent), (hanging.clone(), "")),
            Ok(file) => {
                let mut file = pin!(file);
                assert_eq!(file.try_next().await.unwrap().unwrap(), "a,b\n");
                assert_eq!(file.try_next().await, Err(hanging.clone()));
            }
        }
        server.abort();
    }
}

#[tokio::test]
async fn a_status_of_tomorrow_is_kept() {
    let script = Script::start(vec![run("resting", &Value::Null)]).await;
    let run = script.client().report_run(&id("frr_1")).await.unwrap();
    assert_eq!(run.status, ReportStatus::Other("resting".to_owned()));
}

#[tokio::test]
async fn reports_say_until_when_they_have_data() {
    let list = json!({"object": "list", "has_more": false, "data": [
        {"id": "x.1", "object": "reporting.report_type", "data_available_end": 42},
        {"id": "y.1", "object": "reporting.report_type", "data_available_end": null},
        {"id": "z.1", "object": "reporting.report_type", "data_available_end": 43},
    ]});
    let script = Script::start(vec![ok(&list.to_string())]).await;
    let until = script.client().report_data_until().await.unwrap();
    assert_eq!(
        until.into_iter().collect::<Vec<_>>(),
        [("x.1".to_owned(), 42), ("z.1".to_owned(), 43)]
    );
    let heads = script.heads().await;
    assert!(heads[0].starts_with("get /v1/reporting/report_types http"));
}

#[tokio::test]
async fn all_runs_are_looked_at_in_one_call() {
    let run = |id: &str, status: &str| {
        json!({"id": id, "object": "reporting.report_run", "status": status,
            "result": {"id": "file_1"}})
    };
    let list = json!({"object": "list", "has_more": true, "data": [
        run("frr_2", "pending"), {"id": "frr_0"}, run("frr_1", "succeeded"),
    ]});
    let script = Script::start(vec![ok(&list.to_string())]).await;
    let page = script.client().report_runs().await.unwrap();
    let file = ReportStatus::Succeeded {
        file: id("file_1"),
        bytes: None,
    };
    let runs = page.items.into_iter().map(|run| (run.id, run.status));
    assert_eq!(
        runs.collect::<Vec<_>>(),
        [(id("frr_2"), ReportStatus::Pending), (id("frr_1"), file)]
    );
    assert_eq!(page.unreadable.len(), 1);
    let heads = script.heads().await;
    assert!(heads[0].starts_with("get /v1/reporting/report_runs?limit=100 http"));
}
