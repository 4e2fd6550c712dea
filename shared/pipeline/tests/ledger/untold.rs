//! Stories that cannot be told: they cost themselves, and nothing else of their book.

use serde_json::json;
use tributary_domain::BalanceTransaction;
use tributary_ledger::Entry;
use tributary_pipeline::ledger::Pulled;
use tributary_testkit::ledger::samples::{id, payment, platform, refund, transfer};

use crate::events::{Told, state};
use crate::world::{NOON, World};

/// The `n`th refund of the first payment, of one cent.
fn cent(n: usize, created: i64) -> BalanceTransaction {
    let mut refund = refund(1, created);
    refund.id = id(&format!("txn_cent{n:05}"));
    (refund.amount, refund.net) = (-1, -1);
    if let Some(source) = &mut refund.source {
        source.id = id(&format!("re_cent{n:05}"));
    }
    refund
}

/// Which concerns were noted, by what they are about.
fn noted(world: &World) -> Vec<(String, &'static str)> {
    let noted = world.doubts.noted().into_iter();
    noted.map(|(_, id, code)| (id.to_string(), code)).collect()
}

fn unexplained(object: &str) -> Vec<(String, &'static str)> {
    vec![(object.to_owned(), "unexplained")]
}

/// Whether anything is derived with an object as the root.
fn is_told(world: &World, object: &str) -> bool {
    world
        .ledger
        .kept(&platform())
        .derived
        .contains_key(&id(object))
}

/// Changes the entry of the first payment's refund behind everybody's back.
fn meddle(world: &World, change: impl Fn(&mut Entry)) {
    world.ledger.meddle(&platform(), |kept| {
        let moved = kept.entries.get_mut(&id("re_00001")).unwrap();
        moved.values_mut().for_each(change);
    });
}

/// A payment with its refund, told; then the refund's entry is damaged so that no sum
/// with it fits.
async fn damaged() -> (World, Entry) {
    let world = World::with_pages_of(100);
    world
        .list
        .book(&platform(), [payment(1, NOON - 50), refund(1, NOON - 40)]);
    world.pull(&world.request()).await;
    let kept = world.ledger.kept(&platform());
    let whole = kept.entries[&id("re_00001")]
        .values()
        .next()
        .unwrap()
        .clone();
    meddle(&world, |entry| {
        for line in &mut entry.lines {
            line.amount = i64::MIN;
        }
    });
    (world, whole)
}

#[tokio::test]
async fn a_story_of_too_many_objects_holds_up_no_other() {
    let world = World::with_pages_of(100);
    world.list.book(&platform(), [payment(1, NOON - 9_000)]);
    let cents = (1..=2_001).map(|n| cent(n, NOON - 8_000 + n as i64));
    world.list.book(&platform(), cents);
    world.list.book(&platform(), [payment(2, NOON - 8_999)]);
    let (pulled, tally) = world.pull(&world.request()).await;
    assert_eq!((pulled, tally.posted), (Pulled::Finished, 2_003));
    assert_eq!(noted(&world), unexplained("ch_00001"));
    assert!(is_told(&world, "ch_00002"));

    world.clock.advance(120);
    let more = [cent(3_000, NOON + 100), payment(3, NOON + 101)];
    world.list.book(&platform(), more);
    let (pulled, tally) = world.pull(&world.request()).await;
    assert_eq!((pulled, tally.posted), (Pulled::Finished, 2));
    assert!(is_told(&world, "ch_00003"));
    assert_eq!(tally.concerns, 1, "it was tried again");
}

#[tokio::test]
async fn a_damaged_entry_holds_up_its_own_story_until_it_is_whole() {
    let (world, whole) = damaged().await;
    world.clock.advance(120);
    let more = [transfer(1, 700, NOON + 100), payment(2, NOON + 101)];
    world.list.book(&platform(), more);
    let (pulled, tally) = world.pull(&world.request()).await;
    assert_eq!((pulled, tally.posted), (Pulled::Finished, 2));
    assert_eq!(noted(&world), unexplained("ch_00001"));
    assert!(is_told(&world, "ch_00002"));

    meddle(&world, |entry| entry.clone_from(&whole));
    world.clock.advance(120);
    world.list.book(
        &platform(),
        [transfer(11, 20, NOON + 200)].map(of_the_first),
    );
    let (_, tally) = world.pull(&world.request()).await;
    assert_eq!(tally.concerns, 0);
    world.assert_exact(&platform(), "whole again");
}

/// Another transfer that passes the first payment on.
fn of_the_first(mut transfer: BalanceTransaction) -> BalanceTransaction {
    if let Some(source) = &mut transfer.source {
        source.links.source_transaction = Some(id("ch_00001"));
    }
    transfer
}

/// The worker that counted a page dies before it has posted it, and its story cannot be
/// told: whoever goes on must get past it.
#[tokio::test]
async fn whoever_goes_on_for_a_dead_worker_gets_past_a_story_that_cannot_be_told() {
    let mut deaths = 0;
    for call in 0.. {
        let (world, _) = damaged().await;
        world.clock.advance(120);
        world.list.book(
            &platform(),
            [transfer(1, 700, NOON + 100), payment(2, NOON + 101)],
        );
        let life = tributary_testkit::ledger::Life::ending_at(call, true);
        let worker = crate::world::Worker::of("first", &life);
        let _ = world.pull_by(worker, &world.request()).await;
        if !life.is_over() {
            break;
        }
        deaths += 1;
        world.let_leases_run_out();
        let (pulled, _) = world.pull(&world.request()).await;
        assert_eq!(pulled, Pulled::Finished, "died at {call}");
        assert_eq!(noted(&world), unexplained("ch_00001"), "died at {call}");
        assert!(is_told(&world, "ch_00002"), "died at {call}");
    }
    assert!(deaths > 5, "{deaths}");
}

#[tokio::test]
async fn a_fact_of_a_story_that_cannot_be_told_is_kept_and_done() {
    let (world, _) = damaged().await;
    let lost = json!({
        "amount": 9, "currency": "usd", "status": "lost", "reason": "fraudulent", "created": 1,
        "charge": "ch_00001", "balance_transactions": [], "evidence": {},
    });
    let told = Told {
        book: &platform(),
        kind: "dispute",
        object: "dp_1",
        created: NOON,
        sequence: 1,
        state: Some(state("dispute", &lost)),
        previous: None,
    };
    let body = serde_json::to_string(&told.event()).unwrap();
    let worked = world.work(&[body]).await;
    assert_eq!(worked.failed, Vec::<String>::new());
    assert_eq!((worked.facts, worked.tally.concerns), (1, 1));
    assert_eq!(noted(&world), unexplained("ch_00001"));
    assert!(
        world
            .ledger
            .kept(&platform())
            .facts
            .contains_key(&id("dp_1"))
    );
}
