//! Posting webhooks to an endpoint on the loopback interface.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, in its helping functions too"
)]

use std::{
    collections::BTreeSet,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use axum::{Router, body::Bytes, response::Response};
use http::{HeaderMap, StatusCode, Uri};
use tributary_simulator::{
    delivery::{Delivery, Intent, sign},
    poster::{Posted, Poster, Reply, Schedule, Secrets},
};

const BODY: &[u8] = b"{\"id\": \"evt_1\"}";
const OLD: &str = "whsec_old";
const NEW: &str = "whsec_new";

/// Time passes by a second whenever somebody looks.
static CLOCK: AtomicI64 = AtomicI64::new(1_763_683_200);

fn clock() -> i64 {
    CLOCK.fetch_add(1, Ordering::Relaxed)
}

#[derive(Debug, Clone)]
struct Seen {
    path: String,
    signature: String,
    kind: String,
    body: Vec<u8>,
}

impl Seen {
    fn time(&self) -> i64 {
        let time = self.signature.split(',').next().expect("a time");
        let time = time.strip_prefix("t=").expect("it is named");
        time.parse().expect("unix seconds")
    }

    fn is_signed_with(&self, secrets: &[&str]) -> bool {
        self.signature == sign(secrets, self.time(), &self.body)
    }
}

/// An endpoint that gives `answers` in turn and then repeats the last one. A status of 0 stands
/// for silence.
struct Endpoint {
    url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Endpoint {
    async fn answering(answers: &'static [u16]) -> Self {
        let seen = Arc::new(Mutex::new(Vec::<Seen>::new()));
        let kept = Arc::clone(&seen);
        let app = Router::new().fallback(
            async move |uri: Uri, headers: HeaderMap, body: Bytes| -> Response<String> {
                let text = |name: &str| headers[name].to_str().expect("text").to_owned();
                let number = {
                    let mut seen = kept.lock().expect("no test panics with the lock");
                    seen.push(Seen {
                        path: uri.path().to_owned(),
                        signature: text("stripe-signature"),
                        kind: text("content-type"),
                        body: body.to_vec(),
                    });
                    seen.len() - 1
                };
                let status = answers[number.min(answers.len() - 1)];
                if status == 0 {
                    std::future::pending::<()>().await;
                }
                let mut response = Response::new(format!("answer {number}"));
                *response.status_mut() = StatusCode::from_u16(status).expect("a status");
                if (300..400).contains(&status) {
                    let elsewhere = "/elsewhere".parse().expect("a path");
                    response.headers_mut().insert("location", elsewhere);
                }
                response
            },
        );
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let listener = tokio::net::TcpListener::bind(address)
            .await
            .expect("a port");
        let url = format!("http://{}/hooks/", listener.local_addr().expect("bound"));
        tokio::spawn(axum::serve(listener, app).into_future());
        Self { url, seen }
    }

    fn poster(&self, attempts: u32) -> Poster {
        let schedule = Schedule {
            attempts,
            time_scale: 1_000_000,
            ..Schedule::default()
        };
        self.poster_on(schedule)
    }

    fn poster_on(&self, schedule: Schedule) -> Poster {
        let secrets = Secrets::from([
            ("platform".to_owned(), vec![OLD.to_owned()]),
            ("connect".to_owned(), vec![NEW.to_owned(), OLD.to_owned()]),
        ]);
        let poster = Poster::new(&self.url, secrets, schedule).expect("a client");
        poster.with_clock(clock)
    }

    fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("nobody panicked").clone()
    }
}

fn delivery(endpoint: &'static str, intent: Intent) -> Delivery {
    Delivery {
        endpoint,
        event_id: Some("evt_1".to_owned()),
        body: BODY.to_vec(),
        intent,
    }
}

fn ended(attempts: u32, status: u16) -> Posted {
    let reply = Reply {
        status: Some(status),
        body: format!("answer {}", attempts - 1),
    };
    Posted { reply, attempts }
}

#[tokio::test]
async fn a_delivery_is_tried_until_it_is_accepted() {
    let endpoint = Endpoint::answering(&[500, 400, 429, 301, 204, 200]).await;
    let posted = endpoint
        .poster(10)
        .post(&delivery("platform", Intent::Genuine))
        .await;
    assert_eq!(posted.reply.status, Some(204));
    assert_eq!(posted.attempts, 5);
    for seen in endpoint.seen() {
        assert_eq!(seen.path, "/hooks/platform");
        assert_eq!(seen.kind, "application/json; charset=utf-8");
        assert_eq!(seen.body, BODY);
    }
}

#[tokio::test]
async fn each_attempt_has_a_time_and_a_signature_of_its_own() {
    let endpoint = Endpoint::answering(&[503, 503, 503, 200]).await;
    let posted = endpoint
        .poster(10)
        .post(&delivery("connect", Intent::Genuine))
        .await;
    assert_eq!(posted, ended(4, 200));
    let seen = endpoint.seen();
    assert!(seen.iter().all(|seen| seen.is_signed_with(&[NEW, OLD])));
    let signatures: BTreeSet<&str> = seen.iter().map(|seen| seen.signature.as_str()).collect();
    assert_eq!(signatures.len(), 4);
    assert!(seen.is_sorted_by_key(Seen::time));
}

#[tokio::test]
async fn the_attempts_are_bounded() {
    let endpoint = Endpoint::answering(&[500]).await;
    let genuine = delivery("platform", Intent::Genuine);
    assert_eq!(endpoint.poster(3).post(&genuine).await, ended(3, 500));
    assert_eq!(endpoint.poster(0).post(&genuine).await.attempts, 1);
    assert_eq!(endpoint.seen().len(), 4);
}

#[tokio::test]
async fn a_redirect_is_a_failure_and_not_followed() {
    let endpoint = Endpoint::answering(&[307]).await;
    let posted = endpoint
        .poster(2)
        .post(&delivery("platform", Intent::Genuine))
        .await;
    assert_eq!(posted, ended(2, 307));
    assert!(
        endpoint
            .seen()
            .iter()
            .all(|seen| seen.path == "/hooks/platform")
    );
}

#[tokio::test]
async fn silence_is_tried_again() {
    let endpoint = Endpoint::answering(&[0]).await;
    let schedule = Schedule {
        attempts: 2,
        time_scale: 1_000_000,
        timeout: Duration::from_millis(200),
        ..Schedule::default()
    };
    let poster = endpoint.poster_on(schedule);
    let posted = poster.post(&delivery("platform", Intent::Resent)).await;
    assert_eq!((posted.reply, posted.attempts), (Reply::default(), 2));
    assert_eq!(endpoint.seen().len(), 2);
}

#[tokio::test]
async fn nobody_there_is_no_status() {
    let free = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let url = format!("http://{}", free.local_addr().expect("bound"));
    drop(free);
    let schedule = Schedule {
        attempts: 2,
        time_scale: 1_000_000,
        ..Schedule::default()
    };
    let poster = Poster::new(&url, Secrets::new(), schedule).expect("a client");
    let posted = poster.post(&delivery("platform", Intent::Genuine)).await;
    assert_eq!((posted.reply, posted.attempts), (Reply::default(), 2));
}

#[tokio::test]
async fn a_forger_knows_no_secret_and_takes_a_refusal() {
    let endpoint = Endpoint::answering(&[503, 400, 200]).await;
    let posted = endpoint
        .poster(10)
        .post(&delivery("platform", Intent::Forged))
        .await;
    assert_eq!(posted, ended(2, 400));
    for seen in endpoint.seen() {
        assert!(seen.signature.contains(",v1="));
        assert!(!seen.is_signed_with(&[OLD]));
    }
}

#[tokio::test]
async fn malformed_bodies_are_signed_and_arrive_byte_for_byte() {
    let endpoint = Endpoint::answering(&[200]).await;
    let malformed = Delivery {
        event_id: None,
        body: b"{\"id\": \"\xff\xfe\"}".to_vec(),
        ..delivery("platform", Intent::Malformed)
    };
    assert_eq!(endpoint.poster(1).post(&malformed).await, ended(1, 200));
    let seen = endpoint.seen();
    assert_eq!(seen[0].body, malformed.body);
    assert_eq!(seen[0].kind, "application/octet-stream");
    assert!(seen[0].is_signed_with(&[OLD]));
}

#[tokio::test]
async fn all_are_posted_and_each_end_is_told_once() {
    let endpoint = Endpoint::answering(&[500, 500, 200]).await;
    let deliveries: Vec<Delivery> = (0..20)
        .map(|number| Delivery {
            body: format!("{{\"id\": \"evt_{number}\"}}").into_bytes(),
            ..delivery("platform", Intent::Genuine)
        })
        .collect();
    let mut bodies = BTreeSet::new();
    let mut attempts = 0;
    let ended = |delivery: &Delivery, posted: &Posted| {
        assert!(posted.reply.is_success());
        assert!(bodies.insert(delivery.body.clone()));
        attempts += posted.attempts;
    };
    endpoint.poster(5).post_all(&deliveries, 4, ended).await;
    assert_eq!((bodies.len(), attempts), (20, 22));
    assert_eq!(endpoint.seen().len(), 22);
}
