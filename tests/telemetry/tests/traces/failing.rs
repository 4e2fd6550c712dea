//! A collector that does not take what it is sent: the work is done all the same.

use std::time::{Duration, Instant};

use ingest_webhook::answer::Answer;
use tokio::net::TcpListener;
use tributary_telemetry::span::recorder;

use crate::collector::Collector;
use crate::work::{Works, payout_event};

async fn ingest(works: &Works, name: &str) -> (Answer, Duration) {
    let began = Instant::now();
    let event = payout_event(&format!("evt_{name}"), &format!("po_{name}"), "paid", 0);
    (works.ingest(&event).await, began.elapsed())
}

#[tokio::test]
async fn a_collector_that_refuses_loses_spans_and_nothing_else() {
    let collector = Collector::refusing().await;
    let works = Works::seen_by(&collector.endpoint).await;
    let before = recorder::lost();
    assert_eq!(ingest(&works, "refused1").await.0, Answer::Queued);
    assert!(recorder::lost() > before);
}

#[tokio::test]
async fn a_collector_that_is_not_there_loses_spans_and_nothing_else() {
    let works = Works::seen_by("http://127.0.0.1:1").await;
    let before = recorder::lost();
    assert_eq!(ingest(&works, "gone1").await.0, Answer::Queued);
    assert!(recorder::lost() > before);
}

/// It takes connections and never answers.
#[tokio::test]
async fn a_silent_collector_costs_half_a_second_once() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let works = Works::seen_by(&endpoint).await;
    let (answer, took) = ingest(&works, "silent1").await;
    assert_eq!(answer, Answer::Queued);
    assert!(took >= Duration::from_millis(500), "{took:?}");
    let (answer, took) = ingest(&works, "silent2").await;
    assert_eq!(answer, Answer::Queued);
    assert!(
        took < Duration::from_millis(400),
        "it was left alone: {took:?}"
    );
}
