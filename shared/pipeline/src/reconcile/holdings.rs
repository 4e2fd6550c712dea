//! What an account holds, and what it pays out.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use tributary_domain::change::State;
use tributary_domain::change::state::{Balance, Payout};
use tributary_domain::{ObjectId, ObjectKey};
use tributary_ledger::{Account, Book, Head};
use tributary_reconciliation::compare::balance::{Sums, compare, is_still};
use tributary_reconciliation::compare::{mirror, payout};
use tributary_reconciliation::finding::{Code, Finding, Scope};

use super::healing::Pulls;
use super::paid_out::PaidOuts;
use super::payouts::{self, explain};
use super::ports::{Control, Findings, Mirror, Remote, change_coverage};
use super::settle::{Means, Settled, close};
use super::suspense::close_cleared;
use super::work::{Place, Turn, WorkError, World};
use super::{Job, facts};
use crate::ledger::{BookState, Ledger, Watch, Window};

/// How far back payouts are looked at that may still change or be stuck, seconds.
pub(crate) const PAYOUTS_S: i64 = 40 * 86_400;

/// The balance that Stripe's `available` and `pending` are about.
const PAYMENTS: &str = "payments";

/// Where a look stands.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Cursor {
    are_payouts_done: bool,
    after: Option<ObjectId>,
    /// Payouts that were seen: what was found of them before, and is not again, is gone.
    began_at: i64,
    healing: usize,
    /// When the oldest payout was made that cannot be explained yet, unix seconds.
    unexplained_from: Option<i64>,
}

pub(super) async fn turn<W: World, T: Watch>(
    mut place: Place<'_, W, T>,
    job: &Job,
) -> Result<Turn, WorkError> {
    let (book, before, lists, with_payouts) = match job {
        Job::Holdings {
            book,
            before,
            lists,
            ..
        } => (book, before, *lists, true),
        Job::Balance { book, before, .. } => (book, before, false, false),
        _ => return Ok(Turn::Done(Settled::default(), vec![])),
    };
    let mut settled = Settled::default();
    let mut cursor: Cursor = place.cursor();
    if cursor.began_at == 0 {
        cursor.began_at = place.run.now;
    }
    let reading = place.world.stripe().balance(book).await?;
    let scope = Scope::new("holdings", "balance");
    let state = place.world.ledger().state(book).await?;
    let found = compare(book, &reading, &sums(&state), &scope, place.run.now);
    let to_list = with_payouts
        && (lists || !found.is_empty() || may_have_payouts(&place, book, &state).await?);
    if to_list
        && !cursor.are_payouts_done
        && !payouts(&mut place, (book, lists), &mut cursor, &mut settled).await?
    {
        return Ok(Turn::Later(0));
    }
    let (now, world) = (place.run.now, place.world);
    let still = before
        .as_ref()
        .is_some_and(|before| is_still(before, &reading));
    let is_known = found.is_empty() || still;
    if is_known {
        let subjects: BTreeSet<String> = found.iter().map(Finding::key).collect();
        let is_gone = |one: &Finding| one.scope == scope && !subjects.contains(&one.key());
        settled.gone += close(world, book, now, is_gone).await?;
        settled.add(&place.settle(book, found, &Means::default()).await?);
    }
    settled.gone += close_cleared(world.findings(), world.ledger(), book, now).await?;
    settled.healing += cursor.healing;
    let again = job.again().filter(|_| !is_known || settled.healing > 0);
    let Some(next) = again else {
        let looked = |coverage: &mut super::Coverage| {
            coverage.closed_at = None;
            if !with_payouts {
                coverage.balance_at = Some(now);
                return;
            }
            coverage.holdings_at = Some(now);
            if !to_list {
                // None that could have been listed waits to be explained.
                coverage.payouts_to = coverage.payouts_to.max(Some(now));
            }
        };
        change_coverage(world.control(), book, looked).await?;
        return Ok(Turn::Done(settled, vec![]));
    };
    bring_up_to_date(&place, book).await?;
    Ok(Turn::Done(
        settled,
        vec![(with_reading(next, reading), place.rules.confirm_s)],
    ))
}

/// Whether there may be a payout to look at. Each moves the balance when it is made, and
/// makes events: a book that agrees, has stood still for as long as payouts are looked at,
/// and of which Stripe listed no event, has none, unless something was found of one before.
async fn may_have_payouts<W: World, T: Watch>(
    place: &Place<'_, W, T>,
    book: &Book,
    state: &BookState,
) -> Result<bool, WorkError> {
    let from = place.run.now.saturating_sub(PAYOUTS_S);
    if state.pull.is_some() || state.newest.is_some_and(|newest| newest >= from) {
        return Ok(true);
    }
    if !place.world.control().coverage(book).await?.is_silent {
        return Ok(true);
    }
    let scope = payouts::scope();
    let open = place.world.findings().open(book).await?;
    let is_of_payout = |one: &Finding| one.scope == scope || one.code == Code::PayoutStuck;
    Ok(open.iter().any(|(finding, _)| is_of_payout(finding)))
}

/// The next look compares with this reading: if nothing has moved in between, what
/// was pulled in between must be all there is.
fn with_reading(mut job: Job, reading: Balance) -> Job {
    if let Job::Holdings { before, .. } | Job::Balance { before, .. } = &mut job {
        *before = Some(reading);
    }
    job
}

async fn bring_up_to_date<W: World, T: Watch>(
    place: &Place<'_, W, T>,
    book: &Book,
) -> Result<(), WorkError> {
    let mut pulls = Pulls::default();
    let now = place.run.now;
    let days = i64::from(place.rules.policy.rescan_days);
    pulls.add(
        book,
        now.saturating_sub(days.saturating_mul(86_400)),
        now,
        0,
    );
    pulls.request(place.world).await
}

/// What our entries add up to.
fn sums(state: &BookState) -> Sums {
    let of = |account: &Account| {
        let sums = state.balances.iter().filter_map(|(currency, accounts)| {
            let sum = accounts.get(account).copied().filter(|sum| *sum != 0)?;
            Some((currency.clone(), sum))
        });
        sums.collect::<BTreeMap<_, _>>()
    };
    Sums {
        payments: of(&Account::named(Head::StripeBalance, PAYMENTS)),
        reserved: of(&Account::plain(Head::ConnectReserved)),
    }
}

/// Looks at the payouts of the last weeks. `false` when time is up.
async fn payouts<W: World, T: Watch>(
    place: &mut Place<'_, W, T>,
    (book, lists): (&Book, bool),
    cursor: &mut Cursor,
    settled: &mut Settled,
) -> Result<bool, WorkError> {
    let now = place.run.now;
    let explained_to = place.world.control().coverage(book).await?.payouts_to;
    let unsettled = unsettled(place, book).await?;
    let window = Window {
        from: Some(now.saturating_sub(PAYOUTS_S)),
        to: now,
    };
    let scope = payouts::scope();
    loop {
        let page = place
            .world
            .stripe()
            .payouts(book, window, cursor.after.as_ref())
            .await?;
        let mut found = Vec::new();
        for (key, payout) in &page.payouts {
            let _span = place.look(key);
            found.extend(payout::inspect(book, &key.id, payout, &scope, now));
            found.extend(mirrored(place, key, payout, &scope).await?);
            let is_new = explained_to.is_none_or(|explained| payout.created > explained);
            let is_due = payout::is_explainable(payout)
                && (unsettled.contains(key.id.as_str())
                    || (is_new || lists) && !is_explained(place, book, key, payout, lists).await?);
            if is_due {
                let stake = payout.amount.unsigned_abs();
                let created = Some(payout.created);
                found.extend(explain(place, book, (&key.id, created), stake, &scope).await?);
            } else if payout::is_attributable(payout) && is_waiting(payout) {
                let oldest = cursor.unexplained_from.unwrap_or(i64::MAX);
                cursor.unexplained_from = Some(oldest.min(payout.created));
            }
        }
        let ids = page.payouts.iter().map(|(key, _)| key.id.clone());
        settled.add(&facts::look(place, book, ids).await?);
        let on_page = place.settle(book, found, &Means::default()).await?;
        settled.add(&on_page);
        cursor.healing += on_page.healing;
        cursor.after.clone_from(&page.next);
        cursor.are_payouts_done = page.next.is_none();
        place.keep(cursor).await?;
        if cursor.are_payouts_done {
            break;
        }
        if !place.watch.has_time() {
            return Ok(false);
        }
    }
    let began_at = cursor.began_at;
    let is_gone = |one: &Finding| one.scope == scope && one.last_seen < began_at;
    settled.gone += close(place.world, book, now, is_gone).await?;
    let to = cursor
        .unexplained_from
        .map_or(now, |oldest| oldest.saturating_sub(1));
    let explained = |coverage: &mut super::Coverage| coverage.payouts_to = Some(to);
    change_coverage(place.world.control(), book, explained).await?;
    Ok(true)
}

/// Whether Stripe may still say what it paid out.
fn is_waiting(payout: &Payout) -> bool {
    !matches!(payout.status.as_str(), "failed" | "canceled")
        && payout.reconciliation_status.as_deref() != Some("completed")
}

/// The payouts that were not explained before: they are looked at again.
async fn unsettled<W: World, T: Watch>(
    place: &Place<'_, W, T>,
    book: &Book,
) -> Result<BTreeSet<String>, WorkError> {
    let open = place.world.findings().open(book).await?;
    let open = open.into_iter().map(|(finding, _)| finding);
    Ok(open
        .filter(|one| one.code == Code::PayoutNotExplained)
        .map(|one| one.subject)
        .collect())
}

async fn mirrored<W: World, T: Watch>(
    place: &Place<'_, W, T>,
    key: &ObjectKey,
    payout: &Payout,
    scope: &Scope,
) -> Result<Option<Finding>, WorkError> {
    let ours = place.world.mirror().state(key).await?;
    let theirs = State::Payout(Box::new(payout.clone()));
    Ok(mirror::compare(
        key,
        ours.as_ref(),
        &theirs,
        scope,
        place.run.now,
    ))
}

/// Whether it was explained before: by a report, or by a list that has to be there.
async fn is_explained<W: World, T: Watch>(
    place: &Place<'_, W, T>,
    book: &Book,
    key: &ObjectKey,
    payout: &Payout,
    lists: bool,
) -> Result<bool, WorkError> {
    let ledger = place.world.ledger();
    let known = ledger.paid_out_by(book, &key.id, payout.created).await?;
    Ok(known.is_some_and(|paid| paid.rest().is_empty() && (paid.is_listed || !lists)))
}
