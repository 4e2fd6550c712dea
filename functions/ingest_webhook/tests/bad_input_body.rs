//! The rows of the bad-input table that are about the request and its body. Whatever
//! is not 2xx Stripe sends again for three days, so 2xx is right for what is
//! authentic but unwanted.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod world;

use serde_json::json;
use world::{NOW, SECRET, World, event, post, sign};

/// A body that Stripe signed.
async fn signed(body: impl AsRef<[u8]>) -> (World, u16, &'static str) {
    let world = World::new();
    let header = sign(&[SECRET], NOW, body.as_ref());
    let answer = world.send(post("connect", body.as_ref(), &[&header])).await;
    (world, answer.status(), answer.code())
}

async fn is_quarantined(body: impl AsRef<[u8]>, code: &str) {
    let (world, status, _) = signed(body.as_ref()).await;
    assert_eq!(status, 200);
    let held = world.queues.quarantine();
    assert_eq!(held.len(), 1, "held exactly once");
    assert_eq!(held[0].code, code);
    assert_eq!(held[0].body, body.as_ref(), "kept byte for byte");
    assert!(world.queues.events().is_empty());
}

async fn is_queued(body: impl AsRef<[u8]>) -> World {
    let (world, status, _) = signed(body.as_ref()).await;
    assert_eq!(status, 200);
    assert!(world.queues.quarantine().is_empty());
    let events = world.queues.events();
    assert_eq!(events.len(), 1);
    assert_eq!(
        events[0].body.as_bytes(),
        body.as_ref(),
        "queued byte for byte"
    );
    world
}

fn event_with(path: &str, value: serde_json::Value) -> String {
    let mut event: serde_json::Value = serde_json::from_str(&event()).unwrap();
    match event.pointer_mut(path) {
        Some(place) => *place = value,
        None => event[path.trim_start_matches('/')] = value,
    }
    event.to_string()
}

fn event_without(field: &str) -> String {
    let mut event: serde_json::Value = serde_json::from_str(&event()).unwrap();
    event.as_object_mut().unwrap().remove(field);
    event.to_string()
}

#[tokio::test]
async fn row_01_a_valid_signed_event_is_queued_before_the_answer() {
    let world = is_queued(event()).await;
    let message = &world.queues.events()[0];
    assert_eq!(message.kind.as_str(), "event");
    assert_eq!(message.group, "live:acct_1Nv0FGQ9RKHgCVdK");
    assert_eq!(message.endpoint.as_deref(), Some("connect"));
    assert!(message.trace.as_str().starts_with("00-"));
}

#[tokio::test]
async fn row_02_other_methods_are_405_with_allow() {
    for method in ["GET", "PUT", "HEAD", "DELETE", "PATCH"] {
        let world = World::new();
        let mut request = post("connect", event().as_bytes(), &[]);
        request.method = method.parse().unwrap();
        let answer = world.send(request).await;
        assert_eq!(answer.status(), 405);
        assert_eq!(answer.into_response().headers["allow"], "POST");
    }
}

#[tokio::test]
async fn row_03_an_unknown_path_is_404() {
    let world = World::new();
    for endpoint in ["", "nobody", "connect/..", "CONNECT"] {
        let answer = world.send(post(endpoint, event().as_bytes(), &[])).await;
        assert_eq!(answer.status(), 404, "{endpoint}");
    }
}

#[tokio::test]
async fn row_16_a_base64_body_is_decoded_before_the_hmac() {
    let world = World::new();
    let body = event();
    let header = sign(&[SECRET], NOW, body.as_bytes());
    let answer = world
        .send(world::post_base64("connect", body.as_bytes(), &[&header]))
        .await;
    assert_eq!(answer.status(), 200);
    assert_eq!(world.queues.events()[0].body, body);
}

#[tokio::test]
async fn row_17_a_body_that_is_not_the_base64_it_claims_is_400() {
    let world = World::new();
    let mut request = post("connect", b"%%%", &[&sign(&[SECRET], NOW, b"%%%")]);
    request.is_base64_encoded = true;
    let answer = world.send(request).await;
    assert_eq!((answer.status(), answer.code()), (400, "body_not_base64"));
}

#[tokio::test]
async fn row_18_a_compressed_body_is_415() {
    let world = World::new();
    let body = event();
    let header = sign(&[SECRET], NOW, body.as_bytes());
    let encoding = json!({"content-encoding": "gzip"});
    let request = world::post_with("connect", body.as_bytes(), &[&header], encoding);
    assert_eq!(world.send(request).await.status(), 415);
}

#[tokio::test]
async fn row_19_a_body_over_the_queues_limit_goes_by_claim_check_whole() {
    let body = event_with("/data/object/description", json!("x".repeat(1_200_000)));
    let (world, status, _) = signed(&body).await;
    assert_eq!(status, 200);
    let message = &world.queues.events()[0];
    assert_eq!(message.kind.as_str(), "claim");
    let stored = world.redeem(&message.body).await;
    assert_eq!(stored, body.as_bytes());
}

#[tokio::test]
async fn row_20_an_empty_body_is_400() {
    let (world, status, code) = signed("").await;
    assert_eq!((status, code), (400, "body_empty"));
    assert!(world.queues.quarantine().is_empty());
}

#[tokio::test]
async fn row_21_a_signed_body_that_is_not_json_is_quarantined() {
    is_quarantined("this is not JSON", "not_json").await;
}

#[tokio::test]
async fn row_22_invalid_utf8_is_quarantined_as_bytes() {
    let body = b"{\"id\":\"evt_x\",\"object\":\"event\",\"note\":\"\xff\xfe\"}";
    let world = World::new();
    let header = sign(&[SECRET], NOW, body);
    let answer = world
        .send(world::post_base64("connect", body, &[&header]))
        .await;
    assert_eq!(answer.status(), 200);
    assert_eq!(world.queues.quarantine()[0].code, "not_utf8");
    assert_eq!(world.queues.quarantine()[0].body, body);
}

#[tokio::test]
async fn row_22_characters_that_sqs_refuses_go_by_claim_check() {
    let body = event_with("/data/object/description", json!("odd \u{fffe} character"));
    let (world, status, _) = signed(&body).await;
    assert_eq!(status, 200);
    assert_eq!(world.queues.events()[0].kind.as_str(), "claim");
}

#[tokio::test]
async fn row_23_nesting_of_10_000_levels_is_quarantined() {
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    is_quarantined(event().replacen("\"charge\"", &deep, 1), "too_deep").await;
}

#[tokio::test]
async fn row_24_a_duplicate_key_is_quarantined() {
    is_quarantined(
        event().replacen('{', r#"{"id":"evt_other","#, 1),
        "duplicate_key",
    )
    .await;
}

#[tokio::test]
async fn row_25_an_id_that_is_missing_or_unsafe_is_quarantined() {
    is_quarantined(event_without("id"), "bad_id").await;
    let long = format!("evt_{}", "x".repeat(300));
    for id in [
        json!("ch_1"),
        json!("evt_1#live"),
        json!("evt_\u{0}"),
        json!(long),
        json!(7),
        json!(null),
    ] {
        is_quarantined(event_with("/id", id), "bad_id").await;
    }
}

#[tokio::test]
async fn row_26_an_unknown_type_is_queued() {
    is_queued(event_with("/type", json!("galaxy.collided"))).await;
}

#[tokio::test]
async fn row_27_an_unknown_api_version_or_field_is_queued() {
    is_queued(event_with("/api_version", json!("2031-01-01.zebra"))).await;
    is_queued(event_with("/brand_new_field", json!({"a": [1, 2.5]}))).await;
}

#[tokio::test]
async fn row_29_test_mode_on_a_live_endpoint_takes_its_own_lane() {
    let world = is_queued(event_with("/livemode", json!(false))).await;
    assert_eq!(world.queues.events()[0].group, "test");
}

#[tokio::test]
async fn row_30_an_account_that_is_none_is_quarantined() {
    for account in [json!("acct_#"), json!("cus_1"), json!(5)] {
        is_quarantined(event_with("/account", account), "bad_account").await;
    }
}

#[tokio::test]
async fn row_31_no_account_on_the_connect_endpoint_is_the_platforms() {
    let world = is_queued(event_without("account")).await;
    assert_eq!(world.queues.events()[0].group, "live:platform");
}

#[tokio::test]
async fn row_33_created_in_the_future_or_in_1970_is_queued() {
    is_queued(event_with("/created", json!(0))).await;
    is_queued(event_with("/created", json!(4_102_444_800_i64))).await;
}

#[tokio::test]
async fn row_35_a_thin_event_on_a_snapshot_endpoint_is_queued() {
    let thin = json!({
        "id": "evt_test_65R9Ijk8dKEYZcXeRWn16R9A7j", "object": "v2.core.event",
        "type": "v1.charge.succeeded", "livemode": true, "created": "2026-11-22T10:00:00.123Z",
        "context": "acct_1Nv0FGQ9RKHgCVdK", "reason": null,
        "related_object": {"id": "ch_1", "type": "charge", "url": "/v1/charges/ch_1"},
    });
    let world = is_queued(thin.to_string()).await;
    assert_eq!(world.queues.events()[0].group, "live:acct_1Nv0FGQ9RKHgCVdK");
}

/// The receipt tells them apart, downstream: only it knows the first.
#[tokio::test]
async fn row_34_another_body_under_a_known_id_is_queued_to_be_told_apart() {
    let world = World::new();
    for amount in [2000, 2001] {
        let body = event_with("/data/object/amount", json!(amount));
        let header = sign(&[SECRET], NOW, body.as_bytes());
        let answer = world
            .send(post("connect", body.as_bytes(), &[&header]))
            .await;
        assert_eq!(answer.status(), 200);
    }
    let events = world.queues.events();
    assert_eq!(events.len(), 2);
    assert_ne!(events[0].body, events[1].body);
}

#[tokio::test]
async fn row_37_a_queue_that_is_down_is_503() {
    let body = event();
    let header = sign(&[SECRET], NOW, body.as_bytes());
    let answer = World::with_queue_down(post("connect", body.as_bytes(), &[&header])).await;
    assert_eq!(answer.status(), 503);
    let answer =
        World::with_queue_down(post("connect", b"no", &[&sign(&[SECRET], NOW, b"no")])).await;
    assert_eq!(answer.status(), 503, "nor is the quarantine reachable");
}

#[tokio::test]
async fn row_38_secrets_out_of_reach_on_a_cold_start_are_503() {
    let world = World::new();
    world.secrets.is_down();
    let body = event();
    let header = sign(&[SECRET], NOW, body.as_bytes());
    assert_eq!(
        world
            .send(post("connect", body.as_bytes(), &[&header]))
            .await
            .status(),
        503
    );
}

#[tokio::test]
async fn row_39_control_sequences_in_fields_are_carried_unharmed() {
    is_queued(event_with(
        "/data/object/description",
        json!("a\nb\u{1b}[31mred"),
    ))
    .await;
}

#[tokio::test]
async fn no_answer_repeats_anything_of_the_request() {
    for body in ["CANARY", r#"{"id":"evt_CANARY#","object":"event"}"#] {
        let world = World::new();
        let header = sign(&[SECRET], NOW, body.as_bytes());
        for header in [header.as_str(), "t=CANARY"] {
            let answer = world
                .send(post("connect", body.as_bytes(), &[header]))
                .await;
            let response = serde_json::to_string(&answer.into_response()).unwrap();
            assert!(!response.contains("CANARY"), "{response}");
        }
    }
}
