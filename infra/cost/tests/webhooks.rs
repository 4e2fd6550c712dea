//! Small streams through the real functions: exactly what each webhook asks of AWS.
//!
//! The binaries are those beside this test's: `make test` builds them first.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::path::{Path, PathBuf};

use tributary_cost::count::{Stage, Tally, Unit};
use tributary_cost::price::Prices;
use tributary_cost::road::{Ground, Pace, Road};
use tributary_cost::stream::Stream;
use tributary_cost::template::Template;
use tributary_demo::day::Script;
use tributary_simulator::delivery::{Delivery, Intent};

/// Nobody listens there: these streams ask nothing of Stripe.
const NO_STRIPE: &str = "http://127.0.0.1:9";
const WEBHOOKS: usize = 10;

fn ground(name: &str) -> Ground {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let test = std::env::current_exe().unwrap();
    let logs = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&logs).unwrap();
    Ground {
        binaries: test.parent().unwrap().parent().unwrap().to_owned(),
        logs,
        template: Template::load(&crate_folder.join("../../template.yaml")).unwrap(),
        prices: Prices::load(&crate_folder.join("prices/us-east-1-2026-11.yaml")).unwrap(),
    }
}

fn day() -> Stream {
    Stream::play(Script {
        seed: 3,
        accounts: 4,
        events: 150,
    })
}

/// So many events, each about an object of its own.
fn payments(stream: &Stream) -> Vec<Delivery> {
    let is_new = |delivery: &&Delivery| {
        let text = String::from_utf8_lossy(&delivery.body);
        text.contains(r#""type": "charge.succeeded""#)
    };
    let payments: Vec<_> = stream
        .genuine()
        .filter(is_new)
        .take(WEBHOOKS)
        .cloned()
        .collect();
    assert_eq!(payments.len(), WEBHOOKS);
    payments
}

async fn counted(road: &mut Road, deliveries: &[Delivery], pace: Pace) -> Tally {
    road.play(deliveries, 200, pace).await.unwrap();
    road.take_tally().unwrap()
}

fn requests(tally: &Tally) -> Vec<(&str, u64)> {
    let requests = tally.requests.iter();
    requests
        .map(|(name, one)| (name.as_str(), one.count))
        .collect()
}

#[tokio::test]
async fn a_webhook_in_a_batch_of_its_own_is_one_send_one_read_two_writes_and_one_event() {
    let ground = ground("alone");
    let mut road = Road::start(&ground, NO_STRIPE).await.unwrap();
    let tally = counted(&mut road, &payments(&day()), Pace::LOW).await;
    let each = WEBHOOKS as u64;
    assert_eq!(
        requests(&tally),
        [
            ("BatchGetItem", each),
            ("DeleteMessageBatch", each),
            ("PutEvents", each),
            ("PutItem", 2 * each),
            ("ReceiveMessage", each),
            ("SendMessage", each),
        ]
    );
    let counts = &tally.counts;
    assert_eq!(counts.get(Stage::Ingress, Unit::HttpApiRequest), each);
    assert_eq!(counts.get(Stage::Ingress, Unit::LambdaRequest), each);
    assert_eq!(counts.get(Stage::Ingress, Unit::LambdaMbMs), each * 8 * 256);
    assert_eq!(counts.get(Stage::Apply, Unit::LambdaMbMs), each * 12 * 256);
    assert_eq!(counts.get(Stage::Queue, Unit::SqsRequest), 3 * each);
    assert_eq!(counts.get(Stage::Queue, Unit::SqsFairSurcharge), 3 * each);
    // Neither is there yet: half a unit for the receipt, half for the row.
    assert_eq!(counts.get(Stage::Reads, Unit::ReadHalfUnit), 2 * each);
    assert_eq!(counts.get(Stage::FanOut, Unit::BusEvent), each);
    assert_eq!(tally.writes.len() as u64, 2 * each);
}

#[tokio::test]
async fn ten_webhooks_in_one_batch_are_received_read_and_deleted_at_once() {
    let ground = ground("batch");
    let mut road = Road::start(&ground, NO_STRIPE).await.unwrap();
    let pace = Pace::load(&ground.template).unwrap();
    let tally = counted(&mut road, &payments(&day()), pace).await;
    let each = WEBHOOKS as u64;
    assert_eq!(
        requests(&tally),
        [
            ("BatchGetItem", 1),
            ("DeleteMessageBatch", 1),
            ("PutEvents", 1),
            ("PutItem", 2 * each),
            ("ReceiveMessage", 1),
            ("SendMessage", each),
        ]
    );
    assert_eq!(tally.counts.get(Stage::Apply, Unit::LambdaRequest), 1);
    assert_eq!(tally.counts.get(Stage::FanOut, Unit::LambdaRequest), 1);
}

#[tokio::test]
async fn a_duplicate_is_read_and_never_written() {
    let ground = ground("duplicates");
    let mut road = Road::start(&ground, NO_STRIPE).await.unwrap();
    let payments = payments(&day());
    counted(&mut road, &payments, Pace::LOW).await;
    let tally = counted(&mut road, &payments, Pace::LOW).await;
    let each = WEBHOOKS as u64;
    assert_eq!(
        requests(&tally),
        [
            ("BatchGetItem", each),
            ("DeleteMessageBatch", each),
            ("ReceiveMessage", each),
            ("SendMessage", each),
        ]
    );
    assert_eq!(tally.counts.get(Stage::Writes, Unit::WriteUnit), 0);
}

#[tokio::test]
async fn what_is_forged_asks_nothing_of_aws() {
    let ground = ground("forged");
    let mut road = Road::start(&ground, NO_STRIPE).await.unwrap();
    let forged = day().foreign(Intent::Forged, 3);
    road.play(&forged, 400, Pace::LOW).await.unwrap();
    let tally = road.take_tally().unwrap();
    // A signature that does not match lets the secrets be read again, once in a while.
    let asked: Vec<&str> = requests(&tally).into_iter().map(|(name, _)| name).collect();
    assert!(
        asked.iter().all(|name| *name == "GetSecretValue"),
        "{asked:?}"
    );
    assert!(
        tally.counts.get(Stage::Logs, Unit::LogByte) > 0,
        "it is told of"
    );
}

#[tokio::test]
async fn there_are_no_figures_when_the_mirror_is_not_the_truth() {
    let ground = ground("half");
    let mut road = Road::start(&ground, NO_STRIPE).await.unwrap();
    let day = day();
    counted(&mut road, &payments(&day), Pace::LOW).await;
    let error = road
        .read_back()
        .await
        .unwrap()
        .compare(&day.world)
        .unwrap_err();
    assert!(error.to_string().contains("events are lost"), "{error}");
}
