//! The claim check: what a pointer may lead to.

use tributary_domain::Fingerprint;
use tributary_pipeline::carriage::{Carried, carry, redeem};
use tributary_pipeline::ports::{Blobs, SendError};
use tributary_testkit::MemoryBlobs;

const PREFIX: &str = "claims";

fn pointer(key: &str, fingerprint: &str, body: &[u8]) -> String {
    let bytes = body.len();
    format!(r#"{{"key":"{key}","fingerprint":"{fingerprint}","bytes":{bytes}}}"#)
}

#[tokio::test]
async fn what_a_queue_refuses_comes_back_whole() {
    let blobs = MemoryBlobs::default();
    for body in [
        b"\xff\xfe".as_slice(),
        "odd \u{fffe}".as_bytes(),
        &[b'x'; 1_000_001],
    ] {
        let Ok(Carried::Claim(pointer)) = carry(&blobs, PREFIX, body).await else {
            unreachable!("a queue would refuse it")
        };
        assert_eq!(
            redeem(&blobs, PREFIX, &pointer).await.ok(),
            Some(body.to_vec())
        );
    }
}

#[tokio::test]
async fn a_pointer_out_of_its_prefix_or_to_another_body_is_refused() {
    let (blobs, body) = (MemoryBlobs::default(), b"a body");
    let hash = Fingerprint::of([body.as_slice()]);
    let keys = [
        format!("{PREFIX}/{hash}"),
        format!("{PREFIX}/../bodies/x"),
        format!("{PREFIX}/x"),
        format!("{PREFIX}/"),
        format!("bodies/{hash}"),
    ];
    for key in &keys {
        assert!(blobs.put(key, body).await.is_ok());
    }
    for (key, fingerprint) in [
        (keys[1].as_str(), "../bodies/x"),
        (&keys[2], "x"),
        (&keys[3], ""),
        (&keys[4], hash.as_str()),
    ] {
        let answer = redeem(&blobs, PREFIX, &pointer(key, fingerprint, body)).await;
        assert!(
            matches!(answer, Err(SendError::Invalid(_))),
            "{key}: {answer:?}"
        );
    }
    let good = pointer(&keys[0], hash.as_str(), body);
    assert_eq!(
        redeem(&blobs, PREFIX, &good).await.ok(),
        Some(body.to_vec())
    );
    assert!(blobs.put(&keys[0], b"b body").await.is_ok());
    let answer = redeem(&blobs, PREFIX, &good).await;
    assert!(matches!(answer, Err(SendError::Invalid(_))), "{answer:?}");
}
