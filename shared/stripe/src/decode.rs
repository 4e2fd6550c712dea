//! Wire to domain: what one event asks for.
//!
//! A snapshot event becomes a version of its object, a thin event a wish to fetch
//! it. The same event decodes to the same fingerprint and version whichever way it
//! came and however it was formatted.

mod change;
mod fetched;
mod identity;
mod money;
mod snapshot;
mod thin;

use tributary_domain::{Arrival, Document, EventFacts, Origin, Tree, Unusable};

use crate::envelope::{self, Envelope, Form, inspect};
use crate::json::{self, Fields};

pub use fetched::{decode_fetched, fetched_message};

/// What precedes the partner event source's name in `source`. Only Stripe can
/// write to such a bus; an event from any other source proves nothing.
const PARTNER_SOURCE: &str = "aws.partner/stripe.com/";

/// Decodes the body of an event.
///
/// # Errors
/// When it is authentic but cannot be used: the codes of [`inspect`],
/// `reserved_key`, and, with the event's facts and a repair where a fetch may
/// help, `missing_field`, `bad_object`, `bad_amount`, `bad_currency` and
/// `mode_mix`.
pub fn decode(body: &str, origin: Origin) -> Result<Arrival, Unusable> {
    let event = json::parse(body);
    let envelope = match event.as_ref().ok().and_then(envelope::of_snapshot) {
        Some(envelope) => envelope,
        None => inspect(body.as_bytes())?,
    };
    let event = without_delivery(event?);
    let facts = facts(&envelope, &event, origin)?;
    let effect = match envelope.form {
        Form::Snapshot => snapshot::effect(&facts, &event),
        Form::Thin => thin::effect(&facts, &event),
    };
    match effect {
        Ok(effect) => Ok(Arrival {
            facts,
            effect,
            raw: body.into(),
        }),
        Err(unusable) => Err(Unusable {
            facts: Some(Box::new(facts)),
            ..unusable
        }),
    }
}

/// Decodes an event that came through Stripe's partner event source. The envelope
/// around it belongs to EventBridge: its `id` is not the event's, its `account` is
/// the AWS account.
///
/// # Errors
/// `bad_source` when it came from any other source, and those of [`decode`].
pub fn decode_eventbridge(body: &str) -> Result<Arrival, Unusable> {
    let envelope = Fields::read(body).map_err(|why| why.of("the EventBridge envelope"))?;
    if !envelope
        .string("source")
        .is_some_and(|source| source.starts_with(PARTNER_SOURCE))
    {
        return Err(Unusable::new(
            "bad_source",
            "source is not Stripe's partner event source",
        ));
    }
    let detail = envelope
        .raw("detail")
        .ok_or_else(|| Unusable::new("not_an_event", "the EventBridge envelope has no detail"))?;
    decode(detail, Origin::EventBridge)
}

/// The event without what belongs to one delivery of it: the number of
/// `pending_webhooks` falls from attempt to attempt.
fn without_delivery(mut event: Tree<'_>) -> Tree<'_> {
    if let Tree::Object(fields) = &mut event {
        fields.remove("pending_webhooks");
    }
    event
}

fn facts(
    envelope: &Envelope<'_>,
    event: &Tree<'_>,
    origin: Origin,
) -> Result<EventFacts, Unusable> {
    Ok(EventFacts {
        key: envelope.key(),
        kind: envelope.kind.to_string(),
        created: envelope.created,
        api_version: envelope.api_version.as_deref().map(str::to_owned),
        origin,
        fingerprint: document(event, "the event")?.fingerprint(),
    })
}

/// Takes a value that has to be an object.
fn document(value: &Tree<'_>, what: &str) -> Result<Document, Unusable> {
    Document::from_tree(value)
        .map_err(|_| Unusable::new("missing_field", format!("{what} is not an object")))
}
