//! The simulated world behind the ports of pulling and reconciling, without a wire.

use std::sync::Mutex;

use serde_json::Value;
use tributary_books::labels;
use tributary_domain::change::State;
use tributary_domain::change::state::Balance;
use tributary_domain::{
    AccountId, BalanceTransaction, EventId, EventKey, Mode, ObjectId, ObjectKey, ObjectKind,
};
use tributary_ledger::{Book, Day};
use tributary_pipeline::ledger::{ListError, Page, Transactions, Window};
use tributary_pipeline::reconcile::{
    Failure, Listed, ListedEvents, Payouts, Remote, Reported, Reports, Runs,
};
use tributary_reconciliation::report::{fold, fold_payouts};
use tributary_simulator::server::report_csv;
use tributary_simulator::{Fields, Owner, World};
use tributary_stripe::read_transaction;

use super::{expanded, owners, state};

const PAGE: usize = 100;
const ACTIVITY: [&str; 2] = [
    "balance_change_from_activity.itemized.3",
    "connected_account_balance_change_from_activity.itemized.3",
];
const PAID_OUT: [&str; 2] = [
    "payout_reconciliation.itemized.5",
    "connected_account_payout_reconciliation.itemized.5",
];

/// Stripe, as a frozen world has it.
pub struct SimStripe {
    pub world: World,
    pub calls: Mutex<usize>,
}

pub fn owner(book: &Book) -> Owner {
    match &book.owner {
        tributary_domain::Owner::Platform => Owner::Platform,
        tributary_domain::Owner::Account(id) => Owner::account(id.as_str()),
    }
}

fn is_in(window: Window, created: i64) -> bool {
    created <= window.to && window.from.is_none_or(|from| created >= from)
}

impl SimStripe {
    pub fn new(world: World) -> Self {
        Self {
            world,
            calls: Mutex::new(0),
        }
    }

    fn call(&self) {
        *self.calls.lock().unwrap() += 1;
    }

    fn read(&self, owner: &Owner, json: &Value) -> BalanceTransaction {
        read_transaction(&expanded(&self.world, owner, json), "order_id").unwrap()
    }
}

/// What follows `after`, and whether more follows that.
fn cut<T>(all: Vec<T>, is_after: impl Fn(&T) -> bool, began: bool) -> (Vec<T>, bool) {
    let start = if began {
        all.iter().position(is_after).map_or(0, |at| at + 1)
    } else {
        0
    };
    let more = all.len() > start + PAGE;
    (all.into_iter().skip(start).take(PAGE).collect(), more)
}

impl Transactions for SimStripe {
    async fn page(
        &self,
        book: &Book,
        window: Window,
        after: Option<&ObjectId>,
        _: u64,
    ) -> Result<Page, ListError> {
        self.call();
        let owner = owner(book);
        let mut all: Vec<(usize, &Value)> = self
            .world
            .balance_transactions(&owner)
            .iter()
            .enumerate()
            .filter(|(_, it)| is_in(window, it.int("created")))
            .collect();
        all.sort_by_key(|(at, it)| std::cmp::Reverse((it.int("created"), *at)));
        let is_after =
            |(_, it): &(usize, &Value)| after.is_some_and(|id| it.text("id") == id.as_str());
        let (page, more) = cut(all, is_after, after.is_some());
        let transactions: Vec<_> = page.iter().map(|(_, it)| self.read(&owner, it)).collect();
        let next = transactions.last().filter(|_| more).map(|it| it.id.clone());
        Ok(Page {
            transactions,
            unreadable: Vec::new(),
            next,
        })
    }
}

impl Remote for SimStripe {
    async fn mode(&self) -> Result<Mode, ListError> {
        Ok(Mode::Live)
    }

    async fn events(
        &self,
        book: &Book,
        window: Window,
        after: Option<&EventId>,
    ) -> Result<ListedEvents, ListError> {
        self.call();
        let owner = owner(book);
        let listed = self.world.events().iter().rev().filter(|event| {
            event.owner == owner
                && event.livemode
                && !event.is_thin()
                && is_in(window, event.created)
        });
        let is_after =
            |it: &&tributary_simulator::Event| after.is_some_and(|id| it.id == id.as_str());
        let (page, more) = cut(listed.collect(), is_after, after.is_some());
        let events: Vec<Listed> = page
            .into_iter()
            .map(|event| {
                let is_of_other_mode = self.world.is_mixed_up(&event.id);
                let key = EventKey {
                    mode: Mode::of(!is_of_other_mode),
                    owner: book.owner.clone(),
                    id: EventId::parse(&event.id).unwrap(),
                };
                Listed {
                    key,
                    kind: event.kind.clone(),
                    created: event.created,
                    is_of_other_mode,
                    body: event.json.to_string(),
                }
            })
            .collect();
        let next = events.last().filter(|_| more).map(|it| it.key.id.clone());
        Ok(ListedEvents { events, next })
    }

    async fn balance(&self, book: &Book) -> Result<Balance, ListError> {
        self.call();
        match state(&self.world.balance_json(&owner(book))) {
            Some(State::Balance(balance)) => Ok(balance),
            _ => Err(ListError::Invalid("no balance".to_owned())),
        }
    }

    async fn payouts(
        &self,
        book: &Book,
        window: Window,
        after: Option<&ObjectId>,
    ) -> Result<Payouts, ListError> {
        self.call();
        let owner = owner(book);
        let listed = self.world.objects().filter(|(it, json)| {
            it.owner == owner && it.kind == "payout" && is_in(window, json.int("created"))
        });
        let mut listed: Vec<&Value> = listed.map(|(_, json)| json).collect();
        listed.sort_by_key(|it| std::cmp::Reverse((it.int("created"), it.text("id").to_owned())));
        let is_after = |it: &&Value| after.is_some_and(|id| it.text("id") == id.as_str());
        let (page, more) = cut(listed, is_after, after.is_some());
        let payouts: Vec<_> = page
            .into_iter()
            .map(|json| {
                let Some(State::Payout(payout)) = state(json) else {
                    panic!("no payout");
                };
                let key = ObjectKey {
                    mode: Mode::Live,
                    owner: book.owner.clone(),
                    kind: ObjectKind::parse("payout").unwrap(),
                    id: ObjectId::parse(json.text("id")).unwrap(),
                };
                (key, *payout)
            })
            .collect();
        let next = payouts
            .last()
            .filter(|_| more)
            .map(|(key, _)| key.id.clone());
        Ok(Payouts { payouts, next })
    }

    async fn paid_out(
        &self,
        book: &Book,
        payout: &ObjectId,
        _: Option<&ObjectId>,
        _: u64,
    ) -> Result<Page, ListError> {
        self.call();
        let owner = owner(book);
        let listed = self.world.payout_transactions(&owner, payout.as_str());
        let listed = listed.unwrap_or_default().into_iter();
        Ok(Page {
            transactions: listed.map(|it| self.read(&owner, it)).collect(),
            ..Page::default()
        })
    }

    /// Nobody tells of notices here.
    async fn failure(&self, _: &Book, _: &EventId) -> Result<Option<Failure>, ListError> {
        Ok(None)
    }

    async fn shown(&self, _: &ObjectKey) -> Result<Option<State>, ListError> {
        Ok(None)
    }

    async fn accounts(
        &self,
        _: Option<&AccountId>,
    ) -> Result<(Vec<AccountId>, Option<AccountId>), ListError> {
        self.call();
        let owners = owners(&self.world);
        let ids = owners.iter().filter_map(|owner| owner.account_id());
        Ok((ids.map(|id| AccountId::parse(id).unwrap()).collect(), None))
    }
}

impl Reports for SimStripe {
    async fn start(&self, _: Mode, first: Day, last: Day) -> Result<Option<Runs>, ListError> {
        self.call();
        let is_whole = last.end() <= self.world.now();
        Ok(is_whole.then(|| Runs(vec![first.to_string(), last.to_string()])))
    }

    async fn fold(&self, runs: &Runs) -> Result<Option<Reported>, ListError> {
        self.call();
        let [start, end] = [0, 1].map(|at| Day::parse(&runs.0[at]).unwrap());
        let report = |kind| report_csv(&self.world, kind, start.start(), end.end()).unwrap();
        let mut reported = Reported::default();
        for kind in ACTIVITY {
            fold(report(kind).as_bytes(), &mut reported.digests).unwrap();
        }
        for kind in PAID_OUT {
            fold_payouts(report(kind).as_bytes(), &mut reported.paid_out).unwrap();
        }
        Ok(Some(reported))
    }
}

/// The books that can be read.
pub fn books(world: &World) -> Vec<Book> {
    let owners = owners(world);
    owners
        .iter()
        .map(|owner| labels::book(owner).unwrap())
        .collect()
}
