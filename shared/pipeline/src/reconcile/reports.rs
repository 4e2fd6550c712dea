//! A day of all books, at the price of a few reports.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tributary_domain::{Mode, Owner};
use tributary_ledger::{Book, Day, Digest};
use tributary_reconciliation::report::{self, Digests};

use super::Job;
use super::paid_out::Sum;
use super::ports::{Control, Jobs, Reports, Runs};
use super::settle::Settled;
use super::work::{Place, Turn, WorkError, World};
use crate::ledger::{Ledger, Watch};

/// Seconds until Stripe is asked again for a day that it does not have whole.
const NOT_YET_S: u16 = 900;
/// Jobs sent between two notes of the place.
const SENT_MAX: usize = 500;
/// Payouts of one job: a message has room for as many.
const PAYOUTS_MAX: usize = 50;

/// Where the day stands.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Cursor {
    runs: Option<Runs>,
    /// The last owner whose payouts' jobs were sent.
    paid_out: Option<String>,
    /// All payouts of the report were dealt with.
    are_payouts_sent: bool,
    /// The last owner of the report whose job was sent.
    sent: Option<String>,
    /// All owners of the report were dealt with.
    is_reported: bool,
    /// Where the roster goes on.
    roster: Option<String>,
}

pub(super) async fn turn<W: World, T: Watch>(
    mut place: Place<'_, W, T>,
    mode: Mode,
    day: Day,
) -> Result<Turn, WorkError> {
    let mut cursor: Cursor = place.cursor();
    let runs = match cursor.runs.clone() {
        Some(runs) => runs,
        None => match place.world.stripe().start(mode, day).await? {
            None => return Ok(Turn::Later(NOT_YET_S)),
            Some(runs) => {
                cursor.runs = Some(runs.clone());
                place.keep(&cursor).await?;
                runs
            }
        },
    };
    let Some(reported) = place.world.stripe().fold(&runs).await? else {
        return Ok(Turn::Later(place.rules.report_poll_s));
    };
    let reports = by_owner(&reported.digests, day);
    if !send_paid_out(&mut place, &mut cursor, &reported.paid_out, mode, day).await? {
        return Ok(Turn::Later(0));
    }
    if !cursor.is_reported && !send_reported(&mut place, &mut cursor, &reports, mode, day).await? {
        return Ok(Turn::Later(0));
    }
    if !send_unreported(&mut place, &mut cursor, &reports, mode, day).await? {
        return Ok(Turn::Later(0));
    }
    Ok(Turn::Done(Settled::default(), vec![]))
}

type ByOwner = BTreeMap<String, BTreeMap<String, Digest>>;

fn by_owner(digests: &Digests, wanted: Day) -> ByOwner {
    let mut owners = ByOwner::new();
    for (owner, day, currency, digest) in digests.iter() {
        if day == wanted {
            let digests = owners.entry(owner.as_str().to_owned()).or_default();
            digests.insert(currency.as_str().to_owned(), *digest);
        }
    }
    owners
}

/// Jobs for the payouts of the report. `false` when time is up.
async fn send_paid_out<W: World, T: Watch>(
    place: &mut Place<'_, W, T>,
    cursor: &mut Cursor,
    paid_out: &report::PaidOut,
    mode: Mode,
    day: Day,
) -> Result<bool, WorkError> {
    if cursor.are_payouts_sent {
        return Ok(true);
    }
    let mut sent = 0_usize;
    for (owner, payouts) in paid_out {
        let name = owner.as_str();
        if cursor.paid_out.as_deref().is_some_and(|last| name <= last) {
            continue;
        }
        let payouts: Vec<_> = payouts.iter().collect();
        for some in payouts.chunks(PAYOUTS_MAX) {
            let sums = some
                .iter()
                .map(|(id, sums)| ((*id).clone(), Sum::all(sums)));
            let job = Job::Payouts {
                book: Book {
                    mode,
                    owner: owner.clone(),
                },
                day,
                paid_out: sums.collect(),
                round: 0,
            };
            Jobs::send(place.world.outbox(), &job, 0).await?;
        }
        cursor.paid_out = Some(name.to_owned());
        sent += 1;
        if sent.is_multiple_of(SENT_MAX) {
            place.keep(cursor).await?;
            if !place.watch.has_time() {
                return Ok(false);
            }
        }
    }
    cursor.are_payouts_sent = true;
    place.keep(cursor).await?;
    Ok(true)
}

/// A job for each book that moved by the report. `false` when time is up.
async fn send_reported<W: World, T: Watch>(
    place: &mut Place<'_, W, T>,
    cursor: &mut Cursor,
    reports: &ByOwner,
    mode: Mode,
    day: Day,
) -> Result<bool, WorkError> {
    let mut sent = 0_usize;
    for (owner, report) in reports {
        if cursor.sent.as_ref().is_some_and(|last| owner <= last) {
            continue;
        }
        let Ok(parsed) = Owner::parse(owner) else {
            continue;
        };
        let book = Book {
            mode,
            owner: parsed,
        };
        let job = Job::Day {
            book,
            day,
            report: report.clone(),
            round: 0,
        };
        Jobs::send(place.world.outbox(), &job, 0).await?;
        cursor.sent = Some(owner.clone());
        sent += 1;
        if sent.is_multiple_of(SENT_MAX) {
            place.keep(cursor).await?;
            if !place.watch.has_time() {
                return Ok(false);
            }
        }
    }
    cursor.is_reported = true;
    place.keep(cursor).await?;
    Ok(true)
}

/// A job for each book that moved by us, and not by the report. `false` when time is
/// up.
async fn send_unreported<W: World, T: Watch>(
    place: &mut Place<'_, W, T>,
    cursor: &mut Cursor,
    reports: &ByOwner,
    mode: Mode,
    day: Day,
) -> Result<bool, WorkError> {
    loop {
        let page = place
            .world
            .control()
            .roster(mode, cursor.roster.as_deref())
            .await?;
        for (book, _) in page.books {
            if reports.contains_key(book.owner.as_str()) || !moved(place, &book, day).await? {
                continue;
            }
            let job = Job::Day {
                book,
                day,
                report: BTreeMap::new(),
                round: 0,
            };
            Jobs::send(place.world.outbox(), &job, 0).await?;
        }
        if page.next.is_none() {
            return Ok(true);
        }
        cursor.roster = page.next;
        place.keep(cursor).await?;
        if !place.watch.has_time() {
            return Ok(false);
        }
    }
}

async fn moved<W: World, T: Watch>(
    place: &Place<'_, W, T>,
    book: &Book,
    day: Day,
) -> Result<bool, WorkError> {
    let ledger = place.world.ledger();
    if ledger.state(book).await?.days.contains_key(&day) {
        return Ok(true);
    }
    Ok(ledger.totals(book, &[day]).await?.contains_key(&day))
}
