//! Payouts to bank accounts: made, sent, paid, failed, canceled.

use serde_json::json;

use crate::{
    application_fees::PLATFORM_CURRENCIES,
    error::ApiError,
    fees::instant_payout_fee,
    fields::Fields,
    ledger::{FeeLine, Posting},
    params::PayoutParams,
    posting::Converted,
    refs::Owner,
    shapes,
    timers::Transition,
    transfers::insufficient,
    world::{Answer, World},
};

const SENT_AFTER_S: i64 = 600;
const RECONCILED_AFTER_S: i64 = 900;
const ARRIVES_INSTANT_S: i64 = 60;
const ARRIVES_FAST_S: i64 = 3 * 3_600;
const DAY_S: i64 = 86_400;
/// How long after its arrival a payout can be reversed, and in which countries.
const REVERSIBLE_FOR_S: i64 = 90 * DAY_S;
const REVERSIBLE_IN: [&str; 2] = ["US", "CA"];

impl World {
    /// A manual payout, standard or instant (which costs a fee).
    ///
    /// # Errors
    /// 400 when the available balance is short or the bank account is disabled; 403 when the
    /// account is out of reach.
    pub fn create_payout(&mut self, owner: &Owner, params: &PayoutParams) -> Answer {
        let owner = self.authorise(owner)?;
        if !self.bank_works(&owner) {
            let message = "The external account is disabled after a failed payout.";
            return Err(ApiError::invalid(
                "payouts_not_allowed",
                Some("destination"),
                message,
            ));
        }
        let fee = if params.instant {
            instant_payout_fee(params.amount)
        } else {
            0
        };
        let available = self.money(&owner, &params.currency).available;
        if params.amount <= 0 || params.amount.saturating_add(fee) > available {
            return Err(insufficient());
        }
        self.begin_request();
        let id = self.make_payout(&owner, params, fee, None);
        self.end_request();
        Ok(id)
    }

    /// Pays out everything available, one automatic payout per currency; answers their ids.
    pub fn sweep_payouts(&mut self, owner: &Owner) -> Vec<String> {
        if self.authorise(owner).is_err() || !self.bank_works(owner) {
            return Vec::new();
        }
        let mut payouts = Vec::new();
        for currency in self.balance(owner).into_keys() {
            let taken = self
                .books
                .get_mut(owner)
                .and_then(|book| book.take_unpaid(&currency));
            let Some((settled, amount)) = taken else {
                continue;
            };
            let params = PayoutParams::standard(amount, &currency);
            payouts.push(self.make_payout(owner, &params, 0, Some(settled)));
        }
        payouts
    }

    /// The daily sweep of an account that is not on a manual schedule.
    pub(crate) fn sweep_daily(&mut self, owner: &Owner) {
        if self
            .profiles
            .get(owner)
            .is_some_and(|profile| profile.interval != "manual")
        {
            self.sweep_payouts(owner);
        }
        self.timers.add(
            self.now + DAY_S,
            Transition::Sweep {
                owner: owner.clone(),
            },
        );
    }

    /// `settled` names the transactions an automatic payout consists of.
    fn make_payout(
        &mut self,
        owner: &Owner,
        params: &PayoutParams,
        fee: i64,
        settled: Option<Vec<String>>,
    ) -> String {
        let id = self.ids.next("po");
        let fast = self
            .profiles
            .get(owner)
            .is_some_and(|profile| profile.delay_days == 0);
        let arrives_after = match (params.instant, fast) {
            (true, _) => ARRIVES_INSTANT_S,
            (false, true) => ARRIVES_FAST_S,
            (false, false) => 2 * DAY_S,
        };
        let arrival = self.now + arrives_after;
        let line = FeeLine {
            kind: "stripe_fee",
            amount: fee,
            application: None,
        };
        let sent = self.sent_to_bank(params);
        let posting = Posting {
            exchange_rate: sent.rate,
            ..Posting::new("payout", "payout", -params.amount, &params.currency, &id)
        };
        let fees = Some(line)
            .filter(|line| line.amount > 0)
            .into_iter()
            .collect();
        let transaction = self.post(owner, Posting { fees, ..posting });
        let bank = self.bank(owner);
        let mut payout = shapes::payout(&id, params, settled.is_some(), &bank, self.now, arrival);
        payout.set("balance_transaction", transaction.as_str());
        payout.set("amount", sent.amount);
        if let Some(currency) = &params.bank_currency {
            payout.set("currency", currency.as_str());
        }
        self.keep(owner, "payout", payout);
        if params.amount > 0 {
            self.emit(owner, &id, "payout.created");
        }
        let (who, payout) = (owner.clone(), id.clone());
        if let Some(mut settled) = settled {
            if let Some(book) = self.books.get_mut(owner) {
                book.mark_paid(&transaction);
            }
            settled.push(transaction);
            self.settled_by.insert(id.clone(), settled);
            let reconcile = Transition::ReconcilePayout {
                owner: who.clone(),
                payout: payout.clone(),
            };
            self.timers.add(self.now + RECONCILED_AFTER_S, reconcile);
        }
        let sent = self.now + SENT_AFTER_S.min(arrives_after / 2);
        let send = Transition::SendPayout {
            owner: who.clone(),
            payout: payout.clone(),
        };
        self.timers.add(sent, send);
        self.timers
            .add(arrival, Transition::PayPayout { owner: who, payout });
        id
    }

    /// What the bank account receives of a payout.
    fn sent_to_bank(&self, params: &PayoutParams) -> Converted {
        let currency = params.bank_currency.as_ref().unwrap_or(&params.currency);
        self.convert(params.amount, &params.currency, currency)
    }

    /// The platform pays out what it has in currencies of which it has no bank account, converted,
    /// and does so again a day later.
    pub(crate) fn convert_foreign(&mut self) {
        let platform = Owner::Platform;
        let bank = self.market(&platform).currency;
        for (currency, money) in self.balance(&platform) {
            if money.available > 0 && !PLATFORM_CURRENCIES.contains(&currency.as_str()) {
                let params = PayoutParams {
                    bank_currency: Some(bank.to_owned()),
                    ..PayoutParams::standard(money.available, &currency)
                };
                self.create_payout(&platform, &params).unwrap_or_default();
            }
        }
        self.timers
            .add(self.now + DAY_S, Transition::ConvertForeign);
    }

    pub(crate) fn send_payout(&mut self, owner: &Owner, payout: &str) {
        self.change(owner, payout, "payout.updated", |json| {
            if json.text("status") == "pending" {
                json.set("status", "in_transit");
            }
        });
    }

    pub(crate) fn reconcile_payout(&mut self, owner: &Owner, payout: &str) {
        let Some(json) = self.store.get(owner, payout) else {
            return;
        };
        if json.text("status") == "canceled" {
            return;
        }
        self.store.edit(owner, payout, |json| {
            json.set("reconciliation_status", "completed")
        });
        self.emit(owner, payout, "payout.reconciliation_completed");
    }

    /// The payout arrives.
    ///
    /// # Errors
    /// 404 when there is no such payout; 400 when it is not under way; 403 when the account is out
    /// of reach.
    pub fn pay_payout(&mut self, owner: &Owner, payout: &str) -> Result<(), ApiError> {
        let owner = self.payout_in(owner, payout, &["pending", "in_transit"])?;
        self.store.edit(&owner, payout, |json| {
            json.set("status", "paid");
            json.set(
                "trace_id",
                json!({ "status": "supported", "value": "CANARYTRACE0001" }),
            );
        });
        self.emit(&owner, payout, "payout.paid");
        Ok(())
    }

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

    fn payout_in(&self, owner: &Owner, payout: &str, states: &[&str]) -> Result<Owner, ApiError> {
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
