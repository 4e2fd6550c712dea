//! Balance transactions and the balances they add up to.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::{fields::Fields, refs::Owner};

/// One part of a transaction's fee, minor units of the transaction's currency.
#[derive(Debug, Clone)]
pub(crate) struct FeeLine {
    pub(crate) kind: &'static str,
    pub(crate) amount: i64,
    pub(crate) application: Option<String>,
}

/// A transaction to post.
#[derive(Debug, Clone)]
pub(crate) struct Posting {
    pub(crate) kind: &'static str,
    pub(crate) category: &'static str,
    /// Gross, minor units.
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) fees: Vec<FeeLine>,
    pub(crate) source: Option<String>,
    pub(crate) available_on: i64,
    pub(crate) exchange_rate: Value,
    /// `created`, where the transaction shows up later than it says; `None` for now.
    pub(crate) backdated_to: Option<i64>,
}

impl Posting {
    /// A transaction without fee that is available at once.
    pub(crate) fn new(
        kind: &'static str,
        category: &'static str,
        amount: i64,
        currency: &str,
        source: &str,
    ) -> Self {
        Self {
            kind,
            category,
            amount,
            currency: currency.to_owned(),
            fees: Vec::new(),
            source: Some(source.to_owned()),
            available_on: 0,
            exchange_rate: Value::Null,
            backdated_to: None,
        }
    }
}

/// Money of one currency on one account, minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CurrencyBalance {
    /// Usable now.
    pub available: i64,
    /// Usable later.
    pub pending: i64,
    /// Set aside for negative connected accounts (platform only).
    pub connect_reserved: i64,
}

impl CurrencyBalance {
    /// Everything on the account: available and pending.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.available.saturating_add(self.pending)
    }
}

/// The balance of one account, by currency.
pub type Balance = BTreeMap<String, CurrencyBalance>;

/// The transactions of one account.
#[derive(Debug, Default)]
pub(crate) struct Book {
    transactions: Vec<Value>,
    index: BTreeMap<String, usize>,
    /// Positions by `created`, the order of lists.
    by_time: BTreeSet<(i64, usize)>,
    balance: Balance,
    /// Positions not available yet, by `available_on`.
    maturing: BTreeSet<(i64, usize)>,
    /// Available positions that no automatic payout has settled yet.
    unpaid: BTreeSet<usize>,
}

impl Book {
    /// Posts a transaction under an id; `now` decides whether it is pending.
    pub(crate) fn post(&mut self, id: String, posting: Posting, now: i64) {
        let fee: i64 = posting.fees.iter().map(|line| line.amount).sum();
        let net = posting.amount - fee;
        let available_on = posting.available_on.max(now);
        let position = self.transactions.len();
        let balance = self.balance.entry(posting.currency.clone()).or_default();
        if posting.kind == "reserve_transaction" {
            balance.connect_reserved -= net;
        }
        let status = if available_on > now {
            balance.pending += net;
            self.maturing.insert((available_on, position));
            "pending"
        } else {
            balance.available += net;
            self.unpaid.insert(position);
            "available"
        };
        let created = posting.backdated_to.unwrap_or(now);
        self.by_time.insert((created, position));
        self.index.insert(id.clone(), position);
        self.transactions.push(json!({
            "id": id, "object": "balance_transaction", "amount": posting.amount,
            "available_on": available_on, "balance_type": "payments", "created": created,
            "currency": posting.currency, "description": null,
            "exchange_rate": posting.exchange_rate, "fee": fee,
            "fee_details": fee_details(&posting.fees, &posting.currency), "net": net,
            "reporting_category": posting.category, "source": posting.source,
            "status": status, "type": posting.kind,
        }));
    }

    pub(crate) fn transactions(&self) -> &[Value] {
        &self.transactions
    }

    pub(crate) fn edit(&mut self, id: &str, change: impl FnOnce(&mut Value)) {
        let position = self.index.get(id);
        if let Some(transaction) = position.and_then(|it| self.transactions.get_mut(*it)) {
            change(transaction);
        }
    }

    /// As lists show them. A late one stands among those of its time.
    pub(crate) fn newest_first(&self) -> impl Iterator<Item = &Value> {
        let positions = self.by_time.iter().rev();
        positions.filter_map(|(_, position)| self.transactions.get(*position))
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Value> {
        self.transactions.get(*self.index.get(id)?)
    }

    pub(crate) fn balance(&self) -> &Balance {
        &self.balance
    }

    /// Makes everything available that is due at `now`; says whether anything was.
    pub(crate) fn mature(&mut self, now: i64) -> bool {
        let mut any = false;
        while self.maturing.first().is_some_and(|(at, _)| *at <= now) {
            let Some((_, position)) = self.maturing.pop_first() else {
                break;
            };
            any = true;
            let Some(transaction) = self.transactions.get_mut(position) else {
                continue;
            };
            let net = transaction.int("net");
            let balance = self
                .balance
                .entry(transaction.text("currency").to_owned())
                .or_default();
            balance.pending -= net;
            balance.available += net;
            self.unpaid.insert(position);
            transaction.set("status", "available");
        }
        any
    }

    /// Takes the available transactions of a currency that no automatic payout has settled, with
    /// their sum; nothing is taken unless the sum is positive.
    pub(crate) fn take_unpaid(&mut self, currency: &str) -> Option<(Vec<String>, i64)> {
        let mut positions = Vec::new();
        let mut ids = Vec::new();
        let mut sum = 0_i64;
        for position in &self.unpaid {
            let Some(transaction) = self.transactions.get(*position) else {
                continue;
            };
            if transaction.text("currency") == currency {
                positions.push(*position);
                ids.push(transaction.text("id").to_owned());
                sum += transaction.int("net");
            }
        }
        if sum <= 0 {
            return None;
        }
        for position in positions {
            self.unpaid.remove(&position);
        }
        Some((ids, sum))
    }

    /// Takes one transaction out of what the next automatic payout settles.
    pub(crate) fn mark_paid(&mut self, id: &str) {
        if let Some(position) = self.index.get(id) {
            self.unpaid.remove(position);
        }
    }
}

fn fee_details(fees: &[FeeLine], currency: &str) -> Vec<Value> {
    fees.iter()
        .map(|line| {
            json!({
                "amount": line.amount, "application": line.application, "currency": currency,
                "description": if line.kind == "application_fee" {
                    "Platform fee"
                } else {
                    "Stripe processing fees"
                },
                "type": line.kind,
            })
        })
        .collect()
}

/// Renders the `balance` object.
pub(crate) fn balance_json(owner: &Owner, balance: &Balance, livemode: bool) -> Value {
    let side = |amount: fn(&CurrencyBalance) -> i64| -> Vec<Value> {
        balance
            .iter()
            .map(|(currency, money)| {
                json!({ "amount": amount(money), "currency": currency,
                        "source_types": { "card": amount(money) } })
            })
            .collect()
    };
    let mut object = json!({
        "object": "balance", "available": side(|money| money.available),
        "pending": side(|money| money.pending), "livemode": livemode,
    });
    if *owner == Owner::Platform {
        let reserved: Vec<Value> = balance
            .iter()
            .map(|(currency, money)| {
                json!({ "amount": money.connect_reserved, "currency": currency })
            })
            .collect();
        object.set("connect_reserved", reserved);
    }
    object
}
