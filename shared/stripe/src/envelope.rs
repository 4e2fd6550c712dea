//! The fast look at an event: identity, order and routing, nothing of its object.
//!
//! Borrowed from the body, no tree is built. What passes here is an event of
//! Stripe's with a usable identity; whether its object can be used is for
//! [`mod@crate::decode`] to say.

use std::borrow::Cow;

use tributary_domain::time::unix_seconds;
use tributary_domain::{AccountId, EventId, EventKey, Mode, Owner, Tree, Unusable};

use crate::json::{Fields, NoFields, check_nesting};

/// Which of Stripe's two shapes of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `event`: carries the object as it was.
    Snapshot,
    /// `v2.core.event`: names the object, which has to be fetched.
    Thin,
}

/// What every event says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// Stripe's id.
    pub id: EventId,
    /// Snapshot or thin.
    pub form: Form,
    /// Stripe's `type`, an open set.
    pub kind: Cow<'a, str>,
    /// Whose event: `account`, or the account in `context`, which is all that thin
    /// events and destinations of an organization name.
    pub owner: Owner,
    /// Live or test. A live endpoint for connected accounts receives both.
    pub mode: Mode,
    /// When, unix seconds. May lie in the future or before 1970.
    pub created: i64,
    /// The version that rendered the payload, if the event names one.
    pub api_version: Option<Cow<'a, str>>,
    /// The id of the object that it is about, if that has one.
    pub data_object_id: Option<Cow<'a, str>>,
}

impl Envelope<'_> {
    /// The dedupe key of everything that this event causes.
    pub fn key(&self) -> EventKey {
        EventKey {
            mode: self.mode,
            owner: self.owner.clone(),
            id: self.id.clone(),
        }
    }
}

/// Reads the envelope of a body whose signature was verified.
///
/// # Errors
/// When the body is not an event with a usable identity. The codes are `empty`,
/// `not_utf8`, `too_deep`, `not_json`, `duplicate_key`, `not_an_event`, `bad_id`,
/// `bad_type`, `bad_account`, `bad_context`, `bad_created` and `bad_livemode`.
pub fn inspect(body: &[u8]) -> Result<Envelope<'_>, Unusable> {
    if body.trim_ascii().is_empty() {
        return Err(Unusable::new("empty", "the body is empty"));
    }
    let text = std::str::from_utf8(body)
        .map_err(|error| Unusable::new("not_utf8", format!("at byte {}", error.valid_up_to())))?;
    check_nesting(text)?;
    let event = Fields::read(text).map_err(|why| why.of("the event"))?;
    let form = form(&event)?;
    Ok(Envelope {
        id: id(&event)?,
        form,
        kind: event
            .string("type")
            .filter(|kind| !kind.is_empty())
            .ok_or_else(|| Unusable::new("bad_type", "type is not a text"))?,
        owner: owner(&event, form)?,
        mode: Mode::of(
            event.boolean("livemode").ok_or_else(|| {
                Unusable::new("bad_livemode", "livemode is neither true nor false")
            })?,
        ),
        created: created(&event, form)?,
        api_version: event.string("api_version"),
        data_object_id: data_object_id(&event, form)?,
    })
}

/// What [`inspect`] says of the text of a tree, if it is a snapshot without anything
/// unusual about it, as nearly all events are; `None` of all else, which is no verdict.
pub(crate) fn of_snapshot<'a>(event: &Tree<'a>) -> Option<Envelope<'a>> {
    let data = event.get("data")?;
    let object = data.get("object")?;
    for level in [event, data, object] {
        if level.as_branch()?.repeats() {
            return None;
        }
    }
    if event.get("object")?.as_str() != Some("event") || event.get("context").is_some() {
        return None;
    }
    let owner = match optional(event, "account")? {
        None => Owner::Platform,
        Some(account) => Owner::Account(AccountId::parse(&account).ok()?),
    };
    Some(Envelope {
        id: EventId::parse(event.get("id")?.as_str()?).ok()?,
        form: Form::Snapshot,
        kind: optional(event, "type")?.filter(|kind| !kind.is_empty())?,
        owner,
        mode: Mode::of(event.get("livemode")?.as_bool()?),
        created: event.get("created")?.as_i64()?,
        api_version: optional(event, "api_version")?,
        data_object_id: optional(object, "id")?,
    })
}

/// A string that may be absent or `null`; `None` for anything else.
fn optional<'a>(object: &Tree<'a>, name: &str) -> Option<Option<Cow<'a, str>>> {
    match object.get(name) {
        None | Some(Tree::Null) => Some(None),
        Some(Tree::String(text)) => Some(Some(text.clone())),
        Some(_) => None,
    }
}

fn form(event: &Fields<'_>) -> Result<Form, Unusable> {
    match event.string("object").as_deref() {
        Some("event") => Ok(Form::Snapshot),
        Some("v2.core.event") => Ok(Form::Thin),
        // Azure Event Grid wraps events in `specversion` and `data`, EventBridge in
        // `detail`; neither belongs on an endpoint for webhooks.
        _ => Err(Unusable::new(
            "not_an_event",
            "object is neither event nor v2.core.event",
        )),
    }
}

fn id(event: &Fields<'_>) -> Result<EventId, Unusable> {
    let id = event.string("id").unwrap_or_default();
    EventId::parse(&id).map_err(|error| Unusable::new("bad_id", error.to_string()))
}

fn owner(event: &Fields<'_>, form: Form) -> Result<Owner, Unusable> {
    let account = match form {
        Form::Snapshot => text(event, "account"),
        Form::Thin => None,
    };
    if let Some(account) = account {
        return parse_account(&account);
    }
    let Some(context) = text(event, "context") else {
        return Ok(Owner::Platform);
    };
    match (account_in(&context), form) {
        (Some(account), _) => parse_account(account),
        (None, Form::Thin) => Ok(Owner::Platform),
        // Ids are unique per account only: the object of one that is not named
        // would be taken for the platform's.
        (None, Form::Snapshot) => Err(Unusable::new("bad_context", "context names no account")),
    }
}

/// `context` is an account, or a path such as `org_…/acct_…` whose last account is
/// the one that the event is about.
fn account_in(context: &str) -> Option<&str> {
    context
        .rsplit('/')
        .find(|segment| segment.starts_with("acct_"))
}

/// A field that should be a string; as it stands in the body if it is none.
fn text<'a>(event: &Fields<'a>, name: &str) -> Option<Cow<'a, str>> {
    event
        .string(name)
        .or_else(|| event.raw(name).map(Cow::Borrowed))
}

fn parse_account(text: &str) -> Result<Owner, Unusable> {
    AccountId::parse(text)
        .map(Owner::Account)
        .map_err(|error| Unusable::new("bad_account", error.to_string()))
}

fn created(event: &Fields<'_>, form: Form) -> Result<i64, Unusable> {
    match form {
        Form::Snapshot => event
            .integer("created")
            .ok_or_else(|| Unusable::new("bad_created", "created is not an integer")),
        Form::Thin => event
            .string("created")
            .and_then(|text| unix_seconds(&text))
            .ok_or_else(|| Unusable::new("bad_created", "created is not an RFC 3339 timestamp")),
    }
}

/// An object that is missing or not an object is no reason to refuse the event
/// here: with its identity known, the quarantine can say more about it.
fn data_object_id<'a>(event: &Fields<'a>, form: Form) -> Result<Option<Cow<'a, str>>, Unusable> {
    let object = match form {
        Form::Snapshot => level(event.raw("data"), "data")?
            .map_or(Ok(None), |data| level(data.raw("object"), "data.object"))?,
        Form::Thin => level(event.raw("related_object"), "related_object")?,
    };
    Ok(object.and_then(|object| object.string("id")))
}

fn level<'a>(text: Option<&'a str>, what: &str) -> Result<Option<Fields<'a>>, Unusable> {
    match text.map(Fields::read) {
        Some(Ok(fields)) => Ok(Some(fields)),
        None | Some(Err(NoFields::NotAnObject)) => Ok(None),
        Some(Err(why)) => Err(why.of(what)),
    }
}

#[cfg(test)]
mod tests;
