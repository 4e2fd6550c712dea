//! A day of one book. What agrees with the report is not read from Stripe; what is in
//! the entries themselves is looked at either way.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};
use tributary_domain::{Fingerprint, ObjectId};
use tributary_ledger::{Book, Day, Digest};
use tributary_reconciliation::compare::lines::{Held, agrees, diff, digest, unexplained};
use tributary_reconciliation::compare::prices::month_of;
use tributary_reconciliation::finding::{Code, Finding, Scope};

use super::ports::Books;
use super::reverse::without_reversed;
use super::settle::{Means, Settled, close};
use super::work::{Place, Turn, WorkError, World};
use super::{Job, entries};
use crate::ledger::concern::{FILED, UNREADABLE, of_day, of_unread};
use crate::ledger::{Page, Transactions, Watch, Window};

/// Most lines of ours whose place in a list is remembered between pages: what fits an
/// item of DynamoDB. A day with more is told as a whole, see `orphans`.
const MATCHED_MAX: usize = 16_000;

/// Where a day stands.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Cursor {
    /// When the day's comparison began, unix seconds: what was found before and is not
    /// found again is gone.
    began_at: i64,
    /// How many of our lines were looked at entry by entry.
    pub(super) looked: usize,
    /// Those that are counted, and whose entry is not there.
    pub(super) lost: BTreeSet<ObjectId>,
    /// The last movement of the last page that was dealt with.
    after: Option<ObjectId>,
    /// Our lines that Stripe has listed, shortened.
    matched: BTreeSet<String>,
    /// Currencies whose lines explain a difference.
    explained: BTreeSet<String>,
    healing: usize,
}

/// A day's comparison, as its parts share it.
pub(super) struct Work<'d, 'p, W, T> {
    pub(super) place: Place<'p, W, T>,
    pub(super) book: &'d Book,
    pub(super) scope: Scope,
    pub(super) cursor: Cursor,
    pub(super) settled: Settled,
}

pub(super) async fn turn<W: World, T: Watch>(
    place: Place<'_, W, T>,
    job: &Job,
) -> Result<Turn, WorkError> {
    let Job::Day {
        book, day, report, ..
    } = job
    else {
        return Ok(Turn::Done(Settled::default(), vec![]));
    };
    let mut cursor: Cursor = place.cursor();
    if cursor.began_at == 0 {
        cursor.began_at = place.run.now;
    }
    let scope = of_day(*day);
    let (settled, ledger) = (Settled::default(), place.world.ledger());
    let key = |line: &Held| (line.transaction.clone(), line.source.clone());
    let ours = without_reversed(ledger.held(book, *day).await?, key);
    let mut work = Work {
        place,
        book,
        scope,
        cursor,
        settled,
    };
    if !entries::look(&mut work, &ours).await? {
        return Ok(Turn::Later(0));
    }
    let differs = differing(&ours, report);
    let to_list = !differs.is_empty() || !work.cursor.lost.is_empty();
    if to_list && !work.list(*day, &ours, stake(&differs)).await? {
        return Ok(Turn::Later(0));
    }
    if to_list {
        work.conclude(&ours, &differs).await?;
    }
    let began_at = work.cursor.began_at;
    // A movement that could not be read is posted since.
    let is_read = |finding: &Finding| {
        let posted = |line: &Held| line.transaction.as_str() == finding.subject;
        finding.scope == of_unread() && ours.iter().any(posted)
    };
    // What differed from the agreed prices is held against them again: they may have been
    // corrected.
    let is_priced = AtomicBool::new(false);
    let is_gone = |finding: &Finding| {
        is_priced.fetch_or(month_of(finding).is_some(), Ordering::Relaxed);
        (finding.scope == work.scope && finding.last_seen < began_at) || is_read(finding)
    };
    work.settled.gone = close(work.place.world, book, work.place.run.now, is_gone).await?;
    work.settled.healing = work.cursor.healing;
    let mut turn = Turn::after(job, work.settled, work.place.rules);
    if let Turn::Done(_, follow) = &mut turn
        && is_priced.into_inner()
    {
        let (book, months) = (book.clone(), BTreeSet::new());
        let day = *day;
        follow.push((Job::Prices { book, months, day }, 0));
    }
    Ok(turn)
}

/// The currencies in which our lines are not what the report says, with both digests.
fn differing(
    ours: &[Held],
    report: &BTreeMap<String, Digest>,
) -> BTreeMap<String, (Digest, Digest)> {
    let held = ours.iter().map(|line| line.currency.as_str());
    let currencies: BTreeSet<&str> = held.chain(report.keys().map(String::as_str)).collect();
    let compared = currencies.into_iter().filter_map(|currency| {
        let reported = report.get(currency).copied().unwrap_or_default();
        let differs = !agrees(ours, currency, &reported);
        differs.then(|| {
            let activity = ours.iter().filter(|line| !line.is_payout());
            (currency.to_owned(), (digest(activity, currency), reported))
        })
    });
    compared.collect()
}

/// By how much our lines and the report differ, minor units: in the currency in which
/// they differ most.
fn stake(differs: &BTreeMap<String, (Digest, Digest)>) -> u64 {
    let by = differs
        .values()
        .map(|(ours, report)| ours.net.abs_diff(report.net));
    by.max()
        .map_or(0, |by| u64::try_from(by).unwrap_or(u64::MAX))
}

impl<W: World, T: Watch> Work<'_, '_, W, T> {
    /// Lists the day and compares it page by page. `false` when time is up.
    async fn list(&mut self, day: Day, ours: &[Held], stake: u64) -> Result<bool, WorkError> {
        let window = Window {
            from: Some(day.start()),
            to: day.end() - 1,
        };
        let mut held: BTreeMap<&ObjectId, Vec<&Held>> = BTreeMap::new();
        for line in ours {
            held.entry(&line.transaction).or_default().push(line);
        }
        loop {
            let after = self.cursor.after.clone();
            let page = self
                .place
                .world
                .stripe()
                .page(self.book, window, after.as_ref(), stake)
                .await?;
            self.compare(&held, &page).await?;
            let Some(next) = page.next else {
                return Ok(true);
            };
            self.cursor.after = Some(next);
            self.keep().await?;
            if !self.place.watch.has_time() {
                return Ok(false);
            }
        }
    }

    async fn compare(
        &mut self,
        held: &BTreeMap<&ObjectId, Vec<&Held>>,
        page: &Page,
    ) -> Result<(), WorkError> {
        let listed = page.transactions.as_slice();
        let lines = listed.iter().filter_map(|movement| held.get(&movement.id));
        let ours: Vec<Held> = lines.flatten().map(|line| (*line).clone()).collect();
        let now = self.place.run.now;
        let mut found = diff(self.book, &self.scope, &ours, listed, now);
        found.extend(self.unreadable(page, now));
        for movement in listed
            .iter()
            .filter(|movement| self.cursor.lost.contains(&movement.id))
        {
            found.push(
                Finding::new(
                    Code::MissingLedgerEntry,
                    self.book,
                    &movement.id,
                    &self.scope,
                    now,
                )
                .with("type", &movement.kind)
                .with("created", movement.created)
                .with(FILED, "true")
                .at_stake(movement.net, &movement.currency),
            );
        }
        self.cursor
            .explained
            .extend(found.iter().map(|finding| finding.stake.currency.clone()));
        let room = MATCHED_MAX.saturating_sub(self.cursor.matched.len());
        let matched = ours.iter().map(|line| short(&line.transaction)).take(room);
        self.cursor.matched.extend(matched);
        let means = Means {
            movements: listed
                .iter()
                .map(|movement| (&movement.id, movement))
                .collect(),
            ..Means::default()
        };
        self.settle(found, &means).await
    }

    /// The movements of a page that nobody can post, because nobody can read them.
    fn unreadable(&self, page: &Page, now: i64) -> impl Iterator<Item = Finding> {
        let code = Code::MissingLedgerEntry;
        page.unreadable.iter().filter_map(move |unread| {
            let finding = Finding::new(code, self.book, unread.id.as_ref()?, &self.scope, now);
            Some(finding.with(UNREADABLE, unread.field))
        })
    }

    /// What the whole list shows, and no page of it: our lines that are not on it, and
    /// reports that no line explains.
    async fn conclude(
        &mut self,
        ours: &[Held],
        differs: &BTreeMap<String, (Digest, Digest)>,
    ) -> Result<(), WorkError> {
        let now = self.place.run.now;
        let mut found = Vec::new();
        if self.cursor.matched.len() < MATCHED_MAX {
            let matched = &self.cursor.matched;
            let alone = ours
                .iter()
                .filter(|line| !matched.contains(&short(&line.transaction)));
            let alone: Vec<Held> = alone.cloned().collect();
            let orphans = diff(self.book, &self.scope, &alone, &[], now);
            found.extend(
                orphans
                    .into_iter()
                    .filter(|one| one.code == Code::OrphanEntry),
            );
        }
        self.cursor
            .explained
            .extend(found.iter().map(|finding| finding.stake.currency.clone()));
        let unsaid = differs
            .iter()
            .filter(|(code, _)| !self.cursor.explained.contains(*code));
        for (currency, (ours, report)) in unsaid {
            found.push(unexplained(
                self.book,
                &self.scope,
                currency,
                (ours, report),
                now,
            ));
        }
        self.settle(found, &Means::default()).await
    }

    pub(super) async fn keep(&mut self) -> Result<(), WorkError> {
        self.place.keep(&self.cursor).await
    }

    pub(super) async fn settle(
        &mut self,
        found: Vec<Finding>,
        means: &Means<'_>,
    ) -> Result<(), WorkError> {
        let settled = self.place.settle(self.book, found, means).await?;
        self.cursor.healing += settled.healing;
        self.settled.add(&settled);
        Ok(())
    }
}

/// Enough of an id's hash to tell a day's lines apart.
fn short(id: &ObjectId) -> String {
    let mut hash = Fingerprint::of_text(id.as_str()).as_str().to_owned();
    hash.truncate(16);
    hash
}
