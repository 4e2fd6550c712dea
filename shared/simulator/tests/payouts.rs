//! Payouts, their timing and their failures.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod scenario;

use scenario::{book, object, quiet_world, rows, told, total, world_with};
use tributary_simulator::{ChargeParams, Fields, Owner, PayoutParams, World, WorldConfig};

const HOUR_S: i64 = 3_600;

/// A world whose only account has 96.80 USD available.
fn funded() -> (World, Owner) {
    let (mut world, account) = world_with("US");
    world
        .create_direct_charge(&account, &ChargeParams::new(10_000, "usd"))
        .unwrap();
    world.advance_to(world.now() + HOUR_S);
    (world, Owner::account(&account))
}

fn payout(amount: i64, instant: bool) -> PayoutParams {
    PayoutParams {
        instant,
        ..PayoutParams::standard(amount, "usd")
    }
}

#[test]
fn funds_become_available_and_the_owner_hears_of_it() {
    let (mut world, account) = world_with("US");
    let owner = Owner::account(&account);
    world
        .create_direct_charge(&account, &ChargeParams::new(10_000, "usd"))
        .unwrap();
    let money = world.balance(&owner)["usd"];
    assert_eq!((money.available, money.pending), (0, 9_680));
    let refused = world
        .create_payout(&owner, &payout(100, false))
        .unwrap_err();
    assert_eq!(refused.code, Some("balance_insufficient"));
    world.advance_to(world.now() + HOUR_S);
    let money = world.balance(&owner)["usd"];
    assert_eq!((money.available, money.pending), (9_680, 0));
    let event = world.events().last().unwrap();
    assert_eq!(
        (event.kind.as_str(), event.object.id.as_str()),
        ("balance.available", "")
    );
    assert_eq!(
        event.snapshot().unwrap()["available"][0].int("amount"),
        9_680
    );
    assert_eq!(
        world.balance_transactions(&owner)[0].text("status"),
        "available"
    );
}

#[test]
fn a_standard_payout_leaves_arrives_and_fails() {
    let (mut world, owner) = funded();
    let from = world.events().len();
    let id = world.create_payout(&owner, &payout(5_000, false)).unwrap();
    assert_eq!(total(&world, &owner, "usd"), 4_680);
    let arrival = object(&world, &owner, &id).int("arrival_date");
    world.advance_to(arrival - 1);
    assert_eq!(object(&world, &owner, &id).text("status"), "in_transit");
    world.advance_to(arrival);
    assert_eq!(
        told(&world, from),
        ["payout.created", "payout.updated", "payout.paid"]
    );
    world.fail_payout(&owner, &id, "account_closed").unwrap();
    assert_eq!(
        told(&world, from)[3..],
        [
            "payout.failed",
            "account.external_account.updated",
            "account.updated"
        ]
    );
    let json = object(&world, &owner, &id);
    assert_eq!(
        (json.text("status"), json.text("failure_code")),
        ("failed", "account_closed")
    );
    assert_eq!(total(&world, &owner, "usd"), 9_680);
    let refused = world
        .create_payout(&owner, &payout(100, false))
        .unwrap_err();
    assert_eq!(refused.code, Some("payouts_not_allowed"));
    world.advance_to(world.now() + 4 * HOUR_S);
    world.create_payout(&owner, &payout(100, false)).unwrap();
}

#[test]
fn only_a_pending_payout_is_canceled() {
    let (mut world, owner) = funded();
    let id = world.create_payout(&owner, &payout(5_000, false)).unwrap();
    world.cancel_payout(&owner, &id).unwrap();
    assert_eq!(
        book(&world, &owner)[1..],
        rows(&[
            ("payout", -5_000, 0, -5_000),
            ("payout_cancel", 5_000, 0, 5_000)
        ])
    );
    let id = world.create_payout(&owner, &payout(5_000, false)).unwrap();
    world.advance_to(world.now() + HOUR_S);
    assert_eq!(world.cancel_payout(&owner, &id).unwrap_err().status, 400);
}

#[test]
fn an_instant_payout_costs_a_fee_and_cannot_be_attributed() {
    let (mut world, owner) = funded();
    let id = world.create_payout(&owner, &payout(8_000, true)).unwrap();
    assert_eq!(
        book(&world, &owner)[1..],
        rows(&[("payout", -8_000, 80, -8_080)])
    );
    world.advance_to(world.now() + 60);
    let json = object(&world, &owner, &id);
    assert_eq!(
        (json.text("status"), json.text("method")),
        ("paid", "instant")
    );
    assert_eq!(world.payout_transactions(&owner, &id), Some(vec![]));
    assert_eq!(world.payout_transactions(&owner, "po_unknown"), None);
}

#[test]
fn an_automatic_payout_is_explained_by_its_transactions() {
    let (mut world, owner) = funded();
    world.create_payout(&owner, &payout(1_000, false)).unwrap();
    let [id] = world.sweep_payouts(&owner).try_into().unwrap();
    assert_eq!(object(&world, &owner, &id).int("amount"), 8_680);
    assert_eq!(total(&world, &owner, "usd"), 0);
    let settled = world.payout_transactions(&owner, &id).unwrap();
    assert_eq!(settled.iter().map(|it| it.int("net")).sum::<i64>(), 0);
    assert_eq!(settled.len(), 3);
    world.fail_payout(&owner, &id, "could_not_process").unwrap();
    world.advance_to(world.now() + 4 * HOUR_S);
    let [again] = world.sweep_payouts(&owner).try_into().unwrap();
    let settled = world.payout_transactions(&owner, &again).unwrap();
    let kinds: Vec<&str> = settled.iter().map(|it| it.text("type")).collect();
    assert_eq!(kinds, ["payout_failure", "payout"]);
}

#[test]
fn a_top_up_arrives_at_once() {
    let mut world = quiet_world();
    world.create_topup(50_000, "usd").unwrap();
    assert_eq!(told(&world, 0), ["topup.created", "topup.succeeded"]);
    assert_eq!(world.balance(&Owner::Platform)["usd"].available, 50_000);
}

#[test]
fn a_payout_that_arrived_is_taken_back_from_the_bank() {
    let (mut world, owner) = funded();
    let id = world.create_payout(&owner, &payout(5_000, false)).unwrap();
    assert_eq!(world.reverse_payout(&owner, &id).unwrap_err().status, 400);
    world.advance_to(object(&world, &owner, &id).int("arrival_date"));
    let from = world.events().len();
    let reversal = world.reverse_payout(&owner, &id).unwrap();
    assert_eq!(
        book(&world, &owner)[1..],
        rows(&[("payout", -5_000, 0, -5_000), ("payout", 5_000, 0, 5_000)])
    );
    assert_eq!(told(&world, from), ["payout.updated", "payout.created"]);
    let json = object(&world, &owner, &reversal).clone();
    assert_eq!(
        (json.int("amount"), json.text("original_payout")),
        (-5_000, id.as_str())
    );
    assert_eq!(object(&world, &owner, &id).text("reversed_by"), reversal);
    assert_eq!(world.reverse_payout(&owner, &id).unwrap_err().status, 400);
    world.advance_to(json.int("arrival_date"));
    assert_eq!(object(&world, &owner, &reversal).text("status"), "paid");
    let twice = world.reverse_payout(&owner, &reversal).unwrap_err();
    assert_eq!(twice.code, Some("payout_not_reversible"));
    world
        .fail_payout(&owner, &reversal, "debit_not_authorized")
        .unwrap();
    assert_eq!(
        book(&world, &owner).last(),
        rows(&[("payout_failure", -5_000, 0, -5_000)]).last()
    );
}

#[test]
fn a_payout_to_a_bank_of_another_currency_is_converted() {
    let mut world = quiet_world();
    world.create_topup(100_000, "eur").unwrap();
    let params = PayoutParams {
        bank_currency: Some("usd".to_owned()),
        ..PayoutParams::standard(40_000, "eur")
    };
    let id = world.create_payout(&Owner::Platform, &params).unwrap();
    let json = object(&world, &Owner::Platform, &id).clone();
    let sent = object(&world, &Owner::Platform, json.text("balance_transaction")).clone();
    assert_eq!(
        (
            sent.int("amount"),
            sent.text("currency"),
            json.text("currency")
        ),
        (-40_000, "eur", "usd")
    );
    let rate = sent["exchange_rate"].as_f64().unwrap();
    let received = f64::from(i32::try_from(json.int("amount")).unwrap());
    assert!((received - 40_000.0 * rate).abs() <= 0.5);
    world
        .fail_payout(&Owner::Platform, &id, "account_frozen")
        .unwrap();
    assert_eq!(
        total(&world, &Owner::Platform, "eur"),
        100_000,
        "no rate is lost"
    );
}

/// Of all that arrived, the one of most movements fails, and its money is back.
#[test]
fn the_bank_sends_the_largest_payout_back() {
    let mut world = World::new(WorldConfig {
        accounts: 6,
        events_min: 300,
        days: 5,
        ..WorldConfig::two_weeks(3)
    });
    world.run();
    let movements = |world: &World, owner: &Owner, id: &str| {
        world
            .payout_transactions(owner, id)
            .map_or(0, |it| it.len())
    };
    let arrived = world.objects().filter(|(it, json)| {
        it.kind == "payout" && json["status"] == "paid" && json["automatic"] == true
    });
    let most = arrived.map(|(it, _)| movements(&world, &it.owner, &it.id));
    let most = most.max().unwrap();
    let (owner, payout) = world.fail_largest_payout("account_closed").unwrap();
    assert_eq!(movements(&world, &owner, &payout), most);
    let json = world.object(&owner, &payout).unwrap();
    assert_eq!(json["status"], "failed");
    assert_eq!(json["failure_code"], "account_closed");
    let told = world.events().iter().filter(|it| it.object.id == payout);
    let told: Vec<&str> = told.map(|it| it.kind.as_str()).collect();
    assert!(told.contains(&"payout.paid"), "{told:?}");
    assert_eq!(told.last(), Some(&"payout.failed"));
}
