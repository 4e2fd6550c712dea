//! The mirror compared with the truth, object by object.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tributary_domain::{Document, Mode, ObjectKey, Row};
use tributary_simulator::{Event, ObjectRef, Owner, World};

/// What only events tell of: there is nothing to be mirrored.
const TOLD_ONLY: &str = "v2.core.health";
/// Kinds of which an account has exactly one, without an id.
const SINGLETONS: [&str; 3] = ["balance", "balance_settings", "tax.settings"];

/// How the mirror and the truth compare.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Audit {
    /// Objects that had an event and were compared.
    pub compared: usize,
    /// Of those, objects that are gone.
    pub deleted: usize,
    /// Objects that differ, with how.
    pub different: BTreeMap<String, &'static str>,
    /// Authentic events without a receipt.
    pub missing: Vec<String>,
    /// Rows whose versions could not be put in order.
    pub ambiguous: usize,
}

fn prefix(livemode: bool, owner: &Owner) -> String {
    format!(
        "{}#{}",
        Mode::of(livemode).as_str(),
        owner.account_id().unwrap_or("platform")
    )
}

/// The key under which an object is mirrored; `None` for one without identity.
fn key(object: &ObjectRef) -> Option<String> {
    let id = match object.id.as_str() {
        "" if SINGLETONS.contains(&object.kind.as_str()) => &object.kind,
        "" => return None,
        _ if object.kind == TOLD_ONLY => return None,
        _ => &object.id,
    };
    Some(format!(
        "{}#{}#{id}",
        prefix(object.livemode, &object.owner),
        object.kind
    ))
}

/// What should be in the mirror: the truth of every object that had an event, or
/// `None` for one that is gone.
fn expected(world: &World) -> BTreeMap<String, Option<Document>> {
    let truth: BTreeMap<&ObjectRef, &Value> = world.objects().collect();
    let gone: BTreeSet<&ObjectRef> = world.deleted().collect();
    let mut expected = BTreeMap::new();
    for event in world.events() {
        let Some(key) = key(&event.object) else {
            continue;
        };
        // Singletons are not among the objects: their last event tells. Nor are
        // accounts as version 2 of the API shows them.
        let now = match truth.get(&event.object) {
            Some(now) => Some((*now).clone()),
            // Of an account that cut the platform off, Stripe shows nothing more.
            None if event.is_thin() && world.is_deauthorized(&event.object.id) => continue,
            None if event.is_thin() => world.account_v2(&event.object.id),
            None => event.snapshot().cloned(),
        };
        let now = if gone.contains(&event.object) {
            None
        } else {
            now
        };
        expected.insert(key, now.and_then(|value| Document::from_value(&value).ok()));
    }
    expected
}

/// Compares the mirror and the event log with the world.
pub fn audit(
    world: &World,
    rows: &BTreeMap<ObjectKey, Row>,
    outcomes: &BTreeMap<String, String>,
) -> Audit {
    let rows: BTreeMap<String, &Row> = rows
        .iter()
        .map(|(key, row)| (key.to_string(), row))
        .collect();
    let mut audit = Audit::default();
    for (key, truth) in expected(world) {
        let state = rows.get(&key).and_then(|row| row.resolve());
        if state.is_some_and(|state| state.ambiguous) && is_cut_off(world, &key) {
            continue;
        }
        audit.compared += 1;
        audit.deleted += usize::from(truth.is_none());
        audit.ambiguous += usize::from(state.is_some_and(|state| state.ambiguous));
        let difference = match (state, truth) {
            (None, _) => Some("not in the mirror"),
            (Some(state), None) => (!state.deleted).then_some("deleted, but not in the mirror"),
            (Some(state), Some(_)) if state.deleted => Some("deleted in the mirror only"),
            (Some(state), Some(truth)) => {
                (!state.winner.body.says_the_same_as(&truth)).then_some("other content")
            }
        };
        if let Some(difference) = difference {
            audit.different.insert(key, difference);
        }
    }
    audit.missing = missing(world.events(), outcomes);
    audit
}

/// Whether nothing can settle a tie of this object any more: its account has cut
/// the platform off, and Stripe refuses every fetch.
fn is_cut_off(world: &World, key: &str) -> bool {
    key.split('#')
        .nth(1)
        .is_some_and(|owner| world.is_deauthorized(owner))
}

fn missing(events: &[Event], outcomes: &BTreeMap<String, String>) -> Vec<String> {
    let key = |event: &Event| format!("{}#{}", prefix(event.livemode, &event.owner), event.id);
    let done = |key: &String| {
        outcomes
            .get(key)
            .is_some_and(|outcome| outcome != "quarantined")
    };
    events.iter().map(key).filter(|key| !done(key)).collect()
}
