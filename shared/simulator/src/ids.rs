//! Ids in Stripe's format, deterministic by seed.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A stream of ids. It has a generator of its own, so that drawing an id never changes what
/// happens next in the world.
#[derive(Debug)]
pub(crate) struct IdSource {
    rng: ChaCha8Rng,
}

impl IdSource {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            rng: ChaCha8Rng::seed_from_u64(seed ^ 0x1d5),
        }
    }

    /// The next id of a prefix, e.g. `ch` gives `ch_1…`.
    pub(crate) fn next(&mut self, prefix: &str) -> String {
        let length = match prefix {
            "acct" => 15,
            "cus" | "req" => 13,
            _ => 23,
        };
        let mut id = format!("{prefix}_1");
        for _ in 0..length {
            let position = self.rng.random_range(0..ALPHABET.len());
            id.push(char::from(ALPHABET.get(position).copied().unwrap_or(b'0')));
        }
        id
    }

    /// A position below `length`, for details that decide nothing (names, card digits).
    pub(crate) fn pick(&mut self, length: usize) -> usize {
        if length == 0 {
            0
        } else {
            self.rng.random_range(0..length)
        }
    }
}
