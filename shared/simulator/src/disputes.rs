//! Disputes: money withdrawn, contested, and sometimes reinstated.

use serde_json::Value;

use crate::{
    error::ApiError,
    fees::Market,
    fields::Fields,
    ledger::{FeeLine, Posting},
    params::{DisputeOutcome, DisputeParams},
    refs::Owner,
    shapes,
    world::{Answer, World},
};

impl World {
    /// A cardholder disputes a charge. An inquiry moves no money.
    ///
    /// # Errors
    /// 404 when there is no such charge; 400 when it cannot be disputed; 403 when the account is
    /// out of reach.
    pub fn open_dispute(&mut self, owner: &Owner, params: &DisputeParams) -> Answer {
        let owner = self.authorise(owner)?;
        self.expect(&owner, "charge", &params.charge)?;
        self.settle(&owner, &params.charge);
        let charge = self.expect(&owner, "charge", &params.charge)?;
        let amount = params.amount.unwrap_or(charge.int("amount"));
        let open = charge.text("status") == "succeeded" && !charge.flag("disputed");
        if !open || amount <= 0 || amount > charge.int("amount") {
            let message = "The charge cannot be disputed so.";
            return Err(ApiError::invalid(
                "charge_disputed",
                Some("charge"),
                message,
            ));
        }
        let charge = charge.clone();
        let id = self.ids.next("dp");
        let dispute = shapes::dispute(
            &id,
            &charge,
            amount,
            params.reason,
            params.inquiry,
            self.now,
        );
        self.keep(&owner, "dispute", dispute);
        if params.inquiry {
            self.emit(&owner, &id, "charge.dispute.created");
        } else {
            self.withdrawn
                .insert((owner.clone(), params.charge.clone()));
            self.withdraw(&owner, &id);
        }
        self.change(&owner, &params.charge, "charge.updated", |json| {
            json.set("disputed", true)
        });
        self.settle_reserves();
        Ok(id)
    }

    /// Withdraws the money. Stripe promises no order between its two events: the withdrawal may be
    /// told first, and the creation may still show the dispute without it.
    fn withdraw(&mut self, owner: &Owner, dispute: &str) {
        const CREATED: &str = "charge.dispute.created";
        const WITHDRAWN: &str = "charge.dispute.funds_withdrawn";
        let order = self.ids.pick(8);
        if order == 0 {
            self.emit(owner, dispute, CREATED);
        }
        self.post_withdrawal(owner, dispute);
        match order {
            0 => self.emit(owner, dispute, WITHDRAWN),
            1 => {
                self.emit(owner, dispute, WITHDRAWN);
                self.emit(owner, dispute, CREATED);
            }
            _ => {
                self.emit(owner, dispute, CREATED);
                self.emit(owner, dispute, WITHDRAWN);
            }
        }
    }

    fn post_withdrawal(&mut self, owner: &Owner, dispute: &str) {
        let Some(json) = self.store.get(owner, dispute) else {
            return;
        };
        let (amount, currency) = (json.int("amount"), json.text("currency").to_owned());
        let settled = self.settled_in(owner, json.text("charge"));
        let gross = self.convert(amount, &currency, &settled);
        let mut fees = Vec::new();
        let fee = Market::of_currency(&settled).dispute_fee;
        self.charge_stripe_fee(owner, &settled, fee, dispute, &mut fees);
        self.post_dispute(
            owner,
            dispute,
            Posting {
                fees,
                exchange_rate: gross.rate,
                ..Posting::new("adjustment", "dispute", -gross.amount, &settled, dispute)
            },
        );
    }

    /// Posts and shows the transaction within the dispute.
    fn post_dispute(&mut self, owner: &Owner, dispute: &str, posting: Posting) {
        let id = self.post(owner, posting);
        let Some(transaction) = self.transaction(owner, &id).cloned() else {
            return;
        };
        self.store.edit(owner, dispute, |json| {
            if let Some(list) = json
                .get_mut("balance_transactions")
                .and_then(Value::as_array_mut)
            {
                list.push(transaction);
            }
        });
    }

    /// The account sends its evidence.
    pub(crate) fn contest(&mut self, owner: &Owner, dispute: &str) {
        self.change(owner, dispute, "charge.dispute.updated", |json| {
            let next = match json.text("status") {
                "needs_response" => "under_review",
                "warning_needs_response" => "warning_under_review",
                _ => return,
            };
            json.set("status", next);
            if let Some(details) = json.get_mut("evidence_details") {
                details.set("has_evidence", true);
                details.set("submission_count", 1);
            }
        });
    }

    /// The bank decides. An inquiry just closes, whatever the outcome.
    ///
    /// # Errors
    /// 404 when there is no such dispute; 400 when it is closed already; 403 when the account is
    /// out of reach.
    pub fn close_dispute(
        &mut self,
        owner: &Owner,
        dispute: &str,
        outcome: DisputeOutcome,
    ) -> Result<(), ApiError> {
        let owner = self.authorise(owner)?;
        let json = self.expect(&owner, "dispute", dispute)?;
        let inquiry = json.text("status").starts_with("warning_");
        if ["won", "lost", "warning_closed"].contains(&json.text("status")) {
            return Err(ApiError::invalid(
                "dispute_closed",
                None,
                "The dispute is closed.",
            ));
        }
        let amount = json.int("amount");
        let (status, back) = match outcome {
            _ if inquiry => ("warning_closed", 0),
            DisputeOutcome::Won => ("won", amount),
            DisputeOutcome::Partial(back) => ("won", back.clamp(0, amount)),
            DisputeOutcome::Lost => ("lost", 0),
        };
        self.store
            .edit(&owner, dispute, |json| json.set("status", status));
        // The decision may be told before the money is back, or after.
        let told_first = self.ids.pick(4) == 0 || back == 0;
        if told_first {
            self.emit(&owner, dispute, "charge.dispute.closed");
        }
        if back > 0 {
            self.reinstate(&owner, dispute, back);
            self.emit(&owner, dispute, "charge.dispute.funds_reinstated");
        }
        if !told_first {
            self.emit(&owner, dispute, "charge.dispute.closed");
        }
        self.settle_reserves();
        Ok(())
    }

    /// Accounts of the old API version get the fee back with the money; newer ones do not.
    fn reinstate(&mut self, owner: &Owner, dispute: &str, amount: i64) {
        let Some(json) = self.store.get(owner, dispute) else {
            return;
        };
        let currency = json.text("currency").to_owned();
        let settled = self.settled_in(owner, json.text("charge"));
        let gross = self.convert(amount, &currency, &settled);
        let withdrawn = json
            .get("balance_transactions")
            .and_then(|list| list.get(0));
        let fee = withdrawn.map_or(0, |transaction| transaction.int("fee"));
        let returned = FeeLine {
            kind: "stripe_fee",
            amount: -fee,
            application: None,
        };
        let fees = Some(returned).filter(|_| fee > 0 && self.is_legacy(owner));
        self.post_dispute(
            owner,
            dispute,
            Posting {
                fees: fees.into_iter().collect(),
                exchange_rate: gross.rate,
                ..Posting::new(
                    "adjustment",
                    "dispute_reversal",
                    gross.amount,
                    &settled,
                    dispute,
                )
            },
        );
    }
}
