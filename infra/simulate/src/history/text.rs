//! Events as Stripe writes them.

use std::fmt::Write;

use super::{OWNERS, START};

/// What an event says around its object.
pub(super) struct Cover<'a> {
    pub(super) id: &'a str,
    pub(super) owner: usize,
    pub(super) live: bool,
    pub(super) at: i64,
    pub(super) api_version: &'a str,
    pub(super) kind: &'a str,
}

/// A snapshot event, and where its number of pending webhooks stands.
pub(super) fn snapshot(
    cover: &Cover<'_>,
    object: &str,
    previous: Option<&str>,
) -> (String, Option<usize>) {
    let mut out = String::with_capacity(object.len() + 400);
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        "{{\n  \"id\": \"{}\",\n  \"object\": \"event\",",
        cover.id
    );
    if let Some(account) = account(cover.owner) {
        let _ = write!(out, "\n  \"account\": \"{account}\",");
    }
    let _ = write!(
        out,
        "\n  \"api_version\": \"{}\",\n  \"created\": {},\n  \"data\": {{\"object\": {object}",
        cover.api_version, cover.at
    );
    if let Some(previous) = previous {
        let _ = write!(out, ", \"previous_attributes\": {previous}");
    }
    let _ = write!(
        out,
        "}},\n  \"livemode\": {},\n  \"pending_webhooks\": ",
        cover.live
    );
    let pending_at = out.len();
    let _ = write!(
        out,
        "3,\n  \"request\": {{\"id\": null, \"idempotency_key\": null}},\n  \"type\": \"{}\"\n}}",
        cover.kind
    );
    (out, Some(pending_at))
}

/// A thin event about an object of a kind.
pub(super) fn thin(cover: &Cover<'_>, object_kind: &str, object_id: &str) -> String {
    let second = (cover.at - START).rem_euclid(86_400);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let context = account(cover.owner)
        .map(|account| format!("\"context\":\"{account}\","))
        .unwrap_or_default();
    format!(
        "{{\"id\":\"{}\",\"object\":\"v2.core.event\",\"type\":\"{}\",\"livemode\":{},\
         \"created\":\"2025-11-23T{hour:02}:{minute:02}:{second:02}.120Z\",{context}\
         \"related_object\":{{\"id\":\"{object_id}\",\"type\":\"{object_kind}\",\
         \"url\":\"/v2/core/accounts/{object_id}\"}}}}",
        cover.id, cover.kind, cover.live,
    )
}

/// The same event in the envelope of EventBridge.
pub(crate) fn bridged(event: &str) -> String {
    format!(
        "{{\"version\":\"0\",\"id\":\"6f2f9c2e\",\"detail-type\":\"event\",\
         \"source\":\"aws.partner/stripe.com/ed_1\",\"account\":\"000000000000\",\"detail\":{event}}}"
    )
}

fn account(owner: usize) -> Option<&'static str> {
    OWNERS.get(owner).copied().filter(|_| owner > 0)
}
