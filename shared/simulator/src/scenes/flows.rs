//! The ways of money that chance alone would leave to the larger worlds.

use super::{HOUR_S, MINUTE_S, id};
use crate::{
    error::ApiError,
    fields::Fields,
    params::TransferParams,
    params::{DisputeOutcome, DisputeParams, PayoutParams, RefundParams, Split},
    refs::Owner,
    timers::Transition,
    world::World,
};

/// A direct charge whose refund gives the application fee back.
pub(super) fn direct_refunded_with_fee(world: &mut World, owner: &Owner) -> Result<(), ApiError> {
    let params = world.home_charge(owner, 10_000);
    let charge = world.create_direct_charge(id(owner), &params)?;
    world.refund(
        owner,
        &RefundParams {
            amount: Some(2_500),
            refund_application_fee: true,
            ..RefundParams::full(&charge)
        },
    )?;
    Ok(())
}

/// Refunds of a destination charge: one that only the platform pays and that comes back, and two that each take back
/// their share of `transfer_data[amount]`.
pub(super) fn destination_shares(world: &mut World, owner: &Owner) -> Result<(), ApiError> {
    let params = world.sale(10_000, "usd");
    let kept = world.create_destination_charge(id(owner), &params, Split::ApplicationFee(1_000))?;
    let refund = world.refund(&Owner::Platform, &RefundParams::full(&kept))?;
    let (at, platform) = (world.now() + HOUR_S, Owner::Platform);
    let comes_back = Transition::FailRefund {
        owner: platform,
        refund,
    };
    world.timers.add(at, comes_back);
    let params = world.sale(1_000, "usd");
    let shared = world.create_destination_charge(id(owner), &params, Split::TransferAmount(800))?;
    for amount in [400, 600] {
        world.refund(
            &Owner::Platform,
            &RefundParams {
                amount: Some(amount),
                reverse_transfer: true,
                ..RefundParams::full(&shared)
            },
        )?;
    }
    Ok(())
}

/// A destination charge that settles as the account does, and one in the account's currency, whose
/// fee leaves the platform with a balance it has no bank account for.
pub(super) fn settled_abroad(world: &mut World, owner: &Owner) -> Result<(), ApiError> {
    let mut params = world.sale(9_000, world.market(owner).currency);
    world.create_destination_charge(id(owner), &params, Split::ApplicationFee(900))?;
    params.on_behalf_of = Some(id(owner).to_owned());
    world.create_destination_charge(id(owner), &params, Split::ApplicationFee(900))?;
    Ok(())
}

/// A payment in a foreign currency that is refunded on another day, at another rate.
pub(super) fn refunded_at_another_rate(world: &mut World, owner: &Owner) -> Result<(), ApiError> {
    let params = world.sale(50_000, "chf");
    let charge = world.create_direct_charge(id(owner), &params)?;
    let (at, owner) = (world.now() + 20 * HOUR_S, owner.clone());
    world.timers.add(at, Transition::Refund { owner, charge });
    Ok(())
}

/// A dispute that is lost in part.
pub(super) fn dispute_half_won(world: &mut World, owner: &Owner) -> Result<(), ApiError> {
    super::disputed(world, owner, false, DisputeOutcome::Partial(4_000))
}

/// The platform loses a dispute over money that it has passed on, and takes it back.
pub(super) fn dispute_recovered(world: &mut World, owner: &Owner) -> Result<(), ApiError> {
    let params = world.sale(12_000, "usd");
    let charge = world.create_destination_charge(id(owner), &params, Split::Whole)?;
    world.advance_to(world.now() + MINUTE_S);
    let transfer = world.expect(&Owner::Platform, "charge", &charge)?;
    let transfer = transfer.text("transfer").to_owned();
    let params = DisputeParams {
        charge,
        amount: None,
        reason: "product_not_received",
        inquiry: false,
    };
    let dispute = world.open_dispute(&Owner::Platform, &params)?;
    world.close_dispute(&Owner::Platform, &dispute, DisputeOutcome::Lost)?;
    world.reverse_transfer(&transfer, None)?;
    Ok(())
}

/// The platform returns its fee and nothing else.
pub(super) fn fee_returned(world: &mut World, owner: &Owner) -> Result<(), ApiError> {
    let params = world.home_charge(owner, 7_000);
    let charge = world.create_direct_charge(id(owner), &params)?;
    let charge = world.expect(owner, "charge", &charge)?;
    let fee = charge.text("application_fee").to_owned();
    world.refund_application_fee(&fee, Some(300))?;
    Ok(())
}

/// A payout that the platform takes back from the bank after it arrived.
pub(super) fn payout_reversed(world: &mut World, owner: &Owner) -> Result<(), ApiError> {
    world.create_topup(100_000, "usd")?;
    world.create_transfer(&TransferParams {
        amount: 20_000,
        currency: "usd".to_owned(),
        destination: id(owner).to_owned(),
        source_transaction: None,
        transfer_group: None,
    })?;
    let params = PayoutParams::standard(6_000, world.market(owner).currency);
    let payout = world.create_payout(owner, &params)?;
    let arrival = world.expect(owner, "payout", &payout)?.int("arrival_date");
    let owner = owner.clone();
    let at = arrival + MINUTE_S;
    world
        .timers
        .add(at, Transition::ReversePayout { owner, payout });
    Ok(())
}
