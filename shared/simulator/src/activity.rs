//! A seeded stretch of business: who does what, when.

use rand::RngExt;
use serde_json::json;

use crate::{
    error::ApiError,
    params::{
        ChargeParams, DisputeOutcome, DisputeParams, PayoutParams, RefundParams, Split,
        TransferParams,
    },
    refs::Owner,
    timers::Transition,
    world::World,
};

const HOUR_S: i64 = 3_600;
const DAY_S: i64 = 86_400;
/// When the platform converts the foreign currencies of its day.
const CONVERTED_AFTER_S: i64 = 20 * HOUR_S;

/// Tries per planned event before a run gives up; a refused try costs nothing.
const TRIES_PER_EVENT: usize = 20;

/// What the run remembers of its own doing, to come back to it.
#[derive(Debug, Default)]
struct Memory {
    charges: Vec<(Owner, String)>,
    customers: Vec<(Owner, String)>,
    orders: u32,
}

impl Memory {
    /// The platform's number of the next thing that is sold.
    fn next_order(&mut self) -> String {
        self.orders += 1;
        format!("ord-{:06}", self.orders)
    }
}

impl World {
    /// Plays `config.days` of business with at least `config.events_min` events: first one scene
    /// of every kind, then seeded trade spread evenly over the time.
    pub fn run(&mut self) {
        let start = self.now;
        let end = start + i64::from(self.config.days) * DAY_S;
        self.timers
            .add(start + CONVERTED_AFTER_S, Transition::ConvertForeign);
        self.play_scenes();
        let first = self.events.len();
        let planned = self.config.events_min.saturating_sub(first);
        let mut memory = Memory::default();
        for _ in 0..planned.saturating_mul(TRIES_PER_EVENT) {
            let done = self.events.len() - first;
            if done >= planned {
                break;
            }
            let passed = i128::from(end - start) * done as i128 / planned.max(1) as i128;
            self.advance_to(start + i64::try_from(passed).unwrap_or_default());
            // A refusal (no money, account gone) is part of business.
            self.act(&mut memory).unwrap_or_default();
        }
        self.advance_to(end);
    }

    fn act(&mut self, memory: &mut Memory) -> Result<(), ApiError> {
        let owner = self.someone();
        let account = owner.account_id().unwrap_or_default().to_owned();
        match self.rng.random_range(0..1_000) {
            0..340 => {
                let params = self.basket(&owner, memory);
                let charge = self.create_direct_charge(&account, &params)?;
                memory.charges.push((owner, charge));
            }
            340..500 => self.sell_for(&owner, memory)?,
            500..570 => self.sell_for_two(&owner, memory)?,
            570..610 => {
                let params = self.basket(&Owner::Platform, memory);
                let charge = self.create_charge(&params)?;
                memory.charges.push((Owner::Platform, charge));
            }
            610..650 => {
                let params = self.basket(&owner, memory);
                self.create_declined_charge(&owner, &params)?;
            }
            650..740 => self.give_back(memory)?,
            740..745 => {
                if let Some((owner, charge)) = self.remembered(memory) {
                    self.warn_of_fraud(&owner, &charge)?;
                }
            }
            745..770 => self.dispute_something(memory)?,
            770..810 => self.cash_out(&owner)?,
            810..880 => {
                let customer = self.create_customer(&owner)?;
                memory.customers.push((owner, customer));
            }
            880..940 => self.care_for_customer(memory)?,
            940..960 => {
                let tier = self.rng.random_range(0..9_u8);
                let tier = json!({ "metadata": { "seller_tier": format!("tier-{tier}") } });
                self.update_account(&account, &tier)?;
            }
            960..970 => {
                let interval = if self.rng.random_bool(0.7) {
                    "daily"
                } else {
                    "manual"
                };
                self.update_payout_schedule(&owner, interval)?;
            }
            970..974 => {
                self.create_topup(100_000, "usd")?;
            }
            974..982 => self.tell_again(),
            982..990 => self.emit_unknown(&owner),
            990..998 => self.emit_test_mode(&owner),
            // An account with something to explain does not leave before it is explained.
            _ if self.is_flawed(&owner) => {}
            _ => self.deauthorize_account(&account)?,
        }
        Ok(())
    }

    /// A connected account, the early ones far more often than the late ones; the platform when
    /// there is no account.
    fn someone(&mut self) -> Owner {
        let count = self.accounts.len();
        if count == 0 {
            return Owner::Platform;
        }
        let bound = self.rng.random_range(0..count);
        let position = self.rng.random_range(0..=bound);
        self.accounts
            .get(position)
            .map_or(Owner::Platform, |id| Owner::account(id))
    }

    fn basket(&mut self, owner: &Owner, memory: &mut Memory) -> ChargeParams {
        let home = self.market(owner).currency;
        let currency = match self.rng.random_range(0..10) {
            0 if home != "jpy" => "eur",
            1 if home != "jpy" => "usd",
            _ => home,
        };
        let amount = self.rng.random_range(500..50_000);
        let mut params = ChargeParams::new(amount, currency);
        params.order_id = Some(memory.next_order());
        if *owner != Owner::Platform && self.rng.random_bool(0.8) {
            params.application_fee_amount = Some(amount / 10);
        }
        params.settle_after_s = match self.rng.random_range(0..10) {
            0..4 => None,
            4 => Some(0),
            _ => Some(self.rng.random_range(1..6)),
        };
        let known = memory
            .customers
            .iter()
            .rev()
            .take(40)
            .find(|(whose, _)| whose == owner);
        params.customer = known.map(|(_, customer)| customer.clone());
        params
    }

    fn sell_for(&mut self, owner: &Owner, memory: &mut Memory) -> Result<(), ApiError> {
        let account = owner.account_id().unwrap_or_default();
        let mut params = self.basket(&Owner::Platform, memory);
        if self.rng.random_bool(0.2) {
            params.on_behalf_of = Some(account.to_owned());
        }
        let split = match self.rng.random_range(0..5) {
            0..3 => Split::ApplicationFee(params.amount / 10),
            3 => Split::TransferAmount(params.amount * 9 / 10),
            _ => Split::Whole,
        };
        let charge = self.create_destination_charge(account, &params, split)?;
        memory.charges.push((Owner::Platform, charge));
        Ok(())
    }

    fn sell_for_two(&mut self, owner: &Owner, memory: &mut Memory) -> Result<(), ApiError> {
        let other = self.someone();
        let amount = self.rng.random_range(2_000..40_000);
        let mut params = ChargeParams::new(amount, "usd");
        params.order_id = Some(memory.next_order());
        params.transfer_group.clone_from(&params.order_id);
        let charge = self.create_charge(&params)?;
        for (seller, part) in [(owner, amount * 7 / 10), (&other, amount * 2 / 10)] {
            self.create_transfer(&TransferParams {
                amount: part,
                currency: "usd".to_owned(),
                destination: seller.account_id().unwrap_or_default().to_owned(),
                source_transaction: Some(charge.clone()),
                transfer_group: params.transfer_group.clone(),
            })?;
        }
        memory.charges.push((Owner::Platform, charge));
        Ok(())
    }

    fn remembered(&mut self, memory: &Memory) -> Option<(Owner, String)> {
        if memory.charges.is_empty() {
            return None;
        }
        let position = self.rng.random_range(0..memory.charges.len());
        memory.charges.get(position).cloned()
    }

    fn give_back(&mut self, memory: &Memory) -> Result<(), ApiError> {
        let Some((owner, charge)) = self.remembered(memory) else {
            return Ok(());
        };
        let mut params = RefundParams::full(&charge);
        params.reason = Some("requested_by_customer".to_owned());
        if self.rng.random_bool(0.5) {
            params.amount = Some(self.rng.random_range(100..2_000));
        }
        let json = self.expect(&owner, "charge", &charge)?;
        let (moved, shared) = (
            json["transfer"].is_string(),
            json["application_fee"].is_string(),
        );
        params.reverse_transfer = moved && self.rng.random_bool(0.6);
        params.refund_application_fee =
            shared && (params.reverse_transfer || !moved) && self.rng.random_bool(0.5);
        let refund = self.refund(&owner, &params)?;
        if self.rng.random_bool(0.08) {
            let at = self.now + self.rng.random_range(HOUR_S..6 * HOUR_S);
            self.timers
                .add(at, Transition::FailRefund { owner, refund });
        }
        Ok(())
    }

    fn dispute_something(&mut self, memory: &Memory) -> Result<(), ApiError> {
        let Some((owner, charge)) = self.remembered(memory) else {
            return Ok(());
        };
        let whole = self.expect(&owner, "charge", &charge)?["amount"]
            .as_i64()
            .unwrap_or_default();
        let inquiry = self.rng.random_bool(0.2);
        let params = DisputeParams {
            charge,
            amount: None,
            reason: "fraudulent",
            inquiry,
        };
        let dispute = self.open_dispute(&owner, &params)?;
        let contested = self.now + self.rng.random_range(HOUR_S..3 * HOUR_S);
        let decided = contested + self.rng.random_range(HOUR_S..8 * HOUR_S);
        let outcome = match self.rng.random_range(0..6) {
            0..2 => DisputeOutcome::Won,
            2 => DisputeOutcome::Partial(whole / 2),
            _ => DisputeOutcome::Lost,
        };
        let (who, what) = (owner.clone(), dispute.clone());
        self.timers.add(
            contested,
            Transition::ContestDispute {
                owner: who,
                dispute: what,
            },
        );
        self.timers.add(
            decided,
            Transition::CloseDispute {
                owner,
                dispute,
                outcome,
            },
        );
        Ok(())
    }

    fn cash_out(&mut self, owner: &Owner) -> Result<(), ApiError> {
        let currency = self.market(owner).currency.to_owned();
        let available = self.money(owner, &currency).available;
        let instant = self.rng.random_bool(0.3);
        let params = PayoutParams {
            instant,
            ..PayoutParams::standard(available / 2, &currency)
        };
        let payout = self.create_payout(owner, &params)?;
        match self.rng.random_range(0..10) {
            0 => self.cancel_payout(owner, &payout),
            1 => {
                let at = self.now + self.rng.random_range(HOUR_S..8 * HOUR_S);
                let owner = owner.clone();
                let code = "account_closed";
                self.timers.add(
                    at,
                    Transition::FailPayout {
                        owner,
                        payout,
                        code,
                    },
                );
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Changes a customer once or in a burst, and sometimes deletes it within the same second.
    fn care_for_customer(&mut self, memory: &mut Memory) -> Result<(), ApiError> {
        if memory.customers.is_empty() {
            return Ok(());
        }
        let position = self.rng.random_range(0..memory.customers.len());
        let Some((owner, customer)) = memory.customers.get(position).cloned() else {
            return Ok(());
        };
        for _ in 0..self.rng.random_range(1..4) {
            let tier = self.rng.random_range(0..1_000);
            let tier = json!({ "metadata": { "tier": format!("tier-{tier}") } });
            self.update_customer(&owner, &customer, &tier)?;
        }
        if self.rng.random_bool(0.3) {
            memory.customers.swap_remove(position);
            self.delete_customer(&owner, &customer)?;
        }
        Ok(())
    }
}
