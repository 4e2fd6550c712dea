//! One job, by one worker.

use serde::Serialize;
use serde::de::DeserializeOwned;
use tributary_domain::{ObjectKey, TraceParent};
use tributary_ledger::Book;
use tributary_reconciliation::finding::Finding;
use tributary_reconciliation::heal::Policy;
use tributary_telemetry::note;
use tributary_telemetry::span::{self, Kind, Span};

use super::paid_out::PaidOuts;
use super::ports::{
    Books, Claim, Control, ControlError, Coverage, Findings, Jobs, Mirror, Progress, Remote,
    Reports, change_coverage,
};
use super::settle::{Means, Run, Settled, settle};
use super::under_way::{self, UnderWay};
use super::{Job, day, events, holdings, matching, missing, payouts, prices, reports};
use crate::ledger::{
    FactQueue, Ledger, LedgerError, ListError, PullQueue, Stories, Transactions, Watch,
};
use crate::own_book::{Matches, OwnBook};
use crate::ports::{Blobs, EventQueue, FetchQueue, Quarantine, SendError, Store, StoreError};

/// Everything that reconciling reads and writes.
pub trait World: Sync {
    /// Stripe.
    type Stripe: Remote + Transactions + Reports;
    /// Our books.
    type Ledger: Ledger + Books + PaidOuts + Stories + UnderWay;
    /// The event log.
    type Log: Store;
    /// The mirror.
    type Mirror: Mirror;
    /// Leases, places and watermarks.
    type Control: Control;
    /// The findings.
    type Findings: Findings;
    /// The queues.
    type Outbox: Jobs + PullQueue + FactQueue + EventQueue + FetchQueue + Quarantine;
    /// The bucket.
    type Blobs: Blobs;
    /// The platform's own book.
    type OwnBook: OwnBook;
    /// What of it is matched.
    type Matches: Matches;

    /// Stripe.
    fn stripe(&self) -> &Self::Stripe;
    /// Our books.
    fn ledger(&self) -> &Self::Ledger;
    /// The event log.
    fn log(&self) -> &Self::Log;
    /// The mirror.
    fn mirror(&self) -> &Self::Mirror;
    /// Leases, places and watermarks.
    fn control(&self) -> &Self::Control;
    /// The findings.
    fn findings(&self) -> &Self::Findings;
    /// The queues.
    fn outbox(&self) -> &Self::Outbox;
    /// The bucket.
    fn blobs(&self) -> &Self::Blobs;
    /// The platform's own book.
    fn own_book(&self) -> &Self::OwnBook;
    /// What of it is matched.
    fn matches(&self) -> &Self::Matches;
}

/// What the platform allows and how long things take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// What may be healed.
    pub policy: Policy,
    /// How long a worker keeps a job without a sign of life, seconds.
    pub lease_s: i64,
    /// When to look whether a heal helped, seconds later; 900 at most.
    pub confirm_s: u16,
    /// When to look whether reports are finished, seconds after they were asked for or
    /// looked for; 900 at most. Stripe takes minutes.
    pub report_poll_s: u16,
    /// How old an entry of the platform's own book is before anybody is told that the
    /// ledger knows nothing of it, seconds: money comes later than the order.
    pub unmatched_grace_s: i64,
    /// Most entries of the platform's own book, and most ledger lines, of one account
    /// that are matched together: what fits the memory of a function.
    pub matched_together_max: usize,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            policy: Policy::default(),
            lease_s: 300,
            confirm_s: 900,
            report_poll_s: 300,
            unmatched_grace_s: 2 * 86_400,
            matched_together_max: 40_000,
        }
    }
}

/// What became of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is done.
    Done(Settled),
    /// It was done before.
    WasDone,
    /// It has asked to go on later.
    Later,
    /// The account has cut the platform off, or is of the mode that the key does not open:
    /// nobody can read it.
    Closed,
}

impl Outcome {
    /// A stable name, for the log.
    pub fn code(self) -> &'static str {
        match self {
            Self::Done(_) => "done",
            Self::WasDone => "was_done",
            Self::Later => "later",
            Self::Closed => "closed",
        }
    }
}

/// Why a job has to come again.
#[derive(Debug, thiserror::Error)]
pub enum WorkError {
    /// Another worker is at it; should that one die, this message comes again.
    #[error("another worker is at it")]
    Held,
    /// Stripe did not answer.
    #[error(transparent)]
    Stripe(#[from] ListError),
    /// The ledger did not.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The event log did not.
    #[error(transparent)]
    Log(#[from] StoreError),
    /// The control table or the findings did not.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// A queue or the bucket did not.
    #[error(transparent)]
    Send(#[from] SendError),
}

/// What one turn at a job came to.
pub(super) enum Turn {
    /// Done, and these are to follow, so many seconds later.
    Done(Settled, Vec<(Job, u16)>),
    /// To be gone on with, so many seconds later.
    Later(u16),
}

impl Turn {
    /// Done. If something was healed, the next look follows.
    pub(super) fn after(job: &Job, settled: Settled, rules: &Rules) -> Self {
        let again = job.again().filter(|_| settled.healing > 0);
        let next = again.map(|next| (next, rules.confirm_s));
        Self::Done(settled, next.into_iter().collect())
    }
}

/// A worker's place in a job.
pub(super) struct Place<'p, W, T> {
    pub(super) world: &'p W,
    pub(super) rules: &'p Rules,
    pub(super) watch: &'p T,
    pub(super) run: Run,
    name: String,
    worker: &'p str,
    progress: Progress,
}

impl<W: World, T: Watch> Place<'_, W, T> {
    /// Begins the span of a look at a payout, in the payout's trace.
    pub(super) fn look(&self, payout: &ObjectKey) -> Span {
        let mut span = Span::begin("reconcile_payout", Kind::Internal, || span::Place {
            own: TraceParent::of_object(payout, &self.name).at("reconcile", &self.name),
            parent: None,
        });
        note!(
            span,
            object = payout,
            account = payout.owner,
            job = self.name
        );
        if span.is_recorded() {
            span.link(Some(&TraceParent::of_work(&self.name)));
        }
        span
    }

    /// Records what was found of a book, and heals what can be, see [`settle`].
    pub(super) async fn settle(
        &self,
        book: &Book,
        found: Vec<Finding>,
        means: &Means<'_>,
    ) -> Result<Settled, WorkError> {
        settle(self.world, self.rules, self.run, book, found, means).await
    }

    /// Where the job stands; the default if it has just begun, or if another version
    /// wrote it: then it begins anew.
    pub(super) fn cursor<C: DeserializeOwned + Default>(&self) -> C {
        let cursor = self.progress.cursor.as_deref();
        cursor
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default()
    }

    /// Keeps the place: whoever goes on, goes on from here.
    pub(super) async fn keep(&mut self, cursor: &impl Serialize) -> Result<(), WorkError> {
        let text = serde_json::to_string(cursor)
            .map_err(|error| ControlError::Invalid(error.to_string()))?;
        let next = Progress {
            seq: self.progress.seq.saturating_add(1),
            cursor: Some(text),
        };
        self.world
            .control()
            .advance(&self.name, self.worker, &next)
            .await?;
        self.progress = next;
        Ok(())
    }
}

/// Works on a job.
///
/// # Errors
/// When it has to come again; it then goes on from where it was.
pub async fn work<W: World, T: Watch>(
    world: &W,
    rules: &Rules,
    job: &Job,
    worker: &str,
    watch: &T,
) -> Result<Outcome, WorkError> {
    let (name, now) = (job.name(), watch.now());
    let mut span = Span::begin("reconcile", Kind::Consumer, || span::Place {
        own: TraceParent::of_work(&name),
        parent: None,
    });
    note!(span, job = name);
    let until = now.saturating_add(rules.lease_s);
    let progress = match world.control().claim(&name, worker, now, until).await? {
        Claim::Mine(progress) => progress,
        Claim::Held => return Err(WorkError::Held),
        Claim::Done => return Ok(Outcome::WasDone),
    };
    let run = Run { of: job.run(), now };
    let place = Place {
        world,
        rules,
        watch,
        run,
        name: name.clone(),
        worker,
        progress,
    };
    let turn = match job {
        Job::Reports { .. } => reports::turn(place, job).await,
        Job::Day { .. } => day::turn(place, job).await,
        Job::Payouts { .. } => payouts::turn(place, job).await,
        Job::Events { .. } => events::turn(place, job).await,
        Job::Missing { .. } => missing::turn(place, job).await,
        Job::Holdings { .. } | Job::Balance { .. } => holdings::turn(place, job).await,
        Job::UnderWay { .. } => under_way::turn(place, job).await,
        Job::Prices { .. } => prices::turn(place, job).await,
        Job::Match { .. } => matching::turn(place, job).await,
    };
    let (outcome, follow, done) = match turn {
        Ok(Turn::Done(settled, follow)) => (Outcome::Done(settled), follow, true),
        Ok(Turn::Later(delay_s)) => (Outcome::Later, vec![(job.clone(), delay_s)], false),
        Err(WorkError::Stripe(ListError::Closed)) => {
            note_closed(world, job, now).await?;
            (Outcome::Closed, vec![], true)
        }
        Err(WorkError::Stripe(ListError::OtherMode)) => (Outcome::Closed, vec![], true),
        Err(error) => {
            span.fail();
            // If this fails too, the lease ends by itself.
            let _ = world.control().release(&name, worker, false).await;
            return Err(error);
        }
    };
    for (next, delay_s) in follow {
        Jobs::send(world.outbox(), &next, delay_s).await?;
    }
    world.control().release(&name, worker, done).await?;
    Ok(outcome)
}

/// Keeps that Stripe refused an account, so that it is seldom asked about it. The
/// platform cannot leave itself: what refuses it is to be seen by an alarm.
async fn note_closed<W: World>(world: &W, job: &Job, now: i64) -> Result<(), WorkError> {
    let account = job.book().filter(|book| book.owner.account().is_some());
    let Some(book) = account else {
        return Ok(());
    };
    let closed = |coverage: &mut Coverage| {
        coverage.closed_at = coverage.closed_at.max(Some(now));
    };
    change_coverage(world.control(), book, closed).await
}
