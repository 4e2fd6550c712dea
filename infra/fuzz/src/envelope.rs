//! The event: the look at the door, and the decoding behind the queue.

use serde_json::Value;
use tributary_domain::{
    Arrival, Effect, EventId, FetchRequest, ObjectKey, Observation, Origin, Owner, Row, Unusable,
};
use tributary_pipeline::message::{fits_a_queue, group};
use tributary_stripe::{
    Envelope, decode, decode_eventbridge, decode_fetched, fetched_message, glance, inspect,
    normalize, resource,
};

/// Codes of what only the decoder sees.
const LATE: [&str; 7] = [
    "reserved_key",
    "not_json",
    "missing_field",
    "bad_object",
    "bad_amount",
    "bad_currency",
    "mode_mix",
];
/// Codes of answers of the API that are not what was asked for.
const OF_FETCHES: [&str; 3] = ["wrong_object", "too_deep", "not_an_event"];

/// # Panics
/// Where the two readers disagree, or what they read would not survive the road.
pub fn envelope(data: &[u8]) -> &'static str {
    let seen = inspect(data);
    glanced(data, &seen);
    let Ok(text) = std::str::from_utf8(data) else {
        let unusable = seen.err().unwrap_or_else(|| unreachable!("not UTF-8"));
        speaks_for_itself(&unusable);
        return unusable.code;
    };
    match (seen, decode(text, Origin::Webhook)) {
        (Err(refused), Err(unusable)) => {
            assert_eq!(refused, unusable);
            assert!(unusable.facts.is_none() && unusable.repair.is_none());
            speaks_for_itself(&unusable);
            unusable.code
        }
        (Err(refused), Ok(_)) => unreachable!("only the door refuses: {}", refused.code),
        (Ok(seen), Err(unusable)) => {
            late(&seen, &unusable);
            unusable.code
        }
        (Ok(seen), Ok(arrival)) => {
            agree(&seen, &arrival);
            travels(text, &arrival);
            match &arrival.effect {
                Effect::Record => "recorded",
                Effect::Fetch(request) => {
                    fetchable(&arrival, request);
                    "fetched"
                }
                Effect::Mirror(seen) => {
                    mirrored(&arrival, seen);
                    "mirrored"
                }
            }
        }
    }
}

/// The quick look at the door sees what the thorough one does. What is no JSON further
/// in than it reads may pass it, for the decoder to find.
fn glanced(data: &[u8], seen: &Result<Envelope<'_>, Unusable>) {
    match (glance(data), seen) {
        (Ok(quick), Ok(seen)) => {
            assert_eq!(quick.id, seen.id);
            assert_eq!((quick.mode, &quick.owner), (seen.mode, &seen.owner));
        }
        (Err(quick), Err(thorough)) => assert_eq!(quick, *thorough),
        (Err(quick), Ok(_)) => unreachable!("only the glance refuses: {}", quick.code),
        (Ok(_), Err(_)) => {}
    }
}

/// A refusal is told to operators: it quotes nothing that a stranger wrote.
fn speaks_for_itself(unusable: &Unusable) {
    let plain = |c: char| c.is_ascii_graphic() || c == ' ';
    assert!(unusable.detail.len() <= 100 && unusable.detail.chars().all(plain));
}

fn late(seen: &Envelope<'_>, unusable: &Unusable) {
    speaks_for_itself(unusable);
    assert!(LATE.contains(&unusable.code), "{}", unusable.code);
    let facts = unusable.facts.as_deref();
    assert!(facts.is_none_or(|facts| facts.key == seen.key()));
    if let Some(repair) = &unusable.repair {
        assert_eq!(
            (repair.object.mode, &repair.object.owner),
            (seen.mode, &seen.owner)
        );
        assert!(resource::path(&repair.object).is_some());
    }
}

/// The door and the decoder see the same event.
fn agree(seen: &Envelope<'_>, arrival: &Arrival) {
    let facts = &arrival.facts;
    assert_eq!(facts.key, seen.key());
    assert_eq!(facts.kind, seen.kind);
    assert_eq!(facts.created, seen.created);
    assert_eq!(facts.api_version.as_deref(), seen.api_version.as_deref());
    let key = facts.key.to_string();
    let [_, owner, id] = *key.split('#').collect::<Vec<_>>() else {
        unreachable!("an event key that could be another's: {key:?}")
    };
    assert!(EventId::parse(id).is_ok_and(|id| id == facts.key.id));
    assert!(Owner::parse(owner).is_ok_and(|owner| owner == facts.key.owner));
    let group = group(facts.key.mode, &facts.key.owner);
    assert!(group.len() <= 128 && group.chars().all(|c| c.is_ascii_graphic()));
    let Effect::Mirror(observation) = &arrival.effect else {
        return;
    };
    if let Some(id) = seen.data_object_id.as_deref().filter(|id| !id.is_empty()) {
        assert_eq!(observation.object.id.as_str(), id);
    }
}

/// Neither the road nor the formatting makes another event of it.
fn travels(text: &str, arrival: &Arrival) {
    assert_eq!(&*arrival.raw, text);
    let wrapped = format!(r#"{{"source":"aws.partner/stripe.com/x","detail":{text}}}"#);
    let tree: Value = serde_json::from_str(text).unwrap_or_else(|_| unreachable!());
    for other in [
        decode_eventbridge(&wrapped),
        decode(&tree.to_string(), Origin::Webhook),
    ] {
        let other = other.unwrap_or_else(|refused| unreachable!("{}", refused.code));
        assert_eq!(other.facts.key, arrival.facts.key);
        assert_eq!(other.facts.fingerprint, arrival.facts.fingerprint);
        assert_eq!(other.effect, arrival.effect);
    }
}

fn belongs_to(object: &ObjectKey, arrival: &Arrival) {
    let key = &arrival.facts.key;
    assert_eq!((object.mode, &object.owner), (key.mode, &key.owner));
    assert!(ObjectKey::parse(&object.to_string()).is_ok_and(|parsed| parsed == *object));
}

fn fetchable(arrival: &Arrival, request: &FetchRequest) {
    belongs_to(&request.object, arrival);
    if let Some(path) = resource::request_path(request) {
        let (path, _) = path.split_once('?').unwrap_or((&path, ""));
        assert!(
            path.starts_with("/v1/") || path.starts_with("/v2/"),
            "{path:?}"
        );
        let plain = |c: char| c.is_ascii_alphanumeric() || "/_-.~%".contains(c);
        assert!(path.chars().all(plain), "{path:?}");
        let step = |step: &str| matches!(step, "" | "." | "..");
        assert!(!path.split('/').skip(1).any(step), "{path:?}");
    }
}

fn mirrored(arrival: &Arrival, seen: &Observation) {
    belongs_to(&seen.object, arrival);
    let version = &seen.version;
    assert_eq!(version.source, arrival.facts.key.id);
    let mut row = Row::default();
    row.join(version.clone());
    let stored = row.to_json();
    assert!(!row.join(version.clone()), "joined twice");
    assert!(Row::from_json(&stored).is_ok_and(|read| read == row));
    let state = row
        .resolve()
        .unwrap_or_else(|| unreachable!("an empty row"));
    assert_eq!(state.winner, version);
    assert!(!state.ambiguous);
    if let Some(previous) = &version.previous {
        assert_eq!(
            version.body.rewind(previous),
            version.body.rewind(previous).rewind(previous)
        );
    }
    let _ = normalize::state(&seen.object.kind, &version.body);
    fetched(seen);
}

/// An object that the API shows as the event did is the same object.
fn fetched(seen: &Observation) {
    let request = FetchRequest {
        object: seen.object.clone(),
        url: None,
        cause: seen.version.source.to_string(),
        fetches: 255,
    };
    let message = fetched_message(&request, seen.version.at, seen.version.body.as_str());
    match decode_fetched(&message) {
        Ok(arrival) => {
            let Effect::Mirror(again) = arrival.effect else {
                unreachable!("a fetch always shows an object")
            };
            assert_eq!(again.object, seen.object);
            assert_eq!(again.version.body, seen.version.body);
            assert!(fits_a_queue(arrival.facts.key.id.as_str()));
        }
        Err(unusable) => {
            speaks_for_itself(&unusable);
            let known = LATE.contains(&unusable.code) || OF_FETCHES.contains(&unusable.code);
            assert!(known, "{}", unusable.code);
        }
    }
}
