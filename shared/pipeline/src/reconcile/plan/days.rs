//! The days of which Stripe is asked for reports.

use std::iter::successors;

use tributary_ledger::{Book, Day};

use super::{DAY_S, Planner};
use crate::reconcile::Job;
use crate::reconcile::ports::Control;
use crate::reconcile::work::{WorkError, World};

/// Days that are caught up with at most.
const CATCH_UP_DAYS: i32 = 30;
/// How long after the end of a day Stripe has it whole: it prepares reports twice a day.
const REPORTED_AFTER_S: i64 = DAY_S / 2;
/// Reports cost the same ten calls, however few books and however many days they are
/// about. With so many books, those of a day cost a fortieth of a call for each of them;
/// with fewer, days are asked for together.
const BOOKS_PER_DAY: usize = 400;
/// So many at most: what differs is not to be found much later.
const TOGETHER_MAX: usize = 4;

impl<W: World> Planner<'_, W> {
    /// Reports of every whole day since the last one that was asked for, of as many days
    /// together as is worth it with so many books.
    pub(super) async fn send_days(&mut self, platform: &Book) -> Result<(), WorkError> {
        let coverage = self.world.control().coverage(platform).await?;
        let (waits, mode) = (self.plan.waits_for_days, self.plan.mode);
        let after_s = if waits { REPORTED_AFTER_S } else { 0 };
        let end = Day::of(self.start.saturating_sub(after_s));
        let oldest = Day::of(self.start).plus(-CATCH_UP_DAYS);
        let first = coverage
            .reports_to
            .map_or(oldest, |last| last.plus(1).max(oldest));
        let days: Vec<Day> = successors(Some(first), |day| Some(day.plus(1)))
            .take_while(|day| *day < end)
            .collect();
        let together = together(coverage.books);
        for some in days.chunks(together) {
            let (Some(&day), Some(&last)) = (some.first(), some.last()) else {
                break;
            };
            if waits && some.len() < together {
                break;
            }
            let days = u8::try_from(some.len()).unwrap_or(u8::MAX);
            let job = Job::Reports { mode, day, days };
            self.send(&job).await?;
            self.cursor.planned.days += some.len();
            self.change(platform, |coverage| coverage.reports_to = Some(last))
                .await?;
        }
        self.cursor.are_days_sent = true;
        self.keep().await
    }
}

/// Of how many days a platform of so many books asks for reports together; of one as
/// long as nobody has counted them.
fn together(books: Option<usize>) -> usize {
    let days = books.map_or(1, |books| BOOKS_PER_DAY.div_ceil(books.max(1)));
    days.clamp(1, TOGETHER_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fewer_books_the_more_days_are_asked_for_together() {
        for (books, days) in [
            (None, 1),
            (Some(0), 4),
            (Some(101), 4),
            (Some(200), 2),
            (Some(399), 2),
            (Some(400), 1),
            (Some(100_000), 1),
        ] {
            assert_eq!(together(books), days, "{books:?}");
        }
    }
}
