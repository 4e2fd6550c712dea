//! Days of all books, at the price of a few reports.

use std::collections::{BTreeMap, BTreeSet};
use std::iter::successors;

use serde::{Deserialize, Serialize};
use tributary_domain::{Mode, ObjectId, Owner};
use tributary_ledger::views::Month;
use tributary_ledger::{Book, Day, Digest};

use super::paid_out::Sum;
use super::ports::{Control, Jobs, Reported, Reports, Runs};
use super::settle::Settled;
use super::work::{Place, Turn, WorkError, World};
use super::{Job, prices};
use crate::ledger::{Ledger, Watch};

/// Seconds until Stripe is asked again for days that it does not have whole.
const NOT_YET_S: u16 = 900;
/// Books whose jobs are sent between two notes of the place.
const SENT_MAX: usize = 500;
/// Payouts of one job: a message has room for as many.
const PAYOUTS_MAX: usize = 50;

/// Where the days stand.
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
    job: &Job,
) -> Result<Turn, WorkError> {
    let Job::Reports { mode, day, days } = job else {
        return Ok(Turn::Done(Settled::default(), vec![]));
    };
    let of = Days {
        mode: *mode,
        first: *day,
        last: day.plus(i32::from(days.saturating_sub(1))),
    };
    let mut cursor: Cursor = place.cursor();
    let Some(runs) = cursor.runs.clone() else {
        let stripe = place.world.stripe();
        let Some(runs) = stripe.start(of.mode, of.first, of.last).await? else {
            return Ok(Turn::Later(NOT_YET_S));
        };
        cursor.runs = Some(runs);
        place.keep(&cursor).await?;
        // Whoever looks at once looks in vain.
        return Ok(Turn::Later(place.rules.report_poll_s));
    };
    let Some(reported) = place.world.stripe().fold(&runs).await? else {
        return Ok(Turn::Later(place.rules.report_poll_s));
    };
    let reports = by_owner(&reported, &of);
    if !cursor.is_reported && !send_reported(&mut place, &mut cursor, &reports, &of).await? {
        return Ok(Turn::Later(0));
    }
    let ended = of.months_to_price(place.world).await?;
    if !send_unreported(&mut place, &mut cursor, &reports, (&of, &ended)).await? {
        return Ok(Turn::Later(0));
    }
    Ok(Turn::Done(Settled::default(), vec![]))
}

/// What the reports are about.
struct Days {
    mode: Mode,
    first: Day,
    last: Day,
}

impl Days {
    fn all(&self) -> impl Iterator<Item = Day> + use<> {
        let last = self.last;
        successors(Some(self.first), |day| Some(day.plus(1))).take_while(move |day| *day <= last)
    }
}

impl Days {
    /// The months that end with one of them, if there are prices to hold their fees
    /// against.
    async fn months_to_price<W: World>(&self, world: &W) -> Result<BTreeSet<Month>, WorkError> {
        let ends = self
            .all()
            .filter(|day| Month::of(*day) != Month::of(day.plus(1)));
        let ended: BTreeSet<Month> = ends.map(Month::of).collect();
        if ended.is_empty() {
            return Ok(ended);
        }
        let expected = prices::expected(world).await?;
        let is_agreed = expected.is_some_and(|it| !it.schedule.0.is_empty());
        Ok(if is_agreed { ended } else { BTreeSet::new() })
    }
}

/// What the reports say of one book.
#[derive(Default)]
struct OfBook {
    /// What it moved by, by day and currency.
    digests: BTreeMap<Day, BTreeMap<String, Digest>>,
    /// What its payouts paid out.
    paid_out: Vec<(ObjectId, Vec<Sum>)>,
}

/// By the owner's text, which is the order of the cursor.
type ByOwner = BTreeMap<String, OfBook>;

fn by_owner(reported: &Reported, of: &Days) -> ByOwner {
    let mut owners = ByOwner::new();
    for (owner, day, currency, digest) in reported.digests.iter() {
        if (of.first..=of.last).contains(&day) {
            let of_book = owners.entry(owner.as_str().to_owned()).or_default();
            let of_day = of_book.digests.entry(day).or_default();
            of_day.insert(currency.as_str().to_owned(), *digest);
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
    /// The days on which the book moved, and its payouts.
    fn jobs(&self, book: &Book, last: Day) -> Vec<Job> {
        let payouts = self.paid_out.chunks(PAYOUTS_MAX).map(|some| Job::Payouts {
            book: book.clone(),
            day: last,
            paid_out: some.iter().cloned().collect(),
            round: 0,
        });
        let days = self.digests.iter().map(|(day, report)| Job::Day {
            book: book.clone(),
            day: *day,
            report: report.clone(),
            round: 0,
        });
        days.chain(payouts).collect()
    }
}

/// The jobs of each book that the reports tell of. `false` when time is up.
async fn send_reported<W: World, T: Watch>(
    place: &mut Place<'_, W, T>,
    cursor: &mut Cursor,
    reports: &ByOwner,
    of: &Days,
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
            mode: of.mode,
            owner: parsed,
        };
        for job in of_book.jobs(&book, of.last) {
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

/// A job for each day on which a book moved by us, and not by the report, and one for the
/// months of each that have ended. `false` when time is up.
async fn send_unreported<W: World, T: Watch>(
    place: &mut Place<'_, W, T>,
    cursor: &mut Cursor,
    reports: &ByOwner,
    (of, ended): (&Days, &BTreeSet<Month>),
) -> Result<bool, WorkError> {
    loop {
        let page = place
            .world
            .control()
            .roster(of.mode, cursor.roster.as_deref())
            .await?;
        for (book, _) in page.books {
            if !ended.is_empty() {
                let job = Job::Prices {
                    book: book.clone(),
                    months: ended.clone(),
                    day: of.last,
                };
                Jobs::send(place.world.outbox(), &job, 0).await?;
            }
            let of_book = reports.get(book.owner.as_str());
            let is_reported = |day: &Day| of_book.is_some_and(|it| it.digests.contains_key(day));
            let silent: Vec<Day> = of.all().filter(|day| !is_reported(day)).collect();
            for day in moved(place, &book, silent).await? {
                let job = Job::Day {
                    book: book.clone(),
                    day,
                    report: BTreeMap::new(),
                    round: 0,
                };
                Jobs::send(place.world.outbox(), &job, 0).await?;
            }
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

/// Those of some days on which the book moved by us.
async fn moved<W: World, T: Watch>(
    place: &Place<'_, W, T>,
    book: &Book,
    days: Vec<Day>,
) -> Result<Vec<Day>, WorkError> {
    if days.is_empty() {
        return Ok(days);
    }
    let ledger = place.world.ledger();
    let newest = ledger.state(book).await?.days;
    let (mut moved, older): (Vec<_>, Vec<_>) =
        days.into_iter().partition(|day| newest.contains_key(day));
    if !older.is_empty() {
        moved.extend(ledger.totals(book, &older).await?.into_keys());
    }
    Ok(moved)
}
