//! What receipts say, and which gives way to which.

use tributary_domain::{Effect, FetchRequest, Fingerprint};
use tributary_pipeline::ports::Loaded;
use tributary_pipeline::receipt::{Outcome, Receipt, ReceiptMark, Relation};
use tributary_testkit::samples::{Sample, event_key, object_key};

const OUTCOMES: [(Outcome, &str); 4] = [
    (Outcome::Applied, "applied"),
    (Outcome::FetchRequested, "fetch_requested"),
    (Outcome::Recorded, "recorded"),
    (Outcome::Quarantined, "quarantined"),
];

fn receipt(outcome: Outcome, body: &str, api_version: &str) -> Receipt {
    let mut receipt = Receipt::of(&Sample::default().arrival());
    receipt.outcome = outcome;
    receipt.facts.fingerprint = Fingerprint::of_text(body);
    receipt.facts.api_version = Some(api_version.to_owned());
    receipt
}

#[test]
fn outcomes_are_stored_under_names_that_last() {
    for (outcome, name) in OUTCOMES {
        assert_eq!(outcome.as_str(), name);
        assert_eq!(serde_json::to_value(outcome).unwrap(), name);
        assert_eq!(Outcome::parse(name), Some(outcome));
    }
    assert_eq!(Outcome::parse("of_a_later_version"), None);
}

#[test]
fn a_receipt_says_what_its_event_asked_for() {
    let mirrored = Sample::default().arrival();
    let fetch = FetchRequest {
        object: object_key(2),
        url: None,
        cause: "evt_1".to_owned(),
        fetches: 0,
    };
    for (effect, outcome, object) in [
        (
            mirrored.effect.clone(),
            Outcome::Applied,
            Some(object_key(1)),
        ),
        (
            Effect::Fetch(fetch),
            Outcome::FetchRequested,
            Some(object_key(2)),
        ),
        (Effect::Record, Outcome::Recorded, None),
    ] {
        let mut arrival = mirrored.clone();
        arrival.effect = effect;
        let receipt = Receipt::of(&arrival);
        assert_eq!((receipt.outcome, receipt.object), (outcome, object));
        assert_eq!((receipt.facts, receipt.raw), (arrival.facts, arrival.raw));
    }
}

#[test]
fn deliveries_of_one_event_are_told_apart_by_content_and_version() {
    let first = receipt(Outcome::Applied, "body", "v1").mark();
    for (body, version, expected) in [
        ("body", "v1", Relation::Same),
        ("body", "v2", Relation::Same),
        ("other", "v2", Relation::OtherRendering),
        ("other", "v1", Relation::OtherBody),
    ] {
        let again = receipt(Outcome::Applied, body, version);
        assert_eq!(first.relation(&again.facts), expected, "{body} {version}");
    }
}

#[test]
fn only_what_is_held_gives_way_and_only_to_what_is_usable() {
    for (first, _) in OUTCOMES {
        for (second, _) in OUTCOMES {
            for (body, version) in [("body", "v1"), ("other", "v2"), ("other", "v1")] {
                let mark: ReceiptMark = receipt(first, "body", "v1").mark();
                assert_eq!(mark.held, first == Outcome::Quarantined);
                let forged = (body, version) == ("other", "v1");
                let expected = mark.held && second != Outcome::Quarantined && !forged;
                let later = receipt(second, body, version);
                assert_eq!(
                    mark.gives_way_to(&later),
                    expected,
                    "{first:?} {second:?} {body}"
                );
            }
        }
    }
}

#[test]
fn what_is_damaged_costs_only_what_is_about_it() {
    let loaded = Loaded {
        damaged_receipts: [event_key(1)].into(),
        damaged_rows: [object_key(1)].into(),
        ..Loaded::default()
    };
    for (event, object, is_sound) in [
        (1, None, false),
        (1, Some(2), false),
        (2, None, true),
        (2, Some(1), false),
        (2, Some(2), true),
    ] {
        let object = object.map(object_key);
        let said = loaded.is_sound(&event_key(event), object.as_ref());
        assert_eq!(said, is_sound, "{event} {object:?}");
    }
}
