//! The platform's own book of some months, matched with the ledger.
//!
//! A month with more entries or lines than can be matched together is matched part by
//! part, see [`parts`].
//!
//! A month is matched again only if something that it was made of has changed: the
//! imports that count, what the days of the ledger add up to, the answers, or what the
//! month before has taken.

mod lines;
mod parts;
mod told;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use tributary_domain::Fingerprint;
use tributary_ledger::{Book, Day};
use tributary_matching::period::{lines_seen, own_seen};
use tributary_matching::{Answer, OwnEntry, Period, Taken, Weights, match_period};
use tributary_reconciliation::Finding;

use super::Job;
use super::ports::{Control, ControlError, Findings, change_coverage};
use super::settle::{Means, Settled, close, settle};
use super::work::{Place, Turn, WorkError, World};
use crate::ledger::{Totals, Watch};
use crate::own_book::{Head, Kept, Matches, Month, Page, Standing, latest, pages_that_count};

use lines::Reader;
use parts::Parts;

pub use lines::line_of;

/// Most text of a page of matches, bytes: what an item of DynamoDB holds even if nothing
/// packs it.
const PAGE_BYTES_MAX: usize = 300_000;
/// Findings settled between two looks at the clock.
const SETTLED_AT_ONCE: usize = 100;

/// Where a job stands.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Cursor {
    /// The months that are left; `None` before the first.
    left: Option<BTreeSet<Month>>,
}

/// What one month came to.
#[derive(Debug, Default)]
struct Matched {
    settled: Settled,
    /// What the next month does without has changed.
    reaches_on: bool,
    /// Time is up before everything was told.
    is_cut_short: bool,
}

pub(super) async fn turn<W: World, T: Watch>(
    mut place: Place<'_, W, T>,
    job: &Job,
) -> Result<Turn, WorkError> {
    let Job::Match { book, months, .. } = job else {
        return Ok(Turn::Done(Settled::default(), vec![]));
    };
    let world = place.world;
    let known = enlist(world, book, months).await?;
    let cursor: Cursor = place.cursor();
    let mut left = cursor.left.unwrap_or_else(|| months.clone());
    let answers = world.matches().answers(book).await?;
    let (lessons, lessons_at) = world.matches().lessons(book.mode).await?;
    let weights = Weights::of_lessons(&lessons, &answers);
    let mut settled = Settled::default();
    while let Some(month) = left.first().copied() {
        let look = Look {
            place: &place,
            book,
            month,
            answers: &answers,
            lessons_at,
            weights: &weights,
        };
        let matched = look.settle().await?;
        settled.add(&matched.settled);
        if matched.is_cut_short {
            return Ok(Turn::Later(0));
        }
        left.remove(&month);
        if matched.reaches_on && known.contains(&month.next()) {
            left.insert(month.next());
        }
        let is_last = left.is_empty();
        place
            .keep(&Cursor {
                left: Some(left.clone()),
            })
            .await?;
        if !is_last && !place.watch.has_time() {
            return Ok(Turn::Later(0));
        }
    }
    let now = place.run.now;
    let matched = |coverage: &mut super::Coverage| coverage.matched_at = Some(now);
    change_coverage(world.control(), book, matched).await?;
    Ok(Turn::Done(settled, vec![]))
}

/// Puts the months on the book's coverage, and says which are on it.
async fn enlist<W: World>(
    world: &W,
    book: &Book,
    months: &BTreeSet<Month>,
) -> Result<BTreeSet<Month>, WorkError> {
    let known = world.control().coverage(book).await?.own_months;
    if known.is_superset(months) {
        return Ok(known);
    }
    let add = |coverage: &mut super::Coverage| coverage.own_months.extend(months);
    change_coverage(world.control(), book, add).await?;
    Ok(known.union(months).copied().collect())
}

/// One look at one month.
struct Look<'l, 'p, W, T> {
    place: &'l Place<'p, W, T>,
    book: &'l Book,
    month: Month,
    answers: &'l [Answer],
    lessons_at: u64,
    weights: &'l Weights,
}

impl<W: World, T: Watch> Look<'_, '_, W, T> {
    async fn settle(&self) -> Result<Matched, WorkError> {
        let (world, book, now) = (self.place.world, self.book, self.place.run.now);
        let period = self.month.seconds();
        let (head, revision) = world.matches().month(book, self.month).await?;
        let before = world.matches().month(book, self.month.before()).await?;
        let before = before.0.taken;
        let months = self.month..=self.month.next();
        let owner = &book.owner;
        let pages = pages_that_count(world.own_book(), book.mode, owner, months).await?;
        let totals = lines::totals(world, book, &lines_seen(&period)).await?;
        let stamp = self.stamp(&pages, &totals, &before)?;
        if self.is_current(&head, &stamp) {
            return Ok(Matched::default());
        }
        let seen = own_seen(&period);
        let own: Vec<OwnEntry> = latest(pages)
            .filter(|entry| seen.contains(&entry.occurred_at))
            .collect();
        let parts = Parts::of(
            &period,
            &own,
            &totals,
            self.place.rules.matched_together_max,
        );
        let mut reader = Reader::new(world, book, totals.into_keys());
        let found = self.match_parts(&parts, own, &mut reader, before).await?;
        let grace_s = self.place.rules.unmatched_grace_s;
        let mut told = told::told(book, self.month, &found, now, grace_s);
        told.found
            .extend(told::left(book, self.month, &parts.left, now));
        let mut matched = self.tell(told.found).await?;
        if matched.is_cut_short {
            return Ok(matched);
        }
        // What is counted and not posted will be in a moment, and changes no total.
        let due_at = match reader.are_missing {
            true => Some(now),
            false => told.due_at,
        };
        matched.reaches_on = found.taken != head.taken;
        let next = Head {
            stamp,
            lessons: self.lessons_at,
            due_at,
            ..Head::default()
        };
        self.keep(next, found, &head, revision).await?;
        Ok(matched)
    }

    /// Matches the parts of a month, from the oldest on.
    async fn match_parts(
        &self,
        parts: &Parts,
        own: Vec<OwnEntry>,
        reader: &mut Reader<'_, W>,
        before: Taken,
    ) -> Result<Period, WorkError> {
        let mut found = Period {
            taken: before,
            ..Period::default()
        };
        for (at, part) in parts.whole.iter().enumerate() {
            let next = parts.whole.get(at + 1).map(lines_seen);
            let next_from = next.map_or(i64::MAX, |next| next.start);
            let lines = reader.read(&lines_seen(part), next_from).await?;
            let seen = own_seen(part);
            let own = own.iter().filter(|it| seen.contains(&it.occurred_at));
            let own = own.cloned().collect();
            found.append(match_period(part, own, lines, &found.taken, self.weights));
        }
        Ok(found)
    }

    /// A hash of all that the month is made of.
    fn stamp(
        &self,
        pages: &[Page],
        totals: &BTreeMap<Day, Totals>,
        before: &Taken,
    ) -> Result<String, WorkError> {
        let pages: Vec<_> = pages
            .iter()
            .map(|page| (&page.import, page.number))
            .collect();
        let made_of = (pages, totals, before, self.answers);
        let text = serde_json::to_string(&made_of)
            .map_err(|error| ControlError::Invalid(error.to_string()))?;
        Ok(Fingerprint::of_text(&text).as_str().to_owned())
    }

    /// Whether the same would be found again. New lessons change nothing about a month of
    /// which everything is matched.
    fn is_current(&self, head: &Head, stamp: &str) -> bool {
        let is_open = head.waiting + head.unmatched > 0;
        let is_due = head.due_at.is_some_and(|due| due <= self.place.run.now);
        head.stamp == stamp && !is_due && (head.lessons == self.lessons_at || !is_open)
    }

    /// Records what was found, and closes what was not found again. What stands as it did
    /// is not written again: so a month with very many findings comes to an end, if not in
    /// one go.
    async fn tell(&self, found: Vec<Finding>) -> Result<Matched, WorkError> {
        let Place {
            world, rules, run, ..
        } = self.place;
        let (world, book) = (*world, self.book);
        let keys: BTreeSet<String> = found.iter().map(Finding::key).collect();
        let scope = told::scope(self.month);
        let open = world.findings().open(book).await?;
        let stands = |finding: &Finding| {
            open.iter().any(|(one, _)| {
                (one.code, &one.subject) == (finding.code, &finding.subject)
                    && one.evidence == finding.evidence
                    && one.scope == finding.scope
            })
        };
        let mut news: Vec<Finding> = found.into_iter().filter(|one| !stands(one)).collect();
        let mut matched = Matched::default();
        while !news.is_empty() {
            let rest = news.split_off(news.len().min(SETTLED_AT_ONCE));
            let some = settle(world, rules, *run, book, news, &Means::default()).await?;
            matched.settled.add(&some);
            news = rest;
            if !news.is_empty() && !self.place.watch.has_time() {
                matched.is_cut_short = true;
                return Ok(matched);
            }
        }
        let is_gone = |one: &Finding| one.scope == scope && !keys.contains(&one.key());
        matched.settled.gone += close(world, book, run.now, is_gone).await?;
        Ok(matched)
    }

    /// Stores the matches: pages first, and then the head that makes them count.
    async fn keep(
        &self,
        mut next: Head,
        found: Period,
        head: &Head,
        revision: u64,
    ) -> Result<(), WorkError> {
        let (world, book) = (self.place.world, self.book);
        next.made = found.made.len();
        next.waiting = found.waiting.len();
        next.unmatched = found.unmatched.len();
        next.taken = found.taken;
        tributary_telemetry::info!(
            "matched",
            made = next.made,
            waiting = next.waiting,
            unmatched = next.unmatched,
            compared = found.compared,
        );
        let made = found.made.into_iter().map(|one| (Standing::Made, one));
        let waiting = found.waiting.into_iter();
        let waiting = waiting.map(|one| (Standing::Waiting, one));
        let mut all: Vec<Kept> = made
            .chain(waiting)
            .map(|(standing, matched)| Kept { standing, matched })
            .collect();
        all.sort_by(|one, other| {
            let key = |kept: &Kept| (kept.matched.at, kept.matched.own.clone());
            key(one).cmp(&key(other))
        });
        for (name, page) in pages(all)? {
            world.matches().keep(book, self.month, &name, &page).await?;
            next.pages.push(name);
        }
        let forgotten: Vec<_> = head
            .pages
            .iter()
            .filter(|name| !next.pages.contains(name))
            .cloned()
            .collect();
        world
            .matches()
            .commit(book, self.month, &next, revision, &forgotten)
            .await?;
        Ok(())
    }
}

/// Matches as pages, each under a name that is made from what is on it.
fn pages(all: Vec<Kept>) -> Result<Vec<(String, Vec<Kept>)>, WorkError> {
    let mut pages = Vec::new();
    let (mut page, mut text) = (Vec::new(), String::new());
    let close =
        |page: Vec<Kept>, text: &str| (Fingerprint::of_text(text).as_str().to_owned(), page);
    for kept in all {
        let of_kept = serde_json::to_string(&kept)
            .map_err(|error| ControlError::Invalid(error.to_string()))?;
        if !page.is_empty() && text.len() + of_kept.len() > PAGE_BYTES_MAX {
            pages.push(close(std::mem::take(&mut page), &text));
            text.clear();
        }
        text.push_str(&of_kept);
        page.push(kept);
    }
    if !page.is_empty() {
        pages.push(close(page, &text));
    }
    Ok(pages)
}
