//! POST requests and their idempotency keys.

use serde_json::json;
use tributary_simulator::{ChargeParams, Owner, Split, TransferParams};

use crate::{Stage, ids_of};

/// Gives the platform some available money to work with.
fn fund(stage: &Stage) {
    let mut world = stage.world();
    world
        .create_charge(&ChargeParams::new(500_000, "usd"))
        .expect("a charge");
    let later = world.now() + 10 * 86_400;
    world.advance_to(later);
}

fn payouts(stage: &Stage) -> usize {
    ids_of(&stage.world(), &Owner::Platform, "payout").len()
}

#[test]
fn the_same_key_pays_once() {
    let stage = Stage::quiet();
    fund(&stage);
    let before = payouts(&stage);
    let client = stage.client.keyed("payout-1");
    let first = client.post("/v1/payouts", "amount=1000&currency=usd");
    assert_eq!(first.status, 200, "{:?}", first.body);
    assert_eq!(first.header("idempotent-replayed"), None);
    let again = client.post("/v1/payouts", "currency=usd&amount=1000");
    assert_eq!(again.body, first.body);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.header("original-request"), first.header("request-id"));
    assert_eq!(payouts(&stage), before + 1);

    let other = client.post("/v1/payouts", "amount=2000&currency=usd");
    assert_eq!(
        (other.status, other.error("type")),
        (400, "idempotency_error")
    );

    stage.client.post("/v1/payouts", "amount=1000&currency=usd");
    stage.client.post("/v1/payouts", "amount=1000&currency=usd");
    assert_eq!(
        payouts(&stage),
        before + 3,
        "without a key each request counts"
    );
}

#[test]
fn a_key_is_forgotten_after_a_day() {
    let stage = Stage::quiet();
    fund(&stage);
    let client = stage.client.keyed("payout-1");
    client.post("/v1/payouts", "amount=1000&currency=usd");
    let now = stage.world().now();
    stage.world().advance_to(now + 86_399);
    let replayed = client.post("/v1/payouts", "amount=1000&currency=usd");
    assert_eq!(replayed.header("idempotent-replayed"), Some("true"));
    stage.world().advance_to(now + 86_400);
    let executed = client.post("/v1/payouts", "amount=1000&currency=usd");
    assert_eq!(executed.header("idempotent-replayed"), None);
}

#[test]
fn refusals_are_kept_only_once_the_work_began() {
    let stage = Stage::quiet();
    fund(&stage);
    let client = stage.client.keyed("payout-1");
    let incomplete = client.post("/v1/payouts", "amount=1000");
    assert_eq!(
        (incomplete.status, incomplete.error("code")),
        (400, "parameter_missing")
    );
    assert_eq!(
        client
            .post("/v1/payouts", "amount=1000&currency=usd")
            .status,
        200
    );

    let client = stage.client.keyed("payout-2");
    let refused = client.post("/v1/payouts", "amount=999999999&currency=usd");
    assert_eq!(refused.status, 400);
    let again = client.post("/v1/payouts", "amount=999999999&currency=usd");
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.body, refused.body);
}

#[test]
fn a_lost_answer_is_found_again_under_its_key() {
    let stage = Stage::quiet();
    fund(&stage);
    let before = payouts(&stage);
    let client = stage.client.keyed("payout-1");
    let broken = super::ApiConfig {
        lost_answer_per_mille: 1_000,
        ..super::ApiConfig::default()
    };
    stage.server.reconfigure(broken);
    assert_eq!(
        client
            .post("/v1/payouts", "amount=1000&currency=usd")
            .status,
        500
    );
    stage.server.reconfigure(super::ApiConfig::default());
    let again = client.post("/v1/payouts", "amount=1000&currency=usd");
    assert_eq!(again.status, 200);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(payouts(&stage), before + 1);
}

#[test]
fn a_pending_payout_can_be_canceled() {
    let stage = Stage::quiet();
    fund(&stage);
    let payout = stage.client.post("/v1/payouts", "amount=1000&currency=usd");
    let id = payout.body["id"].as_str().expect("an id");
    let canceled = stage.client.post(&format!("/v1/payouts/{id}/cancel"), "");
    assert_eq!(canceled.body["status"], "canceled", "{:?}", canceled.body);
    assert_eq!(
        stage.client.post("/v1/payouts/po_nobody/cancel", "").status,
        404
    );
}

#[test]
fn refunds_pull_transfer_and_fee_back() {
    let stage = Stage::quiet();
    fund(&stage);
    let account = stage.first_account();
    let charge = {
        let mut world = stage.world();
        let own = ChargeParams::new(5_000, "usd");
        world
            .create_direct_charge(&account, &own)
            .expect("money to reverse from");
        let params = ChargeParams::new(10_000, "usd");
        let split = Split::ApplicationFee(1_000);
        world
            .create_destination_charge(&account, &params, split)
            .expect("a charge")
    };
    let form = format!("charge={charge}&reverse_transfer=true&refund_application_fee=true");
    let refund = stage.client.post("/v1/refunds", &form);
    assert_eq!(refund.status, 200, "{:?}", refund.body);
    assert_eq!(refund.body["amount"], 10_000);
    let charge = stage
        .client
        .get(&format!("/v1/charges/{charge}?expand[]=transfer"));
    assert_eq!(charge.body["amount_refunded"], 10_000);
    assert_eq!(charge.body["transfer"]["amount_reversed"], 10_000);
    let fee = stage.client.get("/v1/application_fees?limit=1").ids()[0].to_owned();
    let returned = stage
        .client
        .get(&format!("/v1/application_fees/{fee}/refunds"));
    assert_eq!(returned.body["data"][0]["amount"], 1_000);
}

#[test]
fn transfers_are_made_and_reversed() {
    let stage = Stage::quiet();
    fund(&stage);
    let account = stage.first_account();
    let form = format!("amount=5000&currency=usd&destination={account}&transfer_group=order_1");
    let transfer = stage.client.post("/v1/transfers", &form);
    assert_eq!(transfer.status, 200, "{:?}", transfer.body);
    let id = transfer.body["id"].as_str().expect("an id").to_owned();
    let path = format!("/v1/transfers/{id}/reversals");
    let reversal = stage.client.post(&path, "amount=2000&metadata[why]=risk");
    assert_eq!(reversal.status, 200, "{:?}", reversal.body);
    assert_eq!(reversal.body["transfer"], json!(id));
    let listed = stage.client.get(&path);
    assert_eq!(listed.ids(), [reversal.body["id"].as_str().expect("an id")]);
    assert_eq!(
        stage.client.get(&format!("/v1/transfers/{id}")).body["amount_reversed"],
        2_000
    );

    let params = TransferParams {
        amount: 100,
        currency: "usd".to_owned(),
        destination: account,
        source_transaction: None,
        transfer_group: None,
    };
    let other = stage.world().create_transfer(&params).expect("a transfer");
    let reversal = &listed.ids()[0];
    let elsewhere = stage
        .client
        .get(&format!("/v1/transfers/{other}/reversals/{reversal}"));
    assert_eq!(elsewhere.status, 404);
}

#[test]
fn the_payout_schedule_can_be_set_both_ways() {
    let stage = Stage::quiet();
    let account = stage.first_account();
    let client = stage.client.on(&account);
    let interval =
        |of: &serde_json::Value| of["payments"]["payouts"]["schedule"]["interval"].clone();

    let path = "/v1/balance_settings";
    let held = client.post(path, "payments[payouts][schedule][interval]=manual");
    assert_eq!(interval(&held.body), "manual", "{:?}", held.body);
    assert_eq!(interval(&client.get(path).body), "manual");

    let form = "settings[payouts][schedule][interval]=daily";
    let released = stage.client.post(&format!("/v1/accounts/{account}"), form);
    assert_eq!(
        released.body["settings"]["payouts"]["schedule"]["interval"],
        "daily"
    );
    assert_eq!(interval(&client.get(path).body), "daily");
    assert_eq!(
        client
            .post(path, "payments[payouts][schedule][interval]=hourly")
            .status,
        400
    );
}
