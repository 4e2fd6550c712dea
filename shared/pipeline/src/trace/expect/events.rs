//! Which events should have come.

use tributary_domain::change::State;
use tributary_domain::mirror::HEARD_MAX;

use super::{Remedy, View, note};
use crate::trace::ports::{LoggedEvent, Place, Seen};

/// How long Stripe lists events, seconds: older ones cannot be asked for.
const LISTED_S: i64 = 30 * 86_400;
/// How long the log keeps an event at least, seconds.
const KEPT_S: i64 = 35 * 86_400;
/// How late an event may be without anything being wrong, seconds.
const ON_THE_WAY_S: i64 = 3_600;

/// The event that says how a payout ended: it is named in the row whenever it comes.
/// Of other events a row names those that changed it, and that one is not among them
/// says nothing.
fn decisive(state: &State) -> Option<&'static str> {
    let State::Payout(payout) = state else {
        return None;
    };
    match payout.status.as_str() {
        "paid" => Some("payout.paid"),
        "failed" => Some("payout.failed"),
        "canceled" => Some("payout.canceled"),
        _ => None,
    }
}

impl View<'_> {
    /// What the log should have of an object and does not.
    pub(super) fn events(&mut self, place: &Place, seen: &Seen) {
        self.unrecorded(place, seen);
        // A row that has heard of more events than it names may have heard of any.
        if seen.heard.is_empty() || seen.heard.len() >= HEARD_MAX {
            return;
        }
        let Some(name) = seen.state.as_ref().and_then(decisive) else {
            return;
        };
        let mut events = self.gathered.events.values();
        let has_come = events.any(|event| is_of(event, place) && plain(&event.kind) == name);
        let forgotten = seen.heard.iter().any(|(at, _)| self.is_older(*at, KEPT_S));
        let is_fresh = !self.is_older(seen.at, ON_THE_WAY_S);
        if has_come || forgotten || is_fresh {
            return;
        }
        let how = match seen.event.as_str().starts_with("fetch_") {
            true => "the mirror knows from the API what",
            false => "the mirror knows from another event what",
        };
        let says = format!("no {name} has come; {how} it would have said");
        let missing = note("event_missing", place, says);
        self.missing.push(match self.is_older(seen.at, LISTED_S) {
            true => missing,
            false => missing.remedy(Remedy::ReconcileEvents),
        });
    }

    /// Events that decided a row and have no receipt: a worker died in between, and the
    /// message comes again.
    fn unrecorded(&mut self, place: &Place, seen: &Seen) {
        for (at, event) in &seen.heard {
            let events = self.gathered.events.keys();
            let mut recorded = events.filter(|key| key.owner == place.book.owner);
            if self.is_older(*at, KEPT_S) || recorded.any(|key| key.id == *event) {
                continue;
            }
            let says = format!("{event} is in the mirror and not in the log: it comes again");
            let missing = note("receipt_missing", place, says);
            self.missing.push(missing.remedy(Remedy::EventsDeadLetters));
        }
    }

    fn is_older(&self, at: i64, seconds: i64) -> bool {
        self.now.saturating_sub(at) > seconds
    }
}

fn is_of(event: &LoggedEvent, place: &Place) -> bool {
    let object = event.object.as_ref();
    event.key.owner == place.book.owner && object.is_some_and(|object| object.id == place.id)
}

/// A thin event of an object of the first API is called by its type with a version.
fn plain(kind: &str) -> &str {
    kind.strip_prefix("v1.").unwrap_or(kind)
}
