//! Each automatic payout is the sum of what it paid out: by the report of its day if that
//! adds up, and by Stripe's list if it does not.

use std::collections::BTreeSet;

use tributary_domain::change::State;
use tributary_domain::change::state::Payout;
use tributary_domain::{ObjectId, ObjectKey, ObjectKind};
use tributary_ledger::Book;
use tributary_reconciliation::compare::payout;
use tributary_reconciliation::finding::{Code, Finding, Scope};

use super::paid_out::{PaidOut, PaidOuts, Sum};
use super::ports::{Books, Mirror, Remote};
use super::settle::{Means, Settled, close};
use super::work::{Place, Turn, WorkError, World};
use super::{Job, facts};
use crate::ledger::Watch;

/// What Stripe calls it.
pub(super) const KIND: &str = "payout";

/// The comparison, which a look at holdings makes too: either may come first.
pub(super) fn scope() -> Scope {
    Scope::new("holdings", "payouts")
}

pub(super) async fn turn<W: World, T: Watch>(
    place: Place<'_, W, T>,
    job: &Job,
) -> Result<Turn, WorkError> {
    let Job::Payouts { book, paid_out, .. } = job else {
        return Ok(Turn::Done(Settled::default(), vec![]));
    };
    let Ok(kind) = ObjectKind::parse(KIND) else {
        return Ok(Turn::Done(Settled::default(), vec![]));
    };
    let scope = scope();
    let (mut found, mut explained) = (Vec::new(), BTreeSet::new());
    for (payout, sums) in paid_out {
        let key = ObjectKey {
            mode: book.mode,
            owner: book.owner.clone(),
            kind: kind.clone(),
            id: payout.clone(),
        };
        if sums.is_empty() && !came_back(&place, &key).await? {
            continue;
        }
        let _span = place.look(&key);
        match look(&place, book, &key, sums, &scope).await? {
            Some(finding) => found.push(finding),
            None => {
                explained.insert(payout.as_str());
            }
        }
    }
    let (world, now) = (place.world, place.run.now);
    let is_gone = |one: &Finding| {
        one.code == Code::PayoutNotExplained && explained.contains(one.subject.as_str())
    };
    let mut settled = Settled {
        gone: close(world, book, now, is_gone).await?,
        ..Settled::default()
    };
    settled.add(&place.settle(book, found, &Means::default()).await?);
    let turn = Turn::after(job, settled, place.rules);
    // What the ledger is told needs no other look: the next one at what is under way
    // closes it.
    facts::look(&place, book, paid_out.keys().cloned()).await?;
    Ok(turn)
}

/// Whether a payout came back of which Stripe says what it paid out.
async fn came_back<W: World, T: Watch>(
    place: &Place<'_, W, T>,
    key: &ObjectKey,
) -> Result<bool, WorkError> {
    let shown = place.world.mirror().state(key).await?;
    Ok(matches!(shown, Some(State::Payout(payout))
        if is_back(&payout) && payout::is_explainable(&payout)))
}

fn is_back(payout: &Payout) -> bool {
    payout.failure_balance_transaction.is_some()
}

/// Holds what a report says of a payout against its entry.
async fn look<W: World, T: Watch>(
    place: &Place<'_, W, T>,
    book: &Book,
    key: &ObjectKey,
    sums: &[Sum],
    scope: &Scope,
) -> Result<Option<Finding>, WorkError> {
    let ledger = place.world.ledger();
    let entries = ledger.entries(book, &key.id).await?;
    let itself = entries
        .iter()
        .find(|entry| entry.reporting_category == KIND);
    let shown = match place.world.mirror().state(key).await? {
        Some(State::Payout(payout)) => Some(payout),
        _ => None,
    };
    let stake = shown.as_ref().map(|it| it.amount);
    let stake = stake.or(itself.map(|it| it.amount));
    let stake = stake.map_or(0, i64::unsigned_abs);
    let created = shown.as_ref().map(|it| it.created);
    let created = created.or(itself.map(|it| it.created));
    let Some(itself) = itself else {
        let listed = explain(place, book, (&key.id, created), stake, scope).await?;
        let paid_out = sums.iter().map(|sum| sum.net).sum();
        let currency = sums.first().map_or("", |sum| &sum.currency);
        let without =
            payout::without_entry(book, &key.id, (paid_out, currency), scope, place.run.now);
        // Of one that came back, no report says that there should be an entry.
        return Ok(listed.or_else(|| (!sums.is_empty()).then_some(without)));
    };
    let created = created.unwrap_or(itself.created);
    // Of a payout that came back, somebody will want to know each line.
    let came_back = shown.is_some_and(|it| is_back(&it));
    if let Some(known) = ledger.paid_out_by(book, &key.id, created).await?
        && known.rest().is_empty()
        && (known.is_listed || !came_back)
    {
        return Ok(None);
    }
    let paid = PaidOut::of_report(&key.id, created, sums, itself);
    if came_back || !paid.rest().is_empty() {
        return explain(place, book, (&key.id, Some(created)), stake, scope).await;
    }
    ledger.keep_paid_out(book, &paid, &[]).await?;
    Ok(None)
}

/// Lists what a payout paid out, made at that second if it is known, and keeps it.
/// `stake` is its amount, minor units; 0 if it is not known.
pub(super) async fn explain<W: World, T: Watch>(
    place: &Place<'_, W, T>,
    book: &Book,
    (id, created): (&ObjectId, Option<i64>),
    stake: u64,
    scope: &Scope,
) -> Result<Option<Finding>, WorkError> {
    let (mut movements, mut after) = (Vec::new(), None);
    loop {
        let page = place
            .world
            .stripe()
            .paid_out(book, id, after.as_ref(), stake)
            .await?;
        movements.extend(page.transactions);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let itself = movements.iter().find(|it| payout::is_of(it, id));
    if let Some(created) = created.or(itself.map(|it| it.created)) {
        let (paid, lines) = PaidOut::of(id, created, &movements);
        let ledger = place.world.ledger();
        ledger.keep_paid_out(book, &paid, &lines).await?;
    }
    Ok(payout::explain(book, id, &movements, scope, place.run.now))
}
