//! The world: its state and how to look at it.

use std::collections::{BTreeMap, BTreeSet};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde_json::Value;

use crate::{
    accounts::Profile,
    error::ApiError,
    event::Event,
    fields::Fields,
    flaws::Flaws,
    ids::IdSource,
    ledger::{Balance, Book, balance_json},
    refs::{ObjectRef, Owner},
    refunds::WaitingRefund,
    settlement::Settlement,
    store::Store,
    timers::Timers,
};

/// What a world is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorldConfig {
    /// Decides everything that happens.
    pub seed: u64,
    /// Connected accounts at the start.
    pub accounts: usize,
    /// Unix seconds of the first moment.
    pub start: i64,
    /// Days that `run` plays.
    pub days: u32,
    /// Events that `run` reaches at least.
    pub events_min: usize,
    /// Mode of the world. A live world also contains a few test-mode objects.
    pub livemode: bool,
    /// API version of the platform, e.g. `2026-10-28.endive`.
    pub api_version: String,
}

impl WorldConfig {
    /// Two weeks of two hundred accounts, from a Monday that has passed wherever it is played:
    /// long enough for payouts to be overdue and rates to move, and played in a second or two.
    #[must_use]
    pub fn two_weeks(seed: u64) -> Self {
        Self {
            seed,
            accounts: 200,
            // 2025-11-03T00:00:00Z
            start: 1_762_128_000,
            days: 14,
            events_min: 5_000,
            livemode: true,
            api_version: "2026-10-28.endive".to_owned(),
        }
    }
}

/// The answer of a verb: the new object's id, or Stripe's refusal.
pub type Answer = Result<String, ApiError>;

/// A simulated platform with its connected accounts.
#[derive(Debug)]
pub struct World {
    pub(crate) config: WorldConfig,
    pub(crate) now: i64,
    /// Decides what happens; ids and personal data have generators of their own.
    pub(crate) rng: ChaCha8Rng,
    pub(crate) ids: IdSource,
    pub(crate) platform_id: String,
    /// The platform's Connect application, `ca_…`.
    pub(crate) application_id: String,
    pub(crate) accounts: Vec<String>,
    pub(crate) profiles: BTreeMap<Owner, Profile>,
    pub(crate) store: Store,
    pub(crate) books: BTreeMap<Owner, Book>,
    /// Charges that succeeded and whose money has not moved yet.
    pub(crate) unsettled: BTreeMap<(Owner, String), Settlement>,
    /// Transactions each automatic payout settles.
    pub(crate) settled_by: BTreeMap<String, Vec<String>>,
    /// Refunds that wait for funds.
    pub(crate) waiting_refunds: BTreeMap<String, WaitingRefund>,
    /// Charges whose money a dispute took.
    pub(crate) withdrawn: BTreeSet<(Owner, String)>,
    /// Minor units reserved on the platform per negative account and currency.
    pub(crate) reserves: BTreeMap<(String, String), i64>,
    /// Accounts whose reserve may have to change.
    pub(crate) touched: BTreeSet<Owner>,
    pub(crate) timers: Timers,
    pub(crate) events: Vec<Event>,
    pub(crate) flaws: Flaws,
    /// `data` of thin events, by event id.
    pub(crate) thin_data: BTreeMap<String, Value>,
    /// `request.id` and idempotency key of the API call being served; `None` while time passes.
    pub(crate) request: Option<(String, Option<String>)>,
}

impl World {
    /// The platform and its connected accounts at `config.start`.
    #[must_use]
    pub fn new(config: WorldConfig) -> Self {
        let mut ids = IdSource::new(config.seed);
        let mut world = Self {
            now: config.start,
            rng: ChaCha8Rng::seed_from_u64(config.seed),
            platform_id: ids.next("acct"),
            application_id: ids.next("ca"),
            ids,
            accounts: Vec::new(),
            profiles: BTreeMap::new(),
            store: Store::default(),
            books: BTreeMap::new(),
            unsettled: BTreeMap::new(),
            settled_by: BTreeMap::new(),
            waiting_refunds: BTreeMap::new(),
            withdrawn: BTreeSet::new(),
            reserves: BTreeMap::new(),
            touched: BTreeSet::new(),
            timers: Timers::default(),
            events: Vec::new(),
            flaws: Flaws::new(config.seed),
            thin_data: BTreeMap::new(),
            request: None,
            config,
        };
        world.found_accounts();
        world
    }

    /// What the world was made from.
    #[must_use]
    pub fn config(&self) -> &WorldConfig {
        &self.config
    }

    /// Simulated unix seconds.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.now
    }

    /// Every event in the true order of happening.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// An object (or balance transaction) as GET would return it now, unexpanded.
    #[must_use]
    pub fn object(&self, owner: &Owner, id: &str) -> Option<&Value> {
        self.store
            .get(owner, id)
            .or_else(|| self.books.get(owner)?.get(id))
    }

    /// Every object except balance transactions, by owner and id; deleted ones are absent.
    pub fn objects(&self) -> impl Iterator<Item = (&ObjectRef, &Value)> {
        self.store.iter()
    }

    /// The tombstones, in order.
    pub fn deleted(&self) -> impl Iterator<Item = &ObjectRef> {
        self.store.deleted()
    }

    /// Whether the object existed and was deleted.
    #[must_use]
    pub fn is_deleted(&self, owner: &Owner, id: &str) -> bool {
        self.store
            .deleted()
            .any(|gone| gone.owner == *owner && gone.id == id)
    }

    /// The connected accounts, oldest first.
    #[must_use]
    pub fn accounts(&self) -> &[String] {
        &self.accounts
    }

    /// The platform's own account id.
    #[must_use]
    pub fn platform_id(&self) -> &str {
        &self.platform_id
    }

    /// The platform's Connect application.
    #[must_use]
    pub fn application_id(&self) -> &str {
        &self.application_id
    }

    /// Balance transactions of one account, in the order in which they were booked.
    #[must_use]
    pub fn balance_transactions(&self, owner: &Owner) -> &[Value] {
        self.books
            .get(owner)
            .map(Book::transactions)
            .unwrap_or_default()
    }

    /// The same as a list shows them: newest first by `created`, which a late one backdates.
    pub(crate) fn listed_transactions(&self, owner: &Owner) -> impl Iterator<Item = &Value> {
        self.books
            .get(owner)
            .into_iter()
            .flat_map(Book::newest_first)
    }

    /// The transactions an automatic payout settles, its own one included; empty when the payout
    /// is manual or instant and so cannot be attributed, `None` when it does not exist.
    #[must_use]
    pub fn payout_transactions(&self, owner: &Owner, payout: &str) -> Option<Vec<&Value>> {
        self.store
            .reference(owner, payout)
            .filter(|found| found.kind == "payout")?;
        let ids = self
            .settled_by
            .get(payout)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let book = self.books.get(owner)?;
        Some(ids.iter().filter_map(|id| book.get(id)).collect())
    }

    /// Money of one account per currency.
    #[must_use]
    pub fn balance(&self, owner: &Owner) -> Balance {
        self.books
            .get(owner)
            .map(|book| book.balance().clone())
            .unwrap_or_default()
    }

    /// The `balance` object of GET /v1/balance.
    #[must_use]
    pub fn balance_json(&self, owner: &Owner) -> Value {
        let mut balance = self.balance(owner);
        for (currency, money) in &mut balance {
            let key = (owner.clone(), currency.clone());
            money.available += self.flaws.balances.get(&key).copied().unwrap_or_default();
            if *owner == Owner::Platform {
                money.connect_reserved += self.flaws.reserves.get(currency).unwrap_or(&0);
            }
        }
        balance_json(owner, &balance, self.config.livemode)
    }

    /// The object of this kind, or Stripe's 404.
    pub(crate) fn expect(&self, owner: &Owner, kind: &str, id: &str) -> Result<&Value, ApiError> {
        self.store
            .reference(owner, id)
            .filter(|found| found.kind == kind)
            .and_then(|_| self.store.get(owner, id))
            .ok_or_else(|| ApiError::missing(kind, id))
    }

    /// Stores an object of the world's mode without an event.
    pub(crate) fn keep(&mut self, owner: &Owner, kind: &str, mut json: Value) {
        let id = json.text("id").to_owned();
        let livemode = self.config.livemode;
        if json.get("livemode").is_some() {
            json.set("livemode", livemode);
        }
        let reference = ObjectRef {
            owner: owner.clone(),
            livemode,
            kind: kind.to_owned(),
            id,
        };
        self.store.put(reference, json);
    }

    /// Opens an API call: the events that follow name its request.
    pub(crate) fn begin_request(&mut self) {
        let key = (self.ids.pick(2) == 0).then(|| self.ids.next("idem"));
        self.request = Some((self.ids.next("req"), key));
    }

    /// Closes an API call.
    pub(crate) fn end_request(&mut self) {
        self.settle_reserves();
        self.request = None;
    }
}
