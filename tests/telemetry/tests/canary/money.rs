//! The ledger and reconciliation, fed with what is on the bus and at Stripe.

use serde_json::Value;
use tributary_domain::{BalanceTransaction, ObjectKey, Source};
use tributary_pipeline::ledger::{self, work};
use tributary_pipeline::reconcile::{self, Job};
use tributary_testkit::SimClock;
use tributary_testkit::ledger::list::{Failure, Scene};
use tributary_testkit::ledger::samples::{connected, id, payment, unheard_of};
use tributary_testkit::ledger::{MemoryDoubts, MemoryPulls};
use tributary_testkit::reconcile::{MemoryWorld, TestWatch};

use crate::heard::Heard;
use crate::payloads::{PERSON, WORD, everywhere, texts, with};

const NOON: i64 = 1_795_348_800;

/// A domain event as the bus carries it.
fn domain_event() -> Value {
    let text = r#"{"schema":"charge.changed","version":1,
        "id":"0123456789abcdef0123456789abcdef","sequence":"1","livemode":true,
        "account":"acct_1","object":{"kind":"charge","id":"ch_1"},"change":"created",
        "as_of":{"created":1795348700,"event":"evt_1"},"ambiguous":false,"truncated":false,
        "state":{"description":"x","status":"x"},"previous":{"status":"x"},
        "traceparent":"00-0123456789abcdef0123456789abcdef-0123456789abcdef-01"}"#;
    serde_json::from_str(text).unwrap()
}

/// Movements whose texts are canaries, as far as a movement has texts of its own.
fn movements(text: &str) -> Vec<BalanceTransaction> {
    let planted = |n: usize, change: fn(&mut BalanceTransaction, &str)| {
        let mut movement = payment(n, NOON - 100);
        change(&mut movement, text);
        movement
    };
    vec![
        planted(1, |m, text| text.clone_into(&mut m.kind)),
        planted(2, |m, text| text.clone_into(&mut m.reporting_category)),
        planted(3, |m, text| text.clone_into(&mut m.balance_type)),
        planted(4, |m, text| text.clone_into(&mut m.status)),
        planted(6, |m, text| text.clone_into(&mut m.fee_details[0].kind)),
        planted(7, |m, text| m.exchange_rate = Some(text.to_owned())),
        planted(8, |m, text| {
            m.source = Some(Source {
                id: id("Canary Person's own id"),
                kind: Some(text.to_owned()),
                links: Default::default(),
            });
        }),
        planted(9, |m, text| {
            m.net += 1;
            text.clone_into(&mut m.currency);
        }),
        unheard_of(10, NOON - 90),
    ]
}

async fn pull(world: &MemoryWorld, heard: &Heard, bodies: Vec<String>) {
    let clock = SimClock::new(NOON);
    for has_time in [true, false] {
        let watch = TestWatch {
            clock: &clock,
            has_time,
        };
        let (doubts, pulls) = (MemoryDoubts::default(), MemoryPulls::default());
        let ports = ledger::Ports {
            transactions: &world.stripe,
            ledger: &world.ledger,
            doubts: &doubts,
            watch: &watch,
            worker: "worker",
        };
        let messages = bodies.iter().enumerate();
        let messages = messages.map(|(n, body)| (format!("message-{n}"), body.clone()));
        heard.shown(&work(&ports, &pulls, messages).await);
    }
}

#[tokio::test]
async fn nothing_of_the_bus_is_told() {
    let (heard, world) = (Heard::begin(), MemoryWorld::default());
    let event = domain_event();
    let mut bodies = vec![PERSON.to_owned(), event.to_string()];
    bodies.extend([PERSON, WORD].map(|text| everywhere(&event, text).to_string()));
    bodies.extend(
        texts(&event)
            .iter()
            .map(|path| with(&event, path, PERSON).to_string()),
    );
    pull(&world, &heard, bodies).await;
    assert!(heard.assert_silent("the bus") > 0);
}

#[tokio::test]
async fn nothing_of_a_movement_is_told() {
    for text in [PERSON, WORD] {
        let (heard, world) = (Heard::begin(), MemoryWorld::default());
        let book = connected(1);
        world.stripe.movements.book(&book, movements(text));
        world
            .stripe
            .movements
            .at(0, Scene::Fails(Failure::Unavailable));
        let request = ledger::PullRequest {
            book,
            until: NOON,
            since: None,
            stake: 0,
        };
        for _ in 0..2 {
            pull(&world, &heard, vec![request.to_body()]).await;
        }
        let told = heard.take();
        assert!(told.contains("a concern"), "{told}");
        assert!(!told.to_lowercase().contains("canary"), "{told}");
    }
}

#[tokio::test]
async fn nothing_of_a_comparison_is_told() {
    let (heard, world) = (Heard::begin(), MemoryWorld::default());
    let book = connected(1);
    world.stripe.movements.book(&book, movements(WORD));
    let key = ObjectKey::parse("live#acct_1#payout#po_1").unwrap();
    let body = serde_json::json!({
        "id": "po_1", "object": "payout", "amount": 970, "currency": "usd",
        "created": NOON - 9 * 86_400, "arrival_date": NOON - 8 * 86_400, "automatic": true,
        "status": "in_transit", "method": PERSON, "failure_code": WORD,
        "source_type": PERSON, "destination": PERSON, "reconciliation_status": "completed",
    });
    let body = tributary_domain::Document::from_value(&body).unwrap();
    let state = tributary_stripe::normalize::state(&key.kind, &body).unwrap();
    let Some(tributary_domain::change::State::Payout(payout)) = state else {
        panic!("{state:?}")
    };
    world.stripe.pay_out(&book, key, *payout, movements(PERSON));
    let clock = SimClock::new(NOON);
    let job = Job::Holdings {
        book,
        at: NOON,
        before: None,
        lists: false,
        round: 0,
    };
    for has_time in [false, true] {
        let watch = TestWatch {
            clock: &clock,
            has_time,
        };
        let rules = reconcile::Rules::default();
        heard.shown(&reconcile::work(&world, &rules, &job, "worker", &watch).await);
    }
    heard.assert_silent("a comparison");
    assert!(!world.findings.all().is_empty(), "nothing was compared");
}
