//! How verbs reach the ledger: posting, conversion, maturity, reserves.

use serde_json::Value;

use crate::{
    fx::Rate,
    ledger::{CurrencyBalance, Posting, balance_json},
    refs::{ObjectRef, Owner},
    timers::Transition,
    world::{Answer, World},
};

const DAY_S: i64 = 86_400;
const COLLECTED_AFTER_S: i64 = 180 * DAY_S;

/// An amount in its settlement currency, with the JSON of the rate (null without conversion).
#[derive(Debug, Clone)]
pub(crate) struct Converted {
    pub(crate) amount: i64,
    pub(crate) rate: Value,
}

impl World {
    /// Posts a balance transaction; answers its id.
    pub(crate) fn post(&mut self, owner: &Owner, posting: Posting) -> String {
        let id = self.ids.next("txn");
        if posting.available_on > self.now {
            self.timers.add_maturity(posting.available_on, owner);
        }
        self.touched.insert(owner.clone());
        self.books
            .entry(owner.clone())
            .or_default()
            .post(id.clone(), posting, self.now);
        id
    }

    /// Books a fee of Stripe's that shows up now and says that it is older: what a reader who looks
    /// only at what is new never sees. Answers its id.
    ///
    /// # Errors
    /// 403 when the account is out of reach.
    pub fn book_late(&mut self, owner: &Owner, amount: i64, created: i64) -> Answer {
        let owner = self.authorise(owner)?;
        let currency = self.market(&owner).currency;
        let posting = Posting {
            source: None,
            backdated_to: Some(created.min(self.now)),
            ..Posting::new("stripe_fee", "fee", -amount, currency, "")
        };
        let id = self.post(&owner, posting);
        self.settle_reserves();
        Ok(id)
    }

    /// Converts at the rate of the simulated day.
    pub(crate) fn convert(&self, amount: i64, from: &str, to: &str) -> Converted {
        if from == to {
            return Converted {
                amount,
                rate: Value::Null,
            };
        }
        let rate = Rate::on_day(self.config.seed, self.now / DAY_S, from, to);
        Converted {
            amount: rate.convert(amount),
            rate: rate.to_json(),
        }
    }

    /// A member of a balance transaction, e.g. the settlement currency of the object behind it.
    pub(crate) fn transaction(&self, owner: &Owner, id: &str) -> Option<&Value> {
        self.books.get(owner)?.get(id)
    }

    pub(crate) fn money(&self, owner: &Owner, currency: &str) -> CurrencyBalance {
        let book = self.books.get(owner);
        book.and_then(|book| book.balance().get(currency))
            .copied()
            .unwrap_or_default()
    }

    /// Funds become available, and the owner hears of it.
    pub(crate) fn mature(&mut self, owner: &Owner) {
        let now = self.now;
        if !self
            .books
            .get_mut(owner)
            .is_some_and(|book| book.mature(now))
        {
            return;
        }
        let livemode = self.config.livemode;
        let snapshot = balance_json(owner, &self.balance(owner), livemode);
        let object = ObjectRef {
            owner: owner.clone(),
            livemode,
            kind: "balance".to_owned(),
            id: String::new(),
        };
        self.emit_snapshot(object, "balance.available", snapshot, None);
    }

    /// Sets aside on the platform what the connected accounts it answers for are short of.
    pub(crate) fn settle_reserves(&mut self) {
        for owner in std::mem::take(&mut self.touched) {
            let covered = self
                .profiles
                .get(&owner)
                .is_some_and(|it| it.platform_covers_losses);
            if !covered {
                continue;
            }
            for (currency, money) in self.balance(&owner) {
                self.set_reserve(&owner, &currency, money.total().min(0).saturating_neg());
            }
        }
        self.touched.clear();
    }

    fn set_reserve(&mut self, owner: &Owner, currency: &str, needed: i64) {
        let key = (
            owner.account_id().unwrap_or_default().to_owned(),
            currency.to_owned(),
        );
        let held = self.reserves.insert(key, needed).unwrap_or_default();
        if held == needed {
            return;
        }
        let mut posting = Posting::new(
            "reserve_transaction",
            "connect_reserved_funds",
            held - needed,
            currency,
            "",
        );
        posting.source = None;
        self.post(&Owner::Platform, posting);
        if held == 0 {
            let (owner, currency) = (owner.clone(), currency.to_owned());
            let at = self.now + COLLECTED_AFTER_S;
            self.timers
                .add(at, Transition::CollectReserve { owner, currency });
        }
    }

    /// The platform pays for an account that is still negative.
    pub(crate) fn collect_reserve(&mut self, owner: &Owner, currency: &str) {
        const KIND: &str = "connect_collection_transfer";
        let account = owner.account_id().unwrap_or_default();
        let key = (account.to_owned(), currency.to_owned());
        let Some(held) = self.reserves.get(&key).copied().filter(|held| *held > 0) else {
            return;
        };
        self.post(
            &Owner::Platform,
            Posting::new(KIND, KIND, -held, currency, account),
        );
        self.post(owner, Posting::new(KIND, KIND, held, currency, account));
    }
}
