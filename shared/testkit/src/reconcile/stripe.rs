//! Stripe in memory: lists, balances, payouts and reports of what was booked.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tributary_domain::change::state::{Balance, Funds, Payout};
use tributary_domain::{
    AccountId, BalanceTransaction, Currency, EventId, Mode, ObjectId, ObjectKey,
};
use tributary_ledger::{Book, Day};
use tributary_pipeline::ledger::{ListError, Page, Transactions, Window};
use tributary_pipeline::reconcile::{
    Listed, ListedEvents, Payouts, Remote, Reported, Reports, Runs,
};
use tributary_reconciliation::compare::payout;
use tributary_reconciliation::report::{self, Digests, PaidSums};

use crate::ledger::MemoryList;

/// What Stripe knows besides the movements.
#[derive(Debug, Default)]
struct Known {
    events: BTreeMap<Book, Vec<Listed>>,
    payouts: BTreeMap<Book, Vec<(ObjectKey, Payout)>>,
    paid_out: BTreeMap<ObjectId, Vec<BalanceTransaction>>,
    accounts: Vec<AccountId>,
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

    /// Connects an account.
    pub fn connect(&self, account: AccountId) {
        self.known().accounts.push(account);
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
        let mut known = self.known();
        known.calls += 1;
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
        self.known().calls += 1;
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
        let mut known = self.known();
        known.calls += 1;
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
        _: &Book,
        payout: &ObjectId,
        _: Option<&ObjectId>,
        stake: u64,
    ) -> Result<Page, ListError> {
        let mut known = self.known();
        known.calls += 1;
        known.stakes.push((payout.clone(), stake));
        let transactions = known.paid_out.get(payout).cloned().unwrap_or_default();
        Ok(Page {
            transactions,
            ..Page::default()
        })
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

/// Reports that are asked for together.
const REPORTS: usize = 4;

impl Reports for MemoryStripe {
    async fn start(&self, mode: Mode, first: Day, last: Day) -> Result<Option<Runs>, ListError> {
        let mut known = self.known();
        // The question until when there is data.
        known.calls += 1;
        if known.reports_until.is_some_and(|until| last >= until) {
            return Ok(None);
        }
        known.calls += REPORTS;
        let runs = [
            mode.as_str().to_owned(),
            first.to_string(),
            last.to_string(),
        ];
        Ok(Some(Runs(runs.to_vec())))
    }

    async fn fold(&self, runs: &Runs) -> Result<Option<Reported>, ListError> {
        let invalid = || ListError::Invalid("no such run".to_owned());
        let mut known = self.known();
        // The look at all of them.
        known.calls += 1;
        if known.report_pending > 0 {
            known.report_pending -= 1;
            return Ok(None);
        }
        known.calls += REPORTS;
        let [mode, first, last] = runs.0.as_slice() else {
            return Err(invalid());
        };
        let day = |text: &str| Day::parse(text).map_err(|_| invalid());
        let days = day(first)?..=day(last)?;
        let (mut digests, mut failed) = (Digests::default(), None);
        self.movements.visit(|book, movement| {
            let is_payout = movement.reporting_category.starts_with("payout");
            let day = Day::of(movement.created);
            if book.mode.as_str() != mode || !days.contains(&day) || is_payout {
                return;
            }
            match Currency::parse(movement.currency.as_bytes()) {
                Some(currency) => {
                    let id = movement.id.as_str();
                    digests.add(&book.owner, day, currency, id, movement.net);
                }
                None => failed = Some(invalid()),
            }
        });
        if let Some(failed) = failed {
            return Err(failed);
        }
        Ok(Some(Reported {
            digests,
            paid_out: paid_out(&known, mode, &days)?,
        }))
    }
}

/// What the payouts of a mode paid out that arrive on some days, themselves not among it.
fn paid_out(
    known: &Known,
    mode: &str,
    days: &RangeInclusive<Day>,
) -> Result<report::PaidOut, ListError> {
    let mut paid_out = report::PaidOut::new();
    for (book, payouts) in &known.payouts {
        let arrived = payouts.iter().filter(|(_, payout)| {
            days.contains(&Day::of(payout.arrival_date)) && payout::is_explainable(payout)
        });
        for (key, _) in arrived.filter(|(key, _)| key.mode.as_str() == mode) {
            let of_payout = paid_out.entry(book.owner.clone()).or_default();
            let sums: &mut PaidSums = of_payout.entry(key.id.clone()).or_default();
            let movements = known.paid_out.get(&key.id).into_iter().flatten();
            for movement in movements.filter(|it| !payout::is_of(it, &key.id)) {
                let currency = Currency::parse(movement.currency.as_bytes());
                let currency =
                    currency.ok_or_else(|| ListError::Invalid("no currency".to_owned()))?;
                let sum = sums.entry((movement.reporting_category.clone(), currency));
                let sum = sum.or_default();
                sum.count += 1;
                sum.net += i128::from(movement.net);
            }
        }
    }
    Ok(paid_out)
}
