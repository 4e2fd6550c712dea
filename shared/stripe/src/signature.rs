//! The `Stripe-Signature` header: proof that Stripe sent these bytes, lately.
//!
//! `t=<unix seconds>,v1=<hex>[,v1=<hex>…][,<other>=…]`, where each `v1` is the
//! HMAC-SHA256 of `<t>.<raw body>` under one of the endpoint's active secrets.
//! Only `v1` counts: Stripe adds a fake `v0` to test events, and to accept any
//! other scheme would let an attacker choose the weakest.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};

use crate::Secret;

/// How far `t` may be from now, in seconds, in either direction. Stripe signs
/// every attempt anew, so retries of days pass. Official libraries accept any
/// future `t`; a signature that only becomes valid later is refused here.
pub const TOLERANCE_S: i64 = 300;

/// Longest header accepted, in bytes.
pub const HEADER_BYTES_MAX: usize = 4096;

/// Most `v1` elements accepted. Stripe sends one per active secret, and a secret
/// that was rolled stays active for a day at most.
pub const SIGNATURES_MAX: usize = 16;

/// Digits of the greatest `t` read: every number of 19 digits fits a `u64`.
const TIMESTAMP_DIGITS_MAX: usize = 19;

/// Why a message is not trusted. Answered with 400 whatever the reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// No header, or an empty one.
    #[error("the Stripe-Signature header is missing")]
    HeaderMissing,
    /// The header came more than once: which one would count is anyone's guess.
    #[error("the Stripe-Signature header came more than once")]
    HeaderRepeated,
    /// Longer than [`HEADER_BYTES_MAX`].
    #[error("the Stripe-Signature header is longer than {HEADER_BYTES_MAX} bytes")]
    HeaderTooLong,
    /// Not of the documented form.
    #[error("the Stripe-Signature header is malformed: {0}")]
    HeaderMalformed(&'static str),
    /// No element of scheme `v1`.
    #[error("the Stripe-Signature header has no v1 element")]
    NoV1,
    /// More than [`SIGNATURES_MAX`] elements of scheme `v1`.
    #[error("the Stripe-Signature header has more than {SIGNATURES_MAX} v1 elements")]
    TooManyV1,
    /// No `v1` element is 64 hex digits.
    #[error("no v1 element is a SHA-256 in hex")]
    Unreadable,
    /// Signed with a secret that is not ours, or other bytes were signed.
    #[error("no v1 element matches the body under any secret")]
    Mismatch,
    /// Genuine, but signed more than [`TOLERANCE_S`] ago: a replay.
    #[error("the signature is older than {TOLERANCE_S} s")]
    TooOld,
    /// Genuine, but signed more than [`TOLERANCE_S`] ahead: a clock is wrong.
    #[error("the signature is more than {TOLERANCE_S} s in the future")]
    TooNew,
}

impl SignatureError {
    /// A stable name for metrics and logs.
    pub fn code(self) -> &'static str {
        match self {
            Self::HeaderMissing => "header_missing",
            Self::HeaderRepeated => "header_repeated",
            Self::HeaderTooLong => "header_too_long",
            Self::HeaderMalformed(_) => "header_malformed",
            Self::NoV1 => "no_v1",
            Self::TooManyV1 => "too_many_v1",
            Self::Unreadable => "v1_unreadable",
            Self::Mismatch => "mismatch",
            Self::TooOld => "too_old",
            Self::TooNew => "too_new",
        }
    }

    /// Whether reading the secrets anew may help: they may have been rolled.
    pub fn is_mismatch(self) -> bool {
        self == Self::Mismatch
    }
}

/// Checks that one of `secrets` signed `body`, within [`TOLERANCE_S`] of `now`
/// (unix seconds). `header_values` are all values of the `Stripe-Signature`
/// header; `body` are the bytes as they came, never a re-serialised form.
///
/// The signature is checked before its age, so that only authentic messages can
/// report a clock that is wrong.
///
/// # Errors
/// When the message is not to be trusted.
pub fn verify(
    header_values: &[impl AsRef<str>],
    body: &[u8],
    secrets: &[Secret],
    now: i64,
) -> Result<(), SignatureError> {
    let header = Header::parse(header_values)?;
    if !header.is_signed_by_any(secrets, body) {
        return Err(if header.signatures.is_empty() {
            SignatureError::Unreadable
        } else {
            SignatureError::Mismatch
        });
    }
    match i128::from(now) - i128::from(header.signed_at) {
        age if age > i128::from(TOLERANCE_S) => Err(SignatureError::TooOld),
        age if age < -i128::from(TOLERANCE_S) => Err(SignatureError::TooNew),
        _ => Ok(()),
    }
}

/// The header that Stripe would send for `body` at `at` (unix seconds): for
/// simulators, demonstrations and tests.
pub fn sign(body: &[u8], secret: &Secret, at: i64) -> String {
    let at = at.to_string();
    let signature = digest(secret, &at, body)
        .map(hex::encode)
        .unwrap_or_default();
    format!("t={at},v1={signature}")
}

struct Header<'h> {
    /// `t` as it was written, for these are the bytes that were signed.
    timestamp: &'h str,
    signed_at: u64,
    /// The readable `v1` elements. One that is not 64 hex digits is skipped, as
    /// official libraries do: it takes nothing from a good one beside it.
    signatures: Vec<[u8; 32]>,
}

impl<'h> Header<'h> {
    fn parse(values: &'h [impl AsRef<str>]) -> Result<Self, SignatureError> {
        let header = match values {
            [] => return Err(SignatureError::HeaderMissing),
            [one] => one.as_ref(),
            _ => return Err(SignatureError::HeaderRepeated),
        };
        if header.is_empty() {
            return Err(SignatureError::HeaderMissing);
        }
        if header.len() > HEADER_BYTES_MAX {
            return Err(SignatureError::HeaderTooLong);
        }
        let (mut timestamp, mut v1) = (None, 0);
        let mut signatures = Vec::new();
        for element in header.split(',') {
            let (scheme, value) = element
                .trim_matches([' ', '\t'])
                .split_once('=')
                .ok_or(SignatureError::HeaderMalformed("an element has no ="))?;
            match scheme {
                "t" if timestamp.is_some() => {
                    return Err(SignatureError::HeaderMalformed("t came more than once"));
                }
                "t" => timestamp = Some(value),
                "v1" => {
                    v1 += 1;
                    signatures.extend(parse_digest(value));
                }
                _ => {}
            }
        }
        let timestamp = timestamp.ok_or(SignatureError::HeaderMalformed("t is missing"))?;
        let signed_at = parse_timestamp(timestamp)?;
        match v1 {
            0 => return Err(SignatureError::NoV1),
            1..=SIGNATURES_MAX => {}
            _ => return Err(SignatureError::TooManyV1),
        }
        Ok(Self {
            timestamp,
            signed_at,
            signatures,
        })
    }

    /// Compares every signature under every secret, in constant time and without
    /// stopping at a match.
    fn is_signed_by_any(&self, secrets: &[Secret], body: &[u8]) -> bool {
        let mut matched = Choice::from(0);
        for secret in secrets {
            let Some(expected) = digest(secret, self.timestamp, body) else {
                continue;
            };
            for signature in &self.signatures {
                matched |= expected.ct_eq(signature);
            }
        }
        matched.into()
    }
}

fn parse_timestamp(text: &str) -> Result<u64, SignatureError> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    if !digits || text.len() > TIMESTAMP_DIGITS_MAX {
        return Err(SignatureError::HeaderMalformed(
            "t is not a number of at most 19 digits",
        ));
    }
    text.parse()
        .map_err(|_| SignatureError::HeaderMalformed("t is empty"))
}

fn parse_digest(text: &str) -> Option<[u8; 32]> {
    let mut digest = [0; 32];
    hex::decode_to_slice(text, &mut digest).ok()?;
    Some(digest)
}

/// The key is the whole secret, `whsec_` included, not what it may encode. HMAC
/// takes keys of any length, so there always is a digest.
fn digest(secret: &Secret, timestamp: &str, body: &[u8]) -> Option<[u8; 32]> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).ok()?;
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(body);
    Some(mac.finalize().into_bytes().into())
}
