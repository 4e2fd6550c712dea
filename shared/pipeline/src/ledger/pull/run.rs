//! One pull, by one worker.

use std::collections::{BTreeMap, BTreeSet};

use tributary_domain::{BalanceTransaction, ObjectId};
use tributary_ledger::views::{Expected, Month, MonthView, by_month};
use tributary_ledger::{Book, Day, EntryKey, Posted, post};

use super::{LEASE_S, Ports, PullError, Tally};
use crate::ledger::concern::{About, Concern, Known};
use crate::ledger::count::{Loaded, Part, count, days_to_load, parts};
use crate::ledger::explain::concerned;
use crate::ledger::ports::{
    Commit, Doubts, Ledger, LedgerError, ListError, Page, PullRequest, Stories, Transactions,
    Unread, Watch,
};
use crate::ledger::spans;
use crate::ledger::state::{BookState, Lease, Pull};

/// Pages that are listed again to post what a crashed worker has counted. Only what
/// is booked late can push it off the first.
const RELISTED_MAX: u32 = 5;

/// The work on one pull.
pub(super) struct Run<'a, T, L, D, W> {
    ports: &'a Ports<'a, T, L, D, W>,
    book: &'a Book,
    request: &'a PullRequest,
    state: BookState,
    pub(super) pull: Pull,
    tally: &'a mut Tally,
    /// What fees and rates are held against, once it was needed.
    expected: Option<Expected>,
    /// The views that this run has written: nobody else can have, while its commits
    /// are taken.
    months: BTreeMap<Month, MonthView>,
}

impl<'a, T: Transactions, L: Ledger + Stories, D: Doubts, W: Watch> Run<'a, T, L, D, W> {
    /// Goes on with the pull that is under way, or begins one.
    pub(super) fn new(
        ports: &'a Ports<'a, T, L, D, W>,
        request: &'a PullRequest,
        mut state: BookState,
        tally: &'a mut Tally,
    ) -> Self {
        let pull = state.pull.clone().unwrap_or_else(|| {
            state.pulls = state.pulls.saturating_add(1);
            Pull::of(request, &state, ports.watch.now())
        });
        Self {
            ports,
            book: &request.book,
            request,
            state,
            pull,
            tally,
            expected: None,
            months: BTreeMap::new(),
        }
    }

    /// Whether the pull ended; `false` if time ran out before.
    pub(super) async fn run_on(&mut self) -> Result<bool, PullError> {
        self.post_what_was_counted().await?;
        loop {
            if !self.ports.watch.has_time() {
                self.release().await;
                return Ok(false);
            }
            let page = self.list(self.pull.next.clone()).await?;
            let listed = self.judge(&page).await?;
            let is_known = listed.iter().all(|(_, new)| new.is_none());
            let newest = page.transactions.iter().map(|t| t.created).max();
            self.pull.newest = self.pull.newest.max(newest);
            let ends = self.pull.ends_with(&page, is_known);
            if !(ends && is_known) {
                for part in parts(listed, page.next) {
                    self.take(part).await?;
                }
            }
            if ends {
                self.finish().await?;
                return Ok(true);
            }
        }
    }

    async fn list(&mut self, after: Option<ObjectId>) -> Result<Page, PullError> {
        let transactions = self.ports.transactions;
        let page = transactions
            .page(
                self.book,
                self.pull.window(),
                after.as_ref(),
                self.request.stake,
            )
            .await?;
        self.tally.pages += 1;
        self.tally.listed += page.transactions.len();
        if page.next.is_some() && page.next == after {
            let nowhere = "a page that leads to itself".to_owned();
            return Err(ListError::Invalid(nowhere).into());
        }
        Ok(page)
    }

    /// Each movement of a page, with what is to be posted of it if it is new.
    async fn judge(&mut self, page: &Page) -> Result<Vec<(ObjectId, Option<Posted>)>, PullError> {
        for Unread { id, field } in &page.unreadable {
            let concern = Concern::Unreadable(field);
            match id {
                Some(id) => self.note(id, Known::Nothing, &concern).await?,
                None => tributary_telemetry::error!(
                    "without an id",
                    code = concern.code(),
                    book = self.book
                ),
            }
        }
        let mut listed = Vec::with_capacity(page.transactions.len());
        for transaction in &page.transactions {
            let posted = self.posted(transaction).await?;
            listed.push((transaction.id.clone(), posted));
        }
        let posted = listed.iter().filter_map(|(_, posted)| posted.as_ref());
        let keys: Vec<_> = posted.map(|posted| posted.entry.key()).collect();
        let present = self.present(&keys).await?;
        for (id, posted) in &mut listed {
            if present.contains(id) {
                *posted = None;
            }
        }
        if self.pull.lists_again() {
            self.restore(&mut listed).await?;
        }
        Ok(listed)
    }

    /// Posts movements that were counted once and whose entries are gone: they are not
    /// new, and counted twice they would make a balance that nobody has.
    async fn restore(
        &mut self,
        listed: &mut [(ObjectId, Option<Posted>)],
    ) -> Result<(), PullError> {
        let new = listed.iter().filter_map(|(_, new)| new.as_ref());
        let days: BTreeSet<Day> = new.map(|posted| posted.entry.day()).collect();
        let mut counted = BTreeSet::new();
        for day in days {
            let filed = self.ports.ledger.filed_on(self.book, day).await?;
            counted.extend(filed.into_iter().map(|filed| filed.key(self.book)));
        }
        let mut lost = Vec::new();
        for (_, new) in listed {
            lost.extend(new.take_if(|posted| counted.contains(&posted.entry.key())));
        }
        self.settle(&lost).await?;
        let entries = lost.iter().map(|posted| &posted.entry);
        self.explain(entries.filter_map(concerned).collect()).await
    }

    async fn posted(&mut self, of: &BalanceTransaction) -> Result<Option<Posted>, PullError> {
        match post(self.book, of) {
            Ok(posted) => Ok(Some(posted)),
            Err(unpostable) => {
                let concern = Concern::Unpostable(unpostable);
                self.note(&of.id, Known::Listed(of), &concern).await?;
                Ok(None)
            }
        }
    }

    /// Counts a part of a page, then posts it.
    async fn take(&mut self, part: Part) -> Result<(), PullError> {
        let ledger = self.ports.ledger;
        let added = self.added(&part.new).await?;
        let loaded = self.loaded(&part.new, &added).await?;
        let mut commit = count(&self.state, self.ports.worker, loaded, &part.new, &added);
        self.pull.pages = self.pull.pages.saturating_add(1);
        self.pull.before = std::mem::replace(&mut self.pull.next, part.cursor);
        self.pull.unposted = commit.filed.keys().copied().collect();
        commit.state.pull = Some(self.pull.clone());
        commit.state.lease = Some(Lease {
            holder: self.ports.worker.to_owned(),
            until: self.ports.watch.now().saturating_add(LEASE_S),
        });
        ledger.commit(self.book, &commit).await?;
        self.state = commit.state;
        self.months.append(&mut commit.months);
        self.settle(&part.new).await?;
        let entries = part.new.iter().map(|posted| &posted.entry);
        self.explain(entries.filter_map(concerned).collect())
            .await?;
        self.pull.unposted.clear();
        Ok(())
    }

    /// What new movements add to the views of their months.
    async fn added(&mut self, new: &[Posted]) -> Result<BTreeMap<Month, MonthView>, PullError> {
        if new.is_empty() {
            return Ok(BTreeMap::new());
        }
        if self.expected.is_none() {
            self.expected = Some(self.read_expected().await?);
        }
        let entries = new.iter().map(|posted| &posted.entry);
        let expected = self.expected.as_ref();
        Ok(expected.map_or_else(BTreeMap::new, |expected| by_month(entries, expected)))
    }

    /// A price list that is of no use costs the comparison, not the ledger.
    async fn read_expected(&self) -> Result<Expected, PullError> {
        match self.ports.ledger.expected().await {
            Err(error @ LedgerError::Invalid(_)) => {
                tributary_telemetry::error!(
                    "nothing is expected",
                    code = "unusable_expectations",
                    error = error
                );
                Ok(Expected::default())
            }
            answer => Ok(answer?),
        }
    }

    /// The closed days and the months that new movements are added to.
    async fn loaded(
        &self,
        new: &[Posted],
        added: &BTreeMap<Month, MonthView>,
    ) -> Result<Loaded, PullError> {
        let ledger = self.ports.ledger;
        let days = match days_to_load(&self.state, new).as_slice() {
            [] => BTreeMap::new(),
            days => ledger.totals(self.book, days).await?,
        };
        let mut months = self.months.clone();
        let unread: Vec<Month> = added
            .keys()
            .filter(|month| !months.contains_key(*month))
            .cloned()
            .collect();
        if !unread.is_empty() {
            months.extend(ledger.months(self.book, &unread).await?);
        }
        Ok(Loaded { days, months })
    }

    /// Posts what is counted. What an entry leaves in doubt is noted before, so that
    /// no entry is there without.
    async fn settle(&mut self, counted: &[Posted]) -> Result<(), PullError> {
        for Posted { entry, doubts } in counted {
            for doubt in doubts {
                let concern = Concern::Doubtful(doubt.clone());
                self.note(&entry.transaction, Known::Entry(entry), &concern)
                    .await?;
            }
        }
        let entries: Vec<_> = counted.iter().map(|posted| posted.entry.clone()).collect();
        if !entries.is_empty() {
            self.ports.ledger.post(self.book, &entries).await?;
            spans::of_entries(self.book, self.request, &entries);
            self.tally.posted += entries.len();
        }
        Ok(())
    }

    /// Posts what another worker counted before it stopped. The file has the ids; the
    /// rest is listed again.
    async fn post_what_was_counted(&mut self) -> Result<(), PullError> {
        let mut missing = BTreeMap::new();
        for &day in &self.pull.unposted {
            let filed = self.ports.ledger.filed(self.book, day, self.state.page());
            let of_day = filed.await?.into_iter();
            missing.extend(of_day.map(|filed| (filed.transaction.clone(), (day, filed))));
        }
        let keys: Vec<_> = missing.values().map(|(_, it)| it.key(self.book)).collect();
        let present = self.present(&keys).await?;
        let sources = keys.into_iter().map(|key| key.source).collect();
        missing.retain(|transaction, _| !present.contains(transaction));
        let mut after = self.pull.before.clone();
        for _ in 0..RELISTED_MAX {
            if missing.is_empty() {
                break;
            }
            let page = self.list(after.take()).await?;
            let mut counted = Vec::new();
            for transaction in &page.transactions {
                if missing.remove(&transaction.id).is_some() {
                    counted.extend(self.posted(transaction).await?);
                }
            }
            self.settle(&counted).await?;
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        for (transaction, (day, filed)) in &missing {
            let known = Known::Filed(*day, filed);
            self.note(transaction, known, &Concern::Vanished).await?;
        }
        self.explain(sources).await?;
        self.pull.unposted.clear();
        Ok(())
    }

    async fn explain(&mut self, objects: BTreeSet<ObjectId>) -> Result<(), PullError> {
        self.ports.explain(self.book, objects, self.tally).await
    }

    async fn present(&self, keys: &[EntryKey]) -> Result<BTreeSet<ObjectId>, PullError> {
        match keys {
            [] => Ok(BTreeSet::new()),
            keys => Ok(self.ports.ledger.present(self.book, keys).await?),
        }
    }

    async fn finish(&mut self) -> Result<(), PullError> {
        let mut state = self.state.next(self.ports.worker);
        state.answered = state.answered.max(self.pull.answers);
        state.newest = state.newest.max(self.pull.newest);
        state.pull = None;
        state.lease = None;
        self.write(state).await
    }

    /// Lets another worker go on at once. If that fails, the lease runs out.
    async fn release(&mut self) {
        if self.state.lease.is_none() {
            return;
        }
        let mut state = self.state.next(self.ports.worker);
        state.pull = Some(self.pull.clone());
        state.lease = None;
        if let Err(error) = self.write(state).await {
            tributary_telemetry::warn!("the lease has to run out", book = self.book, error = error);
        }
    }

    async fn write(&mut self, state: BookState) -> Result<(), PullError> {
        let commit = Commit {
            state,
            ..Default::default()
        };
        self.ports.ledger.commit(self.book, &commit).await?;
        self.state = commit.state;
        Ok(())
    }

    async fn note(
        &mut self,
        transaction: &ObjectId,
        known: Known<'_>,
        concern: &Concern,
    ) -> Result<(), PullError> {
        let about = About {
            book: self.book,
            transaction,
            known,
        };
        self.ports.note(&about, concern, self.tally).await
    }
}
