//! The fetch lane's own message: an object as Stripe's API showed it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use tributary_domain::{
    Arrival, Change, Effect, EventFacts, EventId, EventKey, FetchRequest, Fingerprint, IdError,
    Mode, ObjectId, ObjectKey, ObjectKind, Observation, Origin, Owner, Tree, Unusable, Version,
};

use super::{change, document, identity, money};
use crate::event_types::FETCHED;
use crate::json;

/// The value of `tributary` that marks such a message.
const MARK: &str = "fetched";

#[derive(Serialize, Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    tributary: Cow<'a, str>,
    mode: Mode,
    #[serde(borrow)]
    owner: Cow<'a, str>,
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    id: Cow<'a, str>,
    observed_at: i64,
    fetches: u8,
    #[serde(borrow)]
    cause: Cow<'a, str>,
    #[serde(borrow)]
    object: &'a RawValue,
}

/// Writes the message: what Stripe answered, `object_json`, to `request`.
/// `observed_at`, unix seconds, is the earliest that Stripe can have read it. The
/// message counts this fetch among those that were made in a row.
pub fn fetched_message(request: &FetchRequest, observed_at: i64, object_json: &str) -> String {
    // An answer that is not JSON travels as a text, for the decoder to refuse and
    // the quarantine to show.
    let object = RawValue::from_string(object_json.to_owned())
        .or_else(|_| to_raw_value(object_json))
        .unwrap_or_default();
    let key = &request.object;
    let message = Message {
        tributary: MARK.into(),
        mode: key.mode,
        owner: key.owner.as_str().into(),
        kind: key.kind.as_str().into(),
        id: key.id.as_str().into(),
        observed_at,
        fetches: request.fetches.saturating_add(1),
        cause: request.cause.as_str().into(),
        object: &object,
    };
    serde_json::to_string(&message).unwrap_or_default()
}

/// Decodes what [`fetched_message`] wrote. The receipt's id is made from what was
/// seen and when, so that a message delivered twice is one observation.
///
/// # Errors
/// When the answer is not the object that was asked for, or cannot be used: the
/// codes `too_deep`, `not_json`, `reserved_key`, `not_an_event`, `bad_object`,
/// `wrong_object`, `mode_mix`, `missing_field`, `bad_amount` and `bad_currency`.
/// None has a repair: another fetch would bring the same.
pub fn decode_fetched(text: &str) -> Result<Arrival, Unusable> {
    json::check_nesting(text)?;
    let message: Message<'_> = serde_json::from_str(text).map_err(|error| {
        let code = if error.is_data() {
            "not_an_event"
        } else {
            "not_json"
        };
        Unusable::new(code, "not a message of the fetch lane")
    })?;
    if message.tributary != MARK {
        return Err(Unusable::new(
            "not_an_event",
            "not a message of the fetch lane",
        ));
    }
    let body = json::parse(message.object.get())?;
    let object =
        object_key(&message).map_err(|error| Unusable::new("bad_object", error.to_string()))?;
    let answer = document(&body, "object")?;
    let facts = facts(&message, &object, &answer.fingerprint());
    let change = check(&facts.key, &object, &body).map_err(|unusable| Unusable {
        facts: Some(Box::new(facts.clone())),
        ..unusable
    })?;
    let version = Version {
        at: message.observed_at,
        source: facts.key.id.clone(),
        change,
        body: answer,
        previous: None,
    };
    let observation = Observation {
        object,
        version,
        fetches: message.fetches,
    };
    Ok(Arrival {
        facts,
        effect: Effect::Mirror(Box::new(observation)),
        raw: text.into(),
    })
}

fn object_key(message: &Message<'_>) -> Result<ObjectKey, IdError> {
    Ok(ObjectKey {
        mode: message.mode,
        owner: Owner::parse(&message.owner)?,
        kind: ObjectKind::parse(&message.kind)?,
        id: ObjectId::parse(&message.id)?,
    })
}

fn facts(message: &Message<'_>, object: &ObjectKey, answer: &Fingerprint) -> EventFacts {
    let fingerprint = Fingerprint::of([
        object.to_string().as_bytes(),
        &message.observed_at.to_be_bytes(),
        answer.as_str().as_bytes(),
    ]);
    EventFacts {
        key: EventKey {
            mode: object.mode,
            owner: object.owner.clone(),
            id: EventId::synthetic("fetch", &fingerprint),
        },
        kind: FETCHED.to_owned(),
        created: message.observed_at,
        api_version: None,
        origin: Origin::Fetch,
        fingerprint,
    }
}

/// Checks that the answer is what was asked for, and says what it shows.
fn check(event: &EventKey, object: &ObjectKey, body: &Tree<'_>) -> Result<Change, Unusable> {
    identity::check_mode(event, body)?;
    let other_id = body
        .get("id")
        .and_then(Tree::as_str)
        .is_some_and(|id| id != object.id.as_str());
    if other_id {
        return Err(Unusable::new(
            "wrong_object",
            "the answer shows another object",
        ));
    }
    if change::is_deleted(body) {
        return Ok(Change::Deleted);
    }
    money::check(object, body)?;
    Ok(Change::Observed)
}
