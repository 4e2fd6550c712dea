//! From what is stored as Stripe wrote it to what a trace tells.

use serde_json::Value;
use tributary_domain::change::State;
use tributary_domain::{Arrival, Effect, EventId, ObjectKind, Origin, Row};
use tributary_pipeline::trace::Seen;
use tributary_stripe::decode::{decode, decode_fetched};
use tributary_stripe::normalize;

/// What a row says; `None` while it has seen nothing.
pub fn seen(kind: &ObjectKind, row: &Row) -> Option<Seen> {
    let shown = row.resolve()?;
    let (state, unreadable) = match normalize::state(kind, &shown.winner.body) {
        Ok(state) => (state, None),
        Err(error) => (None, Some(error.field.to_owned())),
    };
    let heard = row.heard().map(|(at, event)| (at, event.clone()));
    let mut heard: Vec<(i64, EventId)> = heard.collect();
    if heard.is_empty() {
        // Written before rows remembered events: one is known at least.
        heard.push((shown.winner.at, shown.winner.source.clone()));
    }
    Some(Seen {
        state,
        unreadable,
        at: shown.winner.at,
        event: shown.winner.source.clone(),
        is_deleted: shown.deleted,
        is_ambiguous: shown.ambiguous,
        heard,
    })
}

/// What an event shows of its object, and because of which event that was fetched. Of
/// one that cannot be read: nothing. It was applied, or it is in quarantine.
pub fn shown(raw: &str, is_fetched: bool) -> (Option<State>, Option<EventId>) {
    let arrival = match is_fetched {
        true => decode_fetched(raw),
        false => decode(raw, Origin::Webhook),
    };
    let state = arrival.ok().and_then(|arrival| state_of(&arrival));
    let cause = is_fetched.then(|| cause(raw)).flatten();
    (state, cause)
}

fn state_of(arrival: &Arrival) -> Option<State> {
    let Effect::Mirror(seen) = &arrival.effect else {
        return None;
    };
    normalize::state(&seen.object.kind, &seen.version.body).ok()?
}

fn cause(raw: &str) -> Option<EventId> {
    let message: Value = serde_json::from_str(raw).ok()?;
    EventId::parse(message.get("cause")?.as_str()?).ok()
}
