//! Events: listed by account, newest first, for thirty days.

use std::collections::HashMap;

use crate::fields::Fields;
use serde_json::{Value, json};

use super::{error::Refusal, filter::Range, page::Page, request::Request, routes::View};
use crate::{Event, Owner};

/// How long Stripe lists an event.
const KEPT_S: i64 = 30 * 24 * 60 * 60;
/// How many types one request may name.
const TYPES_MAX: usize = 20;

/// Where in the world's list of events each account's are. Events are only ever added, so the
/// index grows with the list.
#[derive(Debug, Default)]
pub(super) struct EventIndex {
    indexed: usize,
    by_owner: HashMap<Owner, Vec<usize>>,
    by_id: HashMap<String, usize>,
}

impl EventIndex {
    /// Takes in the events that are new since the last call.
    pub(super) fn catch_up(&mut self, events: &[Event]) {
        if events.len() < self.indexed {
            // The caller has put another world in the place of the first.
            *self = Self::default();
        }
        for (position, event) in events.iter().enumerate().skip(self.indexed) {
            self.by_owner
                .entry(event.owner.clone())
                .or_default()
                .push(position);
            self.by_id.insert(event.id.clone(), position);
        }
        self.indexed = events.len();
    }

    fn newest_first<'a>(
        &self,
        events: &'a [Event],
        owner: &Owner,
    ) -> impl Iterator<Item = &'a Event> {
        let positions = self
            .by_owner
            .get(owner)
            .map(Vec::as_slice)
            .unwrap_or_default();
        positions
            .iter()
            .rev()
            .filter_map(|position| events.get(*position))
    }

    fn with_id<'a>(&self, events: &'a [Event], id: &str) -> Option<&'a Event> {
        self.by_id
            .get(id)
            .and_then(|position| events.get(*position))
    }
}

/// Answers `/v1/events`.
pub(super) fn list(view: &View<'_>, request: &Request) -> Result<Value, Refusal> {
    let own = ["created", "type", "types", "delivery_success", "expand"];
    request.params.only(&[&Page::PARAMS[..], &own].concat())?;
    let page = Page::of(&request.params)?;
    let created = Range::of(&request.params, "created")?;
    let types = Types::of(request)?;
    let delivered = request.params.boolean("delivery_success")?;
    let wanted = |event: &Value| {
        let member = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or_default();
        let created_at = event.get("created").and_then(Value::as_i64);
        created_at.is_some_and(|at| created.has(at))
            && types.accept(member("type"))
            && delivered.is_none_or(|yes| yes != view.undelivered.contains(member("id")))
    };
    let events = view
        .events
        .newest_first(view.world.events(), &request.owner);
    let listed = events.into_iter().filter(|event| is_listed(view, event));
    let mut list = page
        .cut(listed.map(|event| &event.json), wanted)?
        .list(&request.url());
    let listed = list.get_mut("data").and_then(Value::as_array_mut);
    for event in listed.into_iter().flatten() {
        if view.world.is_mixed_up(event.text("id")) {
            event.set("livemode", !view.world.config().livemode);
        }
    }
    Ok(list)
}

/// Answers `/v1/events/{id}`.
pub(super) fn retrieve(view: &View<'_>, request: &Request, id: &str) -> Result<Value, Refusal> {
    request.params.only(&["expand"])?;
    view.events
        .with_id(view.world.events(), id)
        .filter(|event| event.owner == request.owner && is_listed(view, event))
        .map(|event| event.json.clone())
        .ok_or_else(|| Refusal::missing("event", id, "id"))
}

/// Answers `/v2/core/events/{id}`: what the thin notification said, and `data` beside it.
pub(super) fn retrieve_v2(view: &View<'_>, request: &Request, id: &str) -> Result<Value, Refusal> {
    let event = view
        .events
        .with_id(view.world.events(), id)
        .filter(|event| event.is_thin() && is_recent(view, event))
        .ok_or_else(|| Refusal::missing("v2.core.event", id, "id"))?;
    request.params.only(&[])?;
    let mut body = event.json.clone();
    if let Some(members) = body.as_object_mut() {
        let data = view.world.thin_data(id).cloned();
        members.insert("data".to_owned(), data.unwrap_or_else(|| json!({})));
    }
    Ok(body)
}

fn is_listed(view: &View<'_>, event: &Event) -> bool {
    !event.is_thin() && event.livemode == view.world.config().livemode && is_recent(view, event)
}

fn is_recent(view: &View<'_>, event: &Event) -> bool {
    view.world.now().saturating_sub(event.created) <= KEPT_S
}

/// The types asked for: none means all, and `charge.*` means all that begin so.
#[derive(Debug, PartialEq, Eq)]
struct Types(Vec<String>);

impl Types {
    fn of(request: &Request) -> Result<Self, Refusal> {
        let mut types: Vec<String> = request.params.all("types").map(str::to_owned).collect();
        if types.len() > TYPES_MAX {
            return Err(Refusal::invalid(
                "types",
                format!("types has at most {TYPES_MAX} elements"),
            ));
        }
        match request.params.get("type") {
            Some(_) if !types.is_empty() => {
                return Err(Refusal::invalid(
                    "type",
                    "type and types exclude each other",
                ));
            }
            Some(one) => types.push(one.to_owned()),
            None => {}
        }
        Ok(Self(types))
    }

    fn accept(&self, kind: &str) -> bool {
        self.0.is_empty()
            || self.0.iter().any(|wanted| match wanted.split_once('*') {
                Some((head, tail)) => kind.starts_with(head) && kind.ends_with(tail),
                None => wanted == kind,
            })
    }
}
