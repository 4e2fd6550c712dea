//! The road of one payout: one trace, from the webhook to the comparison.

use std::collections::BTreeSet;

use aws_lambda_events::sqs::SqsMessage;
use tributary_domain::change::state::Payout;
use tributary_domain::{BalanceTransaction, Links, ObjectKey, Source, TraceParent};
use tributary_ledger::Book;
use tributary_pipeline::apply::Fate;
use tributary_pipeline::ledger::{self, Worked};
use tributary_pipeline::reconcile::{self, Job};
use tributary_testkit::SimClock;
use tributary_testkit::ledger::samples::{connected, id, payment};
use tributary_testkit::ledger::{MemoryDoubts, MemoryPulls};
use tributary_testkit::reconcile::{MemoryWorld, TestWatch};

use crate::collector::{Collector, Span};
use crate::work::{NOON, Works, in_sqs, payout_event, queue};

fn payout_key(payout: &str) -> ObjectKey {
    ObjectKey::parse(&format!("live#acct_1#payout#{payout}")).unwrap()
}

/// The spans of a payout's trace.
fn of_payout(collector: &Collector, payout: &str) -> Vec<Span> {
    let trace = TraceParent::of_object(&payout_key(payout), "whichever");
    let mut spans = collector.spans();
    spans.retain(|span| span.trace == trace.trace_id());
    spans
}

fn named<'a>(spans: &'a [Span], name: &str) -> Vec<&'a Span> {
    spans.iter().filter(|span| span.name == name).collect()
}

/// The only span of a name.
fn one<'a>(spans: &'a [Span], name: &str) -> &'a Span {
    match named(spans, name).as_slice() {
        [one] => one,
        other => panic!("{name}: {other:#?}"),
    }
}

fn links_to(span: &Span, other: &Span) -> bool {
    span.links
        .contains(&(other.trace.clone(), other.id.clone()))
}

/// What Stripe booked for the payout.
fn paid_out(payout: &str) -> BalanceTransaction {
    BalanceTransaction {
        id: id("txn_00077"),
        kind: "payout".to_owned(),
        reporting_category: "payout".to_owned(),
        amount: -970,
        fee: 0,
        net: -970,
        fee_details: vec![],
        source: Some(Source {
            id: id(payout),
            kind: Some("payout".to_owned()),
            links: Links::default(),
        }),
        ..payment(1, NOON - 20)
    }
}

fn shown(key: &ObjectKey) -> Payout {
    let state = tributary_stripe::normalize::state;
    let body = payout_event("evt_shown", key.id.as_str(), "paid", 0);
    let event: serde_json::Value = serde_json::from_str(&body).unwrap();
    let body = tributary_domain::Document::from_value(&event["data"]["object"]).unwrap();
    match state(&key.kind, &body).unwrap().unwrap() {
        tributary_domain::change::State::Payout(payout) => *payout,
        other => panic!("{other:?}"),
    }
}

async fn post(works: &Works, world: &MemoryWorld, bodies: Vec<String>) -> Worked {
    let clock = SimClock::new(NOON);
    let watch = TestWatch {
        clock: &clock,
        has_time: true,
    };
    let (doubts, pulls) = (MemoryDoubts::default(), MemoryPulls::default());
    let ports = ledger::Ports {
        transactions: &world.stripe,
        ledger: &world.ledger,
        doubts: &doubts,
        watch: &watch,
        worker: "worker",
    };
    let messages = bodies.into_iter().enumerate();
    let messages = messages.map(|(n, body)| (format!("message-{n}"), body));
    let work = ledger::work(&ports, &pulls, messages);
    works.traces.around(work).await
}

async fn compare(works: &Works, world: &MemoryWorld, book: &Book) {
    let clock = SimClock::new(NOON);
    let watch = TestWatch {
        clock: &clock,
        has_time: true,
    };
    let job = Job::Holdings {
        book: book.clone(),
        at: NOON,
        before: None,
        lists: false,
        round: 0,
    };
    let rules = reconcile::Rules::default();
    let work = reconcile::work(world, &rules, &job, "worker", &watch);
    works.traces.around(work).await.unwrap();
}

#[tokio::test]
async fn everything_that_touches_one_payout_is_one_trace() {
    let collector = Collector::start().await;
    let works = Works::seen_by(&collector.endpoint).await;
    let (key, book, world) = (payout_key("po_road1"), connected(1), MemoryWorld::default());

    works
        .ingest(&payout_event("evt_road1", "po_road1", "paid", 0))
        .await;
    let message = in_sqs(&works.queues.events()[0]);
    assert_eq!(works.apply(message, 0).await, Fate::Applied);
    let published = works.publish(&key, None).await;
    world
        .stripe
        .movements
        .book(&book, [payment(2, NOON - 90), paid_out("po_road1")]);
    let worked = post(&works, &world, published).await;
    assert_eq!((worked.pulled, worked.failed.len()), (1, 0));
    world
        .stripe
        .pay_out(&book, key.clone(), shown(&key), vec![]);
    compare(&works, &world, &book).await;

    let spans = of_payout(&collector, "po_road1");
    let names: BTreeSet<_> = spans.iter().map(|span| span.name.as_str()).collect();
    let road = [
        "apply_event",
        "ingest_webhook",
        "post_entry",
        "post_ledger",
        "publish_changes",
        "reconcile_payout",
    ];
    assert_eq!(names, BTreeSet::from(road));
    let [apply, ingest, entry, post, publish, look] = road.map(|name| one(&spans, name));
    assert_eq!(ingest.parent, None);
    assert_eq!(apply.parent.as_ref(), Some(&ingest.id));
    assert_eq!(publish.parent.as_ref(), Some(&apply.id));
    assert_eq!(post.parent.as_ref(), Some(&publish.id));

    // What was done for many is linked, from both sides where both are known.
    let all = collector.spans();
    let pull = one(&all, "pull_book");
    assert!(links_to(post, pull) && links_to(pull, post) && links_to(entry, pull));
    assert!(links_to(look, one(&all, "reconcile")));
    let batch = one(&all, "apply_event batch");
    assert!(links_to(batch, apply) && links_to(apply, batch));

    assert_eq!(
        apply.attributes["tributary.object"],
        "live#acct_1#payout#po_road1"
    );
    assert_eq!(apply.attributes["tributary.event"], "live#acct_1#evt_road1");
    assert_eq!(apply.attributes["tributary.account"], "acct_1");
    assert_eq!(apply.attributes["tributary.outcome"], "applied");
    assert_eq!(entry.attributes["tributary.transaction"], "txn_00077");
    assert!(!collector.bodies().to_lowercase().contains("canary"));
}

#[tokio::test]
async fn the_trace_goes_on_after_the_dead_letters() {
    let collector = Collector::start().await;
    let works = Works::seen_by(&collector.endpoint).await;
    works
        .ingest(&payout_event("evt_road2", "po_road2", "paid", 0))
        .await;
    let mut events = queue();
    events.send(in_sqs(&works.queues.events()[0]), NOON);
    let mut now = NOON;
    while let Some(received) = events.receive(now, |_| 0) {
        assert_eq!(works.apply(received.payload, 1_000).await, Fate::Failed);
        now += 1_000;
    }
    assert_eq!(events.redrive(now), 1, "it was among the dead letters");
    let received = events.receive(now, |_| 0).unwrap();
    assert_eq!(works.apply(received.payload, 0).await, Fate::Applied);

    let spans = of_payout(&collector, "po_road2");
    let ingest = one(&spans, "ingest_webhook");
    let tries = named(&spans, "apply_event");
    assert_eq!(tries.len(), 6, "five tries, and the one after the redrive");
    let ids: BTreeSet<_> = tries.iter().map(|span| &span.id).collect();
    assert_eq!(ids.len(), 6, "each try is a span of its own");
    for one in &tries {
        assert_eq!(one.parent.as_ref(), Some(&ingest.id));
        assert_eq!(one.failed, one.attributes["tributary.outcome"] == "failed");
    }
    assert_eq!(tries.iter().filter(|one| one.failed).count(), 5);
    // The one that was applied is where publishing goes on, as often as it takes.
    works.publish_in_vain(&payout_key("po_road2")).await;
    works.publish(&payout_key("po_road2"), None).await;
    let spans = of_payout(&collector, "po_road2");
    let [refused, published] = named(&spans, "publish_changes")[..] else {
        panic!("two tries")
    };
    assert!(refused.failed && !published.failed);
    let applied = tries.iter().find(|one| !one.failed).unwrap();
    assert_eq!(published.parent.as_ref(), Some(&applied.id));
}

#[tokio::test]
async fn the_trace_goes_on_through_the_bucket() {
    let collector = Collector::start().await;
    let works = Works::seen_by(&collector.endpoint).await;
    works
        .ingest(&payout_event("evt_road3", "po_road3", "paid", 1_100_000))
        .await;
    let message = in_sqs(&works.queues.events()[0]);
    assert!(
        message.body.as_ref().unwrap().contains("claims/"),
        "it waits in the bucket"
    );
    assert_eq!(works.apply(message, 0).await, Fate::Applied);
    let spans = of_payout(&collector, "po_road3");
    let (ingest, apply) = (one(&spans, "ingest_webhook"), one(&spans, "apply_event"));
    assert_eq!(apply.parent.as_ref(), Some(&ingest.id));
}

/// EventBridge sets no attribute: the trace is made of the body.
#[tokio::test]
async fn what_nothing_of_ours_sent_begins_its_road() {
    let collector = Collector::start().await;
    let works = Works::seen_by(&collector.endpoint).await;
    let event = payout_event("evt_road4", "po_road4", "paid", 0);
    let mut message = SqsMessage::default();
    message.message_id = Some("message-a".to_owned());
    message.body = Some(format!(
        r#"{{"source":"aws.partner/stripe.com/x","detail-type":"payout.paid","detail":{event}}}"#
    ));
    assert_eq!(works.apply(message, 0).await, Fate::Applied);
    let spans = of_payout(&collector, "po_road4");
    assert_eq!(one(&spans, "apply_event").parent, None);
}

/// A message that names another trace than its body is seen in the body's.
#[tokio::test]
async fn a_strange_trace_is_linked() {
    let collector = Collector::start().await;
    let works = Works::seen_by(&collector.endpoint).await;
    works
        .ingest(&payout_event("evt_road5", "po_road5", "paid", 0))
        .await;
    let mut message = works.queues.events()[0].clone();
    message.trace = TraceParent::of_event("evt_of_another");
    works.apply(in_sqs(&message), 0).await;
    let spans = of_payout(&collector, "po_road5");
    let strange = (
        message.trace.trace_id().to_owned(),
        message.trace.span_id().to_owned(),
    );
    assert!(one(&spans, "apply_event").links.contains(&strange));
}
