//! What an event would have told that Stripe could not make: nobody lists it, and no
//! resend brings it, so the object that it was about is looked at.

use tributary_domain::{FetchRequest, ObjectKey};
use tributary_ledger::Book;
use tributary_reconciliation::compare::mirror;
use tributary_reconciliation::finding::{Finding, Scope};

use super::Job;
use super::plan::LISTED_S;
use super::ports::{Control, Failure, Mirror, Remote};
use super::settle::{Means, close};
use super::work::{Place, Turn, WorkError, World};
use crate::ledger::Watch;
use crate::ports::FetchQueue;

/// How far before such a notice events may be missing, seconds: as long as Stripe tries
/// to deliver one.
const BEFORE_S: i64 = 3 * 86_400;

pub(super) async fn turn<W: World, T: Watch>(
    place: Place<'_, W, T>,
    job: &Job,
) -> Result<Turn, WorkError> {
    let Job::Missing {
        book: told,
        notice,
        at,
        round,
    } = job
    else {
        return Ok(Turn::Done(Default::default(), vec![]));
    };
    let failure = place.world.stripe().failure(told, notice).await?;
    // Without it, all that is known is where the notice came from.
    let failure = failure.unwrap_or_else(|| Failure::of(told));
    let now = place.run.now;
    let scope = Scope::new("missing", notice.as_str());
    let found = match &failure.object {
        Some(object) => look(&place, object, &scope).await?,
        None => None,
    };
    let found = found.into_iter().collect();
    let mut settled = place
        .settle(&failure.book, found, &Means::default())
        .await?;
    let is_gone = |one: &Finding| one.scope == scope && one.last_seen < now;
    settled.gone += close(place.world, &failure.book, now, is_gone).await?;
    let mut turn = Turn::after(job, settled, place.rules);
    if let (0, Turn::Done(_, follow)) = (*round, &mut turn) {
        let began = failure.since.unwrap_or(*at).min(*at);
        let coverage = place.world.control().coverage(&failure.book).await?;
        // An account's first audit is of all that Stripe lists: what it covers is where
        // the next begins.
        let from = match coverage.events_to {
            Some(_) => began.saturating_sub(BEFORE_S),
            None => now.saturating_sub(LISTED_S),
        };
        let audit = Job::Events {
            book: failure.book,
            from,
            to: now,
            round: 0,
        };
        follow.push((audit, 0));
    }
    Ok(turn)
}

/// Compares the object with the mirror. One that nothing is known of but its identity is
/// fetched: for the mirror any will do.
async fn look<W: World, T: Watch>(
    place: &Place<'_, W, T>,
    object: &ObjectKey,
    scope: &Scope,
) -> Result<Option<Finding>, WorkError> {
    let _span = place.look(object);
    let Some(theirs) = place.world.stripe().shown(object).await? else {
        let request = FetchRequest {
            object: object.clone(),
            url: None,
            cause: format!("reconcile_{}", object.id),
            fetches: 0,
        };
        FetchQueue::request(place.world.outbox(), &request, 0).await?;
        return Ok(None);
    };
    let ours = place.world.mirror().state(object).await?;
    let now = place.run.now;
    Ok(mirror::compare(object, ours.as_ref(), &theirs, scope, now))
}

impl Failure {
    /// One of which nothing is known but whose events it is about.
    fn of(book: &Book) -> Self {
        Self {
            book: book.clone(),
            object: None,
            since: None,
        }
    }
}
