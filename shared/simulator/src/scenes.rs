//! One scene of every kind, so that even the smallest world contains them all.

mod flows;

use serde_json::json;

use crate::{
    error::ApiError,
    params::{
        ChargeParams, DisputeOutcome, DisputeParams, PayoutParams, RefundParams, Split,
        TransferParams,
    },
    refs::Owner,
    timers::Transition,
    world::World,
};

const HOUR_S: i64 = 3_600;
const MINUTE_S: i64 = 60;

type Scene = fn(&mut World, &Owner) -> Result<(), ApiError>;

const SCENES: [Scene; 24] = [
    customer_burst,
    customer_gone,
    told_twice,
    unknown_kind,
    test_mode,
    thin_notification,
    destination_refunded,
    two_transfers,
    refund_comes_back,
    dispute_won,
    dispute_lost,
    inquiry,
    payout_comes_back,
    overdrawn,
    fraud_reported,
    platform_cashes_out,
    flows::payout_reversed,
    flows::direct_refunded_with_fee,
    flows::settled_abroad,
    flows::destination_shares,
    flows::dispute_half_won,
    flows::dispute_recovered,
    flows::fee_returned,
    flows::refunded_at_another_rate,
];

impl World {
    /// Plays every scene a minute apart, each with another of the oldest accounts; the last account
    /// leaves the platform, if there are enough of them.
    pub(crate) fn play_scenes(&mut self) {
        const NEEDED_TO_LET_ONE_GO: usize = 4;
        let cast: Vec<Owner> = self.accounts.iter().map(|id| Owner::account(id)).collect();
        for (scene, owner) in SCENES.iter().zip(cast.iter().cycle()) {
            // A scene may be impossible on an account of this kind.
            scene(self, owner).unwrap_or_default();
            self.advance_to(self.now + MINUTE_S);
        }
        if let Some(last) = cast.last().filter(|_| cast.len() >= NEEDED_TO_LET_ONE_GO) {
            let account = last.account_id().unwrap_or_default();
            self.deauthorize_account(account).unwrap_or_default();
        }
    }

    /// A payment for an order of its own.
    fn sale(&self, amount: i64, currency: &str) -> ChargeParams {
        ChargeParams {
            order_id: Some(format!("ord-s{:05}", self.events.len())),
            ..ChargeParams::new(amount, currency)
        }
    }

    fn home_charge(&mut self, owner: &Owner, amount: i64) -> ChargeParams {
        let mut params = self.sale(amount, self.market(owner).currency);
        params.application_fee_amount = Some(amount / 10);
        params
    }
}

fn id(owner: &Owner) -> &str {
    owner.account_id().unwrap_or_default()
}

/// Created and twice updated within one second: the updates chain.
fn customer_burst(world: &mut World, owner: &Owner) -> Result<(), ApiError> {
    let customer = world.create_customer(owner)?;
    for tier in ["silver", "gold"] {
        let change = json!({ "metadata": { "tier": tier } });
        world.update_customer(owner, &customer, &change)?;
    }
    Ok(())
}

/// Updated and deleted within one second.
fn customer_gone(world: &mut World, owner: &Owner) -> Result<(), ApiError> {
    let customer = world.create_customer(owner)?;
    world.advance_to(world.now() + MINUTE_S);
    world.update_customer(owner, &customer, &json!({ "description": "leaving" }))?;
    world.delete_customer(owner, &customer)
}

fn told_twice(world: &mut World, owner: &Owner) -> Result<(), ApiError> {
    let mut params = world.home_charge(owner, 6_100);
    params.settle_after_s = Some(0);
    world.create_direct_charge(id(owner), &params)?;
    world.tell_again();
    Ok(())
}

fn unknown_kind(world: &mut World, owner: &Owner) -> Result<(), ApiError> {
    world.emit_unknown(owner);
    Ok(())
}

fn test_mode(world: &mut World, owner: &Owner) -> Result<(), ApiError> {
    world.emit_test_mode(owner);
    Ok(())
}

fn thin_notification(world: &mut World, owner: &Owner) -> Result<(), ApiError> {
    world.emit_thin_account(id(owner));
    world.update_payout_schedule(owner, "weekly")?;
    world.update_payout_schedule(owner, "daily")
}

fn destination_refunded(world: &mut World, owner: &Owner) -> Result<(), ApiError> {
    let params = ChargeParams {
        settle_after_s: Some(2),
        ..world.sale(10_000, "usd")
    };
    let charge =
        world.create_destination_charge(id(owner), &params, Split::ApplicationFee(1_000))?;
    world.advance_to(world.now() + MINUTE_S);
    world.refund(
        &Owner::Platform,
        &RefundParams {
            amount: Some(4_000),
            reverse_transfer: true,
            refund_application_fee: true,
            ..RefundParams::full(&charge)
        },
    )?;
    Ok(())
}

fn two_transfers(world: &mut World, owner: &Owner) -> Result<(), ApiError> {
    let mut params = world.sale(10_000, "usd");
    params.transfer_group = Some("order_scene".to_owned());
    let charge = world.create_charge(&params)?;
    for amount in [7_000, 2_000] {
        let transfer = world.create_transfer(&TransferParams {
            amount,
            currency: "usd".to_owned(),
            destination: id(owner).to_owned(),
            source_transaction: Some(charge.clone()),
            transfer_group: params.transfer_group.clone(),
        })?;
        if amount == 2_000 {
            world.reverse_transfer(&transfer, Some(500))?;
        }
    }
    Ok(())
}

fn refund_comes_back(world: &mut World, owner: &Owner) -> Result<(), ApiError> {
    let params = world.home_charge(owner, 5_000);
    let charge = world.create_direct_charge(id(owner), &params)?;
    let refund = world.refund(
        owner,
        &RefundParams {
            amount: Some(1_500),
            ..RefundParams::full(&charge)
        },
    )?;
    let at = world.now() + HOUR_S;
    world.timers.add(
        at,
        Transition::FailRefund {
            owner: owner.clone(),
            refund,
        },
    );
    Ok(())
}

fn disputed(
    world: &mut World,
    owner: &Owner,
    inquiry: bool,
    outcome: DisputeOutcome,
) -> Result<(), ApiError> {
    let params = world.home_charge(owner, 8_000);
    let charge = world.create_direct_charge(id(owner), &params)?;
    world.advance_to(world.now() + MINUTE_S);
    let params = DisputeParams {
        charge,
        amount: None,
        reason: "fraudulent",
        inquiry,
    };
    let dispute = world.open_dispute(owner, &params)?;
    let (start, owner) = (world.now(), owner.clone());
    let contest = Transition::ContestDispute {
        owner: owner.clone(),
        dispute: dispute.clone(),
    };
    world.timers.add(start + HOUR_S, contest);
    world.timers.add(
        start + 2 * HOUR_S,
        Transition::CloseDispute {
            owner,
            dispute,
            outcome,
        },
    );
    Ok(())
}

fn dispute_won(world: &mut World, owner: &Owner) -> Result<(), ApiError> {
    disputed(world, owner, false, DisputeOutcome::Won)
}

fn dispute_lost(world: &mut World, owner: &Owner) -> Result<(), ApiError> {
    disputed(world, owner, false, DisputeOutcome::Lost)
}

fn inquiry(world: &mut World, owner: &Owner) -> Result<(), ApiError> {
    disputed(world, owner, true, DisputeOutcome::Won)
}

/// An instant payout that the bank returns after it was paid, and one that is canceled.
fn payout_comes_back(world: &mut World, owner: &Owner) -> Result<(), ApiError> {
    world.create_topup(500_000, "usd")?;
    let transfer = TransferParams {
        amount: 20_000,
        currency: "usd".to_owned(),
        destination: id(owner).to_owned(),
        source_transaction: None,
        transfer_group: None,
    };
    world.create_transfer(&transfer)?;
    let currency = world.market(owner).currency.to_owned();
    let params = PayoutParams::instant(5_000, &currency);
    let returned = world.create_payout(owner, &params)?;
    let canceled = world.create_payout(
        owner,
        &PayoutParams {
            instant: false,
            ..params
        },
    )?;
    world.cancel_payout(owner, &canceled)?;
    let (at, owner) = (world.now() + HOUR_S, owner.clone());
    let code = "account_closed";
    world.timers.add(
        at,
        Transition::FailPayout {
            owner,
            payout: returned,
            code,
        },
    );
    Ok(())
}

/// A refund of everything while Stripe keeps its fee: unless the account has other money, the
/// platform reserves the difference.
fn overdrawn(world: &mut World, owner: &Owner) -> Result<(), ApiError> {
    let params = world.home_charge(owner, 3_000);
    let charge = world.create_direct_charge(id(owner), &params)?;
    world.refund(owner, &RefundParams::full(&charge))?;
    Ok(())
}

fn fraud_reported(world: &mut World, owner: &Owner) -> Result<(), ApiError> {
    let params = world.home_charge(owner, 9_900);
    let charge = world.create_direct_charge(id(owner), &params)?;
    world.warn_of_fraud(owner, &charge)?;
    Ok(())
}

fn platform_cashes_out(world: &mut World, _: &Owner) -> Result<(), ApiError> {
    let params = PayoutParams::standard(25_000, "usd");
    world.create_topup(100_000, "usd")?;
    world.create_payout(&Owner::Platform, &params)?;
    Ok(())
}
