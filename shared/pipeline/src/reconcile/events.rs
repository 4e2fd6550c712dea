//! Every event that Stripe made was received: or it is sent on the road that it
//! should have taken.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tributary_domain::{EventId, EventKey};
use tributary_ledger::Book;
use tributary_reconciliation::finding::{Code, Finding, Scope};

use super::Job;
use super::plan::ON_THE_WAY_S;
use super::ports::{Coverage, Findings, Listed, Remote, change_coverage};
use super::settle::{Means, Settled, close};
use super::work::{Place, Turn, WorkError, World};
use crate::ledger::{Watch, Window};
use crate::ports::Store;

/// Where an audit stands.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Cursor {
    /// The last event of the last page that was dealt with.
    after: Option<EventId>,
    /// Events that were listed.
    listed: u64,
    /// Some were healed: another look is due.
    healing: usize,
    /// When the first page was asked for, unix seconds: what was made since then may be
    /// on no page.
    began_at: i64,
}

pub(super) async fn turn<W: World, T: Watch>(
    mut place: Place<'_, W, T>,
    job: &Job,
) -> Result<Turn, WorkError> {
    let Job::Events {
        book,
        from,
        to,
        round,
    } = job
    else {
        return Ok(Turn::Done(Settled::default(), vec![]));
    };
    let mut settled = Settled {
        gone: confirm(&place, book).await?,
        ..Settled::default()
    };
    if *round > 0 && missing_still(&place, book).await? == 0 {
        return Ok(Turn::Done(settled, vec![]));
    }
    let window = Window {
        from: Some(*from),
        to: *to,
    };
    let mut cursor: Cursor = place.cursor();
    if cursor.began_at == 0 {
        cursor.began_at = place.run.now;
    }
    loop {
        let page = place
            .world
            .stripe()
            .events(book, window, cursor.after.as_ref())
            .await?;
        let on_page = audit(&place, book, &page.events).await?;
        settled.add(&on_page);
        cursor.healing += on_page.healing;
        cursor.listed += u64::try_from(page.events.len()).unwrap_or(u64::MAX);
        if page.next.is_none() {
            break;
        }
        cursor.after = page.next;
        place.keep(&cursor).await?;
        if !place.watch.has_time() {
            return Ok(Turn::Later(0));
        }
    }
    // Of younger events, some may not have been listed yet, or not even been made.
    let to = (*to).min(cursor.began_at.saturating_sub(ON_THE_WAY_S));
    cover(&place, book, (*from, to), cursor.listed == 0).await?;
    settled.healing = cursor.healing;
    Ok(Turn::after(job, settled, place.rules))
}

/// Compares one page with the event log.
async fn audit<W: World, T: Watch>(
    place: &Place<'_, W, T>,
    book: &Book,
    listed: &[Listed],
) -> Result<Settled, WorkError> {
    let keys: Vec<EventKey> = listed.iter().map(|event| event.key.clone()).collect();
    let loaded = place.world.log().load(&keys, &[]).await?;
    let is_known = |event: &&Listed| {
        loaded.receipts.contains_key(&event.key) || loaded.damaged_receipts.contains(&event.key)
    };
    let scope = Scope::new("events", "received");
    let found = listed
        .iter()
        .filter(|event| event.is_of_other_mode || !is_known(event));
    let found = found.map(|event| {
        let code = if event.is_of_other_mode {
            Code::ModeMix
        } else {
            Code::MissingEvent
        };
        Finding::new(code, book, &event.key.id, &scope, place.run.now)
            .with("type", &event.kind)
            .with("created", event.created)
    });
    let means = Means {
        events: listed
            .iter()
            .map(|event| (event.key.id.as_str(), event))
            .collect(),
        ..Means::default()
    };
    place.settle(book, found.collect(), &means).await
}

/// Closes what was missing and has come.
async fn confirm<W: World, T: Watch>(
    place: &Place<'_, W, T>,
    book: &Book,
) -> Result<usize, WorkError> {
    let missing = missing(place, book).await?;
    if missing.is_empty() {
        return Ok(0);
    }
    let mut come = BTreeMap::new();
    for keys in missing.chunks(100) {
        come.extend(place.world.log().load(keys, &[]).await?.receipts);
    }
    let has_come = |finding: &Finding| come.keys().any(|key| key.id.as_str() == finding.subject);
    close(place.world, book, place.run.now, |finding| {
        finding.code == Code::MissingEvent && has_come(finding)
    })
    .await
}

async fn missing_still<W: World, T: Watch>(
    place: &Place<'_, W, T>,
    book: &Book,
) -> Result<usize, WorkError> {
    Ok(missing(place, book).await?.len())
}

async fn missing<W: World, T: Watch>(
    place: &Place<'_, W, T>,
    book: &Book,
) -> Result<Vec<EventKey>, WorkError> {
    let open = place.world.findings().open(book).await?;
    let missing = open
        .iter()
        .filter(|(finding, _)| finding.code == Code::MissingEvent);
    let keys = missing.filter_map(|(finding, _)| {
        Some(EventKey {
            mode: book.mode,
            owner: book.owner.clone(),
            id: EventId::parse(&finding.subject).ok()?,
        })
    });
    Ok(keys.collect())
}

/// Everything in the window was received or sent on: moves the watermark, if the
/// window joins what was covered before.
async fn cover<W: World, T: Watch>(
    place: &Place<'_, W, T>,
    book: &Book,
    (from, to): (i64, i64),
    is_silent: bool,
) -> Result<(), WorkError> {
    let joins = |covered: i64| from <= covered && covered < to;
    let audited = |coverage: &mut Coverage| {
        coverage.closed_at = None;
        if from < to && coverage.events_to.is_none_or(joins) {
            coverage.events_to = Some(to);
            coverage.is_silent = is_silent;
        }
    };
    change_coverage(place.world.control(), book, audited).await
}
