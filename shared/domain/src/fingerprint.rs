//! Content hashes.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Hex digits of a fingerprint.
const DIGITS: usize = 32;

/// The first 128 bits of a SHA-256, in lower-case hex. Enough that two bodies
/// under one id never share one by accident or, short of 2^64 work, by intent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Fingerprint(String);

/// A text is no fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not {DIGITS} lower-case hex digits")]
pub struct NotAFingerprint;

/// Fingerprints are parts of keys: one that comes from outside must not hold what
/// leads elsewhere.
impl TryFrom<String> for Fingerprint {
    type Error = NotAFingerprint;

    fn try_from(text: String) -> Result<Self, NotAFingerprint> {
        let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if text.len() == DIGITS && text.bytes().all(hex) {
            Ok(Self(text))
        } else {
            Err(NotAFingerprint)
        }
    }
}

impl From<Fingerprint> for String {
    fn from(fingerprint: Fingerprint) -> Self {
        fingerprint.0
    }
}

impl Fingerprint {
    /// Hashes parts; each is preceded by its length, so that no two different
    /// lists of parts give the same input.
    pub fn of<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let digit = |nibble: u8| char::from(nibble + if nibble < 10 { b'0' } else { b'a' - 10 });
        let mut text = String::with_capacity(DIGITS);
        for byte in hash.finalize().iter().take(DIGITS / 2) {
            text.push(digit(byte >> 4));
            text.push(digit(byte & 0xF));
        }
        Self(text)
    }

    /// Hashes one text.
    pub fn of_text(text: &str) -> Self {
        Self::of([text.as_bytes()])
    }

    /// Takes a stored fingerprint as it is.
    pub fn from_stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The hex text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_the_hash_of_its_parts_and_their_lengths() {
        let parts: [&[u8]; 2] = [b"abc", b""];
        let known = "f5a934b5ab96157b46905e4dec48ff81";
        assert_eq!(Fingerprint::of(parts).to_string(), known);
        let others: [&[u8]; 2] = [b"ab", b"c"];
        assert_ne!(Fingerprint::of(others), Fingerprint::of(parts));
    }

    #[test]
    fn what_comes_from_outside_is_32_lower_case_hex_digits() {
        let made = Fingerprint::of_text("body");
        assert_eq!(Fingerprint::try_from(String::from(made.clone())), Ok(made));
        for text in [
            "",
            &"a".repeat(31),
            &"0".repeat(33),
            &"/".repeat(32),
            &"A".repeat(32),
        ] {
            let taken = Fingerprint::try_from(text.to_owned());
            assert_eq!(taken, Err(NotAFingerprint), "{text}");
        }
    }
}
