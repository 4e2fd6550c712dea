//! Refunds and reversals.

use super::*;

#[test]
fn direct_refund_keeps_the_fee_unless_asked() {
    let (mut world, account) = world_with("US");
    let connected = Owner::account(&account);
    let charge = direct(&mut world, &account);
    world
        .refund(&connected, &RefundParams::full(&charge))
        .unwrap();
    assert_eq!(
        book(&world, &connected)[1..],
        rows(&[("refund", -10_000, 0, -10_000)])
    );
    assert_eq!(total(&world, &Owner::Platform, "usd"), 1_000 - 1_320);

    let charge = direct(&mut world, &account);
    let params = RefundParams {
        refund_application_fee: true,
        ..RefundParams::full(&charge)
    };
    world.refund(&connected, &params).unwrap();
    assert_eq!(
        book(&world, &connected)[3..],
        rows(&[("refund", -10_000, -1_000, -9_000)])
    );
    let platform = book(&world, &Owner::Platform);
    assert!(platform.contains(&rows(&[("application_fee_refund", -1_000, 0, -1_000)])[0]));
}

#[test]
fn destination_refunds_by_flag() {
    const REFUND: Row = ("refund", -10_000, 0, -10_000);
    const REVERSAL: Row = ("transfer_refund", 10_000, 0, 10_000);
    const FEE: Row = ("application_fee_refund", -1_000, 0, -1_000);
    let cases: [(bool, bool, &[Row], &[Row]); 3] = [
        (false, false, &[REFUND], &[]),
        (
            true,
            false,
            &[REFUND, REVERSAL],
            &[("payment_refund", -10_000, 0, -10_000)],
        ),
        (
            true,
            true,
            &[REFUND, REVERSAL, FEE],
            &[("payment_refund", -10_000, -1_000, -9_000)],
        ),
    ];
    for (reverse_transfer, refund_application_fee, platform, connected) in cases {
        let (mut world, account) = world_with("US");
        let charge = destination(&mut world, &account);
        let owner = Owner::account(&account);
        assert_eq!(total(&world, &owner, "usd"), 9_000);
        let params = RefundParams {
            reverse_transfer,
            refund_application_fee,
            ..RefundParams::full(&charge)
        };
        world.refund(&Owner::Platform, &params).unwrap();
        assert_eq!(book(&world, &owner)[1..], rows(connected));
        let mut moved = book(&world, &Owner::Platform).split_off(3);
        moved.retain(|row| row.0 != "reserve_transaction");
        assert_eq!(moved, rows(platform));
    }
}

#[test]
fn partial_refunds_reverse_in_proportion() {
    let (mut world, account) = world_with("US");
    let params = ChargeParams::new(1_000, "usd");
    let charge = world
        .create_destination_charge(&account, &params, Split::TransferAmount(800))
        .unwrap();
    for amount in [400, 600] {
        let params = RefundParams {
            amount: Some(amount),
            reverse_transfer: true,
            ..RefundParams::full(&charge)
        };
        world.refund(&Owner::Platform, &params).unwrap();
    }
    let connected = Owner::account(&account);
    assert_eq!(
        book(&world, &connected)[1..],
        rows(&[
            ("payment_refund", -320, 0, -320),
            ("payment_refund", -480, 0, -480)
        ])
    );
    let charge = object(&world, &Owner::Platform, &charge);
    assert!(charge.flag("refunded"));
    let transfer = object(&world, &Owner::Platform, charge.text("transfer"));
    assert_eq!(
        (transfer.int("amount_reversed"), transfer.flag("reversed")),
        (800, true)
    );
    let amounts: Vec<i64> = transfer["reversals"]["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it.int("amount"))
        .collect();
    assert_eq!(amounts, [480, 320]);
    let refused = world
        .refund(&Owner::Platform, &RefundParams::full(charge_id(&world)))
        .unwrap_err();
    assert_eq!(refused.code, Some("charge_already_refunded"));
}

fn charge_id(world: &World) -> &str {
    let (reference, _) = world
        .objects()
        .find(|(it, _)| it.owner == Owner::Platform && it.kind == "charge")
        .unwrap();
    &reference.id
}

#[test]
fn a_reversal_needs_money_on_the_account() {
    let mut world = quiet_world();
    let account = world.create_account(&AccountParams {
        platform_covers_losses: false,
        ..AccountParams::express("US")
    });
    let charge = destination(&mut world, &account);
    let before = (world.events().len(), book(&world, &Owner::Platform));
    let params = RefundParams {
        reverse_transfer: true,
        ..RefundParams::full(&charge)
    };
    let refused = world.refund(&Owner::Platform, &params).unwrap_err();
    assert_eq!(refused.code, Some("balance_insufficient"));
    assert_eq!(
        (world.events().len(), book(&world, &Owner::Platform)),
        before
    );
}

#[test]
fn a_refund_fails_after_it_succeeded() {
    let (mut world, account) = world_with("US");
    let connected = Owner::account(&account);
    let charge = direct(&mut world, &account);
    let params = RefundParams {
        amount: Some(2_500),
        ..RefundParams::full(&charge)
    };
    let refund = world.refund(&connected, &params).unwrap();
    let from = world.events().len();
    world
        .fail_refund(&connected, &refund, "expired_or_canceled_card")
        .unwrap();
    assert_eq!(
        told(&world, from),
        ["refund.updated", "refund.failed", "charge.updated"]
    );
    assert_eq!(total(&world, &connected, "usd"), 8_680);
    let refund = object(&world, &connected, &refund);
    assert_eq!(refund.text("status"), "failed");
    assert!(refund["failure_balance_transaction"].is_string());
    assert_eq!(
        object(&world, &connected, &charge).int("amount_refunded"),
        0
    );
}

#[test]
fn a_refund_without_funds_waits() {
    let mut world = quiet_world();
    let account = world.create_account(&AccountParams {
        platform_covers_losses: false,
        ..AccountParams::express("US")
    });
    let connected = Owner::account(&account);
    let charge = direct(&mut world, &account);
    let refund = world
        .refund(&connected, &RefundParams::full(&charge))
        .unwrap();
    assert_eq!(
        object(&world, &connected, &refund).text("status"),
        "pending"
    );
    assert_eq!(total(&world, &connected, "usd"), 8_680);
    direct(&mut world, &account);
    world.advance_to(world.now() + 6 * 3_600);
    assert_eq!(
        object(&world, &connected, &refund).text("status"),
        "succeeded"
    );
    assert!(
        world
            .events()
            .iter()
            .any(|event| event.kind == "refund.updated")
    );
}

#[test]
fn a_negative_account_is_reserved_for_and_released() {
    let (mut world, account) = world_with("US");
    let connected = Owner::account(&account);
    let charge = direct(&mut world, &account);
    world
        .refund(&connected, &RefundParams::full(&charge))
        .unwrap();
    assert_eq!(total(&world, &connected, "usd"), -1_320);
    let reserved = |world: &World| world.balance(&Owner::Platform)["usd"].connect_reserved;
    assert_eq!(reserved(&world), 1_320);
    direct(&mut world, &account);
    assert_eq!(reserved(&world), 0);
    let reserves: Vec<i64> = book(&world, &Owner::Platform)
        .into_iter()
        .filter(|row| row.0 == "reserve_transaction")
        .map(|row| row.3)
        .collect();
    assert_eq!(reserves, [-1_320, 1_320]);
}

#[test]
fn the_platform_pays_for_an_account_that_stays_negative() {
    let (mut world, account) = world_with("US");
    let connected = Owner::account(&account);
    let charge = direct(&mut world, &account);
    world
        .refund(&connected, &RefundParams::full(&charge))
        .unwrap();
    world.advance_to(world.now() + 180 * 86_400);
    assert_eq!(total(&world, &connected, "usd"), 0);
    let platform = book(&world, &Owner::Platform);
    assert!(platform.contains(&rows(&[("connect_collection_transfer", -1_320, 0, -1_320)])[0]));
    assert_eq!(world.balance(&Owner::Platform)["usd"].connect_reserved, 0);
}

#[test]
fn a_fee_returned_without_reversal_reaches_the_account_as_a_credit() {
    let (mut world, account) = world_with("US");
    let connected = Owner::account(&account);
    let charge = destination(&mut world, &account);
    let params = RefundParams {
        refund_application_fee: true,
        ..RefundParams::full(&charge)
    };
    world.refund(&Owner::Platform, &params).unwrap();
    assert_eq!(
        book(&world, &connected)[1..],
        rows(&[("adjustment", 1_000, 0, 1_000)])
    );

    let charge = destination(&mut world, &account);
    let json = object(&world, &Owner::Platform, &charge);
    let fee = json.text("application_fee").to_owned();
    world.refund_application_fee(&fee, Some(400)).unwrap();
    assert_eq!(
        book(&world, &connected)[3..],
        rows(&[("adjustment", 400, 0, 400)])
    );
    let refused = world.refund_application_fee(&fee, Some(601)).unwrap_err();
    assert_eq!(refused.code, Some("amount_too_large"));
}

/// The platform has given its share back, and the payer's refund never happens: the share is
/// the account's.
#[test]
fn a_waiting_refund_that_fails_leaves_the_account_its_fee() {
    let mut world = quiet_world();
    let account = world.create_account(&AccountParams {
        platform_covers_losses: false,
        ..AccountParams::express("US")
    });
    let connected = Owner::account(&account);
    let charge = direct(&mut world, &account);
    let params = RefundParams {
        refund_application_fee: true,
        ..RefundParams::full(&charge)
    };
    let refund = world.refund(&connected, &params).unwrap();
    assert_eq!(
        object(&world, &connected, &refund).text("status"),
        "pending"
    );
    assert_eq!(total(&world, &connected, "usd"), 8_680);
    let failed = world.fail_refund(&connected, &refund, "expired_or_canceled_card");
    failed.unwrap();
    assert_eq!(total(&world, &connected, "usd"), 9_680);
}
