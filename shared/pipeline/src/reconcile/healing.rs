//! Doing what was decided. Nothing here writes to Stripe, and all of it takes the
//! road that it would have taken anyway: events their queue, objects the fetch lane,
//! movements the pull, facts the queue of the ledger.

use std::collections::BTreeMap;

use tributary_domain::{FetchRequest, ObjectId, ObjectKey, ObjectKind, TraceParent};
use tributary_ledger::{Book, post};
use tributary_reconciliation::finding::{Code, Finding};
use tributary_reconciliation::heal::{Heal, Why};

use super::ports::Listed;
use super::settle::Means;
use super::work::{Rules, WorkError, World};
use crate::accept::CLAIMS;
use crate::carriage::{Carried, carry};
use crate::ledger::concern::FILED;
use crate::ledger::{FactQueue, Ledger, Missed, PullQueue, PullRequest};
use crate::message::{Kind, Message, Quarantined, group};
use crate::ports::{EventQueue, FetchQueue, Quarantine};

const DAY_S: i64 = 86_400;

/// The books to pull again, each once, and from when on.
#[derive(Debug, Default)]
pub(super) struct Pulls(BTreeMap<Book, (i64, i64, u64)>);

impl Pulls {
    /// Asks for a book's movements between two seconds, because of so much money.
    pub(super) fn add(&mut self, book: &Book, since: i64, until: i64, stake: u64) {
        let asked = self.0.entry(book.clone()).or_insert((since, until, 0));
        let (first, last, sum) = *asked;
        *asked = (first.min(since), last.max(until), sum.saturating_add(stake));
    }

    pub(super) async fn request<W: World>(self, world: &W) -> Result<(), WorkError> {
        for (book, (since, until, stake)) in self.0 {
            let request = PullRequest {
                book,
                until,
                since: Some(since),
                stake,
            };
            PullQueue::request(world.outbox(), &request, 0).await?;
        }
        Ok(())
    }
}

/// What a heal is done with.
pub(super) struct Healing<'h, W> {
    pub(super) world: &'h W,
    pub(super) rules: &'h Rules,
    /// Unix seconds.
    pub(super) now: i64,
    pub(super) means: &'h Means<'h>,
}

impl<W: World> Healing<'_, W> {
    /// Does it, and says what was done: what cannot be is left for a person.
    pub(super) async fn perform(
        &self,
        finding: &Finding,
        heal: Heal,
        pulls: &mut Pulls,
    ) -> Result<Heal, WorkError> {
        let is_done = match &heal {
            Heal::Leave(_) | Heal::LabelFee | Heal::LabelFx => true,
            Heal::Pull { .. } if finding.evidence.contains_key(FILED) => self.post(finding).await?,
            Heal::Pull { days } => {
                let far = self
                    .now
                    .saturating_sub(i64::from(*days).saturating_mul(DAY_S));
                // Never later than the movement itself.
                let booked = number(finding, "created").unwrap_or(far);
                let since = far.min(booked.saturating_sub(1));
                pulls.add(&finding.book, since, self.now, finding.stake.amount);
                true
            }
            Heal::Backfill => self.backfill(finding).await?,
            Heal::Refetch => self.refetch(finding, pulls).await?,
            Heal::Tell => self.tell(finding).await?,
            Heal::Quarantine => self.quarantine(finding).await?,
            Heal::ReverseLater => {
                super::reverse::reverse_later(self.world, finding, self.now).await?
            }
        };
        Ok(if is_done {
            heal
        } else {
            Heal::Leave(Why::NeedsAPerson)
        })
    }

    fn event(&self, finding: &Finding) -> Option<&Listed> {
        self.means.events.get(finding.subject.as_str()).copied()
    }

    async fn backfill(&self, finding: &Finding) -> Result<bool, WorkError> {
        let Some(event) = self.event(finding) else {
            return Ok(false);
        };
        let carried = carry(self.world.blobs(), CLAIMS, event.body.as_bytes()).await?;
        let (kind, body) = match carried {
            Carried::Inline(body) => (Kind::Backfill, body),
            Carried::Claim(pointer) => (Kind::BackfillClaim, pointer),
        };
        let message = Message {
            kind,
            body,
            group: group(event.key.mode, &event.key.owner),
            endpoint: None,
            trace: TraceParent::of_event(event.key.id.as_str()),
        };
        EventQueue::send(self.world.outbox(), &message).await?;
        Ok(true)
    }

    async fn quarantine(&self, finding: &Finding) -> Result<bool, WorkError> {
        let Some(event) = self.event(finding) else {
            return Ok(false);
        };
        let held = Quarantined {
            code: "mode_mix",
            detail: "listed under a key of the other mode".to_owned(),
            stage: "reconcile",
            event: Some(event.key.to_string()),
            endpoint: None,
            body: event.body.clone().into_bytes(),
        };
        Quarantine::hold(self.world.outbox(), &held).await?;
        Ok(true)
    }

    /// Posts the entry of a movement that was counted already.
    async fn post(&self, finding: &Finding) -> Result<bool, WorkError> {
        let movement = ObjectId::parse(&finding.subject)
            .ok()
            .and_then(|id| self.means.movements.get(&id).copied());
        let Some(posted) = movement.and_then(|movement| post(&finding.book, movement).ok()) else {
            return Ok(false);
        };
        let entries = std::slice::from_ref(&posted.entry);
        self.world.ledger().post(&finding.book, entries).await?;
        Ok(true)
    }

    /// Tells the ledger what the mirror shows, where events tell it: whoever dies there,
    /// the message comes again.
    async fn tell(&self, finding: &Finding) -> Result<bool, WorkError> {
        let subject = ObjectId::parse(&finding.subject).ok();
        let Some(fact) = subject.and_then(|id| self.means.facts.get(&id).cloned()) else {
            return Ok(false);
        };
        let book = finding.book.clone();
        FactQueue::tell(self.world.outbox(), &Missed { book, fact }).await?;
        Ok(true)
    }

    /// Reads again what one side shows: an object for the mirror, or the other book's
    /// movements.
    async fn refetch(&self, finding: &Finding, pulls: &mut Pulls) -> Result<bool, WorkError> {
        if matches!(finding.code, Code::OrphanTransfer | Code::AppFeeMismatch) {
            let other = finding
                .evidence
                .get("book")
                .and_then(|text| Book::parse(text).ok());
            let Some(other) = other else { return Ok(false) };
            let days = i64::from(self.rules.policy.rescan_days).saturating_mul(DAY_S);
            let booked = number(finding, "created").unwrap_or(self.now);
            let since = booked.saturating_sub(days);
            pulls.add(&other, since, self.now, finding.stake.amount);
            return Ok(true);
        }
        let kind = finding
            .evidence
            .get("kind")
            .map(|kind| ObjectKind::parse(kind));
        let (Some(Ok(kind)), Ok(id)) = (kind, ObjectId::parse(&finding.subject)) else {
            return Ok(false);
        };
        let request = FetchRequest {
            object: ObjectKey {
                mode: finding.book.mode,
                owner: finding.book.owner.clone(),
                kind,
                id,
            },
            url: None,
            cause: format!("reconcile_{}", finding.subject),
            fetches: 0,
        };
        FetchQueue::request(self.world.outbox(), &request, 0).await?;
        Ok(true)
    }
}

fn number(finding: &Finding, name: &str) -> Option<i64> {
    finding.evidence.get(name)?.parse().ok()
}
