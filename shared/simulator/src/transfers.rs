//! Transfers to connected accounts and their reversals.

use serde_json::json;

use crate::{
    error::ApiError,
    fields::Fields,
    flaws::Flaw,
    ledger::Posting,
    params::TransferParams,
    refs::Owner,
    shapes,
    world::{Answer, World},
};

/// Smaller transfers cannot arrive with less.
const LEAST_SPOILED: i64 = 1_000;

/// The ids a transfer made.
pub(crate) struct Moved {
    pub(crate) transfer: String,
    pub(crate) fee: Option<String>,
}

impl World {
    /// Moves money from the platform's balance to a connected account.
    ///
    /// # Errors
    /// 400 when the balance is short; 403 when the account is out of reach; 404 when the source
    /// charge does not exist.
    pub fn create_transfer(&mut self, params: &TransferParams) -> Answer {
        self.authorise(&Owner::account(&params.destination))?;
        if let Some(charge) = &params.source_transaction {
            self.expect(&Owner::Platform, "charge", charge)?;
            self.settle(&Owner::Platform, charge);
        }
        let money = self.money(&Owner::Platform, &params.currency).total();
        if params.amount <= 0 || params.amount > money {
            return Err(insufficient());
        }
        self.begin_request();
        let moved = self.move_transfer(params, None);
        self.end_request();
        Ok(moved.transfer)
    }

    /// Posts both sides of a transfer; `fee` (in the account's currency) stays with the platform.
    pub(crate) fn move_transfer(&mut self, params: &TransferParams, fee: Option<i64>) -> Moved {
        let account = Owner::account(&params.destination);
        let id = self.ids.next("tr");
        let payment = self.ids.next("py");
        let sent = Posting::new(
            "transfer",
            "transfer",
            -params.amount,
            &params.currency,
            &id,
        );
        let transaction = self.post(&Owner::Platform, sent);
        let mut transfer = shapes::transfer(&id, params, self.now);
        transfer.set("balance_transaction", transaction.as_str());
        transfer.set("destination_payment", payment.as_str());
        self.keep(&Owner::Platform, "transfer", transfer);
        self.emit(&Owner::Platform, &id, "transfer.created");
        if fee.is_none() && self.goes_wrong(Flaw::OrphanTransfer) {
            let subjects = [id.as_str(), &transaction];
            let money = (params.amount, params.currency.as_str());
            self.note_flaw(Flaw::OrphanTransfer, &Owner::Platform, &subjects, money);
            self.flaws.concerned.insert(account);
            return Moved {
                transfer: id,
                fee: None,
            };
        }
        let fee = self.receive_payment(&account, &payment, &id, params, fee);
        Moved { transfer: id, fee }
    }

    fn receive_payment(
        &mut self,
        account: &Owner,
        payment: &str,
        transfer: &str,
        params: &TransferParams,
        fee: Option<i64>,
    ) -> Option<String> {
        let settled = self.market(account).currency;
        let mut gross = self.convert(params.amount, &params.currency, settled);
        let drift = if params.currency == settled && params.amount > LEAST_SPOILED {
            self.drift(Flaw::TransferAmount)
        } else {
            None
        };
        gross.amount -= drift.unwrap_or_default();
        let charged = fee.map(|amount| self.application_fee_line(amount));
        let source = params.source_transaction.as_deref();
        let funded_on = source
            .and_then(|charge| self.store.get(&Owner::Platform, charge))
            .and_then(|json| self.transaction(&Owner::Platform, json.text("balance_transaction")))
            .map_or(0, |transaction| transaction.int("available_on"));
        let transaction = self.post(
            account,
            Posting {
                fees: charged.into_iter().collect(),
                available_on: funded_on,
                exchange_rate: gross.rate,
                ..Posting::new("payment", "charge", gross.amount, settled, payment)
            },
        );
        if let Some(drift) = drift {
            let subjects = [transfer, payment, &transaction];
            let money = (drift, settled);
            self.note_flaw(Flaw::TransferAmount, &Owner::Platform, &subjects, money);
            self.flaws.concerned.insert(account.clone());
        }
        let mut json = shapes::charge(&shapes::Charge {
            id: payment,
            amount: params.amount,
            currency: &params.currency,
            customer: None,
            person: 0,
            created: self.now,
            livemode: self.config.livemode,
        });
        json.set("balance_transaction", transaction);
        json.set(
            "billing_details",
            json!({ "address": null, "email": null, "name": null }),
        );
        json.set(
            "payment_method_details",
            json!({ "stripe_account": {}, "type": "stripe_account" }),
        );
        json.set("receipt_email", serde_json::Value::Null);
        json.set("source_transfer", transfer);
        if self.is_legacy(account) {
            shapes::legacy_charge(&mut json);
        }
        self.keep(account, "charge", json);
        let fee = fee.map(|amount| {
            self.earn_destination_fee(&params.destination, payment, source, amount, settled)
        });
        if let Some(fee) = &fee {
            self.show_fee(account, payment, fee);
        }
        self.emit(account, payment, "payment.created");
        fee
    }

    /// Pulls `amount` of the transfer back, or what is left of it; answers the `trr_…` id.
    ///
    /// # Errors
    /// 404 when there is no such transfer; 400 when less is left of it or the account is short
    /// of money; 403 when the account is out of reach.
    pub fn reverse_transfer(&mut self, transfer: &str, amount: Option<i64>) -> Answer {
        let json = self.expect(&Owner::Platform, "transfer", transfer)?;
        let amount = amount.unwrap_or(json.int("amount") - json.int("amount_reversed"));
        self.check_reversal(transfer, amount, 0)?;
        self.begin_request();
        let id = self.pull_back(transfer, amount, None, None);
        self.end_request();
        Ok(id)
    }

    /// Whether so much of a transfer can be reversed while `fee_back` (in the account's currency) is
    /// returned. The account must have the money, or the platform's reserves stand in for it.
    pub(crate) fn check_reversal(
        &self,
        transfer: &str,
        amount: i64,
        fee_back: i64,
    ) -> Result<(), ApiError> {
        let json = self.expect(&Owner::Platform, "transfer", transfer)?;
        if amount <= 0 || amount > json.int("amount") - json.int("amount_reversed") {
            let message = "The reversal exceeds what is left of the transfer.";
            return Err(ApiError::invalid(
                "amount_too_large",
                Some("amount"),
                message,
            ));
        }
        let account = self.authorise(&Owner::account(json.text("destination")))?;
        let settled = self.market(&account).currency;
        let needed = self.convert(amount, json.text("currency"), settled).amount - fee_back;
        if !self.can_owe(&account) && self.money(&account, settled).total() < needed {
            return Err(insufficient());
        }
        Ok(())
    }

    /// Posts both sides of a reversal; `fee_back` (in the account's currency) is returned to it.
    pub(crate) fn pull_back(
        &mut self,
        transfer: &str,
        amount: i64,
        source_refund: Option<&str>,
        fee_back: Option<i64>,
    ) -> String {
        let platform = Owner::Platform;
        let id = self.ids.next("trr");
        let refund = self.ids.next("pyr");
        let Some(json) = self.store.get(&platform, transfer) else {
            return id;
        };
        let currency = json.text("currency").to_owned();
        let account = Owner::account(json.text("destination"));
        let payment = json.text("destination_payment").to_owned();
        let posting = Posting::new(
            "transfer_refund",
            "transfer_reversal",
            amount,
            &currency,
            &id,
        );
        let transaction = self.post(&platform, posting);
        let mut reversal = shapes::transfer_reversal(&id, transfer, amount, &currency, self.now);
        reversal.set("balance_transaction", transaction);
        reversal.set("destination_payment_refund", refund.as_str());
        reversal.set("source_refund", source_refund);
        self.keep(&platform, "transfer_reversal", reversal.clone());
        self.change(&platform, transfer, "transfer.reversed", |json| {
            let reversed = json.int("amount_reversed") + amount;
            json.set("amount_reversed", reversed);
            json.set("reversed", reversed == json.int("amount"));
            shapes::prepend(json, "reversals", reversal);
        });
        self.give_up(&account, &payment, &refund, &id, amount, fee_back);
        id
    }

    /// The connected account's side of a reversal.
    fn give_up(
        &mut self,
        account: &Owner,
        payment: &str,
        refund: &str,
        reversal: &str,
        amount: i64,
        fee_back: Option<i64>,
    ) {
        let settled = self.market(account).currency;
        let Some(json) = self.store.get(account, payment) else {
            return;
        };
        let currency = json.text("currency").to_owned();
        let given = self.convert(amount, &currency, settled);
        let fees = fee_back
            .map(|fee| self.application_fee_line(-fee))
            .into_iter()
            .collect();
        let transaction = self.post(
            account,
            Posting {
                fees,
                exchange_rate: given.rate,
                ..Posting::new("payment_refund", "refund", -given.amount, settled, refund)
            },
        );
        let mut json = shapes::refund(refund, payment, amount, &currency, self.now);
        json.set("balance_transaction", transaction);
        json.set("destination_details", serde_json::Value::Null);
        json.set("source_transfer_reversal", reversal);
        self.keep(account, "refund", json.clone());
        self.emit(account, refund, "refund.created");
        self.change(account, payment, "charge.refunded", |charge| {
            let refunded = charge.int("amount_refunded") + amount;
            charge.set("amount_refunded", refunded);
            charge.set("refunded", refunded == charge.int("amount"));
            shapes::prepend(charge, "refunds", json);
        });
    }
}

/// 400: the balance does not suffice.
pub(crate) fn insufficient() -> ApiError {
    ApiError::invalid(
        "balance_insufficient",
        Some("amount"),
        "You have insufficient funds in your Stripe account for this operation.",
    )
}
