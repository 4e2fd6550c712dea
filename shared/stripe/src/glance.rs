//! What routing needs of an event, in one pass over its body.
//!
//! Nearly all events are snapshots that say plainly who they are. They are read here
//! with their object skipped unread; all others by [`inspect`], which knows every
//! form and says what exactly is wrong. What only a look at the object shows is for
//! [`mod@crate::decode`] to find.

mod fields;
mod nested;
mod payout;

use tributary_domain::{AccountId, EventId, Mode, ObjectId, Owner, Unusable};

use crate::envelope::inspect;
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
    /// The payout that it is about, if it is about one: payouts have a trace each.
    pub payout: Option<ObjectId>,
}

/// Reads the identity of a body whose signature was verified.
///
/// # Errors
/// Those of [`inspect`].
pub fn glance(body: &[u8]) -> Result<Glance, Unusable> {
    match std::str::from_utf8(body) {
        Ok(text) => glance_text(text),
        Err(_) => thorough(body),
    }
}

/// The same of a body that is known to be text.
///
/// # Errors
/// Those of [`inspect`].
pub fn glance_text(text: &str) -> Result<Glance, Unusable> {
    match plain_snapshot(text) {
        Some(glance) => Ok(glance),
        None => thorough(text.as_bytes()),
    }
}

fn thorough(body: &[u8]) -> Result<Glance, Unusable> {
    let envelope = inspect(body)?;
    Ok(Glance {
        id: envelope.id,
        mode: envelope.mode,
        owner: envelope.owner,
        payout: payout::of(&envelope.kind, body),
    })
}

/// What a snapshot has to say at its top level.
#[derive(Default)]
struct Snapshot<'a> {
    id: Option<&'a str>,
    object: Option<&'a str>,
    kind: Option<&'a str>,
    account: Option<&'a str>,
    created: Option<&'a str>,
    livemode: Option<&'a str>,
}

/// The identity of a snapshot without anything unusual about it; `None` of all else,
/// which is no verdict.
fn plain_snapshot(text: &str) -> Option<Glance> {
    let mut event = Snapshot::default();
    let mut fields = Fields::of(text)?;
    while let Some((name, value)) = fields.next()? {
        let field = match name {
            "id" => &mut event.id,
            "object" => &mut event.object,
            "type" => &mut event.kind,
            "account" => &mut event.account,
            "created" => &mut event.created,
            "livemode" => &mut event.livemode,
            "api_version" | "data" | "pending_webhooks" | "request" => continue,
            _ => return None,
        };
        if field.replace(value).is_some() {
            return None;
        }
    }
    event.created?.parse::<i64>().ok()?;
    let kind = plain(event.kind?)?;
    if plain(event.object?)? != "event" || kind.is_empty() {
        return None;
    }
    let owner = match event.account {
        None | Some("null") => Owner::Platform,
        Some(account) => Owner::Account(AccountId::parse(plain(account)?).ok()?),
    };
    Some(Glance {
        id: EventId::parse(plain(event.id?)?).ok()?,
        mode: Mode::of(event.livemode?.parse().ok()?),
        owner,
        payout: payout::of(kind, text.as_bytes()),
    })
}

/// A string that holds no escape.
fn plain(value: &str) -> Option<&str> {
    let text = value.strip_prefix('"')?.strip_suffix('"')?;
    (!text.contains('\\')).then_some(text)
}

#[cfg(test)]
mod tests;
