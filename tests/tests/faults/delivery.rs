//! Rows 1 to 7: what Stripe delivers, and what it does not.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};
use tokio::runtime::Builder;
use tributary_demo::day::{self, Script};
use tributary_pipeline::apply::Fate;
use tributary_pipeline::ports::Store;
use tributary_pipeline::receipt::Outcome;
use tributary_stripe::fetched_message;
use tributary_testkit::MemoryStore;

use crate::events::{NOON, change, charge, event, payout, permutations};
use crate::world::{Record, World};

/// What Stripe sent on a simulated day.
static DAY: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let script = Script {
        seed: 1,
        accounts: 3,
        events: 60,
    };
    let world = day::play(script);
    let events = world.events().iter().map(|event| event.json.clone());
    events.take(80).collect()
});

/// Delivers events in that order, `size` at a time, each under a message id of its own.
async fn deliver(world: &World, events: &[Value], size: usize) -> BTreeMap<Fate, usize> {
    let mut fates = BTreeMap::new();
    let records = events.iter().enumerate();
    let records: Vec<Record> = records
        .map(|(n, event)| Record::event(n.to_string(), event))
        .collect();
    for batch in records.chunks(size) {
        for fate in world.apply(batch).await {
            *fates.entry(fate).or_insert(0) += 1;
        }
    }
    fates
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = Builder::new_current_thread().enable_time().build();
    runtime.unwrap().block_on(future)
}

/// The day once, each event alone, so that writes can be counted.
static ONCE: LazyLock<World> = LazyLock::new(|| {
    let world = World::default();
    let fates = block_on(deliver(&world, &DAY, 1));
    assert_eq!(fates, BTreeMap::from([(Fate::Applied, DAY.len())]));
    world
});

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    /// Stripe sends an event again and again: it has one effect, and each copy
    /// beyond the first costs no write.
    #[test]
    fn fault_01_an_event_sent_again_has_one_effect_and_costs_no_write(
        copies in proptest::collection::vec((any::<Index>(), any::<Index>()), 0..100),
    ) {
        let duplicates = copies.len();
        let mut all = DAY.clone();
        for (which, place) in copies {
            let which = which.index(all.len());
            let behind = which + 1 + place.index(all.len() - which);
            all.insert(behind, all[which].clone());
        }
        let again = World::default();
        let fates = block_on(deliver(&again, &all, 1));
        prop_assert_eq!(fates[&Fate::Applied], DAY.len());
        prop_assert_eq!(fates.get(&Fate::Duplicate).copied().unwrap_or(0), duplicates);
        prop_assert_eq!(again.store.writes(), ONCE.store.writes());
        prop_assert_eq!(again.store.mirror(), ONCE.store.mirror());
        prop_assert_eq!(again.store.receipts(), ONCE.store.receipts());
    }
}

/// Two events tell of one payment (`charge.succeeded`, `payment_intent.succeeded`),
/// and the charge's comes as a thin event too: there is one row for each object,
/// whichever tells first. That it is one entry of the ledger, which is keyed by balance
/// transaction, is tested there.
#[tokio::test]
async fn fault_02_two_events_about_one_payment_leave_one_row_for_each_object() {
    let paid = charge("1", "succeeded", 0);
    let intent = json!({"id": "pi_1", "object": "payment_intent", "livemode": true,
        "amount": 2000, "currency": "usd", "status": "succeeded", "latest_charge": "ch_1"});
    let thin = json!({"id": "evt_thin", "object": "v2.core.event", "type": "v1.charge.succeeded",
        "livemode": true, "created": "2025-11-21T12:00:00.000Z",
        "related_object": {"id": "ch_1", "type": "charge", "url": "/v1/charges/ch_1"}});
    let events = [
        event("charge", "charge.succeeded", NOON, &paid),
        event("intent", "payment_intent.succeeded", NOON, &intent),
        thin,
    ];
    for order in permutations(&events) {
        let world = World::default();
        deliver(&world, &order, 3).await;
        let asked = world.queues.fetches();
        assert_eq!(asked.len(), 1, "the thin event is a wish to fetch");
        let seen = fetched_message(&asked[0].0, NOON + 5, &paid.to_string());
        let fetched = Record {
            kind: Some("fetched".to_owned()),
            body: seen,
            ..Record::event("fetched", &json!({}))
        };
        assert_eq!(world.apply(&[fetched]).await, [Fate::Applied]);
        assert_eq!(world.store.mirror().len(), 2);
        let charge_now = world.content("live#platform#charge#ch_1").unwrap();
        assert_eq!(charge_now, (paid.clone(), false));
        let intent_now = world.content("live#platform#payment_intent#pi_1");
        assert_eq!(intent_now.unwrap(), (intent.clone(), false));
    }
}

/// Events come in any order (a refund before its charge, an update before the
/// creation): the end is the same, and it is what Stripe showed last.
#[tokio::test]
async fn fault_03_every_order_of_six_events_ends_as_stripe_showed_it_last() {
    let refund = |status| {
        json!({"id": "re_1", "object": "refund", "livemode": true, "amount": 500,
            "currency": "usd", "charge": "ch_1", "status": status})
    };
    let last = charge("1", "succeeded", 500);
    let events = [
        event("a", "charge.pending", NOON, &charge("1", "pending", 0)),
        event(
            "b",
            "charge.succeeded",
            NOON + 1,
            &charge("1", "succeeded", 0),
        ),
        event("c", "refund.created", NOON + 2, &refund("pending")),
        event("d", "charge.refunded", NOON + 2, &last),
        event("e", "refund.updated", NOON + 3, &refund("succeeded")),
        event(
            "f",
            "customer.created",
            NOON,
            &json!({"id": "cus_1", "object": "customer"}),
        ),
    ];
    for few in 1..=events.len() {
        let reference = World::default();
        deliver(&reference, &events[..few], 1).await;
        for (n, order) in permutations(&events[..few]).iter().enumerate() {
            let world = World::default();
            deliver(&world, order, 1 + n % few).await;
            assert_eq!(world.store.mirror(), reference.store.mirror(), "{order:?}");
            assert_eq!(world.store.receipts().len(), few);
        }
        if few == events.len() {
            let at = |key| reference.content(key).unwrap();
            assert_eq!(at("live#platform#charge#ch_1"), (last.clone(), false));
            assert_eq!(
                at("live#platform#refund#re_1"),
                (refund("succeeded"), false)
            );
        }
    }
}

/// Several events of one second, their ids against their order: what they say was
/// before puts them in order, and the last one wins in every order of arrival.
#[tokio::test]
async fn fault_04_events_of_one_second_are_put_in_order_by_what_was_before() {
    let states = ["pending", "in_transit", "paid", "failed", "canceled"];
    let ids = ["e", "b", "d", "a", "c"];
    let steps = states.iter().zip(ids).enumerate();
    let events: Vec<Value> = steps
        .map(|(n, (status, id))| match n {
            0 => event(id, "payout.created", NOON, &payout("1", status)),
            n => {
                let before = json!({"status": states[n - 1]});
                change(id, "payout.updated", NOON, &payout("1", status), &before)
            }
        })
        .collect();
    for (n, order) in permutations(&events).iter().enumerate() {
        let world = World::default();
        deliver(&world, order, 1 + n % 5).await;
        let (content, ambiguous) = world.content("live#platform#payout#po_1").unwrap();
        assert_eq!(
            (&content["status"], ambiguous),
            (&json!("canceled"), false),
            "{order:?}"
        );
    }
}

/// Several events of one second that nothing puts in order: the winner is the same
/// in every order of arrival, it is marked as a guess, Stripe is asked, and its
/// answer settles it.
#[tokio::test]
async fn fault_04_a_second_that_nothing_orders_is_marked_and_fetched() {
    let events = ["a", "b", "c"].map(|id| event(id, "payout.updated", NOON, &payout("1", id)));
    let mut ends = Vec::new();
    for order in permutations(&events) {
        let world = World::default();
        deliver(&world, &order, 1).await;
        let (_, ambiguous) = world.content("live#platform#payout#po_1").unwrap();
        assert!(ambiguous);
        ends.push(world.store.mirror());
        let asked = world.queues.fetches();
        let truth = payout("1", "paid");
        let seen = fetched_message(&asked[0].0, NOON + 3, &truth.to_string());
        let fetched = Record {
            kind: Some("fetched".to_owned()),
            body: seen,
            ..Record::event("fetched", &json!({}))
        };
        world.apply(&[fetched]).await;
        let settled = world.content("live#platform#payout#po_1").unwrap();
        assert_eq!(settled, (truth, false));
    }
    ends.dedup();
    assert_eq!(ends.len(), 1, "one guess, whatever the order");
}

/// An event comes again after 35 days: while the log remembers it, it is a
/// duplicate; when the log has forgotten it, it still changes no row.
#[tokio::test]
async fn fault_05_an_event_that_comes_again_after_35_days_changes_no_row() {
    let day = World::default();
    deliver(&day, &DAY, 10).await;
    let (mirror, writes) = (day.store.mirror(), day.store.writes());
    let fates = deliver(&day, &DAY, 10).await;
    assert_eq!(fates, BTreeMap::from([(Fate::Duplicate, DAY.len())]));
    assert_eq!(
        (day.store.mirror(), day.store.writes()),
        (mirror.clone(), writes)
    );

    let forgotten = World {
        store: without_its_log(&day.store).await,
        ..World::default()
    };
    let fates = deliver(&forgotten, &DAY, 10).await;
    assert_eq!(fates, BTreeMap::from([(Fate::Applied, DAY.len())]));
    assert_eq!(forgotten.store.mirror(), mirror);
}

/// The same rows; every entry of the event log has expired.
async fn without_its_log(store: &MemoryStore) -> MemoryStore {
    let copy = MemoryStore::default();
    for receipt in store.receipts().into_values() {
        if let Some(key) = receipt.object
            && let Some(row) = store.row(&key)
        {
            copy.write_row(&key, &row, None).await.unwrap();
        }
    }
    copy
}

/// Stripe never delivers an event: what it told is in the mirror as soon as a later
/// event, a resend or a fetch shows the object, in whatever order they come. That
/// the audit of Stripe's list finds it without any of them is tested there.
#[tokio::test]
async fn fault_06_what_a_lost_event_told_comes_with_a_later_event_a_resend_or_a_fetch() {
    let (before, lost, later) = (
        event("a", "charge.succeeded", NOON, &charge("1", "succeeded", 0)),
        event(
            "b",
            "charge.refunded",
            NOON + 9,
            &charge("1", "succeeded", 500),
        ),
        event(
            "c",
            "charge.refunded",
            NOON + 99,
            &charge("1", "succeeded", 2000),
        ),
    );
    let key = "live#platform#charge#ch_1";
    let refunded = |world: &World| world.content(key).unwrap().0["amount_refunded"].clone();

    let resent = World::default();
    deliver(&resent, std::slice::from_ref(&before), 1).await;
    assert_eq!(refunded(&resent), 0, "nobody knows");
    deliver(&resent, std::slice::from_ref(&lost), 1).await;
    assert_eq!(refunded(&resent), 500);

    let overtaken = World::default();
    deliver(&overtaken, &[before.clone(), later, lost], 1).await;
    assert_eq!(
        refunded(&overtaken),
        2000,
        "a late resend takes nothing back"
    );
    assert_eq!(overtaken.store.receipts().len(), 3, "and is in the log");

    let fetched = World::default();
    deliver(&fetched, &[before], 1).await;
    let request = json!({"object": {"mode": "live", "owner": "Platform", "kind": "charge",
        "id": "ch_1"}, "cause": "operator"});
    let request = serde_json::from_value(request).unwrap();
    let seen = fetched_message(
        &request,
        NOON + 50,
        &charge("1", "succeeded", 500).to_string(),
    );
    let record = Record {
        kind: Some("fetched".to_owned()),
        body: seen,
        ..Record::event("fetched", &json!({}))
    };
    fetched.apply(&[record]).await;
    assert_eq!(refunded(&fetched), 500);
}

/// Stripe could not generate events for a while and says so: its notice stays in the
/// log, and in the mirror, whose stream announces it to reconciliation.
/// `tests/tests/template/alarms.rs` holds that an alarm tells of it.
#[tokio::test]
async fn fault_07_a_notice_of_events_never_made_is_recorded_whole() {
    let notice = json!({
        "id": "evt_gap", "object": "v2.core.event", "livemode": true,
        "type": "v2.core.health.event_generation_failure.resolved",
        "created": "2025-11-21T12:00:00.000Z", "related_object": null,
    });
    let world = World::default();
    assert_eq!(
        world.apply(&[Record::event("a", &notice)]).await,
        [Fate::Applied]
    );
    let receipts = world.store.receipts();
    let (key, receipt) = receipts.first_key_value().unwrap();
    assert_eq!(key.to_string(), "live#platform#evt_gap");
    assert_eq!(receipt.outcome, Outcome::Applied);
    let kept: Value = serde_json::from_str(&receipt.raw).unwrap();
    assert_eq!(kept, notice);
    let mirrored: Vec<_> = world.store.mirror().into_keys().collect();
    assert_eq!(mirrored, ["live#platform#v2.core.event#evt_gap"]);
    assert!(world.queues.quarantine().is_empty());
}
