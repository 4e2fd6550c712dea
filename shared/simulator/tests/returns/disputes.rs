//! Disputes.

use super::*;

#[test]
fn disputes_by_outcome() {
    let cases = [
        (
            DisputeOutcome::Won,
            "won",
            vec![("adjustment", 10_000, 0, 10_000)],
        ),
        (DisputeOutcome::Lost, "lost", vec![]),
        (
            DisputeOutcome::Partial(4_000),
            "won",
            vec![("adjustment", 4_000, 0, 4_000)],
        ),
    ];
    for (outcome, status, reinstated) in cases {
        let mut world = quiet_world();
        let charge = world
            .create_charge(&ChargeParams::new(10_000, "usd"))
            .unwrap();
        let id = world
            .open_dispute(&Owner::Platform, &dispute(&charge, false))
            .unwrap();
        world.close_dispute(&Owner::Platform, &id, outcome).unwrap();
        let mut expected = vec![
            ("charge", 10_000, 320, 9_680),
            ("adjustment", -10_000, 1_500, -11_500),
        ];
        expected.extend(reinstated);
        assert_eq!(book(&world, &Owner::Platform), rows(&expected));
        let json = object(&world, &Owner::Platform, &id);
        assert_eq!(json.text("status"), status);
        assert_eq!(
            json["balance_transactions"].as_array().unwrap().len(),
            expected.len() - 1
        );
        assert!(object(&world, &Owner::Platform, &charge).flag("disputed"));
        let again = world
            .close_dispute(&Owner::Platform, &id, outcome)
            .unwrap_err();
        assert_eq!(again.status, 400);
    }
}

#[test]
fn an_inquiry_moves_no_money() {
    let mut world = quiet_world();
    let charge = world
        .create_charge(&ChargeParams::new(10_000, "usd"))
        .unwrap();
    let from = world.events().len();
    let id = world
        .open_dispute(&Owner::Platform, &dispute(&charge, true))
        .unwrap();
    world
        .close_dispute(&Owner::Platform, &id, DisputeOutcome::Won)
        .unwrap();
    assert_eq!(
        told(&world, from),
        [
            "charge.dispute.created",
            "charge.updated",
            "charge.dispute.closed"
        ]
    );
    assert_eq!(book(&world, &Owner::Platform).len(), 1);
    let json = object(&world, &Owner::Platform, &id);
    assert_eq!(json.text("status"), "warning_closed");
    assert_eq!(json["balance_transactions"].as_array().unwrap().len(), 0);
}

#[test]
fn the_old_api_version_shows_refunds_inside_and_returns_the_dispute_fee() {
    let mut world = quiet_world();
    let account = world.create_account(&AccountParams {
        legacy: true,
        ..AccountParams::express("US")
    });
    let connected = Owner::account(&account);
    let charge = direct(&mut world, &account);
    let refund = RefundParams {
        amount: Some(1_000),
        ..RefundParams::full(&charge)
    };
    world.refund(&connected, &refund).unwrap();
    let event = world.events().last().unwrap();
    assert_eq!(event.json.text("api_version"), "2020-08-27");
    let shown = event.snapshot().unwrap();
    assert_eq!(shown["refunds"]["data"][0].int("amount"), 1_000);
    assert!(shown.as_object().unwrap().contains_key("invoice"));
    let id = world
        .open_dispute(&connected, &dispute(&charge, false))
        .unwrap();
    world
        .close_dispute(&connected, &id, DisputeOutcome::Won)
        .unwrap();
    let last = book(&world, &connected).pop().unwrap();
    assert_eq!(last, rows(&[("adjustment", 10_000, -1_500, 11_500)])[0]);
}

#[test]
fn a_charged_back_payment_is_not_refunded_but_an_inquired_one_is() {
    for (inquiry, refundable) in [(false, false), (true, true)] {
        let mut world = quiet_world();
        let charge = world
            .create_charge(&ChargeParams::new(10_000, "usd"))
            .unwrap();
        let id = world
            .open_dispute(&Owner::Platform, &dispute(&charge, inquiry))
            .unwrap();
        assert_eq!(
            object(&world, &Owner::Platform, &id).flag("is_charge_refundable"),
            refundable
        );
        let refund = world.refund(&Owner::Platform, &RefundParams::full(&charge));
        assert_eq!(refund.is_ok(), refundable);
    }
}

#[test]
fn a_later_rate_leaves_an_exchange_difference() {
    let (mut world, account) = world_with("US");
    let connected = Owner::account(&account);
    let charge = world
        .create_direct_charge(&account, &ChargeParams::new(100_000, "eur"))
        .unwrap();
    world.advance_to(world.now() + 5 * 86_400);
    world
        .refund(&connected, &RefundParams::full(&charge))
        .unwrap();
    let of_type = |kind: &str| {
        let found = world
            .balance_transactions(&connected)
            .iter()
            .find(|it| it.text("type") == kind);
        found.unwrap().clone()
    };
    let (paid, refunded) = (of_type("charge"), of_type("refund"));
    assert_eq!(
        (paid.text("currency"), refunded.text("currency")),
        ("usd", "usd")
    );
    assert_ne!(paid["exchange_rate"], refunded["exchange_rate"]);
    assert_ne!(paid.int("amount"), -refunded.int("amount"));
}
