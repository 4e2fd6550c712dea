//! What a refund may take and what it takes along, decided before anything moves.

use serde_json::Value;

use crate::{
    error::ApiError, fees::step_share, fields::Fields, params::RefundParams, refs::Owner,
    world::World,
};

/// A refund that is allowed, with everything in proportion.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// Minor units in the charge's currency.
    pub(crate) amount: i64,
    /// Transfer to reverse, with the amount in its currency.
    pub(crate) reversal: Option<(String, i64)>,
    pub(crate) fee: Option<FeeShare>,
}

/// The part of an application fee that is given back.
#[derive(Debug)]
pub(crate) struct FeeShare {
    pub(crate) id: String,
    /// The account that paid it.
    pub(crate) account: Owner,
    /// Minor units in the fee's currency.
    pub(crate) amount: i64,
    pub(crate) currency: String,
}

impl World {
    pub(crate) fn plan_refund(
        &self,
        owner: &Owner,
        params: &RefundParams,
    ) -> Result<Plan, ApiError> {
        let charge = self.expect(owner, "charge", &params.charge)?;
        let (whole, before) = (charge.int("amount"), charge.int("amount_refunded"));
        let amount = params.amount.unwrap_or(whole - before);
        self.check_refundable(owner, charge, amount)?;
        let share =
            |part: i64, left: i64| step_share(part, before, before + amount, whole).min(left);
        let mut plan = Plan {
            amount,
            ..Plan::default()
        };
        if params.refund_application_fee {
            let id = charge.text("application_fee");
            let fee = self.expect(&Owner::Platform, "application_fee", id)?;
            let left = fee.int("amount") - fee.int("amount_refunded");
            let back = FeeShare {
                id: id.to_owned(),
                account: self.authorise(&Owner::account(fee.text("account")))?,
                amount: share(fee.int("amount"), left),
                currency: fee.text("currency").to_owned(),
            };
            plan.fee = Some(back).filter(|fee| fee.amount > 0);
        }
        if params.reverse_transfer {
            let id = charge.text("transfer");
            let transfer = self.expect(&Owner::Platform, "transfer", id)?;
            let left = transfer.int("amount") - transfer.int("amount_reversed");
            let amount = share(transfer.int("amount"), left);
            let fee_back = plan.fee.as_ref().map_or(0, |fee| fee.amount);
            self.check_reversal(id, amount, fee_back)?;
            plan.reversal = Some((id.to_owned(), amount));
        }
        Ok(plan)
    }

    fn check_refundable(&self, owner: &Owner, charge: &Value, amount: i64) -> Result<(), ApiError> {
        let left = charge.int("amount") - charge.int("amount_refunded");
        let key = (owner.clone(), charge.text("id").to_owned());
        let (code, param, message) = if charge.text("status") != "succeeded" {
            (
                "charge_not_refundable",
                "charge",
                "The charge was not paid.",
            )
        } else if charge.text_opt("source_transfer").is_some() {
            let message = "Payments from transfers are given back by a transfer reversal.";
            ("charge_not_refundable", "charge", message)
        } else if self.withdrawn.contains(&key) {
            (
                "charge_disputed",
                "charge",
                "The charge has been charged back.",
            )
        } else if left == 0 {
            (
                "charge_already_refunded",
                "charge",
                "The charge has already been refunded.",
            )
        } else if amount <= 0 || amount > left {
            (
                "amount_too_large",
                "amount",
                "The refund exceeds what is left of the charge.",
            )
        } else {
            return Ok(());
        };
        Err(ApiError::invalid(code, Some(param), message))
    }
}
