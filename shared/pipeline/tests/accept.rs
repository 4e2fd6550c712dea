//! The webhook's door: what is authentic becomes durable, and nothing is lost of it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use tributary_domain::{EventId, Mode, ObjectId, Owner, TraceParent, Unusable};
use tributary_pipeline::accept::{Accepted, Body, CLAIMS, Ports, Seen, accept};
use tributary_pipeline::carriage::redeem;
use tributary_pipeline::message::{INLINE_BYTES_MAX, Kind, Message};
use tributary_pipeline::ports::{EventQueue, SendError};
use tributary_testkit::{MemoryBlobs, MemoryQueues};

/// A queue that takes nothing.
struct Closed(fn(String) -> SendError);

impl EventQueue for Closed {
    async fn send(&self, _: &Message) -> Result<(), SendError> {
        Err((self.0)("SendMessage".to_owned()))
    }
}

fn seen() -> Seen {
    Seen {
        event_id: EventId::parse("evt_1").unwrap(),
        mode: Mode::Live,
        owner: Owner::Platform,
        payout: None,
    }
}

/// Bodies, and whether they travel inline.
fn bodies() -> [(Vec<u8>, bool); 5] {
    [
        (b"{}".to_vec(), true),
        (vec![b'x'; INLINE_BYTES_MAX], true),
        (vec![b'x'; INLINE_BYTES_MAX + 1], false),
        (b"a\0b".to_vec(), false),
        (b"\xff\xfe".to_vec(), false),
    ]
}

#[tokio::test]
async fn a_body_travels_inline_or_by_claim_check_and_arrives_whole() {
    for (body, inline) in bodies() {
        let (queues, blobs) = (MemoryQueues::default(), MemoryBlobs::default());
        let ports = Ports {
            queue: &queues,
            quarantine: &queues,
            blobs: &blobs,
        };
        let accepted = accept(&ports, "connect", Body::from(body.clone()), Ok(seen())).await;
        let message = queues.events().remove(0);
        assert_eq!(message.endpoint.as_deref(), Some("connect"));
        assert_eq!(message.group, "live:platform");
        let arrived = match accepted.unwrap() {
            Accepted::Queued => message.body.clone().into_bytes(),
            Accepted::Claimed => redeem(&blobs, CLAIMS, &message.body).await.unwrap(),
            Accepted::Quarantined => unreachable!("it was seen"),
        };
        assert!(arrived == body, "{} bytes", body.len());
        let kind = if inline { Kind::Event } else { Kind::Claim };
        assert_eq!((message.kind, blobs.keys().is_empty()), (kind, inline));
        assert!(queues.quarantine().is_empty());
    }
}

#[tokio::test]
async fn what_cannot_be_used_or_sent_is_held_whole() {
    for (body, _) in bodies() {
        let (queues, blobs) = (MemoryQueues::default(), MemoryBlobs::default());
        let ports = Ports {
            queue: &Closed(SendError::Invalid),
            quarantine: &queues,
            blobs: &blobs,
        };
        let unusable = Err(Unusable::new("not_json", "the event is not JSON"));
        for seen in [unusable, Ok(seen())] {
            let accepted = accept(&ports, "connect", Body::from(body.clone()), seen).await;
            assert_eq!(accepted.unwrap(), Accepted::Quarantined);
        }
        let held = queues.quarantine();
        let codes: Vec<_> = held.iter().map(|held| held.code).collect();
        assert_eq!(codes, ["not_json", "not_sendable"]);
        for held in held {
            assert!(held.body == body, "{} bytes", body.len());
            assert_eq!(
                (held.stage, held.endpoint.as_deref()),
                ("ingest", Some("connect"))
            );
        }
    }
}

#[tokio::test]
async fn what_may_be_sent_later_is_left_to_stripe() {
    let (queues, blobs) = (MemoryQueues::default(), MemoryBlobs::default());
    let ports = Ports {
        queue: &Closed(SendError::Transient),
        quarantine: &queues,
        blobs: &blobs,
    };
    let accepted = accept(&ports, "connect", Body::from(b"{}".to_vec()), Ok(seen())).await;
    assert!(matches!(accepted, Err(SendError::Transient(_))));
    assert!(queues.quarantine().is_empty());
}

#[test]
fn a_body_is_the_bytes_that_were_signed() {
    for (body, _) in bodies() {
        assert!(Body::from(body.clone()).as_bytes() == body);
    }
    assert!(matches!(Body::from(b"{}".to_vec()), Body::Text(_)));
    assert!(matches!(Body::from(b"\xff".to_vec()), Body::Bytes(_)));
}

#[test]
fn a_payouts_events_share_its_trace() {
    let payout = ObjectId::parse("po_1").unwrap();
    let of_event = TraceParent::of_event("evt_1");
    assert_eq!(seen().trace(), of_event);
    let about_payout = Seen {
        payout: Some(payout.clone()),
        ..seen()
    };
    let of_payout = TraceParent::of_payout(Mode::Live, &Owner::Platform, &payout, "evt_1");
    assert_eq!(about_payout.trace(), of_payout);
}
