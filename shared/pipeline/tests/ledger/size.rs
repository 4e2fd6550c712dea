//! What a pull costs, however large the account and however many there are.

use tributary_pipeline::ledger::Pulled;
use tributary_testkit::ledger::samples::{payment, platform};

use crate::world::{NOON, World};

/// A whale: 11 movements a second, a thousand in each pull.
#[tokio::test]
async fn a_whale_costs_little_more_than_one_write_and_a_hundredth_of_a_call_an_entry() {
    let world = World::with_pages_of(100);
    let (mut n, mut at) = (0, NOON);
    for _ in 0..4 {
        let movements: Vec<_> = (0..1_000)
            .map(|i| payment(n + i, at + i as i64 / 11))
            .collect();
        n += 1_000;
        at += 91;
        world.list.book(&platform(), movements);
        world.clock.advance(91);
        assert_eq!(world.pull(&world.request()).await.0, Pulled::Finished);
    }
    world.assert_exact(&platform(), "whale");
    let cost = world.ledger.cost();
    let derived = world.ledger.kept(&platform()).all_derived().count();
    let per_entry = |amount: usize| amount as f64 / n as f64;
    let calls = per_entry(world.list.calls());
    let (writes, reads) = (per_entry(cost.writes - derived), per_entry(cost.reads));
    let derived = per_entry(derived);
    println!("whale, per entry: {calls} list calls, {writes} writes, {derived} of derived");
    println!("whale, per entry: {reads} items read");
    assert!(calls <= 0.0135, "{calls}");
    // The entry, and a hundredth of the state, of its file and of the view of its month.
    assert!(writes <= 1.04, "{writes}");
    // Of each payment, what the platform kept.
    assert!(derived <= 1.0, "{derived}");
    // Whether it is there, and its object before and after that was derived.
    assert!(reads <= 3.3, "{reads}");
}

/// One page of a quiet account reaches back over more days than a transaction takes
/// items.
#[tokio::test]
async fn a_page_of_a_hundred_days_is_counted_in_parts() {
    let world = World::with_pages_of(100);
    let movements = (0..250).map(|n| payment(n, NOON - n as i64 * 86_400));
    world.list.book(&platform(), movements);
    world.pull(&world.request()).await;
    world.assert_exact(&platform(), "250 days");
    let kept = world.ledger.kept(&platform());
    assert_eq!((kept.state.days.len(), kept.closed.len()), (4, 246));
}
