//! What two books have to agree on before any line of them is compared.

use serde::{Deserialize, Serialize};
use twox_hash::XxHash3_128;

/// The sum of a set of movements of one account, currency and day: the same for
/// every order in which they are added. Two digests are equal when the sets are,
/// and otherwise with a chance of one in 2^128 for sets that nobody crafted; it is
/// no defence against someone who can choose transaction ids.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// How many movements.
    pub count: u64,
    /// Their sum, minor units. Wide enough for every sum of `i64`s.
    pub net: i128,
    /// The sum of their hashes, modulo 2^128.
    pub hash: u128,
}

impl Digest {
    /// Adds one movement.
    pub fn add(&mut self, transaction: &str, net: i64) {
        self.merge(&Self::of(transaction, net));
    }

    /// Adds everything of another set. The sets must have no movement in common.
    pub fn merge(&mut self, other: &Self) {
        self.count = self.count.saturating_add(other.count);
        self.net = self.net.saturating_add(other.net);
        self.hash = self.hash.wrapping_add(other.hash);
    }

    /// Takes out one movement that was added.
    pub fn remove(&mut self, transaction: &str, net: i64) {
        let one = Self::of(transaction, net);
        self.count = self.count.saturating_sub(one.count);
        self.net = self.net.saturating_sub(one.net);
        self.hash = self.hash.wrapping_sub(one.hash);
    }

    /// The digest of one movement.
    pub fn of(transaction: impl AsRef<[u8]>, net: i64) -> Self {
        // The sum seeds the hash: one pass over the id covers both.
        let seed = u64::from_le_bytes(net.to_le_bytes());
        Self {
            count: 1,
            net: net.into(),
            hash: XxHash3_128::oneshot_with_seed(seed, transaction.as_ref()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn digest<'t>(movements: impl IntoIterator<Item = &'t (String, i64)>) -> Digest {
        let mut digest = Digest::default();
        for (transaction, net) in movements {
            digest.add(transaction, *net);
        }
        digest
    }

    proptest! {
        #[test]
        fn order_and_grouping_do_not_matter(
            movements in prop::collection::vec(("txn_[a-z0-9]{1,24}", any::<i64>()), 0..40),
            cut in 0_usize..40,
        ) {
            let whole = digest(&movements);
            prop_assert_eq!(digest(movements.iter().rev()), whole);
            let (left, right) = movements.split_at(cut.min(movements.len()));
            let mut merged = digest(left);
            merged.merge(&digest(right));
            prop_assert_eq!(merged, whole);
            for (transaction, net) in right {
                merged.remove(transaction, *net);
            }
            prop_assert_eq!(merged, digest(left));
        }

        #[test]
        fn a_changed_amount_or_id_shows(id in "txn_[a-z0-9]{1,24}", net: i64, by in 1_i64..) {
            let digest = Digest::of(&id, net);
            prop_assert_ne!(Digest::of(&id, net.wrapping_add(by)).hash, digest.hash);
            prop_assert_ne!(Digest::of(format!("{id}x"), net).hash, digest.hash);
        }
    }

    #[test]
    fn amounts_that_swap_places_show() {
        let ours = [("txn_a".to_owned(), 1), ("txn_b".to_owned(), 2)];
        let theirs = [("txn_a".to_owned(), 2), ("txn_b".to_owned(), 1)];
        let (ours, theirs) = (digest(&ours), digest(&theirs));
        assert_eq!((ours.count, ours.net), (theirs.count, theirs.net));
        assert_ne!(ours.hash, theirs.hash);
    }

    /// Digests are stored: another algorithm would make every day disagree.
    #[test]
    fn the_hash_is_fixed() {
        let hash = Digest::of("txn_1Nv0FGQ9RKHgCVdK", 8680).hash;
        assert_eq!(format!("{hash:032x}"), "5e633f8405219484272e11668568416c");
    }
}
