//! Money that goes back: refunds, reversals, disputes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod disputes;
mod refunds;
#[path = "../scenario/mod.rs"]
mod scenario;

use scenario::{book, object, quiet_world, rows, told, total, world_with};
use tributary_simulator::{
    AccountParams, ChargeParams, DisputeOutcome, DisputeParams, Fields, Owner, RefundParams, Split,
    World,
};

type Row = (&'static str, i64, i64, i64);

fn direct(world: &mut World, account: &str) -> String {
    let params = ChargeParams {
        application_fee_amount: Some(1_000),
        ..ChargeParams::new(10_000, "usd")
    };
    world.create_direct_charge(account, &params).unwrap()
}

fn destination(world: &mut World, account: &str) -> String {
    let params = ChargeParams::new(10_000, "usd");
    world
        .create_destination_charge(account, &params, Split::ApplicationFee(1_000))
        .unwrap()
}

fn dispute(charge: &str, inquiry: bool) -> DisputeParams {
    DisputeParams {
        charge: charge.to_owned(),
        amount: None,
        reason: "fraudulent",
        inquiry,
    }
}
