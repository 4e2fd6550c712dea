//! Refunds, and the ones that come back.

use serde_json::Value;

use crate::{
    application_fees::prepend,
    error::ApiError,
    fees::step_share,
    fields::Fields,
    ledger::{FeeLine, Posting},
    params::RefundParams,
    refs::Owner,
    shapes,
    timers::Transition,
    world::{Answer, World},
};

const RETRIED_AFTER_S: i64 = 6 * 3_600;

/// What a refund takes along, in proportion.
#[derive(Debug, Default)]
struct Plan {
    amount: i64,
    /// Transfer to reverse, with the amount in its currency.
    reversal: Option<(String, i64)>,
    /// Application fee to give back, with the amount in its currency.
    fee: Option<(String, i64)>,
}

impl World {
    /// Refunds a charge. An account that is short of money and answers for its own losses refunds
    /// later: the refund stays `pending` until the money is there.
    ///
    /// # Errors
    /// 404 when there is no such charge; 400 when it cannot be refunded so; 403 when an account is
    /// out of reach.
    pub fn refund(&mut self, owner: &Owner, params: &RefundParams) -> Answer {
        let owner = self.authorise(owner)?;
        self.expect(&owner, "charge", &params.charge)?;
        self.settle(&owner, &params.charge);
        let plan = self.plan_refund(&owner, params)?;
        self.begin_request();
        let id = self.ids.next("re");
        let charge = self.expect(&owner, "charge", &params.charge)?;
        let currency = charge.text("currency").to_owned();
        let mut refund = shapes::refund(&id, &params.charge, plan.amount, &currency, self.now);
        refund.set("payment_intent", charge.text_opt("payment_intent"));
        refund.set("reason", params.reason.as_deref());
        self.keep(&owner, "refund", refund);
        let fees = self.returned_fees(&owner, &plan, &currency);
        self.pay_refund(&owner, &id, fees);
        let fee_back = plan.fee.as_ref().map(|(_, amount)| *amount);
        if let Some((transfer, amount)) = &plan.reversal {
            let reversal = self.pull_back(transfer, *amount, Some(&id), fee_back);
            self.store.edit(&owner, &id, |refund| {
                refund.set("transfer_reversal", reversal)
            });
        }
        if let Some((fee, amount)) = &plan.fee {
            self.return_fee(fee, *amount);
        }
        self.emit(&owner, &id, "refund.created");
        let shown = self.store.get(&owner, &id).cloned().unwrap_or_default();
        self.change(&owner, &params.charge, "charge.refunded", |charge| {
            let refunded = charge.int("amount_refunded") + plan.amount;
            charge.set("amount_refunded", refunded);
            charge.set("refunded", refunded == charge.int("amount"));
            prepend(charge, "refunds", shown);
        });
        self.end_request();
        Ok(id)
    }

    fn plan_refund(&self, owner: &Owner, params: &RefundParams) -> Result<Plan, ApiError> {
        let charge = self.expect(owner, "charge", &params.charge)?;
        let (whole, before) = (charge.int("amount"), charge.int("amount_refunded"));
        let amount = params.amount.unwrap_or(whole - before);
        if charge.text("status") != "succeeded" {
            return Err(ApiError::invalid(
                "charge_not_refundable",
                Some("charge"),
                "Not paid.",
            ));
        }
        if charge.text_opt("source_transfer").is_some() {
            let message = "Payments from transfers are given back by a transfer reversal.";
            return Err(ApiError::invalid(
                "charge_not_refundable",
                Some("charge"),
                message,
            ));
        }
        if amount <= 0 || amount > whole - before {
            let (code, message) = if before == whole {
                (
                    "charge_already_refunded",
                    "The charge has already been refunded.",
                )
            } else {
                (
                    "amount_too_large",
                    "The refund exceeds what is left of the charge.",
                )
            };
            return Err(ApiError::invalid(code, Some("amount"), message));
        }
        let mut plan = Plan {
            amount,
            ..Plan::default()
        };
        let step = |part: i64| step_share(part, before, before + amount, whole);
        if params.refund_application_fee {
            let fee = charge.text("application_fee");
            let json = self.expect(&Owner::Platform, "application_fee", fee)?;
            let left = json.int("amount") - json.int("amount_refunded");
            let share = step(json.int("amount")).min(left);
            plan.fee = (share > 0).then(|| (fee.to_owned(), share));
        }
        if params.reverse_transfer {
            let transfer = charge.text("transfer");
            let json = self.expect(&Owner::Platform, "transfer", transfer)?;
            let left = json.int("amount") - json.int("amount_reversed");
            let share = step(json.int("amount")).min(left);
            let fee_back = plan.fee.as_ref().map_or(0, |(_, amount)| *amount);
            self.check_reversal(transfer, share, fee_back)?;
            plan.reversal = Some((transfer.to_owned(), share));
        }
        Ok(plan)
    }

    /// A direct charge's fee comes back to the account within the refund's own transaction.
    fn returned_fees(&self, owner: &Owner, plan: &Plan, currency: &str) -> Vec<FeeLine> {
        let Some((_, amount)) = plan.fee.as_ref().filter(|_| *owner != Owner::Platform) else {
            return Vec::new();
        };
        let settled = self.market(owner).currency;
        vec![self.application_fee_line(-self.convert(*amount, currency, settled).amount)]
    }

    /// Posts the refund if the owner can pay for it, else leaves it pending.
    fn pay_refund(&mut self, owner: &Owner, id: &str, fees: Vec<FeeLine>) {
        let Some(refund) = self.store.get(owner, id) else {
            return;
        };
        let currency = refund.text("currency").to_owned();
        let settled = self.settled_in(owner, refund.text("charge"));
        let gross = self.convert(refund.int("amount"), &currency, &settled);
        if !self.can_owe(owner) && self.money(owner, &settled).total() < gross.amount {
            self.waiting_refunds.insert(id.to_owned(), fees);
            self.store
                .edit(owner, id, |refund| refund.set("status", "pending"));
            let (owner, refund) = (owner.clone(), id.to_owned());
            self.timers.add(
                self.now + RETRIED_AFTER_S,
                Transition::RetryRefund { owner, refund },
            );
            return;
        }
        let transaction = self.post(
            owner,
            Posting {
                fees,
                exchange_rate: gross.rate,
                ..Posting::new("refund", "refund", -gross.amount, &settled, id)
            },
        );
        self.store.edit(owner, id, |refund| {
            refund.set("status", "succeeded");
            refund.set("balance_transaction", transaction);
        });
    }

    /// Whether the owner's balance may go below zero: the platform answers for the account, or is
    /// the owner and its bank account answers.
    pub(crate) fn can_owe(&self, owner: &Owner) -> bool {
        *owner == Owner::Platform
            || self
                .profiles
                .get(owner)
                .is_some_and(|profile| profile.platform_covers_losses)
    }

    pub(crate) fn retry_refund(&mut self, owner: &Owner, id: &str) {
        let Some(fees) = self.waiting_refunds.remove(id) else {
            return;
        };
        let Some(before) = self.store.get(owner, id).cloned() else {
            return;
        };
        self.pay_refund(owner, id, fees);
        self.emit_change(owner, id, "refund.updated", &before);
        self.show_refund(owner, id, 0);
    }

    /// The bank sends the refund back, also after it succeeded: the money returns to the owner of
    /// the charge, and only to it.
    ///
    /// # Errors
    /// 404 when there is no such refund; 400 when it failed before; 403 when the account is out of
    /// reach.
    pub fn fail_refund(
        &mut self,
        owner: &Owner,
        refund: &str,
        reason: &str,
    ) -> Result<(), ApiError> {
        let owner = self.authorise(owner)?;
        let json = self.expect(&owner, "refund", refund)?;
        if !["succeeded", "pending"].contains(&json.text("status"))
            || json.text_opt("source_transfer_reversal").is_some()
        {
            return Err(ApiError::invalid(
                "refund_not_failable",
                None,
                "The refund is final.",
            ));
        }
        let before = json.clone();
        self.waiting_refunds.remove(refund);
        let paid = self.transaction(&owner, before.text("balance_transaction"));
        let back = paid.map(|it| (-it.int("amount"), it.text("currency").to_owned()));
        let returned = back.map(|(amount, currency)| {
            let kind = "refund_failure";
            self.post(&owner, Posting::new(kind, kind, amount, &currency, refund))
        });
        self.store.edit(&owner, refund, |json| {
            json.set("status", "failed");
            json.set("failure_reason", reason);
            json.set("failure_balance_transaction", returned);
        });
        self.emit_change(&owner, refund, "refund.updated", &before);
        self.emit(&owner, refund, "refund.failed");
        self.show_refund(&owner, refund, before.int("amount"));
        self.settle_reserves();
        Ok(())
    }

    /// Brings the charge up to date with a changed refund, of which `undone` came back.
    fn show_refund(&mut self, owner: &Owner, refund: &str, undone: i64) {
        let Some(json) = self.store.get(owner, refund).cloned() else {
            return;
        };
        let charge = json.text("charge").to_owned();
        self.change(owner, &charge, "charge.updated", |charge| {
            let refunded = charge.int("amount_refunded") - undone;
            charge.set("amount_refunded", refunded);
            charge.set("refunded", refunded == charge.int("amount"));
            let list = charge
                .get_mut("refunds")
                .and_then(|list| list.get_mut("data"));
            for shown in list.and_then(Value::as_array_mut).into_iter().flatten() {
                if shown.text("id") == refund {
                    *shown = json.clone();
                }
            }
        });
    }

    /// The currency a charge was settled in.
    pub(crate) fn settled_in(&self, owner: &Owner, charge: &str) -> String {
        self.store
            .get(owner, charge)
            .and_then(|json| self.transaction(owner, json.text("balance_transaction")))
            .map_or(self.market(owner).currency, |transaction| {
                transaction.text("currency")
            })
            .to_owned()
    }
}
