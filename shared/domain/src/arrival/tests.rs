use super::*;
use crate::{Change, Document, EventId, EventKey, Mode, Owner};

const NOW: i64 = 1_763_800_000;

fn arrival(at: i64, fetches: u8) -> Arrival {
    let source = EventId::parse("evt_1").unwrap();
    Arrival {
        facts: EventFacts {
            key: EventKey {
                mode: Mode::Live,
                owner: Owner::Platform,
                id: source.clone(),
            },
            kind: "payout.updated".to_owned(),
            created: at,
            api_version: None,
            origin: Origin::Webhook,
            fingerprint: Fingerprint::of_text("body"),
        },
        effect: Effect::Mirror(Box::new(Observation {
            object: object(),
            version: Version {
                at,
                source,
                change: Change::Changed,
                body: Document::parse("{}").unwrap(),
                previous: None,
            },
            fetches,
        })),
        raw: "{}".into(),
    }
}

fn object() -> ObjectKey {
    ObjectKey::parse("live#platform#payout#po_1").unwrap()
}

#[test]
fn an_event_is_believed_for_a_day_ahead_and_fetched_beyond() {
    for at in [0, NOW, NOW + 86_400] {
        assert_eq!(arrival(at, 0).grounded(NOW), arrival(at, 0), "{at}");
    }
    for (at, before, fetches) in [(NOW + 86_401, 0, 1), (i64::MAX, 5, 6), (i64::MAX, 255, 255)] {
        let expected = FetchRequest {
            object: object(),
            url: None,
            cause: "evt_1".to_owned(),
            fetches,
        };
        let grounded = arrival(at, before).grounded(NOW);
        assert_eq!(grounded.effect, Effect::Fetch(expected), "{at}");
        assert_eq!(
            grounded.facts,
            arrival(at, before).facts,
            "the event is kept"
        );
    }
}

#[test]
fn what_is_to_be_fetched_or_recorded_has_no_time_to_doubt() {
    let arrival = Arrival {
        effect: Effect::Record,
        ..arrival(i64::MAX, 0)
    };
    assert_eq!(arrival.clone().grounded(NOW), arrival);
}

#[test]
fn what_an_event_asks_for_names_its_object() {
    let mirrored = arrival(NOW, 0).effect;
    assert_eq!(mirrored.object(), Some(&object()));
    let fetched = arrival(i64::MAX, 0).grounded(NOW).effect;
    assert_eq!(fetched.object(), Some(&object()));
    assert_eq!(Effect::Record.object(), None);
}
