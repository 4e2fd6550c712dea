//! What is due. The schedule may fire twice, late, or not at all: what is due is read
//! from how far everything has come, never from the schedule.

use serde::{Deserialize, Serialize};
use tributary_domain::{AccountId, Mode, Owner};
use tributary_ledger::Book;

use super::ports::{Claim, Control, ControlError, Coverage, Findings, Progress, Remote, Waiting};
use super::work::{WorkError, World};
use crate::ledger::Watch;

mod days;
mod due;

const DAY_S: i64 = 86_400;
/// How long Stripe lists an event.
pub(super) const LISTED_S: i64 = 30 * DAY_S;
/// How late an event may be made known, seconds: younger ones may still be on their way.
pub(super) const ON_THE_WAY_S: i64 = 3_600;
/// How far audits overlap.
const OVERLAP_S: i64 = 300;

/// How often what is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// Live or test.
    pub mode: Mode,
    /// How long a window of the schedule is, seconds: in each, one plan is made.
    pub window_s: i64,
    /// Whether days are waited for: until Stripe has them, and until there are enough of
    /// them to be asked for together.
    pub waits_for_days: bool,
    /// How often an account's events are audited, seconds.
    pub events_every_s: i64,
    /// How often, if Stripe listed none at the last audit. An audit that is due later than
    /// the alarm `Coverage` would set it off.
    pub silence_every_s: i64,
    /// How often its balance and payouts are looked at, seconds.
    pub holdings_every_s: i64,
    /// How often payouts under way are looked through, seconds: no call of Stripe's.
    pub under_way_every_s: i64,
    /// How often it is tried whether an account that left has come back, seconds. Its
    /// events are listed for 30 days.
    pub closed_every_s: i64,
    /// How often Stripe is asked which accounts there are, seconds.
    pub accounts_every_s: i64,
    /// How often the platform's own book of an account is matched, seconds, besides the
    /// times at which entries came.
    pub matches_every_s: i64,
    /// Months of it that began longer ago are matched only when entries of them come,
    /// seconds.
    pub matches_back_s: i64,
}

impl Plan {
    /// The schedule of a stack. An account that agrees costs a call for its events in
    /// 14 days and two for its holdings in 84, and one that stands still one in 18 and one
    /// in 84: under a tenth of a call a day.
    pub fn daily(mode: Mode) -> Self {
        Self {
            mode,
            window_s: 3_600,
            waits_for_days: true,
            events_every_s: 14 * DAY_S,
            silence_every_s: 18 * DAY_S,
            holdings_every_s: 84 * DAY_S,
            under_way_every_s: DAY_S,
            closed_every_s: 7 * DAY_S,
            accounts_every_s: 7 * DAY_S,
            matches_every_s: DAY_S,
            matches_back_s: 95 * DAY_S,
        }
    }

    /// Everything, now: for an operator who does not want to wait.
    pub fn everything(mode: Mode) -> Self {
        Self {
            window_s: 60,
            waits_for_days: false,
            events_every_s: 0,
            silence_every_s: 0,
            holdings_every_s: 0,
            under_way_every_s: 0,
            closed_every_s: 0,
            accounts_every_s: 0,
            matches_every_s: 0,
            matches_back_s: i64::MAX,
            ..Self::daily(mode)
        }
    }

    fn name(&self, now: i64) -> (String, i64) {
        let start = now.div_euclid(self.window_s).saturating_mul(self.window_s);
        (
            format!("plan#{}#{}#{start}", self.mode.as_str(), self.window_s),
            start,
        )
    }
}

/// What a plan came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Planned {
    /// Jobs that were sent.
    pub jobs: usize,
    /// Days of reports that were due: more than one after an outage.
    pub days: usize,
    /// Books that are known.
    pub books: usize,
    /// Seconds since the oldest moment up to which some account's events are complete.
    /// At 30 days, Stripe forgets. Accounts that left are not counted: nobody can read
    /// their events.
    pub uncovered_s: i64,
    /// What waits for a person.
    pub waiting: Waiting,
}

/// Where planning stands.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Cursor {
    planned: Planned,
    is_listed: bool,
    account: Option<AccountId>,
    are_days_sent: bool,
    roster: Option<String>,
}

/// Finds out what is due and puts it on the queue. `None` if it was done before for
/// this window, or another worker is at it.
///
/// # Errors
/// When a port fails; planning again goes on from where it was.
pub async fn plan<W: World, T: Watch>(
    world: &W,
    plan: &Plan,
    worker: &str,
    watch: &T,
) -> Result<Option<Planned>, WorkError> {
    let now = watch.now();
    let (name, start) = plan.name(now);
    let until = now.saturating_add(plan.window_s.min(300));
    let progress = match world.control().claim(&name, worker, now, until).await? {
        Claim::Mine(progress) => progress,
        Claim::Held | Claim::Done => return Ok(None),
    };
    let cursor = progress.cursor.as_deref();
    let cursor = cursor
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default();
    let mut planner = Planner {
        world,
        plan,
        name: &name,
        worker,
        start,
        progress,
        cursor,
    };
    let made = planner.make().await;
    let released = world.control().release(&name, worker, made.is_ok()).await;
    made?;
    released?;
    Ok(Some(planner.cursor.planned))
}

struct Planner<'p, W> {
    world: &'p W,
    plan: &'p Plan,
    name: &'p str,
    worker: &'p str,
    /// The window's first second: what the jobs are named by, whoever plans and when.
    start: i64,
    progress: Progress,
    cursor: Cursor,
}

impl<W: World> Planner<'_, W> {
    async fn make(&mut self) -> Result<(), WorkError> {
        let platform = Book {
            mode: self.plan.mode,
            owner: Owner::Platform,
        };
        let coverage = self.world.control().coverage(&platform).await?;
        if !self.cursor.is_listed {
            self.list_accounts(&platform, &coverage).await?;
        }
        if !self.cursor.are_days_sent {
            self.send_days(&platform).await?;
        }
        self.send_under_way(&platform).await?;
        loop {
            let roster = self.cursor.roster.clone();
            let page = self
                .world
                .control()
                .roster(self.plan.mode, roster.as_deref())
                .await?;
            for (book, coverage) in &page.books {
                self.send_due(book, coverage).await?;
            }
            if page.next.is_none() {
                let waiting = self.world.findings().waiting(self.plan.mode);
                self.cursor.planned.waiting = waiting.await?;
                return self.count_books(&platform, &coverage).await;
            }
            self.cursor.roster = page.next;
            self.keep().await?;
        }
    }

    async fn keep(&mut self) -> Result<(), WorkError> {
        let cursor = serde_json::to_string(&self.cursor)
            .map_err(|error| ControlError::Invalid(error.to_string()))?;
        let next = Progress {
            seq: self.progress.seq.saturating_add(1),
            cursor: Some(cursor),
        };
        self.world
            .control()
            .advance(self.name, self.worker, &next)
            .await?;
        self.progress = next;
        Ok(())
    }

    /// Puts accounts on the roster that no event has told of.
    async fn list_accounts(&mut self, platform: &Book, known: &Coverage) -> Result<(), WorkError> {
        let listed = known.accounts_at.unwrap_or(i64::MIN);
        if self.start.saturating_sub(listed) >= self.plan.accounts_every_s {
            loop {
                let after = self.cursor.account.clone();
                let (accounts, next) = self.world.stripe().accounts(after.as_ref()).await?;
                for account in accounts {
                    let owner = Owner::Account(account);
                    self.enlist(&Book {
                        owner,
                        ..platform.clone()
                    })
                    .await?;
                }
                self.cursor.account = next;
                if self.cursor.account.is_none() {
                    break;
                }
                self.keep().await?;
            }
            self.enlist(platform).await?;
            let start = self.start;
            self.change(platform, |coverage| coverage.accounts_at = Some(start))
                .await?;
        }
        self.cursor.is_listed = true;
        self.keep().await
    }

    async fn enlist(&self, book: &Book) -> Result<(), WorkError> {
        let first = Coverage {
            seq: 1,
            ..Coverage::default()
        };
        match self.world.control().cover(book, &first).await {
            Ok(()) | Err(ControlError::Conflict) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes down how many books there are, if there were others before.
    async fn count_books(&self, platform: &Book, known: &Coverage) -> Result<(), WorkError> {
        let books = Some(self.cursor.planned.books);
        if known.books == books {
            return Ok(());
        }
        self.change(platform, |coverage| coverage.books = books)
            .await
    }

    /// Changes a book's coverage, on what others may have made of it.
    async fn change(&self, book: &Book, change: impl Fn(&mut Coverage)) -> Result<(), WorkError> {
        super::ports::change_coverage(self.world.control(), book, change).await
    }
}
