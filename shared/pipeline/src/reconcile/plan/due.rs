//! What is due of one book.

use std::collections::BTreeSet;

use tributary_ledger::Book;

use super::{LISTED_S, ON_THE_WAY_S, OVERLAP_S, Planner};
use crate::reconcile::Job;
use crate::reconcile::ports::{Coverage, Jobs};
use crate::reconcile::work::{WorkError, World};

impl<W: World> Planner<'_, W> {
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
            self.send(&holdings).await?;
        }
        Ok(())
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
