//! The ledger made again from what its entries keep, and compared.

use tributary_domain::ObjectId;
use tributary_ledger::{Account, Day, Head};
use tributary_pipeline::ledger::replay::{
    Difference, Differences, Taken, compare, fingerprint, rebuild, take_over,
};
use tributary_pipeline::ledger::{Ledger, Pulled};
use tributary_testkit::ledger::memory::Kept;
use tributary_testkit::ledger::samples::{payment, platform, refund, transfer, unheard_of};
use tributary_testkit::ledger::{Life, MemoryLedger, Mortal};

use crate::world::{NOON, World, expected};

const DAY_S: i64 = 86_400;

/// Two weeks of payments, refunds, transfers and something that nobody knows, pulled
/// in two turns.
async fn lived() -> World {
    let world = World::with_pages_of(7);
    let paid = (0..40).map(|n| payment(n, NOON - n as i64 * DAY_S / 3));
    world.list.book(&platform(), paid);
    world.pull(&world.request()).await;
    world.clock.advance(500);
    let back = (0..10).map(|n| refund(4 * n, NOON + n as i64));
    let on = (0..10).map(|n| transfer(2 * n, 300, NOON + 20));
    world
        .list
        .book(&platform(), back.chain(on).collect::<Vec<_>>());
    world.list.book(&platform(), [unheard_of(90, NOON + 30)]);
    assert_eq!(world.pull(&world.request()).await.0, Pulled::Finished);
    world
}

async fn shadow_of(world: &World) -> MemoryLedger {
    let shadow = MemoryLedger::default();
    shadow.expect(expected());
    rebuild(&world.ledger, &shadow, NOON).await.unwrap();
    shadow
}

/// What a comparison finds after somebody meddled: with names, and nothing else.
async fn found_after(world: &World, meddle: impl FnOnce(&mut Kept)) -> Differences {
    world.ledger.meddle(&platform(), meddle);
    let shadow = shadow_of(world).await;
    compare(&world.ledger, &shadow).await.unwrap()
}

fn names(found: &Differences) -> Vec<(&str, &'static str)> {
    let names = found.found.iter();
    names
        .map(|((_, about), one)| (about.as_str(), one.name()))
        .collect()
}

/// Takes over what a fresh rebuild proves, and looks again.
async fn mend(world: &World) -> (Taken, Differences) {
    let shadow = shadow_of(world).await;
    let found = compare(&world.ledger, &shadow).await.unwrap();
    let taken = take_over(&world.ledger, &shadow, &found).await.unwrap();
    let shadow = shadow_of(world).await;
    let left = compare(&world.ledger, &shadow).await.unwrap();
    (taken, left)
}

fn entry_of<'k>(kept: &'k mut Kept, source: &str) -> &'k mut tributary_ledger::Entry {
    let source = ObjectId::parse(source).unwrap();
    let moved = kept.entries.get_mut(&source).unwrap();
    moved.values_mut().next().unwrap()
}

#[tokio::test]
async fn a_ledger_is_what_its_entries_keep_says() {
    let world = lived().await;
    let shadow = MemoryLedger::default();
    shadow.expect(expected());
    let rebuilt = rebuild(&world.ledger, &shadow, NOON).await.unwrap();
    assert_eq!((rebuilt.books, rebuilt.posted, rebuilt.missing), (1, 61, 0));
    let found = compare(&world.ledger, &shadow).await.unwrap();
    assert_eq!((found.equal, found.faults()), (61, 0), "{found}");
    assert!(found.found.is_empty(), "{found}");
    let (live, again) = (world.ledger.kept(&platform()), shadow.kept(&platform()));
    assert_eq!(again.totals(), live.totals());
    assert_eq!(again.months, live.months);
    assert_eq!(
        fingerprint(&shadow).await.unwrap(),
        fingerprint(&world.ledger).await.unwrap()
    );
}

#[tokio::test]
async fn a_rebuild_that_dies_anywhere_goes_on() {
    let world = lived().await;
    let whole = fingerprint(&world.ledger).await.unwrap();
    for call in (0..).step_by(13) {
        let shadow = MemoryLedger::default();
        let life = Life::ending_at(call, call % 2 == 0);
        let mortal = Mortal {
            port: &shadow,
            life: &life,
        };
        let first = rebuild(&world.ledger, &mortal, NOON).await;
        if !life.is_over() {
            assert!(call > 100, "only {call} calls");
            return;
        }
        assert!(first.is_err());
        // It signs as the same worker, so its own lease is no obstacle.
        rebuild(&world.ledger, &shadow, NOON).await.unwrap();
        assert_eq!(fingerprint(&shadow).await.unwrap(), whole, "died at {call}");
    }
}

#[tokio::test]
async fn an_entry_whose_lines_were_changed_is_named_and_put_right() {
    let world = lived().await;
    let before = fingerprint(&world.ledger).await.unwrap();
    let found = found_after(&world, |kept| {
        let entry = entry_of(kept, "ch_00003");
        for line in &mut entry.lines {
            line.amount *= 2;
        }
    })
    .await;
    assert!(names(&found).contains(&("txn_00003", "changed")), "{found}");
    assert!(
        found
            .to_string()
            .contains("live#platform txn_00003: changed"),
        "{found}"
    );
    let (taken, left) = mend(&world).await;
    assert_eq!(taken.entries, 1);
    assert!(left.found.is_empty(), "{left}");
    assert_eq!(fingerprint(&world.ledger).await.unwrap(), before);
}

/// What it was posted from is gone with it: only Stripe has that.
#[tokio::test]
async fn an_entry_that_is_gone_is_named_and_left_for_a_pull() {
    let world = lived().await;
    let before = fingerprint(&world.ledger).await.unwrap();
    let gone = ObjectId::parse("ch_00011").unwrap();
    let found = found_after(&world, |kept| {
        kept.entries.remove(&gone);
    })
    .await;
    assert!(names(&found).contains(&("txn_00011", "missing")), "{found}");
    assert!(found.faults() > 1, "its day and balances differ with it");
    let (taken, left) = mend(&world).await;
    assert_eq!((taken.entries, taken.derived, taken.books), (0, 0, 0));
    assert_eq!(names(&left), names(&found));
    // Reconciliation posts what was counted and has no entry.
    let posted = tributary_ledger::post(&platform(), &payment(11, NOON - 11 * DAY_S / 3));
    let entry = posted.unwrap().entry;
    world.ledger.post(&platform(), &[entry]).await.unwrap();
    let (_, left) = mend(&world).await;
    assert!(left.found.is_empty(), "{left}");
    assert_eq!(fingerprint(&world.ledger).await.unwrap(), before);
}

#[tokio::test]
async fn an_entry_of_another_amount_than_was_counted_is_named() {
    let world = lived().await;
    let found = found_after(&world, |kept| {
        let entry = entry_of(kept, "ch_00005");
        entry.amount += 100;
        entry.net += 100;
        let posted = tributary_ledger::post(&platform(), &entry.movement());
        entry.lines = posted.unwrap().entry.lines;
    })
    .await;
    let named = names(&found);
    assert!(
        named.contains(&("txn_00005", "counted otherwise")),
        "{found}"
    );
    assert!(
        named.iter().any(|(_, name)| *name == "day differs"),
        "{found}"
    );
    assert!(
        named.iter().any(|(_, name)| *name == "balance differs"),
        "{found}"
    );
}

#[tokio::test]
async fn an_entry_that_nobody_counted_is_named() {
    let world = lived().await;
    let posted = tributary_ledger::post(&platform(), &payment(77, NOON)).unwrap();
    world
        .ledger
        .post(&platform(), &[posted.entry])
        .await
        .unwrap();
    let found = found_after(&world, |_| ()).await;
    assert_eq!(names(&found), [("txn_00077", "not counted")], "{found}");
}

#[tokio::test]
async fn sums_and_derived_entries_are_put_right() {
    let world = lived().await;
    let before = fingerprint(&world.ledger).await.unwrap();
    let margin = ObjectId::parse("ch_00001").unwrap();
    let found = found_after(&world, |kept| {
        kept.derived.remove(&margin);
        let fees = Account::plain(Head::StripeFees);
        *kept
            .state
            .balances
            .get_mut("usd")
            .unwrap()
            .get_mut(&fees)
            .unwrap() += 1;
        let (_, oldest) = kept.closed.iter_mut().next().unwrap();
        oldest.get_mut("usd").unwrap().count += 1;
    })
    .await;
    let oldest = Day::of(NOON - 39 * DAY_S / 3).to_string();
    let expected = [
        (oldest.as_str(), "day differs"),
        ("ch_00001", "derived otherwise"),
        ("expense:stripe_fees usd", "balance differs"),
    ];
    assert_eq!(names(&found), expected, "{found}");
    let (taken, left) = mend(&world).await;
    assert_eq!((taken.books, taken.left), (1, 0));
    assert!(taken.derived > 0);
    assert!(left.found.is_empty(), "{left}");
    assert_eq!(fingerprint(&world.ledger).await.unwrap(), before);
}

#[tokio::test]
async fn a_book_that_was_pulled_since_is_not_judged() {
    let world = lived().await;
    let shadow = shadow_of(&world).await;
    world.list.book(&platform(), [payment(50, NOON + 400)]);
    world.clock.advance(500);
    world.pull(&world.request()).await;
    let found = compare(&world.ledger, &shadow).await.unwrap();
    assert_eq!(names(&found), [("book", "newer than the rebuild")]);
    assert_eq!(found.faults(), 0);
    let taken = take_over(&world.ledger, &shadow, &found).await.unwrap();
    assert_eq!(
        taken,
        Taken {
            left: 1,
            ..Taken::default()
        }
    );
    assert!(matches!(
        found.found.values().next(),
        Some(Difference::MovedOn)
    ));
}
