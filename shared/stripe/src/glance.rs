//! What routing needs of an event, in one pass over its body.
//!
//! Nearly all events are snapshots that say plainly who they are. They are read here
//! with their object skipped unread; all others by [`inspect`], which knows every
//! form and says what exactly is wrong. What only a look at the object shows is for
//! [`mod@crate::decode`] to find.

mod fields;

use std::borrow::Cow;

use tributary_domain::{AccountId, EventId, Mode, Owner, Unusable};

use crate::envelope::{Envelope, Form, inspect};
use fields::Fields;

/// Whose event it is, and which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glance {
    /// Stripe's id.
    pub id: EventId,
    /// Live or test.
    pub mode: Mode,
    /// Whose event.
    pub owner: Owner,
}

/// Reads the identity of a body whose signature was verified.
///
/// # Errors
/// Those of [`inspect`].
pub fn glance(body: &[u8]) -> Result<Glance, Unusable> {
    let text = std::str::from_utf8(body).ok();
    if let Some(event) = text.and_then(Snapshot::of)
        && let Some(glance) = event.glance()
    {
        return Ok(glance);
    }
    let envelope = inspect(body)?;
    Ok(Glance {
        id: envelope.id,
        mode: envelope.mode,
        owner: envelope.owner,
    })
}

/// What [`inspect`] says of a text, if it is JSON and a snapshot without anything
/// unusual about it; `None` of all else, which is no verdict.
pub(crate) fn envelope(text: &str) -> Option<Envelope<'_>> {
    let event = Snapshot::of(text)?;
    let Glance { id, mode, owner } = event.glance()?;
    let data = plain_level(event.data?)?;
    let object = data.iter().find(|(name, _)| *name == "object")?;
    let object = plain_level(object.1)?;
    let object_id = object.iter().find(|(name, _)| *name == "id");
    Some(Envelope {
        id,
        form: Form::Snapshot,
        kind: Cow::Borrowed(plain(event.kind?)?),
        owner,
        mode,
        created: event.created?.parse().ok()?,
        api_version: plain_or_null(event.api_version)?.map(Cow::Borrowed),
        data_object_id: plain_or_null(object_id.map(|(_, id)| *id))?.map(Cow::Borrowed),
    })
}

/// The fields of an object, by ascending name, if no name is there twice or escaped.
fn plain_level(text: &str) -> Option<Vec<(&str, &str)>> {
    let mut fields = Fields::of(text)?;
    let mut level = Vec::with_capacity(32);
    while let Some(field) = fields.next()? {
        level.push(field);
    }
    level.sort_unstable();
    let are_unique = level.is_sorted_by(|(one, _), (other, _)| one < other);
    let are_plain = level.iter().all(|(name, _)| !name.contains('\\'));
    (are_unique && are_plain).then_some(level)
}

/// What a snapshot has to say at its top level, each as the text that stands there.
#[derive(Default)]
struct Snapshot<'a> {
    id: Option<&'a str>,
    object: Option<&'a str>,
    kind: Option<&'a str>,
    account: Option<&'a str>,
    created: Option<&'a str>,
    livemode: Option<&'a str>,
    api_version: Option<&'a str>,
    data: Option<&'a str>,
}

impl<'a> Snapshot<'a> {
    /// `None` if there is anything unusual about its fields.
    fn of(text: &'a str) -> Option<Self> {
        let mut event = Self::default();
        let mut fields = Fields::of(text)?;
        while let Some((name, value)) = fields.next()? {
            let field = match name {
                "id" => &mut event.id,
                "object" => &mut event.object,
                "type" => &mut event.kind,
                "account" => &mut event.account,
                "created" => &mut event.created,
                "livemode" => &mut event.livemode,
                "api_version" => &mut event.api_version,
                "data" => &mut event.data,
                "pending_webhooks" | "request" => continue,
                _ => return None,
            };
            if field.replace(value).is_some() {
                return None;
            }
        }
        Some(event)
    }

    /// Its identity; `None` if there is anything unusual about that.
    fn glance(&self) -> Option<Glance> {
        self.created?.parse::<i64>().ok()?;
        if plain(self.object?)? != "event" || plain(self.kind?)?.is_empty() {
            return None;
        }
        let owner = match plain_or_null(self.account)? {
            None => Owner::Platform,
            Some(account) => Owner::Account(AccountId::parse(account).ok()?),
        };
        Some(Glance {
            id: EventId::parse(plain(self.id?)?).ok()?,
            mode: Mode::of(self.livemode?.parse().ok()?),
            owner,
        })
    }
}

/// A field that is absent or `null`, or else a string that holds no escape.
fn plain_or_null(value: Option<&str>) -> Option<Option<&str>> {
    match value {
        None | Some("null") => Some(None),
        Some(value) => plain(value).map(Some),
    }
}

/// A string that holds no escape.
fn plain(value: &str) -> Option<&str> {
    let text = value.strip_prefix('"')?.strip_suffix('"')?;
    (!text.contains('\\')).then_some(text)
}
