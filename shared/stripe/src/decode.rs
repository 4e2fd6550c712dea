//! Wire to domain.

use tributary_domain::{Arrival, FetchRequest, Origin, Unusable};

/// Decodes the body of an event.
///
/// # Errors
/// When it is authentic but cannot be used.
pub fn decode(body: &str, origin: Origin) -> Result<Arrival, Unusable> {
    let _ = (body, origin);
    Err(Unusable::new("not_json", "unread"))
}

/// Decodes an event that came through Stripe's partner event source.
///
/// # Errors
/// When it is authentic but cannot be used.
pub fn decode_eventbridge(body: &str) -> Result<Arrival, Unusable> {
    decode(body, Origin::EventBridge)
}

/// Decodes what the fetch lane wrote.
///
/// # Errors
/// When it cannot be used.
pub fn decode_fetched(text: &str) -> Result<Arrival, Unusable> {
    decode(text, Origin::Fetch)
}

/// The message of the fetch lane: an object as Stripe answered.
pub fn fetched_message(request: &FetchRequest, observed_at: i64, object_json: &str) -> String {
    let _ = (request, observed_at);
    object_json.to_owned()
}
