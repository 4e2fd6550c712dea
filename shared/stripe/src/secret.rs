//! Secrets that never show themselves.

use std::fmt;

use zeroize::Zeroizing;

/// A signing secret (`whsec_…`) or an API key (`sk_…`, `rk_…`). Its bytes are
/// overwritten when it is dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<Box<str>>);

/// A secret of nothing but white space: with it, anyone could sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a secret is empty")]
pub struct EmptySecret;

impl Secret {
    /// Takes a secret as it was stored, without the white space around it: a
    /// trailing newline is the usual slip when a secret is pasted into a store.
    ///
    /// # Errors
    /// When nothing is left.
    pub fn new(text: &str) -> Result<Self, EmptySecret> {
        let text = text.trim();
        if text.is_empty() {
            Err(EmptySecret)
        } else {
            Ok(Self(Zeroizing::new(text.into())))
        }
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
