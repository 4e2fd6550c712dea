//! How messages travel: under which kind, in which group, inline or by claim check.
#![allow(clippy::unwrap_used, clippy::panic)]

use proptest::prelude::*;
use tributary_domain::{AccountId, Fingerprint, Mode, Owner};
use tributary_pipeline::carriage::{Carried, carry, redeem};
use tributary_pipeline::message::{Claim, INLINE_BYTES_MAX, Kind, fits_a_queue, group};
use tributary_pipeline::ports::{Blobs, SendError};
use tributary_testkit::MemoryBlobs;

#[test]
fn kinds_have_the_names_that_other_versions_know() {
    for (kind, name) in [
        (Kind::Event, "event"),
        (Kind::Claim, "claim"),
        (Kind::Fetched, "fetched"),
        (Kind::FetchedClaim, "fetched_claim"),
        (Kind::Backfill, "backfill"),
        (Kind::BackfillClaim, "backfill_claim"),
    ] {
        assert_eq!(kind.as_str(), name);
        assert_eq!(Kind::parse(name), Some(kind));
    }
    assert_eq!(Kind::EventBridge.as_str(), "event_bridge");
    for unmarked in ["event_bridge", "", "Event", "of_a_later_version"] {
        assert_eq!(Kind::parse(unmarked), None, "{unmarked}");
    }
}

#[test]
fn live_accounts_have_groups_of_their_own_and_tests_share_one() {
    let account = |id: &str| Owner::Account(AccountId::parse(id).unwrap());
    let longest = format!("acct_{}", "1".repeat(115));
    let longer = format!("acct_{}", "1".repeat(116));
    for (owner, expected) in [
        (Owner::Platform, "live:platform".to_owned()),
        (account("acct_1"), "live:acct_1".to_owned()),
        (account(&longest), format!("live:{longest}")),
        (
            account(&longer),
            format!("live:{}", Fingerprint::of_text(&longer)),
        ),
    ] {
        let live = group(Mode::Live, &owner);
        assert_eq!(live, expected);
        assert!(live.len() <= 128, "SQS takes no longer group");
        assert_eq!(group(Mode::Test, &owner), "test");
    }
}

#[test]
fn a_queue_takes_what_sqs_says_it_takes() {
    for c in '\0'..=char::MAX {
        // SQS API Reference, SendMessage, MessageBody.
        let taken = matches!(
            u32::from(c),
            0x9 | 0xA | 0xD | 0x20..=0xD7FF | 0xE000..=0xFFFD | 0x10000..=0x10_FFFF
        );
        assert_eq!(fits_a_queue(&format!("a{c}")), taken, "{c:?}");
    }
    // Wherever it stands.
    for (length, c) in
        (0..70).flat_map(|length| ['\0', '\x1F', '\t', '\u{FFFF}', 'é'].map(|c| (length, c)))
    {
        for place in 0..=length {
            let text = format!("{}{c}{}", "a".repeat(place), "z".repeat(length - place));
            let taken = matches!(c, '\t' | 'é');
            assert_eq!(fits_a_queue(&text), taken, "{text:?}");
        }
    }
    assert!(fits_a_queue(""));
    assert!(fits_a_queue(&"a".repeat(INLINE_BYTES_MAX)));
    assert!(!fits_a_queue(&"a".repeat(INLINE_BYTES_MAX + 1)));
}

/// A body that goes by claim check: SQS takes no NUL.
fn unsendable() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..40).prop_map(|mut body| {
        body.push(0);
        body
    })
}

async fn claimed(blobs: &MemoryBlobs, body: &[u8]) -> Claim {
    match carry(blobs, "claims", body).await.unwrap() {
        Carried::Claim(pointer) => serde_json::from_str(&pointer).unwrap(),
        Carried::Inline(text) => panic!("{text:?} went inline"),
    }
}

async fn redeemed(blobs: &MemoryBlobs, claim: &Claim) -> Result<Vec<u8>, SendError> {
    redeem(blobs, "claims", &serde_json::to_string(claim).unwrap()).await
}

fn is_invalid(result: &Result<Vec<u8>, SendError>) -> bool {
    matches!(result, Err(SendError::Invalid(_)))
}

proptest! {
    #[test]
    fn a_claim_brings_back_the_bytes_and_nothing_else(body in unsendable(), other in unsendable(), flip in any::<prop::sample::Index>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let blobs = MemoryBlobs::default();
            let claim = claimed(&blobs, &body).await;
            prop_assert_eq!(&redeemed(&blobs, &claim).await.unwrap(), &body);

            let longer = Claim { bytes: claim.bytes + 1, ..claim.clone() };
            prop_assert!(is_invalid(&redeemed(&blobs, &longer).await), "another length");

            // Every pointer must name its content's own place.
            let elsewhere = Claim { key: format!("bodies/{}", claim.fingerprint), ..claim.clone() };
            blobs.put(&elsewhere.key, &body).await.unwrap();
            prop_assert!(is_invalid(&redeemed(&blobs, &elsewhere).await), "another prefix");
            let another = claimed(&blobs, &other).await;
            if other != body {
                let crossed = Claim { key: another.key, ..claim.clone() };
                prop_assert!(is_invalid(&redeemed(&blobs, &crossed).await), "another's place");
            }

            let mut changed = body.clone();
            changed[flip.index(body.len())] ^= 1;
            blobs.put(&claim.key, &changed).await.unwrap();
            prop_assert!(is_invalid(&redeemed(&blobs, &claim).await), "another body");
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn what_a_queue_takes_goes_inline() {
    let blobs = MemoryBlobs::default();
    let carried = carry(&blobs, "claims", "été".as_bytes()).await.unwrap();
    assert_eq!(carried, Carried::Inline("été".to_owned()));
    assert!(blobs.keys().is_empty());
    assert!(is_invalid(&redeem(&blobs, "claims", "no pointer").await));
}
