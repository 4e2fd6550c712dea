//! Refunds, and the ones that come back.

use serde_json::Value;

use crate::{
    error::ApiError,
    fields::Fields,
    ledger::{FeeLine, Posting},
    params::RefundParams,
    refs::Owner,
    refund_plan::Plan,
    shapes,
    timers::Transition,
    world::{Answer, World},
};

const RETRIED_AFTER_S: i64 = 6 * 3_600;

/// A refund that waits for funds.
#[derive(Debug)]
pub(crate) struct WaitingRefund {
    /// The fee that comes back with it.
    fees: Vec<FeeLine>,
    /// What the platform has given back of its fee already: the refund of the fee, and minor
    /// units of the currency. The account gets it on its own if this refund never happens.
    owed: Option<(String, i64, String)>,
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
        let fees = self.returned_fees(&owner, &plan);
        self.pay_refund(&owner, &id, fees);
        self.take_along(&owner, &id, &plan);
        self.emit(&owner, &id, "refund.created");
        let shown = self.store.get(&owner, &id).cloned().unwrap_or_default();
        self.change(&owner, &params.charge, "charge.refunded", |charge| {
            let refunded = charge.int("amount_refunded") + plan.amount;
            charge.set("amount_refunded", refunded);
            charge.set("refunded", refunded == charge.int("amount"));
            shapes::prepend(charge, "refunds", shown);
        });
        self.end_request();
        Ok(id)
    }

    /// Reverses the transfer and gives the application fee back, as planned. The fee reaches the
    /// account within its refund, or as a credit where no money of its own is refunded.
    fn take_along(&mut self, owner: &Owner, refund: &str, plan: &Plan) {
        if let Some((transfer, amount)) = &plan.reversal {
            let fee_back = plan.fee.as_ref().map(|fee| fee.amount);
            let reversal = self.pull_back(transfer, *amount, Some(refund), fee_back);
            self.store.edit(owner, refund, |json| {
                json.set("transfer_reversal", reversal)
            });
        }
        let Some(fee) = &plan.fee else { return };
        let returned = self.return_fee(&fee.id, fee.amount);
        if let Some(waiting) = self.waiting_refunds.get_mut(refund) {
            waiting.owed = Some((returned.clone(), fee.amount, fee.currency.clone()));
        }
        if *owner == Owner::Platform && plan.reversal.is_none() {
            self.credit_fee(&fee.account, &returned, fee.amount, &fee.currency);
        }
    }

    /// A direct charge's fee comes back to the account within the refund's own transaction.
    fn returned_fees(&self, owner: &Owner, plan: &Plan) -> Vec<FeeLine> {
        let Some(fee) = plan.fee.as_ref().filter(|_| *owner != Owner::Platform) else {
            return Vec::new();
        };
        let settled = self.market(owner).currency;
        vec![self.application_fee_line(-self.convert(fee.amount, &fee.currency, settled).amount)]
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
            let waiting = WaitingRefund { fees, owed: None };
            self.waiting_refunds.insert(id.to_owned(), waiting);
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
        let Some(waiting) = self.waiting_refunds.remove(id) else {
            return;
        };
        let Some(before) = self.store.get(owner, id).cloned() else {
            return;
        };
        self.pay_refund(owner, id, waiting.fees);
        if let Some(still) = self.waiting_refunds.get_mut(id) {
            still.owed = waiting.owed;
        }
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
        let waiting = self.waiting_refunds.remove(refund);
        if let Some((returned, amount, currency)) = waiting.and_then(|it| it.owed) {
            self.credit_fee(&owner, &returned, amount, &currency);
        }
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
