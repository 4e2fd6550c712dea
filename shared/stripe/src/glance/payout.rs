//! Which payout an event is about.

use std::borrow::Cow;

use serde::Deserialize;
use tributary_domain::ObjectId;

/// What events about payouts are called.
const PREFIX: &str = "payout.";

#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    data: Data<'a>,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow)]
    object: Object<'a>,
}

#[derive(Deserialize)]
struct Object<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    object: Cow<'a, str>,
}

/// The payout of an event of type `kind`. Only events of payouts are read a second
/// time: one in a hundred.
pub(super) fn of(kind: &str, body: &[u8]) -> Option<ObjectId> {
    if !kind.starts_with(PREFIX) {
        return None;
    }
    let Object { id, object } = serde_json::from_slice::<Body<'_>>(body).ok()?.data.object;
    (object == "payout")
        .then(|| ObjectId::parse(&id).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payout_is_seen_in_its_events_alone() {
        let of_payout =
            br#"{"type":"payout.paid","data":{"object":{"id":"po_\u0031","object":"payout"}}}"#;
        assert_eq!(of("payout.paid", of_payout).unwrap().as_str(), "po_1");
        assert_eq!(of("charge.succeeded", of_payout), None);
        let other = br#"{"data":{"object":{"id":"ch_1","object":"charge"}}}"#;
        assert_eq!(of("payout.paid", other), None);
        assert_eq!(of("payout.paid", b"{}"), None);
    }
}
