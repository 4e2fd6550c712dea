//! Payouts to bank accounts: made, sent, paid.

use serde_json::json;

use crate::{
    application_fees::PLATFORM_CURRENCIES,
    error::ApiError,
    fees::instant_payout_fee,
    fields::Fields,
    flaws::Flaw,
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
    pub(crate) fn make_payout(
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
            self.spoil_settled(owner, &id, &mut settled);
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
        let automatic = self.settled_by.contains_key(&id);
        if automatic && self.goes_wrong(Flaw::PayoutStuck) {
            let money = (params.amount, params.currency.as_str());
            self.note_flaw(Flaw::PayoutStuck, owner, &[&id], money);
        } else {
            let pay = Transition::PayPayout { owner: who, payout };
            self.timers.add(arrival, pay);
        }
        id
    }

    /// Forgets one of the transactions that an automatic payout consists of, if that is to be.
    fn spoil_settled(&mut self, owner: &Owner, payout: &str, settled: &mut Vec<String>) {
        if settled.len() > 1 && self.goes_wrong(Flaw::PayoutUnexplained) {
            let forgotten = settled.remove(0);
            let Some(transaction) = self.transaction(owner, &forgotten) else {
                return;
            };
            let net = transaction.int("net").saturating_abs();
            let currency = transaction.text("currency").to_owned();
            let subjects = [payout, &forgotten];
            self.note_flaw(Flaw::PayoutUnexplained, owner, &subjects, (net, &currency));
        }
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
}
