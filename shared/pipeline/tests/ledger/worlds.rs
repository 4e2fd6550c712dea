//! Whole simulated worlds, heard of in any order by workers that die: the ledger is
//! the same, and says what Stripe's balances say.

use std::collections::{BTreeMap, BTreeSet};

use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;
use tributary_domain::change::State;
use tributary_domain::{Document, Mode, ObjectKind};
use tributary_ledger::revise::effective;
use tributary_ledger::{Account, Book, Head};
use tributary_pipeline::ledger::PullRequest;
use tributary_pipeline::ledger::replay::{compare, fingerprint, rebuild};
use tributary_simulator as simulator;
use tributary_simulator::{Owner, WorldConfig};
use tributary_stripe::{normalize, read_transaction};
use tributary_testkit::SimClock;
use tributary_testkit::ledger::{Life, MemoryLedger};

use crate::events::Told;
use crate::world::World;

fn played(seed: u64) -> simulator::World {
    let mut world = simulator::World::new(WorldConfig {
        seed,
        accounts: 5,
        start: 1_790_000_000,
        days: 3,
        events_min: 400,
        livemode: true,
        api_version: "2026-10-28.endive".to_owned(),
    });
    world.run();
    world
}

fn book_of(owner: &Owner) -> Book {
    let owner = owner.account_id().unwrap_or("platform");
    Book {
        mode: Mode::Live,
        owner: tributary_domain::Owner::parse(owner).unwrap(),
    }
}

fn owners(played: &simulator::World) -> Vec<Owner> {
    let accounts = played.accounts().iter().map(|id| Owner::account(id));
    std::iter::once(Owner::Platform).chain(accounts).collect()
}

/// A movement as it is listed: its source expanded.
fn listed(played: &simulator::World, owner: &Owner, movement: &Value) -> Value {
    let mut movement = movement.clone();
    let source = movement["source"].as_str().and_then(|id| {
        let places = [owner.clone(), Owner::Platform, Owner::account(id)];
        places.iter().find_map(|owner| played.object(owner, id))
    });
    if let Some(source) = source {
        movement["source"] = source.clone();
    }
    movement
}

/// Each change of an object as the message of its event, with its second.
fn told(played: &simulator::World) -> Vec<(i64, String)> {
    let mut known: BTreeMap<(Book, String), State> = BTreeMap::new();
    let mut told = Vec::new();
    for (sequence, event) in played.events().iter().enumerate() {
        let kind = ObjectKind::parse(&event.object.kind).unwrap();
        let object = event
            .snapshot()
            .filter(|_| event.livemode && !event.object.id.is_empty());
        let Some(object) = object else { continue };
        let document = Document::parse(&object.to_string()).unwrap();
        let Some(state) = normalize::state(&kind, &document).unwrap() else {
            continue;
        };
        let book = book_of(&event.owner);
        let previous = known.insert((book.clone(), event.object.id.clone()), state.clone());
        let change = Told {
            book: &book,
            kind: kind.as_str(),
            object: &event.object.id,
            created: event.created,
            sequence,
            state: Some(state),
            previous,
        };
        told.push((
            event.created,
            serde_json::to_string(&change.event()).unwrap(),
        ));
    }
    told
}

/// Lets a ledger hear of a world: hour by hour, out of order, repeated, late, by
/// workers of which every fourth dies.
async fn heard(played: &simulator::World, salt: u64) -> World {
    heard_until(played, salt, |_, _| {}).await
}

/// The same, and shows the world at every hour, counted from 1.
async fn heard_until(
    played: &simulator::World,
    salt: u64,
    mut hourly: impl FnMut(i64, &World),
) -> World {
    let mut rng = ChaCha8Rng::seed_from_u64(salt);
    let mut world = World::with_pages_of(rng.random_range(3..12));
    world.clock = SimClock::new(played.config().start);
    let mut told = told(played);
    let mut waiting: Vec<String> = Vec::new();
    let mut booked: BTreeMap<Owner, usize> = BTreeMap::new();
    let hours = (played.now() - played.config().start) / 3_600 + 1;
    for hour in 1..=hours {
        let now = played.config().start + hour * 3_600;
        world.clock_to(now);
        for owner in owners(played) {
            let all = played.balance_transactions(&owner);
            let seen = booked.entry(owner.clone()).or_default();
            let new = all
                .iter()
                .skip(*seen)
                .take_while(|it| it["created"].as_i64() <= Some(now));
            let new: Vec<_> = new
                .map(|it| read_transaction(&listed(played, &owner, it), "order").unwrap())
                .collect();
            *seen += new.len();
            world.list.book(&book_of(&owner), new);
        }
        let later = told.split_off(told.partition_point(|(created, _)| *created <= now));
        for (_, body) in std::mem::replace(&mut told, later) {
            if rng.random_bool(0.1) {
                waiting.push(body.clone());
            }
            waiting.push(body);
        }
        waiting.shuffle(&mut rng);
        let late = waiting.len() / 5;
        let batch = waiting.split_off(late);
        let life = match rng.random_range(0..4) {
            0 => Life::ending_at(rng.random_range(0..200), rng.random_bool(0.5)),
            _ => Life::eternal(),
        };
        waiting.extend(world.work_by(&life, &batch).await);
        hourly(hour, &world);
    }
    world.clock_to(played.now() + 10_000);
    waiting.extend(owners(played).iter().map(|owner| {
        let request = PullRequest {
            book: book_of(owner),
            until: played.now() + 100,
            since: None,
            stake: 0,
        };
        request.to_body()
    }));
    let failed = world.work_by(&Life::eternal(), &waiting).await;
    assert_eq!(failed, [""; 0]);
    world
}

/// Everything that was ever on the queue comes back from the dead letters at once, and
/// asks for what was done: nothing that is there changes.
#[tokio::test]
async fn fault_45_everything_moved_back_to_the_ledgers_queue_changes_nothing() {
    for seed in [7, 8] {
        let played = played(seed);
        let world = heard(&played, seed).await;
        let before = fingerprint(&world.ledger).await.unwrap();
        let entries = world.ledger.cost();
        let mut letters: Vec<String> = told(&played).into_iter().map(|(_, body)| body).collect();
        letters.extend(owners(&played).iter().map(|owner| {
            let request = PullRequest {
                book: book_of(owner),
                until: played.now(),
                since: Some(played.config().start),
                stake: 0,
            };
            request.to_body()
        }));
        letters.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
        for batch in letters.chunks(100) {
            let failed = world.work_by(&Life::eternal(), batch).await;
            assert_eq!(failed, [""; 0], "seed {seed}");
        }
        assert!(world.ledger.cost().calls > entries.calls);
        let after = fingerprint(&world.ledger).await.unwrap();
        assert_eq!(after, before, "seed {seed}");
        for owner in owners(&played) {
            world.assert_exact(&book_of(&owner), &format!("seed {seed}"));
        }
    }
}

/// A world's ledger, made again from what its entries keep, is the same.
#[tokio::test]
async fn a_whole_world_is_made_again_from_its_entries() {
    let played = played(11);
    let world = heard(&played, 11).await;
    let shadow = MemoryLedger::default();
    let rebuilt = rebuild(&world.ledger, &shadow, played.now()).await.unwrap();
    assert!(rebuilt.posted > 200 && rebuilt.facts > 0, "{rebuilt:?}");
    let found = compare(&world.ledger, &shadow).await.unwrap();
    assert!(found.found.is_empty(), "{found}");
    let hashes = (fingerprint(&world.ledger).await, fingerprint(&shadow).await);
    assert_eq!(hashes.0.unwrap(), hashes.1.unwrap());
}

/// The ledger's table is restored from a backup that was made while workers pulled, and
/// died: half-read pages, leases and all. Stripe's list and the event log, both
/// complete, bring it to where it was: the same entries, the same hash.
#[tokio::test]
async fn fault_46_a_ledger_restored_to_an_earlier_point_reaches_the_same_hash() {
    for (seed, backed_up) in [(21, 7), (21, 30), (22, 19), (22, 43)] {
        let played = played(seed);
        let mut backup = MemoryLedger::default();
        let mut world = heard_until(&played, seed, |hour, world| {
            if hour == backed_up {
                backup = world.ledger.snapshot();
            }
        })
        .await;
        let context = format!("seed {seed}, backed up after {backed_up} hours");
        let before = fingerprint(&world.ledger).await.unwrap();
        let point = fingerprint(&backup).await.unwrap();
        assert_ne!(point, before, "{context}: the restore lost nothing");
        assert!(!backup.books().is_empty(), "{context}: nothing was there");
        world.ledger = backup;
        let mut again: Vec<String> = told(&played).into_iter().map(|(_, body)| body).collect();
        again.extend(owners(&played).iter().map(|owner| {
            let request = PullRequest {
                book: book_of(owner),
                until: played.now() + 100,
                since: Some(played.config().start),
                stake: 0,
            };
            request.to_body()
        }));
        again.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
        for _ in 0..5 {
            // What another pull of the book was at is asked for anew.
            again = world.work_by(&Life::eternal(), &again).await;
            world.let_leases_run_out();
        }
        assert_eq!(again, [""; 0], "{context}");
        let after = fingerprint(&world.ledger).await.unwrap();
        assert_eq!(after, before, "{context}");
        for owner in owners(&played) {
            world.assert_exact(&book_of(&owner), &context);
        }
    }
}

/// What is true of a book in the end: entries, facts, and what is in effect.
fn truth(world: &World, book: &Book) -> (Vec<String>, BTreeSet<String>, Vec<String>) {
    let kept = world.ledger.kept(book);
    let text = |it: &tributary_ledger::Entry| serde_json::to_string(it).unwrap();
    let entries = kept.all_entries().map(text).collect();
    let facts = kept
        .facts
        .values()
        .map(|it| serde_json::to_string(it).unwrap());
    let in_effect = effective(kept.all_derived()).into_iter();
    let in_effect =
        in_effect.map(|it| format!("{} {:?} {} {:?}", it.root, it.rule, it.currency, it.lines));
    let mut derived: Vec<_> = in_effect.collect();
    derived.sort();
    (entries, facts.collect(), derived)
}

#[tokio::test]
async fn any_order_of_events_and_pulls_gives_the_same_ledger_and_stripes_balances() {
    let (mut calls, mut events) = (0, 0);
    for seed in 0..4 {
        let played = played(seed);
        let worlds = [
            heard(&played, seed).await,
            heard(&played, seed + 1_000).await,
        ];
        for owner in owners(&played) {
            let book = book_of(&owner);
            let context = format!("seed {seed}, {book}");
            for world in &worlds {
                world.assert_exact(&book, &context);
                let state = world.ledger.kept(&book).state;
                let payments = Account::named(Head::StripeBalance, "payments");
                for (currency, money) in played.balance(&owner) {
                    let balance = state.balance(&currency, &payments);
                    assert_eq!(balance, i128::from(money.total()), "{context} {currency}");
                }
            }
            assert_eq!(
                truth(&worlds[0], &book),
                truth(&worlds[1], &book),
                "{context}"
            );
        }
        events += told(&played).len();
        calls += worlds[0].list.calls();
    }
    println!("{events} events, {calls} list calls");
}
