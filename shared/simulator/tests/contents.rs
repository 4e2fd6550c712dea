//! Even a small world contains everything a mirror must cope with.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod scenario;

use std::collections::BTreeMap;

use scenario::config;
use tributary_simulator::{Event, Fields, Owner, World};

fn small_world() -> World {
    let mut world = World::new(config(11, 8, 300));
    world.run();
    world
}

fn count(world: &World, test: impl Fn(&Event) -> bool) -> usize {
    world.events().iter().filter(|event| test(event)).count()
}

#[test]
fn scopes_modes_and_versions() {
    let world = small_world();
    assert!(
        count(&world, |it| it.owner == Owner::Platform
            && it.json.get("account").is_none())
            > 0
    );
    assert!(
        count(&world, |it| it.json.text_opt("account")
            == it.owner.account_id())
            > 0
    );
    assert!(count(&world, |it| !it.livemode && !it.json.flag("livemode")) > 0);
    assert!(count(&world, |it| it.json.text("api_version") == "2020-08-27") > 0);
    assert!(
        count(&world, |it| it.object.id.is_empty()
            && it.kind == "balance.available")
            > 0
    );
    assert!(count(&world, |it| it.object.kind == "treasury.quantum_ledger") > 0);
}

#[test]
fn an_account_leaves_with_the_application_as_object() {
    let world = small_world();
    let event = world
        .events()
        .iter()
        .find(|it| it.kind == "account.application.deauthorized");
    let event = event.unwrap();
    assert_eq!(event.snapshot().unwrap().text("object"), "application");
    let account = event.owner.account_id().unwrap();
    assert!(world.is_deauthorized(account));
    let after = world
        .events()
        .iter()
        .skip_while(|it| it.id != event.id)
        .skip(1);
    assert_eq!(after.filter(|it| it.owner == event.owner).count(), 0);
}

#[test]
fn thin_notifications_point_to_their_account() {
    let world = small_world();
    let thin = world.events().iter().find(|it| it.is_thin()).unwrap();
    assert_eq!(thin.json.text("object"), "v2.core.event");
    assert_eq!(thin.owner, Owner::Platform);
    let related = &thin.json["related_object"];
    assert_eq!(
        related.text("url"),
        format!("/v2/core/accounts/{}", thin.object.id)
    );
    assert!(world.account_v2(&thin.object.id).is_some());
}

#[test]
fn same_second_bursts_and_deletes() {
    let world = small_world();
    let mut bursts: BTreeMap<_, Vec<&Event>> = BTreeMap::new();
    for event in world.events().iter().filter(|it| !it.object.id.is_empty()) {
        bursts
            .entry((&event.object, event.created))
            .or_default()
            .push(event);
    }
    let has = |test: &dyn Fn(&[&Event]) -> bool| bursts.values().any(|burst| test(burst));
    assert!(has(&|burst| burst
        .iter()
        .filter(|it| it.kind == "customer.updated")
        .count()
        >= 2));
    assert!(has(&|burst| {
        burst.iter().any(|it| it.kind == "customer.updated")
            && burst.iter().any(|it| it.is_deletion())
    }));
    assert!(has(&|burst| burst.windows(2).any(|pair| {
        pair[0].kind == pair[1].kind && pair[0].snapshot() == pair[1].snapshot()
    })));
    assert!(has(&|burst| burst.windows(2).any(|pair| {
        pair.iter().all(|it| it.previous_attributes().is_none())
            && pair[0].snapshot() != pair[1].snapshot()
    })));
}

#[test]
fn statuses_go_back() {
    let world = small_world();
    for (kind, from, to) in [
        ("payout", "paid", "failed"),
        ("refund", "succeeded", "failed"),
    ] {
        let mut last: BTreeMap<&str, &str> = BTreeMap::new();
        let mut back = false;
        for event in world.events().iter().filter(|it| it.object.kind == kind) {
            let status = event.snapshot().unwrap().text("status");
            back |= last.insert(&event.object.id, status) == Some(from) && status == to;
        }
        assert!(back, "{kind}");
    }
}

#[test]
fn every_flow_is_told_of() {
    let world = small_world();
    for kind in [
        "account.external_account.created",
        "account.external_account.updated",
        "account.updated",
        "application_fee.created",
        "application_fee.refunded",
        "balance_settings.updated",
        "charge.dispute.closed",
        "charge.dispute.created",
        "charge.dispute.funds_reinstated",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.updated",
        "charge.refunded",
        "charge.succeeded",
        "charge.updated",
        "customer.created",
        "customer.deleted",
        "customer.updated",
        "payment.created",
        "payout.canceled",
        "payout.created",
        "payout.failed",
        "payout.paid",
        "payout.reconciliation_completed",
        "payout.updated",
        "radar.early_fraud_warning.created",
        "refund.created",
        "refund.failed",
        "refund.updated",
        "topup.succeeded",
        "transfer.created",
        "transfer.reversed",
    ] {
        assert!(count(&world, |it| it.kind == kind) > 0, "{kind}");
    }
    let types: Vec<&str> = world
        .balance_transactions(&Owner::Platform)
        .iter()
        .map(|it| it.text("type"))
        .collect();
    assert!(types.contains(&"reserve_transaction"));
}
