//! A day of all books, at the price of a few reports.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tributary_domain::{Mode, ObjectId, Owner};
use tributary_ledger::{Book, Day, Digest};

use super::Job;
use super::paid_out::Sum;
use super::ports::{Control, Jobs, Reported, Reports, Runs};
use super::settle::Settled;
use super::work::{Place, Turn, WorkError, World};
use crate::ledger::{Ledger, Watch};

/// Seconds until Stripe is asked again for a day that it does not have whole.
const NOT_YET_S: u16 = 900;
/// Books whose jobs are sent between two notes of the place.
const SENT_MAX: usize = 500;
/// Payouts of one job: a message has room for as many.
const PAYOUTS_MAX: usize = 50;

/// Where the day stands.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Cursor {
    runs: Option<Runs>,
    /// The last owner of the reports whose jobs were sent.
    sent: Option<String>,
    /// All owners of the reports were dealt with.
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
    let reports = by_owner(&reported, day);
    if !cursor.is_reported && !send_reported(&mut place, &mut cursor, &reports, mode, day).await? {
        return Ok(Turn::Later(0));
    }
    if !send_unreported(&mut place, &mut cursor, &reports, mode, day).await? {
        return Ok(Turn::Later(0));
    }
    Ok(Turn::Done(Settled::default(), vec![]))
}

/// What the reports say of one book.
#[derive(Default)]
struct OfBook {
    /// What it moved by, by currency.
    digests: BTreeMap<String, Digest>,
    /// What its payouts paid out.
    paid_out: Vec<(ObjectId, Vec<Sum>)>,
}

/// By the owner's text, which is the order of the cursor.
type ByOwner = BTreeMap<String, OfBook>;

fn by_owner(reported: &Reported, wanted: Day) -> ByOwner {
    let mut owners = ByOwner::new();
    for (owner, day, currency, digest) in reported.digests.iter() {
        if day == wanted {
            let of_book = owners.entry(owner.as_str().to_owned()).or_default();
            let currency = currency.as_str().to_owned();
            of_book.digests.insert(currency, *digest);
        }
    }
    for (owner, payouts) in &reported.paid_out {
        let of_book = owners.entry(owner.as_str().to_owned()).or_default();
        let payouts = payouts
            .iter()
            .map(|(id, sums)| (id.clone(), Sum::all(sums)));
        of_book.paid_out.extend(payouts);
    }
    owners
}

impl OfBook {
    /// The day of the book, if it moved, and its payouts.
    fn jobs(&self, book: &Book, day: Day) -> Vec<Job> {
        let payouts = self.paid_out.chunks(PAYOUTS_MAX).map(|some| Job::Payouts {
            book: book.clone(),
            day,
            paid_out: some.iter().cloned().collect(),
            round: 0,
        });
        let of_day = (!self.digests.is_empty()).then(|| Job::Day {
            book: book.clone(),
            day,
            report: self.digests.clone(),
            round: 0,
        });
        of_day.into_iter().chain(payouts).collect()
    }
}

/// The jobs of each book that the reports tell of. `false` when time is up.
async fn send_reported<W: World, T: Watch>(
    place: &mut Place<'_, W, T>,
    cursor: &mut Cursor,
    reports: &ByOwner,
    mode: Mode,
    day: Day,
) -> Result<bool, WorkError> {
    let mut sent = 0_usize;
    for (owner, of_book) in reports {
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
        for job in of_book.jobs(&book, day) {
            Jobs::send(place.world.outbox(), &job, 0).await?;
        }
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
            let is_reported = reports
                .get(book.owner.as_str())
                .is_some_and(|of_book| !of_book.digests.is_empty());
            if is_reported || !moved(place, &book, day).await? {
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
