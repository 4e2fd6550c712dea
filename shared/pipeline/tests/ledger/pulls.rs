//! What a pull lists, and what it leaves alone.

use tributary_ledger::{Account, Head};
use tributary_pipeline::ledger::{ListError, PullError, Pulled};
use tributary_testkit::ledger::Life;
use tributary_testkit::ledger::list::{Failure, Scene};
use tributary_testkit::ledger::samples::{contradictory, payment, platform, unheard_of};

use crate::events::{Told, charge};
use crate::world::{NOON, Worker, World};

fn with_payments(count: usize, page_max: usize) -> World {
    let world = World::with_pages_of(page_max);
    let movements = (1..=count).map(|n| payment(n, NOON - 10 * n as i64));
    world.list.book(&platform(), movements);
    world
}

#[tokio::test]
async fn an_answered_event_costs_one_read() {
    let world = with_payments(3, 100);
    world.pull(&world.request()).await;
    let (calls, cost) = (world.list.calls(), world.ledger.cost());
    let mut older = world.request();
    older.until -= 61;
    assert_eq!(world.pull(&older).await.0, Pulled::Answered);
    assert_eq!(world.list.calls(), calls);
    let now = world.ledger.cost();
    assert_eq!((now.calls - cost.calls, now.writes - cost.writes), (1, 0));
}

/// Three events tell of one payment: the charge's, its payment intent's, and the thin
/// one that a fetch of the charge answers. In whatever order they come, hours apart or
/// together, the payment is one entry, known by its balance transaction.
#[tokio::test]
async fn fault_02_events_about_one_payment_are_one_entry() {
    let book = platform();
    let told = |kind, object, sequence, state| Told {
        book: &book,
        kind,
        object,
        created: NOON - 5,
        sequence,
        state,
        previous: None,
    };
    let paid = Some(charge(Some("txn_00001"), None));
    let events = [
        told("charge", "ch_00001", 1, paid.clone()),
        // Nothing that is booked is read of an intent.
        told("payment_intent", "pi_1", 1, None),
        told("charge", "ch_00001", 2, paid),
    ];
    let bodies = events.map(|told| serde_json::to_string(&told.event()).unwrap());
    for order in [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ] {
        for pause in [0, 5_000] {
            let world = World::with_pages_of(100);
            world.list.book(&platform(), [payment(1, NOON - 10)]);
            for place in order {
                let worked = world.work(&bodies[place..=place]).await;
                assert!(worked.failed.is_empty());
                world.clock_to(world.clock.now() + pause);
            }
            let kept = world.ledger.kept(&platform());
            let entries: Vec<_> = kept.all_entries().collect();
            assert_eq!(entries.len(), 1, "{order:?}");
            assert_eq!(entries[0].transaction.as_str(), "txn_00001");
            world.assert_exact(&platform(), &format!("{order:?}"));
        }
    }
}

/// Events of the last second may be ahead of the list.
#[tokio::test]
async fn an_event_as_new_as_the_last_one_answered_is_pulled_again() {
    let world = with_payments(3, 100);
    world.pull(&world.request()).await;
    assert_eq!(world.pull(&world.request()).await.0, Pulled::Finished);
}

#[tokio::test]
async fn another_worker_leaves_a_book_that_is_held() {
    let world = with_payments(9, 2);
    let life = Life::ending_at(12, true);
    let request = world.request();
    let _ = world.pull_by(Worker::of("first", &life), &request).await;
    let calls = world.list.calls();
    assert_eq!(world.pull(&request).await.0, Pulled::Held);
    assert_eq!(world.list.calls(), calls);
}

#[tokio::test]
async fn a_pull_without_time_stops_between_pages_and_is_gone_on_with_at_once() {
    let world = with_payments(9, 2);
    let request = world.request();
    for pages_left in (1..5).rev() {
        let life = Life::eternal();
        let worker = Worker {
            pages_max: 1,
            ..Worker::of("hasty", &life)
        };
        let (pulled, tally) = world.pull_by(worker, &request).await;
        assert_eq!(
            (pulled.unwrap(), tally.pages),
            (Pulled::Paused, 1),
            "{pages_left}"
        );
    }
    let (pulled, tally) = world.pull(&request).await;
    assert_eq!(
        (pulled, tally.pages, world.list.calls()),
        (Pulled::Finished, 1, 5)
    );
    world.assert_exact(&platform(), "paused four times");
}

#[tokio::test]
async fn fault_35_a_list_that_is_limited_costs_a_repetition_of_one_page() {
    let world = with_payments(9, 2);
    let request = world.request();
    world.list.at(3, Scene::Fails(Failure::Unavailable));
    let life = Life::eternal();
    let (pulled, _) = world.pull_by(Worker::of("first", &life), &request).await;
    let is_transient = matches!(pulled, Err(PullError::List(ListError::Transient(_))));
    assert!(is_transient, "{pulled:?}");
    // The same worker need not wait for its own lease.
    let (pulled, tally) = world.pull_by(Worker::of("first", &life), &request).await;
    assert_eq!((pulled.unwrap(), tally.pages), (Pulled::Finished, 2));
    world.assert_exact(&platform(), "limited");
}

#[tokio::test]
async fn fault_38_an_account_that_has_left_is_told_apart() {
    let world = with_payments(3, 2);
    world.list.at(0, Scene::Fails(Failure::Closed));
    let life = Life::eternal();
    let (pulled, _) = world
        .pull_by(Worker::of("first", &life), &world.request())
        .await;
    assert!(matches!(pulled, Err(PullError::List(ListError::Closed))));
}

/// Movements are booked while pages are read: newer ones than those read, and late
/// ones that are dated back.
#[tokio::test]
async fn fault_34_what_is_booked_while_pages_are_read_is_posted_by_the_next_pull() {
    for page in 0..5 {
        let world = with_payments(9, 2);
        let booked = vec![
            payment(20, NOON + 3),
            payment(21, NOON - 5),
            payment(22, NOON - 22),
        ];
        world.list.at(page, Scene::ThenBooked(platform(), booked));
        assert_eq!(world.pull(&world.request()).await.0, Pulled::Finished);
        world.clock.advance(120);
        world.pull(&world.request()).await;
        world.assert_exact(&platform(), &format!("booked while page {page} was read"));
    }
}

#[tokio::test]
async fn late_movements_of_the_last_hour_are_found() {
    let world = with_payments(9, 100);
    world.pull(&world.request()).await;
    let late = (40..60).map(|n| payment(n, NOON - 3_500 + n as i64));
    world.list.book(&platform(), late);
    world.clock.advance(120);
    world.pull(&world.request()).await;
    world.assert_exact(&platform(), "late by an hour");
}

/// A whole hour of a whale is hundreds of pages: one page without anything new ends
/// the search for late ones.
#[tokio::test]
async fn the_search_for_late_movements_ends_with_a_page_of_known_ones() {
    let world = with_payments(300, 10);
    world.pull(&world.request()).await;
    world.list.book(&platform(), [payment(500, NOON + 5)]);
    world.clock.advance(120);
    let (pulled, tally) = world.pull(&world.request()).await;
    assert_eq!((pulled, tally.pages), (Pulled::Finished, 2));
    world.assert_exact(&platform(), "one more");
}

#[tokio::test]
async fn a_pull_since_a_moment_lists_all_of_it_again() {
    let world = with_payments(30, 10);
    world.pull(&world.request()).await;
    world.list.book(&platform(), [payment(77, NOON - 50_000)]);
    let mut request = world.request();
    request.since = Some(NOON - 60_000);
    let (pulled, tally) = world.pull(&request).await;
    assert_eq!(
        (pulled, tally.pages, tally.posted),
        (Pulled::Finished, 4, 1)
    );
    world.assert_exact(&platform(), "healed");
}

/// An entry is lost behind everybody's back, and somebody lists its day again before
/// reconciliation has looked: it is posted, and not counted a second time.
#[tokio::test]
async fn a_lost_entry_is_posted_again_and_not_counted_again() {
    let world = with_payments(30, 10);
    world.pull(&world.request()).await;
    let before = world.ledger.kept(&platform());
    world.ledger.forget(&payment(7, NOON - 7).id, &platform());
    let mut request = world.request();
    request.since = Some(NOON - 60_000);
    let (pulled, tally) = world.pull(&request).await;
    assert_eq!((pulled, tally.posted), (Pulled::Finished, 1));
    let after = world.ledger.kept(&platform());
    assert_eq!(after.state.balances, before.state.balances);
    assert_eq!(after.filed, before.filed);
    world.assert_exact(&platform(), "restored");
}

/// Our clock is hours ahead or behind: nothing is missed, for it orders nothing.
#[tokio::test]
async fn fault_39_a_clock_that_is_wrong_hides_nothing() {
    for skew in [-20_000, 20_000] {
        let world = with_payments(5, 2);
        let mut request = world.request();
        let wrong = tributary_testkit::SimClock::new(NOON + skew);
        let world = World {
            clock: wrong,
            ..world
        };
        world.pull(&request).await;
        world.list.book(&platform(), [payment(50, NOON + 600)]);
        request.until = NOON + 601;
        assert_eq!(world.pull(&request).await.0, Pulled::Finished, "{skew}");
        world.assert_exact(&platform(), &format!("{skew} s"));
    }
}

#[tokio::test]
async fn what_is_not_understood_is_posted_to_suspense_and_noted() {
    let world = with_payments(1, 100);
    let odd = [unheard_of(2, NOON), contradictory(3, NOON)];
    world.list.book(&platform(), odd);
    let (_, tally) = world.pull(&world.request()).await;
    assert_eq!((tally.posted, tally.concerns), (2, 2));
    let noted = world.doubts.noted();
    let codes: Vec<_> = noted
        .iter()
        .map(|(_, id, code)| (id.as_str(), *code))
        .collect();
    assert_eq!(
        codes,
        [
            ("txn_00002u", "unknown_type"),
            ("txn_00003x", "net_differs")
        ]
    );
    let state = world.ledger.kept(&platform()).state;
    let payments = Account::named(Head::StripeBalance, "payments");
    assert_eq!(state.balance("usd", &payments), 2 * 970);
    let suspense = Account::plain(Head::SuspenseType);
    assert_eq!(state.balance("usd", &suspense), -1_000);
}
