//! The fund flows of a 100.00 USD card payment with a platform fee of 10.00, as tables.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod scenario;

use scenario::{book, object, quiet_world, rows, told, total, world_with};
use tributary_simulator::{AccountParams, ChargeParams, Fields, Owner, Split, TransferParams};

#[test]
fn direct_with_application_fee() {
    let (mut world, account) = world_with("US");
    let from = world.events().len();
    let params = ChargeParams {
        application_fee_amount: Some(1_000),
        ..ChargeParams::new(10_000, "usd")
    };
    let charge = world.create_direct_charge(&account, &params).unwrap();
    let connected = Owner::account(&account);
    assert_eq!(
        book(&world, &Owner::Platform),
        rows(&[("application_fee", 1_000, 0, 1_000)])
    );
    assert_eq!(
        book(&world, &connected),
        rows(&[("charge", 10_000, 1_320, 8_680)])
    );
    assert_eq!(
        told(&world, from),
        ["application_fee.created", "charge.succeeded"]
    );
    let fees = &world.balance_transactions(&connected)[0]["fee_details"];
    assert_eq!(
        (fees[0].text("type"), fees[0].int("amount")),
        ("stripe_fee", 320)
    );
    assert_eq!(
        (fees[1].text("type"), fees[1].int("amount")),
        ("application_fee", 1_000)
    );
    let charge = object(&world, &connected, &charge);
    let fee = object(&world, &Owner::Platform, charge.text("application_fee"));
    assert_eq!(fee.text("charge"), charge.text("id"));
}

#[test]
fn direct_with_fees_paid_by_the_platform() {
    let mut world = quiet_world();
    let account = world.create_account(&AccountParams {
        platform_pays_fees: true,
        ..AccountParams::express("US")
    });
    let params = ChargeParams {
        application_fee_amount: Some(1_000),
        ..ChargeParams::new(10_000, "usd")
    };
    world.create_direct_charge(&account, &params).unwrap();
    assert_eq!(
        book(&world, &Owner::Platform),
        rows(&[
            ("stripe_fee", -320, 0, -320),
            ("application_fee", 1_000, 0, 1_000)
        ])
    );
    assert_eq!(
        book(&world, &Owner::account(&account)),
        rows(&[("charge", 10_000, 1_000, 9_000)])
    );
}

#[test]
fn destination_with_application_fee() {
    let (mut world, account) = world_with("US");
    let from = world.events().len();
    let params = ChargeParams::new(10_000, "usd");
    let charge = world
        .create_destination_charge(&account, &params, Split::ApplicationFee(1_000))
        .unwrap();
    let connected = Owner::account(&account);
    assert_eq!(
        book(&world, &Owner::Platform),
        rows(&[
            ("charge", 10_000, 320, 9_680),
            ("transfer", -10_000, 0, -10_000),
            ("application_fee", 1_000, 0, 1_000),
        ])
    );
    assert_eq!(
        book(&world, &connected),
        rows(&[("payment", 10_000, 1_000, 9_000)])
    );
    assert_eq!(
        told(&world, from),
        [
            "transfer.created",
            "application_fee.created",
            "payment.created",
            "charge.succeeded"
        ]
    );
    let charge = object(&world, &Owner::Platform, &charge);
    let transfer = object(&world, &Owner::Platform, charge.text("transfer"));
    let payment = object(&world, &connected, transfer.text("destination_payment"));
    assert_eq!(payment.text("source_transfer"), transfer.text("id"));
    assert_eq!(transfer.text("source_transaction"), charge.text("id"));
    let fee = object(&world, &Owner::Platform, charge.text("application_fee"));
    assert_eq!(fee.text("originating_transaction"), charge.text("id"));
    assert_eq!(fee.text("charge"), payment.text("id"));
}

#[test]
fn destination_with_transfer_amount() {
    let (mut world, account) = world_with("US");
    let params = ChargeParams::new(10_000, "usd");
    world
        .create_destination_charge(&account, &params, Split::TransferAmount(9_000))
        .unwrap();
    assert_eq!(
        book(&world, &Owner::Platform),
        rows(&[
            ("charge", 10_000, 320, 9_680),
            ("transfer", -9_000, 0, -9_000)
        ])
    );
    let connected = Owner::account(&account);
    assert_eq!(
        book(&world, &connected),
        rows(&[("payment", 9_000, 0, 9_000)])
    );
    assert_eq!(
        (
            total(&world, &Owner::Platform, "usd"),
            total(&world, &connected, "usd")
        ),
        (680, 9_000)
    );
}

#[test]
fn separate_charge_and_two_transfers() {
    let (mut world, account) = world_with("US");
    let other = world.create_account(&AccountParams::express("US"));
    let charge = world
        .create_charge(&ChargeParams::new(10_000, "usd"))
        .unwrap();
    for (destination, amount) in [(&account, 7_000), (&other, 2_000)] {
        let params = TransferParams {
            amount,
            currency: "usd".to_owned(),
            destination: destination.clone(),
            source_transaction: Some(charge.clone()),
            transfer_group: None,
        };
        world.create_transfer(&params).unwrap();
    }
    assert_eq!(
        book(&world, &Owner::Platform),
        rows(&[
            ("charge", 10_000, 320, 9_680),
            ("transfer", -7_000, 0, -7_000),
            ("transfer", -2_000, 0, -2_000),
        ])
    );
    assert_eq!(
        book(&world, &Owner::account(&account)),
        rows(&[("payment", 7_000, 0, 7_000)])
    );
    assert_eq!(
        book(&world, &Owner::account(&other)),
        rows(&[("payment", 2_000, 0, 2_000)])
    );
    let too_much = TransferParams {
        amount: 681,
        currency: "usd".to_owned(),
        destination: account,
        source_transaction: None,
        transfer_group: None,
    };
    let refused = world.create_transfer(&too_much).unwrap_err();
    assert_eq!(refused.code, Some("balance_insufficient"));
}

#[test]
fn on_behalf_of_settles_like_the_account() {
    let (mut world, account) = world_with("DE");
    let params = ChargeParams {
        on_behalf_of: Some(account.clone()),
        ..ChargeParams::new(10_000, "eur")
    };
    world
        .create_destination_charge(&account, &params, Split::ApplicationFee(1_000))
        .unwrap();
    assert_eq!(
        book(&world, &Owner::Platform),
        rows(&[
            ("charge", 10_000, 175, 9_825),
            ("transfer", -10_000, 0, -10_000),
            ("application_fee", 1_000, 0, 1_000),
        ])
    );
    assert_eq!(total(&world, &Owner::Platform, "eur"), 825);
    assert_eq!(total(&world, &Owner::account(&account), "eur"), 9_000);
}

#[test]
fn destination_across_currencies() {
    let (mut world, account) = world_with("DE");
    let params = ChargeParams::new(10_000, "eur");
    world
        .create_destination_charge(&account, &params, Split::ApplicationFee(1_000))
        .unwrap();
    let platform = world.balance_transactions(&Owner::Platform);
    let (charge, transfer, fee) = (&platform[0], &platform[1], &platform[2]);
    assert_eq!(
        (charge.text("currency"), transfer.text("currency")),
        ("usd", "usd")
    );
    assert_eq!(transfer.int("amount"), -charge.int("amount"));
    let micro: i128 = charge["exchange_rate"]
        .to_string()
        .replacen('.', "", 1)
        .parse()
        .unwrap();
    assert_eq!(
        i128::from(charge.int("amount")),
        (10_000 * micro + 500_000) / 1_000_000
    );
    // The application fee stays in the account's settlement currency.
    assert_eq!((fee.text("currency"), fee.int("amount")), ("eur", 1_000));
    let payment = &world.balance_transactions(&Owner::account(&account))[0];
    assert_eq!(
        (payment.text("currency"), payment.int("fee")),
        ("eur", 1_000)
    );
    assert!(payment["exchange_rate"].is_number());
}

#[test]
fn asynchronous_capture_fills_the_charge_later() {
    let (mut world, account) = world_with("US");
    let from = world.events().len();
    let params = ChargeParams {
        settle_after_s: Some(3),
        ..ChargeParams::new(10_000, "usd")
    };
    let id = world
        .create_destination_charge(&account, &params, Split::ApplicationFee(1_000))
        .unwrap();
    assert!(world.balance_transactions(&Owner::Platform).is_empty());
    world.advance_to(world.now() + 3);
    let kinds = told(&world, from);
    assert_eq!(kinds.first(), Some(&"charge.succeeded"));
    assert_eq!(kinds.last(), Some(&"charge.updated"));
    let first = world.events()[from].snapshot().unwrap();
    assert!(first["balance_transaction"].is_null() && first["transfer"].is_null());
    let last = world.events().last().unwrap();
    let previous = last.previous_attributes().unwrap().as_object().unwrap();
    let changed: Vec<&str> = previous.keys().map(String::as_str).collect();
    assert_eq!(
        changed,
        [
            "application",
            "application_fee",
            "balance_transaction",
            "transfer",
            "transfer_group"
        ]
    );
    assert_eq!(last.snapshot(), world.object(&Owner::Platform, &id));
}
