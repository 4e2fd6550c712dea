//! How the row of one object is settled: what is written, and what is asked for.
#![allow(clippy::unwrap_used)]

use tributary_domain::{Change, Effect, FetchRequest};
use tributary_pipeline::apply::{FETCHES_MAX, Fate, Incoming, Ports, apply};
use tributary_testkit::samples::{Sample, event_key, object_key};
use tributary_testkit::{MemoryQueues, MemoryStore};

async fn deliver(store: &MemoryStore, queues: &MemoryQueues, batch: Vec<Incoming>) -> Vec<Fate> {
    let ports = Ports {
        store,
        fetches: queues,
        quarantine: queues,
    };
    let fates = apply(&ports, batch).await;
    fates.into_iter().map(|(_, fate)| fate).collect()
}

fn sample(event: u32) -> Sample {
    Sample {
        event,
        at: i64::from(event),
        n: event,
        ..Sample::default()
    }
}

#[test]
fn fates_have_names_that_last() {
    for (fate, name) in [
        (Fate::Applied, "applied"),
        (Fate::Duplicate, "duplicate"),
        (Fate::OtherRendering, "other_rendering"),
        (Fate::OtherBody, "other_body"),
        (Fate::Quarantined, "quarantined"),
        (Fate::Failed, "failed"),
    ] {
        assert_eq!(fate.code(), name);
    }
}

#[tokio::test]
async fn a_batch_of_any_size_writes_its_row() {
    for count in 1..=4 {
        let (store, queues) = (MemoryStore::default(), MemoryQueues::default());
        let batch = (1..=count).map(|event| sample(event).incoming(event.to_string()));
        deliver(&store, &queues, batch.collect()).await;
        let row = store.row(&object_key(1)).unwrap();
        assert_eq!(row.resolve().unwrap().winner, &sample(count).version());
    }
}

#[tokio::test]
async fn both_ends_of_a_payout_are_named_when_they_come_together() {
    let of = |event: u32, kind: &str| {
        let mut incoming = sample(event).incoming(event.to_string());
        incoming.decoded.as_mut().unwrap().facts.kind = kind.to_owned();
        incoming
    };
    let (store, queues) = (MemoryStore::default(), MemoryQueues::default());
    let batch = vec![of(9, "payout.failed"), of(5, "payout.paid")];
    deliver(&store, &queues, batch).await;
    let row = store.row(&object_key(1)).unwrap();
    let heard: Vec<_> = row.heard().map(|(_, event)| event.clone()).collect();
    assert_eq!(heard, [event_key(5).id, event_key(9).id]);
}

/// Each answer that leaves the order open doubles the time to the next question.
#[tokio::test]
async fn a_tie_waits_longer_each_time_and_then_for_a_person() {
    for fetches in 0..=FETCHES_MAX {
        let (store, queues) = (MemoryStore::default(), MemoryQueues::default());
        let tied = |event| Sample {
            at: 1,
            ..sample(event)
        };
        deliver(&store, &queues, vec![tied(1).incoming("a")]).await;
        let observed = Sample {
            change: Change::Observed,
            ..tied(2)
        };
        let mut last = observed.incoming("b");
        if let Effect::Mirror(seen) = &mut last.decoded.as_mut().unwrap().effect {
            seen.fetches = fetches;
        }
        let fates = deliver(&store, &queues, vec![last]).await;
        if fetches == FETCHES_MAX {
            assert_eq!(fates, [Fate::Quarantined]);
            assert!(queues.fetches().is_empty());
            continue;
        }
        assert_eq!(fates, [Fate::Applied]);
        let [(request, delay_s)] = &queues.fetches()[..] else {
            unreachable!("one question")
        };
        assert_eq!(request.fetches, fetches);
        assert_eq!(*delay_s, [2, 4, 8, 16, 32, 64][usize::from(fetches)]);
    }
}

#[tokio::test]
async fn what_only_names_its_object_is_fetched_at_once() {
    let (store, queues) = (MemoryStore::default(), MemoryQueues::default());
    let request = FetchRequest {
        object: object_key(1),
        url: Some("/v1/charges/ch_1".to_owned()),
        cause: "evt_0001".to_owned(),
        fetches: 0,
    };
    let mut thin = sample(1).incoming("a");
    thin.decoded.as_mut().unwrap().effect = Effect::Fetch(request.clone());
    assert_eq!(deliver(&store, &queues, vec![thin]).await, [Fate::Applied]);
    assert_eq!(queues.fetches(), [(request, 0)]);
    assert!(store.mirror().is_empty());
}
