//! Stripe's word that it failed to make events.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use tributary_domain::{Effect, Origin};
use tributary_stripe::decode;

/// It is mirrored, because what is mirrored is announced, and the bus has to tell
/// reconciliation.
#[test]
fn fault_07_a_notice_of_missing_events_is_mirrored_to_be_announced() {
    let notice = r#"{"id":"evt_9","object":"v2.core.event","livemode":true,
        "type":"v2.core.health.event_generation_failure.resolved",
        "created":"2026-11-22T10:00:00.000Z","related_object":null}"#;
    let arrival = decode(notice, Origin::Webhook).unwrap();
    let Effect::Mirror(seen) = arrival.effect else {
        panic!("{:?}", arrival.effect);
    };
    assert_eq!(seen.object.to_string(), "live#platform#v2.core.event#evt_9");
    assert_eq!(seen.version.at, 1_795_341_600);
}
