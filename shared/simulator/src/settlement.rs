//! Where the money of a succeeded charge goes.

use crate::{
    fields::Fields,
    flaws::Flaw,
    ledger::{FeeLine, Posting},
    params::{Split, TransferParams},
    refs::Owner,
    world::World,
};

/// What happens to a charge's money once it is captured.
#[derive(Debug, Clone)]
pub(crate) enum Settlement {
    /// It stays on the connected account, less the application fee.
    Direct { fee: Option<i64> },
    /// It moves on to the connected account.
    Destination { account: Owner, split: Split },
    /// It stays on the platform.
    Platform,
}

impl Settlement {
    /// What the charge shows of it: destination, `application_fee_amount`, `transfer_data[amount]`.
    pub(crate) fn shown(&self) -> (Option<&str>, Option<i64>, Option<i64>) {
        match self {
            Self::Direct { fee } => (None, *fee, None),
            Self::Platform => (None, None, None),
            Self::Destination { account, split } => match split {
                Split::ApplicationFee(fee) => (account.account_id(), Some(*fee), None),
                Split::TransferAmount(part) => (account.account_id(), None, Some(*part)),
                Split::Whole => (account.account_id(), None, None),
            },
        }
    }
}

/// The money of a charge: `gross` in the settlement `currency`, and what the payer paid in.
struct Paid<'a> {
    gross: i64,
    currency: &'a str,
    presentment: &'a str,
}

impl World {
    /// Moves the money of an asynchronously captured charge and tells what that changed.
    pub(crate) fn settle(&mut self, owner: &Owner, charge: &str) {
        let Some(before) = self.store.get(owner, charge).cloned() else {
            return;
        };
        self.move_money(owner, charge);
        self.emit_change(owner, charge, "charge.updated", &before);
    }

    /// Settles every charge whose money would still come to or go through the account.
    pub(crate) fn settle_everything_of(&mut self, account: &Owner) {
        let concerned: Vec<(Owner, String)> = self
            .unsettled
            .iter()
            .filter(|((owner, _), settlement)| {
                owner == account
                    || matches!(settlement, Settlement::Destination { account: to, .. } if to == account)
            })
            .map(|(key, _)| key.clone())
            .collect();
        for (owner, charge) in concerned {
            self.settle(&owner, &charge);
        }
    }

    /// Posts the charge and everything that follows from it; nothing if that was done before.
    pub(crate) fn move_money(&mut self, owner: &Owner, charge: &str) {
        let Some(settlement) = self.unsettled.remove(&(owner.clone(), charge.to_owned())) else {
            return;
        };
        let Some(json) = self.store.get(owner, charge) else {
            return;
        };
        let (amount, presentment) = (json.int("amount"), json.text("currency").to_owned());
        let settles_as = json
            .text_opt("on_behalf_of")
            .map_or(owner.clone(), Owner::account);
        let market = self.market(&settles_as);
        let mut gross = self.convert(amount, &presentment, market.currency);
        let drift = if presentment == market.currency {
            None
        } else {
            self.drift(Flaw::ExchangeRate)
        };
        gross.amount += drift.unwrap_or_default();
        let mut fees = Vec::new();
        self.charge_stripe_fee(
            owner,
            market.currency,
            market.card_fee(gross.amount),
            charge,
            &mut fees,
        );
        if let Settlement::Direct { fee: Some(fee) } = settlement {
            let charged = self.convert(fee, &presentment, market.currency).amount;
            fees.push(self.application_fee_line(charged));
        }
        let available_on = self.available_on(&settles_as);
        let transaction = self.post(
            owner,
            Posting {
                fees,
                available_on,
                exchange_rate: gross.rate,
                ..Posting::new("charge", "charge", gross.amount, market.currency, charge)
            },
        );
        if let Some(drift) = drift {
            let subjects = [transaction.as_str(), charge];
            let money = (drift, market.currency);
            self.note_flaw(Flaw::ExchangeRate, owner, &subjects, money);
        }
        self.spoil_transaction(owner, &transaction);
        self.store.edit(owner, charge, |json| {
            json.set("balance_transaction", transaction)
        });
        let paid = Paid {
            gross: gross.amount,
            currency: market.currency,
            presentment: &presentment,
        };
        self.hand_on(owner, charge, settlement, &paid);
    }

    /// What follows from a charge whose money has moved.
    fn hand_on(&mut self, owner: &Owner, charge: &str, settlement: Settlement, paid: &Paid<'_>) {
        let Paid {
            gross,
            currency,
            presentment,
        } = *paid;
        match settlement {
            Settlement::Direct { fee: Some(fee) } => {
                let account = owner.account_id().unwrap_or_default();
                let id = self.earn_direct_fee(account, charge, fee, presentment);
                self.show_fee(owner, charge, &id);
            }
            Settlement::Destination { account, split } => {
                let part = match split {
                    Split::TransferAmount(part) => self.convert(part, presentment, currency).amount,
                    Split::ApplicationFee(_) | Split::Whole => gross,
                };
                let params = TransferParams {
                    amount: part,
                    currency: currency.to_owned(),
                    destination: account.account_id().unwrap_or_default().to_owned(),
                    source_transaction: Some(charge.to_owned()),
                    transfer_group: None,
                };
                let fee = match split {
                    Split::ApplicationFee(fee) => {
                        let settled = self.market(&account).currency;
                        Some(self.convert(fee, presentment, settled).amount)
                    }
                    Split::TransferAmount(_) | Split::Whole => None,
                };
                self.forward(owner, charge, &params, fee);
            }
            Settlement::Direct { fee: None } | Settlement::Platform => {}
        }
    }

    /// Moves a destination charge's money on and links the charge to what moved it.
    fn forward(&mut self, owner: &Owner, charge: &str, params: &TransferParams, fee: Option<i64>) {
        let moved = self.move_transfer(params, fee);
        self.store.edit(owner, charge, |json| {
            json.set("transfer", moved.transfer);
            json.set("transfer_group", format!("group_{charge}"));
        });
        if let Some(fee) = moved.fee {
            self.show_fee(owner, charge, &fee);
        }
    }

    /// Charges Stripe's fee to the owner, or bills it to the platform that pays for the owner.
    pub(crate) fn charge_stripe_fee(
        &mut self,
        owner: &Owner,
        currency: &str,
        amount: i64,
        source: &str,
        fees: &mut Vec<FeeLine>,
    ) {
        if self
            .profiles
            .get(owner)
            .is_some_and(|profile| profile.platform_pays_fees)
        {
            let billed = self.platform_money(amount, currency);
            self.post(
                &Owner::Platform,
                Posting {
                    exchange_rate: billed.0.rate,
                    source: None,
                    ..Posting::new("stripe_fee", "fee", -billed.0.amount, billed.1, source)
                },
            );
        } else {
            fees.push(FeeLine {
                kind: "stripe_fee",
                amount,
                application: None,
            });
        }
    }
}
