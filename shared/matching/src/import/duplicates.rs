//! Which lines of a file say what another line says, in bounded memory.

use std::collections::BTreeSet;

use twox_hash::XxHash3_128;

/// Finds hashes that come twice. Of a file with too many lines to remember, a pass
/// remembers a part only, by the hash; the next passes take the other parts.
#[derive(Debug)]
pub(super) struct Duplicates {
    /// Hashes of the current part.
    seen: Vec<u64>,
    /// How many may be remembered at once.
    most: usize,
    /// A power of two, how many parts there are.
    parts: u64,
    part: u64,
    /// Those that came twice, in all parts up to now.
    twice: BTreeSet<u64>,
}

/// More repetitions than this need not be told apart: the report is long enough.
const TWICE_MAX: usize = 10_000;

impl Duplicates {
    pub(super) fn new(most: usize) -> Self {
        Self {
            seen: Vec::new(),
            most,
            parts: 1,
            part: 0,
            twice: BTreeSet::new(),
        }
    }

    /// One line. The first pass makes the parts smaller until one fits.
    pub(super) fn add(&mut self, hash: u64) {
        if !self.is_of_part(hash) {
            return;
        }
        self.seen.push(hash);
        if self.seen.len() <= self.most {
            return;
        }
        self.sift();
        // Parts are of one size, but for luck: only the first decides how many.
        while self.part == 0 && self.seen.len() > self.most / 2 {
            self.parts *= 2;
            let parts = self.parts;
            self.seen.retain(|hash| hash & (parts - 1) == 0);
        }
    }

    /// The end of a pass: whether there is another part.
    pub(super) fn end_of_pass(&mut self) -> bool {
        self.sift();
        self.seen.clear();
        self.part += 1;
        self.part < self.parts && self.twice.len() < TWICE_MAX
    }

    /// What came twice, after the last pass.
    pub(super) fn twice(&self) -> &BTreeSet<u64> {
        &self.twice
    }

    /// Notes what came twice, and keeps one of each.
    fn sift(&mut self) {
        self.seen.sort_unstable();
        for pair in self.seen.windows(2) {
            if let [one, other] = pair
                && one == other
                && self.twice.len() < TWICE_MAX
            {
                self.twice.insert(*one);
            }
        }
        self.seen.dedup();
    }

    fn is_of_part(&self, hash: u64) -> bool {
        hash & (self.parts - 1) == self.part
    }
}

/// What tells the entries of a file apart: account and id.
pub(super) fn hash(account: &str, id: &str) -> u64 {
    // The account seeds the hash of the id; half of either is enough for a suspicion.
    let half = |hash: u128| u64::try_from(hash & u128::from(u64::MAX)).unwrap_or_default();
    let seed = half(XxHash3_128::oneshot(account.as_bytes()));
    half(XxHash3_128::oneshot_with_seed(seed, id.as_bytes()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_repetition_is_found_however_little_is_remembered(
            numbers in prop::collection::vec(0_u16..200, 0..300),
            most in 1_usize..50,
        ) {
            let hashes: Vec<_> =
                numbers.iter().map(|n| hash("platform", &n.to_string())).collect();
            let mut duplicates = Duplicates::new(most);
            loop {
                hashes.iter().for_each(|hash| duplicates.add(*hash));
                if !duplicates.end_of_pass() {
                    break;
                }
            }
            let found: Vec<_> = duplicates.twice().iter().copied().collect();
            let mut expected = hashes.clone();
            expected.sort_unstable();
            expected.retain(|hash| hashes.iter().filter(|other| *other == hash).count() > 1);
            expected.dedup();
            prop_assert_eq!(found, expected);
        }
    }
}
