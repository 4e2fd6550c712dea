//! The rows of the bad-input table that are about trust: everything is 400, and
//! nothing of it is kept.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod world;

use world::{NOW, OTHER_SECRET, SECRET, World, event, post, sign};

/// A good body with a header made for the case.
async fn with_headers(headers: &[&str]) -> (u16, &'static str) {
    let world = World::new();
    let answer = world
        .send(post("connect", event().as_bytes(), headers))
        .await;
    assert!(
        world.queues.events().is_empty(),
        "a message without trust was queued"
    );
    assert!(
        world.queues.quarantine().is_empty(),
        "a message without trust was kept"
    );
    (answer.status(), answer.code())
}

#[tokio::test]
async fn row_04_no_signature_header_is_400() {
    assert_eq!(with_headers(&[]).await, (400, "header_missing"));
}

#[tokio::test]
async fn row_05_an_empty_header_or_one_without_t_or_v1_is_400() {
    let good = sign(&[SECRET], NOW, event().as_bytes());
    let (t, v1) = good.split_once(',').unwrap();
    for header in ["", " ", t, v1, "bad_header", "v1,t=1", "t=,v1=00"] {
        assert_eq!(with_headers(&[header]).await.0, 400, "{header}");
    }
}

#[tokio::test]
async fn row_06_a_t_that_is_no_number_is_400() {
    for t in ["abc", "-1", "1.5", "99999999999999999999", "+5", "0x10", ""] {
        let header = format!("t={t},v1={}", "0".repeat(64));
        assert_eq!(with_headers(&[&header]).await.0, 400, "{t}");
    }
}

#[tokio::test]
async fn row_07_two_t_or_a_folded_or_repeated_header_is_400() {
    let good = sign(&[SECRET], NOW, event().as_bytes());
    assert_eq!(with_headers(&[&format!("{good},t={NOW}")]).await.0, 400);
    assert_eq!(with_headers(&[&format!("{good},{good}")]).await.0, 400);
    assert_eq!(with_headers(&[&good, &good]).await.0, 400);
}

#[tokio::test]
async fn row_08_a_v1_of_odd_length_or_not_hex_is_400() {
    for v1 in [
        "0",
        &"0".repeat(63),
        &"g".repeat(64),
        "potato",
        &"0".repeat(65),
    ] {
        assert_eq!(
            with_headers(&[&format!("t={NOW},v1={v1}")]).await.0,
            400,
            "{v1}"
        );
    }
}

#[tokio::test]
async fn row_09_one_good_v1_among_several_is_enough_and_many_are_refused() {
    let body = event();
    for secrets in [[SECRET, OTHER_SECRET], [OTHER_SECRET, SECRET]] {
        let world = World::new();
        let header = sign(&secrets, NOW, body.as_bytes());
        assert_eq!(
            world
                .send(post("connect", body.as_bytes(), &[&header]))
                .await
                .status(),
            200
        );
    }
    let header = sign(&[OTHER_SECRET; 17], NOW, body.as_bytes());
    assert_eq!(with_headers(&[&header]).await, (400, "too_many_v1"));
    let long = format!("t={NOW},v2={},v1=00", "0".repeat(5000));
    assert_eq!(with_headers(&[&long]).await.0, 400);
}

#[tokio::test]
async fn row_10_only_v0_is_400() {
    let header = sign(&[SECRET], NOW, event().as_bytes()).replace("v1=", "v0=");
    assert_eq!(with_headers(&[&header]).await, (400, "no_v1"));
}

#[tokio::test]
async fn row_11_the_secret_of_another_endpoint_is_400() {
    let header = sign(&[OTHER_SECRET], NOW, event().as_bytes());
    assert_eq!(with_headers(&[&header]).await, (400, "mismatch"));
}

#[tokio::test]
async fn row_12_a_t_older_than_300_s_is_400() {
    let body = event();
    let world = World::new();
    let fresh = sign(&[SECRET], NOW - 300, body.as_bytes());
    assert_eq!(
        world
            .send(post("connect", body.as_bytes(), &[&fresh]))
            .await
            .status(),
        200
    );
    let old = sign(&[SECRET], NOW - 301, body.as_bytes());
    assert_eq!(with_headers(&[&old]).await, (400, "too_old"));
}

#[tokio::test]
async fn row_13_a_t_more_than_300_s_ahead_is_400() {
    let ahead = sign(&[SECRET], NOW + 301, event().as_bytes());
    assert_eq!(with_headers(&[&ahead]).await, (400, "too_new"));
}

#[tokio::test]
async fn row_14_an_exact_replay_within_300_s_is_200() {
    let world = World::new();
    let body = event();
    let header = sign(&[SECRET], NOW, body.as_bytes());
    for _ in 0..2 {
        assert_eq!(
            world
                .send(post("connect", body.as_bytes(), &[&header]))
                .await
                .status(),
            200
        );
    }
    assert_eq!(
        world.queues.events().len(),
        2,
        "the receipt dedupes, downstream"
    );
}

#[tokio::test]
async fn row_15_a_body_changed_by_one_byte_or_serialised_anew_is_400() {
    let body = event();
    let header = sign(&[SECRET], NOW, body.as_bytes());
    let value: serde_json::Value = serde_json::from_str(&body).unwrap();
    let changed = [
        body.replacen('1', "2", 1),
        format!("{body}\n"),
        format!("\u{feff}{body}"),
        value.to_string(),
    ];
    for changed in changed {
        let world = World::new();
        let answer = world
            .send(post("connect", changed.as_bytes(), &[&header]))
            .await;
        assert_eq!((answer.status(), answer.code()), (400, "mismatch"));
    }
}

#[tokio::test]
async fn row_36_a_signature_header_of_64_kb_is_400_unread() {
    let good = sign(&[SECRET], NOW, event().as_bytes());
    for flood in ["x", ",v1=00", " "] {
        let header = format!("{good},{}", flood.repeat(64 * 1024 / flood.len()));
        assert_eq!(with_headers(&[&header]).await, (400, "header_too_long"));
    }
}

/// More than the gateway lets through.
#[tokio::test]
async fn row_36_a_flood_of_other_headers_is_not_looked_at() {
    let (world, body) = (World::new(), event());
    let signature = sign(&[SECRET], NOW, body.as_bytes());
    let flood = (0..64).map(|n| (format!("x-flood-{n}"), "x".repeat(1024).into()));
    let flood = serde_json::Value::Object(flood.collect());
    let request = world::post_with("connect", body.as_bytes(), &[&signature], flood);
    assert_eq!(world.send(request).await.status(), 200);
}
