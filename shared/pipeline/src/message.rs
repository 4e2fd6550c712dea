//! Messages between the functions.

use std::fmt;

use memchr::memchr_iter;
use serde::{Deserialize, Serialize};
use tributary_domain::{Fingerprint, Mode, Owner, TraceParent};
use wide::u8x16;

/// Longest body that travels inline, in bytes. SQS takes 1 MiB with attributes
/// and bills each 64 KiB; what is left covers the attributes.
pub const INLINE_BYTES_MAX: usize = 1_000_000;

/// Longest owner that a group names; SQS takes groups of 128 characters.
const GROUP_OWNER_BYTES_MAX: usize = 120;

/// What the body of a queue message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A Stripe event, byte for byte as it was signed.
    Event,
    /// A pointer to a Stripe event in the bucket.
    Claim,
    /// An object that was fetched from Stripe's API.
    Fetched,
    /// A pointer to a fetched object in the bucket.
    FetchedClaim,
    /// A Stripe event that reconciliation listed from the API, because it never came.
    Backfill,
    /// A pointer to one in the bucket.
    BackfillClaim,
    /// An event in the envelope of EventBridge. Nobody marks these: they come
    /// straight from the rule.
    EventBridge,
}

impl Kind {
    /// The value of the message attribute `kind`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Claim => "claim",
            Self::Fetched => "fetched",
            Self::FetchedClaim => "fetched_claim",
            Self::Backfill => "backfill",
            Self::BackfillClaim => "backfill_claim",
            Self::EventBridge => "event_bridge",
        }
    }

    /// Reads the attribute; `None` for a kind of a later version.
    pub fn parse(text: &str) -> Option<Self> {
        let marked = [
            Self::Event,
            Self::Claim,
            Self::Fetched,
            Self::FetchedClaim,
            Self::Backfill,
            Self::BackfillClaim,
        ];
        marked.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// One message of the events queue.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// What the body is.
    pub kind: Kind,
    /// The body.
    pub body: String,
    /// The fair-queuing group: one noisy account delays only itself.
    pub group: String,
    /// The endpoint that received it, for webhooks.
    pub endpoint: Option<String>,
    /// The trace that started at ingest.
    pub trace: TraceParent,
}

impl fmt::Debug for Message {
    /// Leaves the body out: it may hold personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, bytes) = (self.kind.as_str(), self.body.len());
        write!(f, "Message({kind}, {}, {bytes} bytes)", self.trace)
    }
}

/// One message of a queue, as a function is handed it.
#[derive(Clone)]
pub struct Delivered {
    /// The queue's handle.
    pub message_id: String,
    /// What the body is: `None` for a kind that this version does not know.
    pub kind: Option<Kind>,
    /// The body.
    pub body: String,
    /// The trace that it came with: through the queue, its dead letters and back.
    pub trace: Option<TraceParent>,
}

impl fmt::Debug for Delivered {
    /// Leaves the body out: it may hold personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Delivered({}, {:?}, {} bytes)",
            self.message_id,
            self.kind,
            self.body.len()
        )
    }
}

/// The fair-queuing group of an account. All test-mode traffic shares one, apart
/// from every live group, so that no test can delay live money.
pub fn group(mode: Mode, owner: &Owner) -> String {
    match mode {
        Mode::Live if owner.as_str().len() > GROUP_OWNER_BYTES_MAX => {
            format!("live:{}", Fingerprint::of_text(owner.as_str()))
        }
        Mode::Live => format!("live:{}", owner.as_str()),
        Mode::Test => "test".to_owned(),
    }
}

/// A pointer to a body in the bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The object key.
    pub key: String,
    /// The body's hash, checked when it is read back.
    pub fingerprint: Fingerprint,
    /// The body's length.
    pub bytes: usize,
}

/// Whether SQS takes a text as it is. It refuses some characters that JSON
/// allows (SQS API Reference, `SendMessage`): control characters but tab, line feed
/// and carriage return, and the two last of the first plane.
pub fn fits_a_queue(text: &str) -> bool {
    // 16 bytes at once: every event passes here.
    let (blocks, rest) = text.as_bytes().as_chunks();
    let mut last = [b' '; 16];
    for (place, byte) in last.iter_mut().zip(rest) {
        *place = *byte;
    }
    let mut refused = u8x16::ZERO;
    for block in blocks.iter().chain([&last]) {
        let block = u8x16::new(*block);
        let is = |byte: u8| block.simd_eq(u8x16::splat(byte));
        let is_control = block.min(u8x16::splat(0x1F)).simd_eq(block);
        refused |= is_control & !(is(b'\t') | is(b'\n') | is(b'\r'));
    }
    text.len() <= INLINE_BYTES_MAX && !refused.any() && !ends_a_plane(text.as_bytes())
}

/// Whether U+FFFE or U+FFFF is in a text: `EF BF BE` and `EF BF BF` in UTF-8. Names and
/// currency signs are in many events, so what is beyond ASCII is not read by character.
fn ends_a_plane(text: &[u8]) -> bool {
    memchr_iter(0xEF, text).any(|at| matches!(text.get(at + 1..at + 3), Some([0xBF, 0xBE | 0xBF])))
}

/// An authentic message that waits for a person.
#[derive(Clone, PartialEq, Eq)]
pub struct Quarantined {
    /// A stable code, such as `not_json`.
    pub code: &'static str,
    /// What exactly, naming the field.
    pub detail: String,
    /// Where it was held up: `ingest` or `apply`.
    pub stage: &'static str,
    /// The event's key, when so much could be read.
    pub event: Option<String>,
    /// The endpoint that received it, when known.
    pub endpoint: Option<String>,
    /// The body as it came.
    pub body: Vec<u8>,
}

impl fmt::Debug for Quarantined {
    /// Leaves the body out: it may hold personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Quarantined({}, {:?}, {} bytes)",
            self.code,
            self.event,
            self.body.len()
        )
    }
}
