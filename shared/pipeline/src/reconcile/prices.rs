//! The fees of whole months against the agreed prices. The ledger has added both up: a
//! month of a book is one item, and no call of Stripe.

use std::collections::BTreeSet;

use tributary_ledger::views::{Expected, Month};
use tributary_reconciliation::compare::prices::{compare, month_of};

use super::Job;
use super::ports::Findings;
use super::settle::{Means, Settled, close};
use super::work::{Place, Turn, WorkError, World};
use crate::ledger::{Ledger, LedgerError, Watch};

pub(super) async fn turn<W: World, T: Watch>(
    place: Place<'_, W, T>,
    job: &Job,
) -> Result<Turn, WorkError> {
    let Job::Prices { book, months, .. } = job else {
        return Ok(Turn::Done(Settled::default(), vec![]));
    };
    let (world, now) = (place.world, place.run.now);
    let Some(expected) = expected(world).await? else {
        return Ok(Turn::Done(Settled::default(), vec![]));
    };
    let mut months = months.clone();
    let open = world.findings().open(book).await?;
    months.extend(open.iter().filter_map(|(finding, _)| month_of(finding)));
    let asked: Vec<Month> = months.iter().cloned().collect();
    let views = world.ledger().months(book, &asked).await?;
    let found = views
        .iter()
        .flat_map(|month| compare(book, month, &expected.schedule, now));
    let found: Vec<_> = found.collect();
    let differs: BTreeSet<String> = found.iter().map(|finding| finding.key()).collect();
    let mut settled = place.settle(book, found, &Means::default()).await?;
    settled.gone = close(world, book, now, |finding| {
        let is_compared = month_of(finding).is_some_and(|month| months.contains(&month));
        is_compared && !differs.contains(&finding.key())
    })
    .await?;
    Ok(Turn::Done(settled, vec![]))
}

/// What is agreed; `None` if what somebody wrote there is of no use, so that nothing can
/// be said.
pub(super) async fn expected<W: World>(world: &W) -> Result<Option<Expected>, WorkError> {
    match world.ledger().expected().await {
        Err(LedgerError::Invalid(_)) => Ok(None),
        answer => Ok(Some(answer?)),
    }
}
