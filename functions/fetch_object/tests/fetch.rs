//! Fetch, with a Stripe that answers from a script and queues in memory.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::sync::Mutex;

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use fetch_object::handler::{Api, Fetch};
use tributary_domain::{Change, Effect, FetchRequest, Owner};
use tributary_stripe::client::{FetchError, Fetched};
use tributary_stripe::decode_fetched;
use tributary_testkit::samples::object_key;
use tributary_testkit::{MemoryBlobs, MemoryQueues};

/// Answers each call with the next line of the script, and keeps what was asked.
struct Script {
    answers: Mutex<Vec<Result<Fetched, FetchError>>>,
    asked: Mutex<Vec<(String, Owner)>>,
}

impl Api for Script {
    async fn get(&self, path: &str, owner: &Owner) -> Result<Fetched, FetchError> {
        self.asked
            .lock()
            .unwrap()
            .push((path.to_owned(), owner.clone()));
        self.answers.lock().unwrap().remove(0)
    }
}

fn fetch(answers: Vec<Result<Fetched, FetchError>>) -> Fetch<Script, MemoryQueues, MemoryBlobs> {
    Fetch {
        api: Script {
            answers: Mutex::new(answers),
            asked: Mutex::default(),
        },
        queue: MemoryQueues::default(),
        blobs: MemoryBlobs::default(),
    }
}

fn request(url: Option<&str>) -> FetchRequest {
    FetchRequest {
        object: object_key(1),
        url: url.map(str::to_owned),
        cause: "evt_0001".to_owned(),
        fetches: 2,
    }
}

fn batch(bodies: &[String]) -> SqsEvent {
    let mut event = SqsEvent::default();
    for (n, body) in bodies.iter().enumerate() {
        let mut message = SqsMessage::default();
        message.message_id = Some(n.to_string());
        message.body = Some(body.clone());
        event.records.push(message);
    }
    event
}

fn answer(body: &str) -> Result<Fetched, FetchError> {
    Ok(Fetched {
        body: body.to_owned(),
        observed_at: 1_700_000_000,
    })
}

const CHARGE: &str =
    r#"{"id":"ch_1","object":"charge","amount":100,"currency":"usd","livemode":true}"#;

async fn failures(
    fetch: &Fetch<Script, MemoryQueues, MemoryBlobs>,
    requests: &[FetchRequest],
) -> Vec<String> {
    let bodies: Vec<String> = requests
        .iter()
        .map(|request| serde_json::to_string(request).unwrap())
        .collect();
    let response = fetch.handle(batch(&bodies)).await;
    response
        .batch_item_failures
        .into_iter()
        .map(|failure| failure.item_identifier)
        .collect()
}

#[tokio::test]
async fn what_stripe_answers_takes_the_ordinary_road() {
    let fetch = fetch(vec![answer(CHARGE)]);
    assert!(failures(&fetch, &[request(None)]).await.is_empty());
    assert_eq!(
        fetch.api.asked.lock().unwrap()[0],
        ("/v1/charges/ch_1".to_owned(), Owner::Platform)
    );
    let [message] = fetch.queue.events().try_into().unwrap();
    assert_eq!(
        (message.kind.as_str(), message.group.as_str()),
        ("fetched", "live:platform")
    );
    let arrival = decode_fetched(&message.body).unwrap();
    let Effect::Mirror(seen) = arrival.effect else {
        unreachable!()
    };
    assert_eq!(
        (seen.version.change, seen.version.at),
        (Change::Observed, 1_700_000_000)
    );
    assert_eq!(seen.fetches, 3, "this fetch is counted");
}

#[tokio::test]
async fn an_url_of_an_event_is_followed_only_within_the_api() {
    let fetch = fetch(vec![answer(CHARGE), answer(CHARGE)]);
    let evil = request(Some("https://evil.example/v1/charges/ch_1"));
    failures(&fetch, &[request(Some("/v1/charges/ch_other")), evil]).await;
    let asked: Vec<String> = fetch
        .api
        .asked
        .lock()
        .unwrap()
        .iter()
        .map(|(path, _)| path.clone())
        .collect();
    assert_eq!(asked, ["/v1/charges/ch_other", "/v1/charges/ch_1"]);
}

#[tokio::test]
async fn a_failed_fetch_comes_again_and_costs_only_itself() {
    let down = || Err(FetchError::Transient("injected".to_owned()));
    let fetch = fetch(vec![answer(CHARGE), down(), answer(CHARGE)]);
    let three = [request(None), request(None), request(None)];
    assert_eq!(failures(&fetch, &three).await, ["1"]);
    assert_eq!(fetch.queue.events().len(), 2);
}

fn refused(status: u16, code: &str) -> Result<Fetched, FetchError> {
    Err(FetchError::Refused {
        status,
        code: code.to_owned(),
    })
}

#[tokio::test]
async fn an_object_that_is_not_to_be_had_is_not_asked_for_again() {
    for answer in [Err(FetchError::Missing), refused(403, "account_invalid")] {
        let fetch = fetch(vec![answer]);
        assert!(failures(&fetch, &[request(None)]).await.is_empty());
        assert!(fetch.queue.events().is_empty());
    }
}

#[tokio::test]
async fn a_key_that_is_refused_keeps_the_request() {
    let fetch = fetch(vec![refused(401, "api_key_expired")]);
    assert_eq!(failures(&fetch, &[request(None)]).await, ["0"]);
}

#[tokio::test]
async fn a_kind_without_a_path_is_not_asked_for() {
    let fetch = fetch(Vec::new());
    let mut unknown = request(None);
    unknown.object.kind = tributary_domain::ObjectKind::parse("unheard.of").unwrap();
    assert!(failures(&fetch, &[unknown]).await.is_empty());
    assert!(fetch.api.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_message_that_is_no_request_comes_again() {
    let fetch = fetch(Vec::new());
    let response = fetch.handle(batch(&["{}".to_owned()])).await;
    assert_eq!(response.batch_item_failures.len(), 1);
}

#[tokio::test]
async fn an_answer_over_the_queues_limit_goes_by_claim_check() {
    let big = CHARGE.replacen(
        '{',
        &format!("{{\"noise\":\"{}\",", "x".repeat(1_200_000)),
        1,
    );
    let fetch = fetch(vec![answer(&big)]);
    assert!(failures(&fetch, &[request(None)]).await.is_empty());
    assert_eq!(fetch.queue.events()[0].kind.as_str(), "fetched_claim");
    assert_eq!(fetch.blobs.keys().len(), 1);
}
