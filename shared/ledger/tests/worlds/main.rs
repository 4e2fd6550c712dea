//! The books of whole simulated worlds: money is neither made nor lost, and whatever
//! the order in which a ledger hears of it, it ends with the same books.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod books;
mod checks;

use books::{Told, played};
use checks::assert_explained;
use proptest::prelude::*;
use tributary_simulator::{World, WorldConfig};

proptest! {
    #![proptest_config(ProptestConfig { cases: 5, ..ProptestConfig::default() })]

    /// I1, I2, I3, I4, I5 and I6 hold in every world, and nothing is left open.
    #[test]
    fn every_world_is_explained(seed: u64, accounts in 1_usize..16, days in 1_u32..8) {
        let world = played(seed, accounts, 500, days);
        assert_explained(&world, &Told::of(&world).ledgers());
    }

    /// Entries in any order, facts in any order, revised in between or not: the
    /// journals have the same bytes, and every account has the same balance.
    #[test]
    fn any_order_gives_the_same_ledger(seed: u64, salt: u64, accounts in 1_usize..8) {
        let world = played(seed, accounts, 300, 3);
        let told = Told::of(&world);
        let straight = told.ledgers();
        for (book, ledger) in told.in_pieces(salt) {
            let expected = &straight[&book];
            prop_assert_eq!(ledger.journal(), expected.journal());
            prop_assert_eq!(ledger.effective(), expected.effective());
            prop_assert_eq!(ledger.balances(), expected.balances());
        }
    }
}

/// Two weeks of two hundred accounts.
#[test]
fn two_weeks_are_explained() {
    let mut world = World::new(WorldConfig::two_weeks(42));
    world.run();
    let ledgers = Told::of(&world).ledgers();
    assert_explained(&world, &ledgers);
    let entries: usize = ledgers.values().map(|it| it.journal().len()).sum();
    assert!(entries > 2_000, "{entries}");
}
