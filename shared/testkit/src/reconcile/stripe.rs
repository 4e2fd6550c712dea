//! Stripe in memory: lists, balances, payouts and reports of what was booked.

mod reports;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tributary_domain::change::State;
use tributary_domain::change::state::{Balance, Funds, Payout};
use tributary_domain::{AccountId, BalanceTransaction, EventId, Mode, ObjectId, ObjectKey};
use tributary_ledger::{Book, Day};
use tributary_pipeline::ledger::{ListError, Page, Transactions, Window};
use tributary_pipeline::reconcile::{Failure, Listed, ListedEvents, Payouts, Remote};

use crate::ledger::MemoryList;

/// What Stripe knows besides the movements.
#[derive(Debug, Default)]
struct Known {
    events: BTreeMap<Book, Vec<Listed>>,
    payouts: BTreeMap<Book, Vec<(ObjectKey, Payout)>>,
    paid_out: BTreeMap<ObjectId, Vec<BalanceTransaction>>,
    accounts: Vec<AccountId>,
    failures: BTreeMap<EventId, Failure>,
    shown: BTreeMap<ObjectKey, State>,
    /// Accounts that have left.
    left: BTreeSet<Book>,
    /// Calls about them.
    refused: usize,
    /// Times that a report is still under way.
    report_pending: u32,
    /// The first day of which there is no report yet.
    reports_until: Option<Day>,
    calls: usize,
    stakes: Vec<(ObjectId, u64)>,
}

/// Stripe.
#[derive(Debug, Default)]
pub struct MemoryStripe {
    /// The lists of movements.
    pub movements: MemoryList,
    page_max: Option<usize>,
    known: Mutex<Known>,
}

impl MemoryStripe {
    /// Lists with shorter pages.
    pub fn with_pages_of(page_max: usize) -> Self {
        Self {
            movements: MemoryList::with_pages_of(page_max),
            page_max: Some(page_max),
            ..Self::default()
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes an event.
    pub fn make(&self, book: &Book, event: Listed) {
        self.known()
            .events
            .entry(book.clone())
            .or_default()
            .push(event);
    }

    /// Shows a payout, and what it paid out; in the place of how it was shown before.
    pub fn pay_out(
        &self,
        book: &Book,
        key: ObjectKey,
        payout: Payout,
        of: Vec<BalanceTransaction>,
    ) {
        let mut known = self.known();
        known.paid_out.insert(key.id.clone(), of);
        let payouts = known.payouts.entry(book.clone()).or_default();
        payouts.retain(|(other, _)| *other != key);
        payouts.push((key, payout));
    }

    /// Fails to make an event, and makes a notice of it; shows its object as it is.
    pub fn fail(&self, notice: EventId, failure: Failure, shown: Option<State>) {
        let mut known = self.known();
        if let Some((object, state)) = failure.object.clone().zip(shown) {
            known.shown.insert(object, state);
        }
        known.failures.insert(notice, failure);
    }

    /// Connects an account.
    pub fn connect(&self, account: AccountId) {
        self.known().accounts.push(account);
    }

    /// Lets an account leave: it is not listed, and every call about it is refused.
    pub fn leave(&self, book: &Book) {
        let mut known = self.known();
        known.left.insert(book.clone());
        known
            .accounts
            .retain(|account| Some(account) != book.owner.account());
    }

    /// Lets an account come back that had left.
    pub fn come_back(&self, book: &Book) {
        let mut known = self.known();
        known.left.remove(book);
        known.accounts.extend(book.owner.account().cloned());
    }

    /// Calls that were refused because the account had left.
    pub fn refused(&self) -> usize {
        self.known().refused
    }

    /// Counts a call about a book.
    fn call(&self, book: &Book) -> Result<MutexGuard<'_, Known>, ListError> {
        let mut known = self.known();
        known.calls += 1;
        if known.left.contains(book) {
            known.refused += 1;
            return Err(ListError::Closed);
        }
        Ok(known)
    }

    /// Lets every report be under way so many times.
    pub fn delay_reports(&self, times: u32) {
        self.known().report_pending = times;
    }

    /// Has no reports from a day on.
    pub fn end_reports(&self, from: Day) {
        self.known().reports_until = Some(from);
    }

    /// Of which payouts it was asked what they paid out, and what was at stake.
    pub fn payout_stakes(&self) -> Vec<(ObjectId, u64)> {
        self.known().stakes.clone()
    }

    /// Calls of the API so far, lists of movements included.
    pub fn calls(&self) -> usize {
        self.known().calls + self.movements.calls()
    }

    fn page_max(&self) -> usize {
        self.page_max.unwrap_or(100)
    }
}

/// The part of a list, newest first, that follows one element.
fn page<T: Clone, I: PartialEq>(
    list: &[T],
    after: Option<&I>,
    page_max: usize,
    id: impl Fn(&T) -> &I,
    created: impl Fn(&T) -> i64,
    window: Window,
) -> (Vec<T>, bool) {
    let mut inside: Vec<&T> = list
        .iter()
        .filter(|one| {
            created(one) <= window.to && window.from.is_none_or(|from| created(one) >= from)
        })
        .collect();
    inside.sort_by_key(|one| std::cmp::Reverse(created(one)));
    let start = after.map_or(0, |after| {
        inside
            .iter()
            .position(|one| id(one) == after)
            .map_or(0, |place| place + 1)
    });
    let rest: Vec<T> = inside.into_iter().skip(start).cloned().collect();
    let has_more = rest.len() > page_max;
    (rest.into_iter().take(page_max).collect(), has_more)
}

impl Remote for MemoryStripe {
    async fn mode(&self) -> Result<Mode, ListError> {
        Ok(Mode::Live)
    }

    async fn events(
        &self,
        book: &Book,
        window: Window,
        after: Option<&EventId>,
    ) -> Result<ListedEvents, ListError> {
        let known = self.call(book)?;
        let list = known
            .events
            .get(book)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let (events, has_more) = page(
            list,
            after,
            self.page_max(),
            |one| &one.key.id,
            |one| one.created,
            window,
        );
        let next = events
            .last()
            .filter(|_| has_more)
            .map(|one| one.key.id.clone());
        Ok(ListedEvents { events, next })
    }

    async fn balance(&self, book: &Book) -> Result<Balance, ListError> {
        drop(self.call(book)?);
        let (mut pending, mut reserved) = (BTreeMap::new(), BTreeMap::new());
        for movement in self.movements.all(book) {
            if movement.balance_type == "payments" {
                *pending.entry(movement.currency.clone()).or_default() += movement.net;
            }
            if movement.kind == "reserve_transaction" {
                *reserved.entry(movement.currency.clone()).or_default() -= movement.amount;
            }
        }
        let funds = |sums: BTreeMap<String, i64>| {
            let funds = sums.into_iter().map(|(currency, amount)| Funds {
                amount,
                currency,
                source_types: BTreeMap::new(),
            });
            funds.collect::<Vec<_>>()
        };
        Ok(Balance {
            available: vec![],
            pending: funds(pending),
            connect_reserved: funds(reserved),
            instant_available: vec![],
            issuing_available: vec![],
            prefunding_available: vec![],
            prefunding_pending: vec![],
        })
    }

    async fn payouts(
        &self,
        book: &Book,
        window: Window,
        after: Option<&ObjectId>,
    ) -> Result<Payouts, ListError> {
        let known = self.call(book)?;
        let list = known
            .payouts
            .get(book)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let (payouts, has_more) = page(
            list,
            after,
            self.page_max(),
            |one| &one.0.id,
            |one| one.1.created,
            window,
        );
        let next = payouts
            .last()
            .filter(|_| has_more)
            .map(|(key, _)| key.id.clone());
        Ok(Payouts { payouts, next })
    }

    async fn paid_out(
        &self,
        book: &Book,
        payout: &ObjectId,
        _: Option<&ObjectId>,
        stake: u64,
    ) -> Result<Page, ListError> {
        let mut known = self.call(book)?;
        known.stakes.push((payout.clone(), stake));
        let transactions = known.paid_out.get(payout).cloned().unwrap_or_default();
        Ok(Page {
            transactions,
            ..Page::default()
        })
    }

    async fn failure(&self, _: &Book, notice: &EventId) -> Result<Option<Failure>, ListError> {
        let mut known = self.known();
        known.calls += 1;
        Ok(known.failures.get(notice).cloned())
    }

    async fn shown(&self, object: &ObjectKey) -> Result<Option<State>, ListError> {
        let mut known = self.known();
        known.calls += 1;
        Ok(known.shown.get(object).cloned())
    }

    async fn accounts(
        &self,
        _: Option<&AccountId>,
    ) -> Result<(Vec<AccountId>, Option<AccountId>), ListError> {
        let mut known = self.known();
        known.calls += 1;
        Ok((known.accounts.clone(), None))
    }
}

impl Transactions for MemoryStripe {
    async fn page(
        &self,
        book: &Book,
        window: Window,
        after: Option<&ObjectId>,
        stake: u64,
    ) -> Result<Page, ListError> {
        self.movements.page(book, window, after, stake).await
    }
}
