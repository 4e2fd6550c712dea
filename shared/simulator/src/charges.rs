//! Card payments: direct, destination, and on the platform.

use serde_json::json;

use crate::{
    error::ApiError,
    fields::Fields,
    params::{ChargeParams, Split},
    refs::Owner,
    settlement::Settlement,
    shapes,
    timers::Transition,
    world::{Answer, World},
};

impl World {
    /// A payment on the connected account itself.
    ///
    /// # Errors
    /// 400 on a bad amount; 403 when the account is out of reach.
    pub fn create_direct_charge(&mut self, account: &str, params: &ChargeParams) -> Answer {
        let owner = self.authorise(&Owner::account(account))?;
        let fee = params.application_fee_amount;
        self.create(&owner, params, Settlement::Direct { fee })
    }

    /// A payment on the platform whose money moves on to a connected account.
    ///
    /// # Errors
    /// 400 on a bad amount or split; 403 when an account is out of reach.
    pub fn create_destination_charge(
        &mut self,
        destination: &str,
        params: &ChargeParams,
        split: Split,
    ) -> Answer {
        let account = self.authorise(&Owner::account(destination))?;
        if let Split::ApplicationFee(part) | Split::TransferAmount(part) = split
            && !(0..=params.amount).contains(&part)
        {
            let message = "The part must not exceed the charge's amount.";
            return Err(ApiError::invalid(
                "amount_too_large",
                Some("amount"),
                message,
            ));
        }
        self.create(
            &Owner::Platform,
            params,
            Settlement::Destination { account, split },
        )
    }

    /// A payment on the platform, to be split by separate transfers or kept.
    ///
    /// # Errors
    /// 400 on a bad amount; 403 when `on_behalf_of` is out of reach.
    pub fn create_charge(&mut self, params: &ChargeParams) -> Answer {
        self.create(&Owner::Platform, params, Settlement::Platform)
    }

    /// A payment the bank refuses; answers the failed charge's id.
    ///
    /// # Errors
    /// 403 when the account is out of reach.
    pub fn create_declined_charge(&mut self, owner: &Owner, params: &ChargeParams) -> Answer {
        let owner = self.authorise(owner)?;
        self.begin_request();
        let id = self.keep_charge(&owner, params);
        self.store.edit(&owner, &id, |charge| {
            charge.set("status", "failed");
            charge.set("paid", false);
            charge.set("captured", false);
            charge.set("amount_captured", 0);
            charge.set("failure_code", "card_declined");
            charge.set("failure_message", "Your card was declined.");
        });
        self.emit(&owner, &id, "charge.failed");
        self.end_request();
        Ok(id)
    }

    fn create(&mut self, owner: &Owner, params: &ChargeParams, settlement: Settlement) -> Answer {
        if params.amount <= 0 {
            let message = "This value must be greater than or equal to 1.";
            return Err(ApiError::invalid(
                "parameter_invalid_integer",
                Some("amount"),
                message,
            ));
        }
        if let Some(account) = &params.on_behalf_of {
            self.authorise(&Owner::account(account))?;
        }
        self.begin_request();
        let id = self.keep_charge(owner, params);
        let (account, fee, part) = settlement.shown();
        self.store.edit(owner, &id, |charge| {
            charge.set("application_fee_amount", fee);
            if let Some(account) = account {
                charge.set(
                    "transfer_data",
                    json!({ "amount": part, "destination": account }),
                );
            }
        });
        self.unsettled
            .insert((owner.clone(), id.clone()), settlement);
        match params.settle_after_s {
            None => {
                self.move_money(owner, &id);
                self.emit(owner, &id, "charge.succeeded");
            }
            Some(delay) => {
                self.emit(owner, &id, "charge.succeeded");
                if delay <= 0 {
                    self.settle(owner, &id);
                } else {
                    let (owner, charge) = (owner.clone(), id.clone());
                    self.timers
                        .add(self.now + delay, Transition::Settle { owner, charge });
                }
            }
        }
        self.end_request();
        Ok(id)
    }

    fn keep_charge(&mut self, owner: &Owner, params: &ChargeParams) -> String {
        let id = self.ids.next("ch");
        let mut charge = shapes::charge(&shapes::Charge {
            id: &id,
            amount: params.amount,
            currency: &params.currency,
            customer: params.customer.as_deref(),
            person: self.ids.pick(shapes::PEOPLE),
            created: self.now,
            livemode: self.config.livemode,
        });
        charge.set("on_behalf_of", params.on_behalf_of.as_deref());
        charge.set("transfer_group", params.transfer_group.as_deref());
        if let Some(order) = &params.order_id {
            charge.set("metadata", json!({ "order_id": order }));
        }
        if self.is_legacy(owner) {
            shapes::legacy_charge(&mut charge);
        }
        self.keep(owner, "charge", charge);
        id
    }
}
