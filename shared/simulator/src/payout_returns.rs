//! Payouts that come back: failed, reversed, canceled.

use std::collections::BTreeSet;

use crate::{
    error::ApiError,
    fields::Fields,
    ledger::Posting,
    params::PayoutParams,
    refs::Owner,
    world::{Answer, World},
};

/// How long after its arrival a payout can be reversed, and in which countries.
const REVERSIBLE_FOR_S: i64 = 90 * 86_400;
const REVERSIBLE_IN: [&str; 2] = ["US", "CA"];

impl World {
    /// The bank sends the payout back, also after it was paid: the money returns and the bank
    /// account is disabled for a while.
    ///
    /// # Errors
    /// 404 when there is no such payout; 400 when it failed or was canceled before; 403 when the
    /// account is out of reach.
    pub fn fail_payout(
        &mut self,
        owner: &Owner,
        payout: &str,
        failure_code: &str,
    ) -> Result<(), ApiError> {
        let owner = self.payout_in(owner, payout, &["pending", "in_transit", "paid"])?;
        let transaction = self.return_payout(&owner, payout, "payout_failure");
        self.store.edit(&owner, payout, |json| {
            json.set("status", "failed");
            json.set("failure_balance_transaction", transaction);
            json.set("failure_code", failure_code);
            json.set("failure_message", "The bank returned the payout.");
        });
        self.emit(&owner, payout, "payout.failed");
        self.disable_bank(&owner);
        self.settle_reserves();
        Ok(())
    }

    /// The bank sends back the automatic payout that pays most movements out, among those that
    /// arrived and in which nothing was put wrong. Says which one that is, if there is one.
    pub fn fail_largest_payout(&mut self, failure_code: &str) -> Option<(Owner, String)> {
        let flaws = self.injected().iter().flat_map(|flaw| &flaw.subjects);
        let flawed: BTreeSet<&String> = flaws.collect();
        let arrived = self.objects().filter(|(it, json)| {
            it.kind == "payout"
                && json.text("status") == "paid"
                && json.flag("automatic")
                && !flawed.contains(&it.id)
                && self.authorise(&it.owner).is_ok()
        });
        let movements = |owner: &Owner, id: &str| {
            let paid_out = self.payout_transactions(owner, id);
            paid_out.map(|movements| movements.len())
        };
        let largest = arrived.max_by_key(|(it, _)| (movements(&it.owner, &it.id), it.id.clone()));
        let (owner, id) = largest.map(|(it, _)| (it.owner.clone(), it.id.clone()))?;
        self.fail_payout(&owner, &id, failure_code).ok()?;
        Some((owner, id))
    }

    /// Takes a payout that arrived back from the bank: a payout of its own, with a negative amount.
    ///
    /// # Errors
    /// 404 when there is no such payout; 400 when it cannot be reversed; 403 when the account is out
    /// of reach.
    pub fn reverse_payout(&mut self, owner: &Owner, payout: &str) -> Answer {
        let owner = self.payout_in(owner, payout, &["paid"])?;
        let json = self.expect(&owner, "payout", payout)?;
        let arrived = self.now.saturating_sub(json.int("arrival_date"));
        let sent = self.transaction(&owner, json.text("balance_transaction"));
        let same = sent.is_some_and(|sent| sent.text("currency") == json.text("currency"));
        let reversible = json.text("method") == "standard"
            && json.int("amount") > 0
            && same
            && json.text_opt("reversed_by").is_none()
            && arrived < REVERSIBLE_FOR_S
            && REVERSIBLE_IN.contains(&self.market(&owner).country);
        if !reversible {
            let message = "The payout cannot be reversed.";
            return Err(ApiError::invalid("payout_not_reversible", None, message));
        }
        let params = PayoutParams::standard(-json.int("amount"), json.text("currency"));
        self.begin_request();
        let id = self.make_payout(&owner, &params, 0, None);
        self.store
            .edit(&owner, &id, |json| json.set("original_payout", payout));
        self.change(&owner, payout, "payout.updated", |json| {
            json.set("reversed_by", id.as_str());
        });
        self.emit(&owner, &id, "payout.created");
        self.end_request();
        Ok(id)
    }

    /// Takes back a payout that has not left yet.
    ///
    /// # Errors
    /// 404 when there is no such payout; 400 when it is not `pending`; 403 when the account is out
    /// of reach.
    pub fn cancel_payout(&mut self, owner: &Owner, payout: &str) -> Result<(), ApiError> {
        let owner = self.payout_in(owner, payout, &["pending"])?;
        self.begin_request();
        let transaction = self.return_payout(&owner, payout, "payout_cancel");
        self.store.edit(&owner, payout, |json| {
            json.set("status", "canceled");
            json.set("failure_balance_transaction", transaction);
        });
        self.emit(&owner, payout, "payout.canceled");
        self.end_request();
        Ok(())
    }

    pub(crate) fn payout_in(
        &self,
        owner: &Owner,
        payout: &str,
        states: &[&str],
    ) -> Result<Owner, ApiError> {
        let owner = self.authorise(owner)?;
        let status = self.expect(&owner, "payout", payout)?.text("status");
        if states.contains(&status) {
            return Ok(owner);
        }
        let message = format!("The payout is {status}.");
        Err(ApiError::invalid("payout_not_changeable", None, &message))
    }

    fn return_payout(&mut self, owner: &Owner, payout: &str, kind: &'static str) -> String {
        let Some(json) = self.store.get(owner, payout) else {
            return String::new();
        };
        let Some(sent) = self.transaction(owner, json.text("balance_transaction")) else {
            return String::new();
        };
        // What comes back is what left the balance, in its currency; an instant payout's fee stays.
        let (amount, currency) = (-sent.int("amount"), sent.text("currency").to_owned());
        self.post(
            owner,
            Posting::new(kind, "payout_reversal", amount, &currency, payout),
        )
    }
}
