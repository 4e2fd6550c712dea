//! Bodies that carry a good signature and still cannot be used.

use std::iter::repeat_n;

/// How deep the nested body goes: far beyond what any JSON parser should follow.
const NESTING: usize = 10_000;
/// One character more than the longest id Stripe would issue.
const ID_TOO_LONG: usize = 256;
/// How many kinds of unusable bodies there are.
const KINDS: usize = 14;

/// The `number`-th unusable body and the endpoint it is sent to. The kinds take turns, and the
/// number is part of each body, so no two bodies of one plan are equal.
pub(super) fn malformed(number: usize) -> (&'static str, Vec<u8>) {
    let id = format!("evt_bad{number}");
    let body = match number % KINDS {
        0 => format!("<html>502 Bad Gateway, try {number}</html>").into_bytes(),
        1 => event(&id, "").repeat(2),
        2 => truncated(event(&id, "")),
        3 => invalid_utf8(&id),
        4 => nested(&id),
        5 => event(&id, r#""id": "evt_other","#),
        6 => without_id(number),
        7 => event(&format!("ch_bad{number}"), ""),
        8 => event(&format!("evt_bad#{number}"), ""),
        9 => event(&format!("evt_bad\\u0000{number}"), ""),
        10 => event(&format!("{id:x<ID_TOO_LONG$}"), ""),
        11 => format!("[\"{id}\"]").into_bytes(),
        12 => without_data(&id),
        _ => return ("thin", thin_without_id(number)),
    };
    let endpoint = if number.is_multiple_of(2) {
        "platform"
    } else {
        "connect"
    };
    (endpoint, body)
}

/// An event that would be fine if its id were, with room for one more member.
fn event(id: &str, member: &str) -> Vec<u8> {
    format!(
        r#"{{
  "id": "{id}",
  {member}
  "object": "event",
  "api_version": "2026-10-28.endive",
  "created": 1750000000,
  "data": {{
    "object": {{
      "id": "cus_bad",
      "object": "customer"
    }}
  }},
  "livemode": true,
  "pending_webhooks": 1,
  "request": null,
  "type": "customer.updated"
}}"#
    )
    .into_bytes()
}

fn truncated(mut body: Vec<u8>) -> Vec<u8> {
    body.truncate(body.len() / 2);
    body
}

fn invalid_utf8(id: &str) -> Vec<u8> {
    let mut body = format!(r#"{{"id": "{id}", "object": "event", "note": ""#).into_bytes();
    body.extend_from_slice(b"\xff\xfe\"}");
    body
}

fn nested(id: &str) -> Vec<u8> {
    let mut body = format!(r#"{{"id": "{id}", "object": "event", "data": "#).into_bytes();
    body.extend(repeat_n(b'[', NESTING));
    body.extend(repeat_n(b']', NESTING));
    body.push(b'}');
    body
}

fn without_id(number: usize) -> Vec<u8> {
    format!(
        r#"{{"object": "event", "created": {number}, "type": "charge.succeeded", "livemode": true,
 "data": {{"object": {{"id": "ch_bad", "object": "charge"}}}}}}"#
    )
    .into_bytes()
}

fn without_data(id: &str) -> Vec<u8> {
    format!(
        r#"{{"id": "{id}", "object": "event", "created": 1750000000, "livemode": true,
 "type": "charge.succeeded"}}"#
    )
    .into_bytes()
}

fn thin_without_id(number: usize) -> Vec<u8> {
    format!(
        r#"{{"object": "v2.core.event", "created": "2026-06-01T00:00:00.{:03}Z", "livemode": true,
 "type": "v2.core.account[configuration.merchant].updated"}}"#,
        number % 1_000
    )
    .into_bytes()
}
