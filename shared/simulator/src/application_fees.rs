//! What the platform earns from its accounts' payments, and gives back.

use crate::{
    error::ApiError,
    fields::Fields,
    flaws::Flaw,
    ledger::{FeeLine, Posting},
    posting::Converted,
    refs::Owner,
    shapes,
    world::{Answer, World},
};

/// Currencies the platform has a bank account for; others are converted to its default.
pub(crate) const PLATFORM_CURRENCIES: [&str; 2] = ["usd", "jpy"];

/// An application fee being earned.
struct Earning<'a> {
    account: &'a str,
    /// The payment on the connected account.
    charge: &'a str,
    /// The platform's charge behind a destination charge.
    originating: Option<&'a str>,
    amount: i64,
    currency: &'a str,
}

impl World {
    /// The fee of a direct charge arrives in a currency the platform settles.
    pub(crate) fn earn_direct_fee(
        &mut self,
        account: &str,
        charge: &str,
        amount: i64,
        currency: &str,
    ) -> String {
        let (earned, settled) = self.platform_money(amount, currency);
        let earning = Earning {
            account,
            charge,
            originating: None,
            amount,
            currency,
        };
        self.earn(&earning, &earned, settled)
    }

    /// The fee of a destination charge stays in the account's settlement currency.
    pub(crate) fn earn_destination_fee(
        &mut self,
        account: &str,
        payment: &str,
        originating: Option<&str>,
        amount: i64,
        currency: &str,
    ) -> String {
        let earned = self.convert(amount, currency, currency);
        let earning = Earning {
            account,
            charge: payment,
            originating,
            amount,
            currency,
        };
        self.earn(&earning, &earned, currency)
    }

    fn earn(&mut self, earning: &Earning<'_>, earned: &Converted, settled: &str) -> String {
        let id = self.ids.next("fee");
        let available_on = self.available_on(&Owner::Platform);
        let drift = if earning.currency == settled {
            self.drift(Flaw::ApplicationFee)
        } else {
            None
        };
        let more = drift.unwrap_or_default();
        let transaction = self.post(
            &Owner::Platform,
            Posting {
                available_on,
                exchange_rate: earned.rate.clone(),
                ..Posting::new(
                    "application_fee",
                    "platform_earning",
                    earned.amount + more,
                    settled,
                    &id,
                )
            },
        );
        let mut fee = shapes::application_fee(
            &id,
            earning.account,
            earning.charge,
            earning.originating,
            earning.amount + more,
            earning.currency,
            self.now,
        );
        fee.set("application", self.application_id.as_str());
        if let Some(drift) = drift {
            let subjects = [id.as_str(), &transaction, earning.charge];
            self.note_flaw(
                Flaw::ApplicationFee,
                &Owner::Platform,
                &subjects,
                (drift, settled),
            );
            self.flaws.concerned.insert(Owner::account(earning.account));
        }
        fee.set("balance_transaction", transaction);
        self.keep(&Owner::Platform, "application_fee", fee);
        self.emit(&Owner::Platform, &id, "application_fee.created");
        id
    }

    /// Links a charge to its application fee.
    pub(crate) fn show_fee(&mut self, owner: &Owner, charge: &str, fee: &str) {
        let application = self.application_id.clone();
        self.store.edit(owner, charge, |json| {
            json.set("application_fee", fee);
            json.set("application", application);
        });
    }

    /// Gives `amount` of the fee back, or what is left of it, as a credit to the account; answers
    /// the `fr_…` id.
    ///
    /// # Errors
    /// 404 when there is no such fee; 400 when less is left; 403 when the account is out of reach.
    pub fn refund_application_fee(&mut self, fee: &str, amount: Option<i64>) -> Answer {
        let json = self.expect(&Owner::Platform, "application_fee", fee)?;
        let left = json.int("amount") - json.int("amount_refunded");
        let amount = amount.unwrap_or(left);
        if amount <= 0 || amount > left {
            let message = "The refund exceeds what is left of the application fee.";
            return Err(ApiError::invalid(
                "amount_too_large",
                Some("amount"),
                message,
            ));
        }
        let currency = json.text("currency").to_owned();
        let owner = self.authorise(&Owner::account(json.text("account")))?;
        self.begin_request();
        let id = self.return_fee(fee, amount);
        self.credit_fee(&owner, &id, amount, &currency);
        self.end_request();
        Ok(id)
    }

    /// The account's side of a fee refund that comes without a refund of the payment.
    pub(crate) fn credit_fee(&mut self, account: &Owner, id: &str, amount: i64, currency: &str) {
        let settled = self.market(account).currency;
        let credit = self.convert(amount, currency, settled);
        self.post(
            account,
            Posting {
                exchange_rate: credit.rate,
                ..Posting::new("adjustment", "other_adjustment", credit.amount, settled, id)
            },
        );
    }

    /// The platform's side of a fee refund of `amount` in the fee's currency.
    pub(crate) fn return_fee(&mut self, fee: &str, amount: i64) -> String {
        let id = self.ids.next("fr");
        let owner = Owner::Platform;
        let Some(json) = self.store.get(&owner, fee) else {
            return id;
        };
        let currency = json.text("currency").to_owned();
        let earned_in = self.transaction(&owner, json.text("balance_transaction"));
        let settled = earned_in
            .map(|it| it.text("currency"))
            .unwrap_or_default()
            .to_owned();
        let returned = self.convert(amount, &currency, &settled);
        let transaction = self.post(
            &owner,
            Posting {
                exchange_rate: returned.rate,
                ..Posting::new(
                    "application_fee_refund",
                    "platform_earning_refund",
                    -returned.amount,
                    &settled,
                    &id,
                )
            },
        );
        let mut refund = shapes::fee_refund(&id, fee, amount, &currency, self.now);
        refund.set("balance_transaction", transaction);
        self.keep(&owner, "fee_refund", refund.clone());
        self.change(&owner, fee, "application_fee.refunded", |json| {
            let refunded = json.int("amount_refunded") + amount;
            json.set("amount_refunded", refunded);
            json.set("refunded", refunded == json.int("amount"));
            shapes::prepend(json, "refunds", refund);
        });
        id
    }

    /// The application fee in an account's transaction; negative when it is returned.
    pub(crate) fn application_fee_line(&self, amount: i64) -> FeeLine {
        FeeLine {
            kind: "application_fee",
            amount,
            application: Some(self.application_id.clone()),
        }
    }

    /// An amount in a currency the platform settles, and that currency.
    pub(crate) fn platform_money<'a>(
        &self,
        amount: i64,
        currency: &'a str,
    ) -> (Converted, &'a str) {
        let settled = if PLATFORM_CURRENCIES.contains(&currency) {
            currency
        } else {
            "usd"
        };
        (self.convert(amount, currency, settled), settled)
    }
}
