//! Secrets that never show themselves.

use std::fmt;

use tributary_domain::Mode;
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

    /// Which of an account's two worlds an API key opens; `None` for a secret that opens
    /// none. Nothing in a movement, a balance or a list of accounts says to which of them
    /// it belongs, so the key has to.
    pub fn mode(&self) -> Option<Mode> {
        match (self.0.contains("_live_"), self.0.contains("_test_")) {
            (true, false) => Some(Mode::Live),
            (false, true) => Some(Mode::Test),
            _ => None,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_says_of_which_mode_it_is() {
        for (key, mode) in [
            ("rk_live_51Hx", Some(Mode::Live)),
            ("sk_test_51Hx", Some(Mode::Test)),
            ("sk_org_live_51Hx", Some(Mode::Live)),
            ("rk_51Hx", None),
            ("rk_live_test_", None),
        ] {
            assert_eq!(Secret::new(key).map(|key| key.mode()), Ok(mode), "{key}");
        }
    }
}
