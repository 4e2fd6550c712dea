//! What is due of one book.

use std::collections::BTreeSet;

use tributary_ledger::Book;

use super::{DAY_S, LISTED_S, ON_THE_WAY_S, OVERLAP_S, Planner};
use crate::reconcile::Job;
use crate::reconcile::ports::{Control, Coverage, Jobs};
use crate::reconcile::work::{WorkError, World};

/// A look at the platform's balance is a call for all books together: with so many, it is
/// made every day.
const BOOKS_PER_BALANCE: usize = 700;
/// With fewer, as seldom as every so many days.
const BALANCE_DAYS_MAX: usize = 7;

impl<W: World> Planner<'_, W> {
    /// A look at all payouts that are on their way.
    pub(super) async fn send_under_way(&mut self, platform: &Book) -> Result<(), WorkError> {
        let coverage = self.world.control().coverage(platform).await?;
        let looked = coverage.under_way_at.unwrap_or(i64::MIN);
        if self.start.saturating_sub(looked) < self.plan.under_way_every_s.max(1) {
            return Ok(());
        }
        let (mode, at) = (platform.mode, self.start);
        self.send(&Job::UnderWay { mode, at }).await?;
        self.change(platform, |coverage| coverage.under_way_at = Some(at))
            .await
    }

    /// Sends what is due of a book. Of an account that left only its events are asked
    /// for, now and then: the rest is due when they are listed again.
    pub(super) async fn send_due(
        &mut self,
        book: &Book,
        coverage: &Coverage,
    ) -> Result<(), WorkError> {
        self.cursor.planned.books += 1;
        if let Some(closed) = coverage.closed_at {
            if self.start.saturating_sub(closed) >= self.plan.closed_every_s {
                self.send_events(book, self.covered(coverage)).await?;
            }
        } else {
            self.send_open(book, coverage).await?;
        }
        self.send_match(book, coverage).await
    }

    /// Until when the events of a book are complete, or were forgotten; unix seconds.
    fn covered(&self, coverage: &Coverage) -> i64 {
        let horizon = self.start.saturating_sub(LISTED_S);
        coverage.events_to.unwrap_or(horizon)
    }

    async fn send_open(&mut self, book: &Book, coverage: &Coverage) -> Result<(), WorkError> {
        let covered = self.covered(coverage);
        let planned = &mut self.cursor.planned;
        planned.uncovered_s = planned.uncovered_s.max(self.start.saturating_sub(covered));
        let every = match coverage.is_silent {
            true => self.plan.silence_every_s,
            false => self.plan.events_every_s,
        };
        let to = self.start.saturating_sub(ON_THE_WAY_S);
        if to.saturating_sub(covered) >= every.max(1) {
            self.send_events(book, covered).await?;
        }
        let looked = coverage.holdings_at.unwrap_or(i64::MIN);
        if self.start.saturating_sub(looked) >= self.plan.holdings_every_s.max(1) {
            let holdings = Job::Holdings {
                book: book.clone(),
                at: self.start,
                before: None,
                lists: false,
                round: 0,
            };
            return self.send(&holdings).await;
        }
        self.send_balance(book, coverage).await
    }

    /// The platform's balance, between the looks at its holdings.
    async fn send_balance(&mut self, book: &Book, coverage: &Coverage) -> Result<(), WorkError> {
        let looked = coverage.balance_at.max(coverage.holdings_at);
        let looked = looked.unwrap_or(i64::MIN);
        let every = balance_every_s(coverage.books);
        if book.owner.account().is_some() || self.start.saturating_sub(looked) < every {
            return Ok(());
        }
        let balance = Job::Balance {
            book: book.clone(),
            at: self.start,
            before: None,
            round: 0,
        };
        self.send(&balance).await
    }

    /// An audit from where the last one ended, or from where Stripe's list begins.
    async fn send_events(&mut self, book: &Book, covered: i64) -> Result<(), WorkError> {
        let horizon = self.start.saturating_sub(LISTED_S);
        let events = Job::Events {
            book: book.clone(),
            from: covered.saturating_sub(OVERLAP_S).max(horizon),
            to: self.start.saturating_sub(ON_THE_WAY_S),
            round: 0,
        };
        self.send(&events).await
    }

    /// The ledger may have moved since the own book was matched; what did not is passed
    /// over by the job.
    async fn send_match(&mut self, book: &Book, coverage: &Coverage) -> Result<(), WorkError> {
        let matched = coverage.matched_at.unwrap_or(i64::MIN);
        let every = self.plan.matches_every_s;
        let is_due = every == 0 || self.start.saturating_sub(matched) >= every;
        let back = self.start.saturating_sub(self.plan.matches_back_s);
        let recent = coverage.own_months.iter().copied();
        let months: BTreeSet<_> = recent
            .filter(|month| month.seconds().start >= back)
            .collect();
        if !is_due || months.is_empty() {
            return Ok(());
        }
        let matching = Job::Match {
            book: book.clone(),
            months,
            cause: format!("plan-{}-{}", self.plan.window_s, self.start),
        };
        self.send(&matching).await
    }

    pub(super) async fn send(&mut self, job: &Job) -> Result<(), WorkError> {
        Jobs::send(self.world.outbox(), job, 0).await?;
        self.cursor.planned.jobs += 1;
        Ok(())
    }
}

/// How often the balance of a platform of so many books is looked at, seconds: every day
/// as long as nobody has counted them.
fn balance_every_s(books: Option<usize>) -> i64 {
    let days = books.map_or(1, |books| BOOKS_PER_BALANCE.div_ceil(books.max(1)));
    let days = days.clamp(1, BALANCE_DAYS_MAX);
    i64::try_from(days).map_or(DAY_S, |days| days.saturating_mul(DAY_S))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_more_books_the_more_often_the_platforms_balance_is_looked_at() {
        for (books, days) in [
            (None, 1),
            (Some(0), 7),
            (Some(101), 7),
            (Some(200), 4),
            (Some(400), 2),
            (Some(700), 1),
            (Some(100_000), 1),
        ] {
            assert_eq!(balance_every_s(books), days * DAY_S, "{books:?}");
        }
    }
}
