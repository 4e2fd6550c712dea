//! What becomes of single messages.

use tributary_domain::{Change, Effect, FetchRequest, Unusable};
use tributary_pipeline::apply::{FETCHES_MAX, Fate, Incoming, Ports, apply};
use tributary_pipeline::receipt::Outcome;
use tributary_testkit::samples::{Sample, event_key, object_key};
use tributary_testkit::{Faulty, MemoryQueues, MemoryStore};

#[derive(Default)]
struct World {
    store: MemoryStore,
    queues: MemoryQueues,
}

impl World {
    async fn deliver(&self, batch: Vec<Incoming>) -> Vec<Fate> {
        let ports = Ports {
            store: &self.store,
            fetches: &self.queues,
            quarantine: &self.queues,
        };
        apply(&ports, batch)
            .await
            .into_iter()
            .map(|(_, fate)| fate)
            .collect()
    }
}

#[tokio::test]
async fn a_duplicate_costs_no_write() {
    let world = World::default();
    let sample = Sample::default();
    let fates = world.deliver(vec![sample.incoming("a")]).await;
    assert_eq!(fates, [Fate::Applied]);
    let writes = world.store.writes();
    assert_eq!(writes, 2, "one event costs two writes");
    let fates = world.deliver(vec![sample.incoming("b")]).await;
    assert_eq!(fates, [Fate::Duplicate]);
    assert_eq!(world.store.writes(), writes);
}

#[tokio::test]
async fn events_of_one_object_in_one_batch_share_one_row_write() {
    let world = World::default();
    let batch = (1..=5).map(|n| Sample {
        event: n,
        at: i64::from(n),
        n,
        ..Sample::default()
    });
    let batch = batch
        .map(|sample| sample.incoming(sample.event.to_string()))
        .collect();
    assert_eq!(world.deliver(batch).await, [Fate::Applied; 5]);
    assert_eq!(world.store.writes(), 1 + 5);
}

#[tokio::test]
async fn an_older_event_writes_its_receipt_only() {
    let world = World::default();
    let newer = Sample {
        event: 2,
        at: 2,
        n: 2,
        ..Sample::default()
    };
    world.deliver(vec![newer.incoming("a")]).await;
    let writes = world.store.writes();
    assert_eq!(
        world.deliver(vec![Sample::default().incoming("b")]).await,
        [Fate::Applied]
    );
    assert_eq!(world.store.writes(), writes + 1);
}

/// That a payout was paid is told by the event alone once it has failed.
#[tokio::test]
async fn an_older_event_that_says_how_a_payout_ended_is_named_in_the_row() {
    let of = |event: u32, kind: &str| {
        let sample = Sample {
            event,
            at: i64::from(event),
            n: event,
            ..Sample::default()
        };
        let mut incoming = sample.incoming(format!("{event}"));
        incoming.decoded.as_mut().unwrap().facts.kind = kind.to_owned();
        incoming
    };
    let world = World::default();
    world.deliver(vec![of(9, "payout.failed")]).await;
    let before = world.store.row(&object_key(1)).unwrap();
    let writes = world.store.writes();
    for (event, kind, costs) in [(5, "payout.paid", 2), (4, "payout.updated", 3)] {
        world.deliver(vec![of(event, kind)]).await;
        assert_eq!(world.store.writes(), writes + costs, "{kind}");
        world.deliver(vec![of(event, kind)]).await;
        assert_eq!(world.store.writes(), writes + costs, "{kind} again");
    }
    let row = world.store.row(&object_key(1)).unwrap();
    assert_eq!((&row, row.token()), (&before, before.token()));
    let heard: Vec<_> = row.heard().map(|(_, event)| event.clone()).collect();
    assert_eq!(heard, [event_key(5).id, event_key(9).id]);
}

#[tokio::test]
async fn another_body_under_a_known_id_is_quarantined_and_the_first_kept() {
    let world = World::default();
    let first = Sample::default();
    let forged = Sample {
        at: 9,
        n: 666,
        ..first.clone()
    };
    world.deliver(vec![first.incoming("a")]).await;
    let before = world.store.mirror();
    assert_eq!(
        world.deliver(vec![forged.incoming("b")]).await,
        [Fate::OtherBody]
    );
    assert_eq!(world.store.mirror(), before);
    let held = world.queues.quarantine();
    assert_eq!(held.len(), 1);
    assert_eq!(held[0].code, "same_id_other_body");
    assert_eq!(
        held[0].event.as_deref(),
        Some(event_key(1).to_string().as_str())
    );
}

#[tokio::test]
async fn two_bodies_under_one_id_in_one_batch_keep_the_first() {
    let world = World::default();
    let first = Sample::default();
    let forged = Sample {
        at: 9,
        n: 666,
        ..first.clone()
    };
    let fates = world
        .deliver(vec![first.incoming("a"), forged.incoming("b")])
        .await;
    assert_eq!(fates, [Fate::Applied, Fate::OtherBody]);
    let row = world.store.row(&object_key(1)).unwrap();
    assert_eq!(row.resolve().unwrap().winner, &first.version());
}

#[tokio::test]
async fn another_rendering_of_a_known_event_is_acknowledged_without_alarm() {
    let world = World::default();
    let first = Sample::default();
    world.deliver(vec![first.incoming("a")]).await;
    let mut again = Sample { n: 7, ..first }.incoming("b");
    if let Ok(arrival) = &mut again.decoded {
        arrival.facts.api_version = Some("2020-08-27".to_owned());
    }
    assert_eq!(world.deliver(vec![again]).await, [Fate::OtherRendering]);
    assert!(world.queues.quarantine().is_empty());
}

/// Two versions that nothing orders are under a tombstone, until the creation that
/// came between shows that the object lives.
#[tokio::test]
async fn a_tie_that_comes_to_light_later_asks_for_a_fetch() {
    let sample = |event, at, change| Sample {
        event,
        at,
        change,
        n: event,
        ..Sample::default()
    };
    let world = World::default();
    let buried = [
        sample(1, 2, Change::Deleted),
        sample(3, 9, Change::Changed),
        sample(4, 9, Change::Changed),
    ];
    for (n, sample) in buried.iter().enumerate() {
        world.deliver(vec![sample.incoming(n.to_string())]).await;
    }
    assert!(world.queues.fetches().is_empty(), "it is known to be gone");
    let creation = sample(2, 5, Change::Created);
    world.deliver(vec![creation.incoming("late")]).await;
    assert_eq!(world.queues.fetches().len(), 1);
}

/// Sixteen versions of one second that lead to each other, and one too many.
#[tokio::test]
async fn a_version_too_many_asks_for_a_fetch() {
    let sample = |event, n, before| Sample {
        event,
        n,
        before,
        ..Sample::default()
    };
    let world = World::default();
    for n in 10..26 {
        let chained = sample(n, n, Some(n - 1));
        world.deliver(vec![chained.incoming(n.to_string())]).await;
    }
    assert!(world.queues.fetches().is_empty(), "they are in order");
    world
        .deliver(vec![sample(1, 9, None).incoming("least")])
        .await;
    assert_eq!(world.queues.fetches().len(), 1);
}

#[tokio::test]
async fn a_tie_asks_for_a_fetch_before_the_receipt() {
    let world = World::default();
    let a = Sample {
        event: 1,
        n: 1,
        ..Sample::default()
    };
    let b = Sample {
        event: 2,
        n: 2,
        ..Sample::default()
    };
    world.deliver(vec![a.incoming("a")]).await;
    assert!(world.queues.fetches().is_empty());
    let down = Faulty::new(&world.queues, 0, 1000);
    let ports = Ports {
        store: &world.store,
        fetches: &down,
        quarantine: &down,
    };
    let fates = apply(&ports, vec![b.incoming("b")]).await;
    assert_eq!(fates, [("b".to_owned(), Fate::Failed)]);
    assert!(
        !world.store.receipts().contains_key(&event_key(2)),
        "a receipt without its effect"
    );
    world.deliver(vec![b.incoming("b")]).await;
    let (request, delay_s) = world.queues.fetches().pop().unwrap();
    assert_eq!(
        (request.object, request.fetches, delay_s),
        (object_key(1), 0, 2)
    );
}

#[tokio::test]
async fn a_tie_that_no_fetch_resolves_reaches_a_person() {
    let world = World::default();
    world
        .deliver(vec![
            Sample {
                event: 1,
                n: 1,
                ..Sample::default()
            }
            .incoming("a"),
        ])
        .await;
    let mut last = Sample {
        event: 2,
        n: 2,
        change: Change::Observed,
        ..Sample::default()
    }
    .incoming("b");
    if let Ok(arrival) = &mut last.decoded
        && let Effect::Mirror(observation) = &mut arrival.effect
    {
        observation.fetches = FETCHES_MAX;
    }
    assert_eq!(world.deliver(vec![last]).await, [Fate::Quarantined]);
    assert_eq!(world.queues.quarantine()[0].code, "unresolved_tie");
}

#[tokio::test]
async fn what_cannot_be_used_is_held_with_a_receipt_and_its_repair() {
    let world = World::default();
    let arrival = Sample::default().arrival();
    let repair = FetchRequest {
        object: object_key(1),
        url: None,
        cause: "evt_0001".into(),
        fetches: 0,
    };
    let unusable = Unusable {
        code: "bad_amount",
        detail: "data.object.amount is not an integer".to_owned(),
        facts: Some(Box::new(arrival.facts)),
        repair: Some(Box::new(repair.clone())),
    };
    let message = |id: &str| Incoming {
        message_id: id.to_owned(),
        body: b"{}".to_vec(),
        decoded: Err(unusable.clone()),
    };
    assert_eq!(world.deliver(vec![message("a")]).await, [Fate::Quarantined]);
    assert_eq!(world.deliver(vec![message("b")]).await, [Fate::Duplicate]);
    assert_eq!(world.queues.quarantine().len(), 1);
    assert_eq!(world.queues.fetches(), [(repair, 0)]);
    assert_eq!(
        world.store.receipts()[&event_key(1)].outcome,
        Outcome::Quarantined
    );
    assert!(world.store.mirror().is_empty());
}

#[tokio::test]
async fn what_was_held_is_applied_once_it_can_be_used() {
    let world = World::default();
    let sample = Sample::default();
    let mut unusable = Unusable::new("bad_amount", "data.object.amount is not an integer");
    unusable.facts = Some(Box::new(sample.arrival().facts));
    let mut message = sample.incoming("a");
    message.decoded = Err(unusable);
    assert_eq!(world.deliver(vec![message]).await, [Fate::Quarantined]);
    assert_eq!(
        world.deliver(vec![sample.incoming("b")]).await,
        [Fate::Applied]
    );
    assert_eq!(
        world.deliver(vec![sample.incoming("c")]).await,
        [Fate::Duplicate]
    );
    assert_eq!(
        world.store.receipts()[&event_key(1)].outcome,
        Outcome::Applied
    );
    assert_eq!(world.store.mirror().len(), 1);
}

#[tokio::test]
async fn a_tie_of_a_whole_batch_asks_for_one_fetch() {
    let world = World::default();
    let batch = (1..=5).map(|n| Sample {
        event: n,
        n,
        ..Sample::default()
    });
    let batch = batch.map(|sample| sample.incoming(sample.event.to_string()));
    assert_eq!(world.deliver(batch.collect()).await, [Fate::Applied; 5]);
    assert_eq!(world.queues.fetches().len(), 1);
}

/// A row cannot be read: the messages about it come again, and the others of their
/// batch are applied.
#[tokio::test]
async fn fault_42_a_row_that_cannot_be_read_costs_only_its_own_messages() {
    let world = World::default();
    world.store.damage(&object_key(1));
    let other = Sample {
        event: 2,
        object: 2,
        ..Sample::default()
    };
    let batch = vec![Sample::default().incoming("a"), other.incoming("b")];
    assert_eq!(world.deliver(batch).await, [Fate::Failed, Fate::Applied]);
    assert_eq!(world.store.mirror().len(), 1);
}

#[tokio::test]
async fn row_33_an_event_from_the_future_is_fetched_instead_of_believed() {
    let world = World::default();
    let day = 86_400;
    for (event, at, fetches) in [(1, day, 0), (2, day + 1, 1)] {
        let sample = Sample {
            event,
            at,
            n: event,
            ..Sample::default()
        };
        let mut message = sample.incoming(event.to_string());
        message.decoded = message.decoded.map(|arrival| arrival.grounded(0));
        assert_eq!(world.deliver(vec![message]).await, [Fate::Applied]);
        assert_eq!(world.queues.fetches().len(), fetches);
    }
    assert_eq!(
        world
            .store
            .row(&object_key(1))
            .unwrap()
            .resolve()
            .unwrap()
            .winner
            .at,
        day
    );
}

#[tokio::test]
async fn what_cannot_be_read_at_all_is_held() {
    let world = World::default();
    let message = Incoming {
        message_id: "a".to_owned(),
        body: b"\xff\xfe".to_vec(),
        decoded: Err(Unusable::new("not_utf8", "at byte 0")),
    };
    assert_eq!(world.deliver(vec![message]).await, [Fate::Quarantined]);
    assert_eq!(world.queues.quarantine()[0].body, b"\xff\xfe");
}
