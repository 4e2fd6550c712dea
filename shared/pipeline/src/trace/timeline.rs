//! From what was read to what happened, in the order of time.

use serde::Serialize;
use tributary_domain::{EventKey, ObjectId};
use tributary_ledger::{Book, Derived, Entry};
use tributary_reconciliation::Finding;

use super::gather::{Gathered, Told};
use super::ports::{LoggedEvent, Place, Seen};
use super::step::{Clock, OwnMatch, Step, What};
use super::{Note, Shown};
use crate::own_book::Kept;

/// The life of one object and of those that belong to its story.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Timeline {
    /// Which object.
    #[serde(flatten)]
    pub asked: Place,
    /// The objects that it tells of.
    pub objects: Vec<Place>,
    /// What happened, oldest first.
    pub steps: Vec<Step>,
    /// What should be there and is not.
    pub missing: Vec<Note>,
    /// What is expected, and what somebody has to do.
    pub next: Vec<Note>,
    /// There is more than is told here.
    pub is_cut: bool,
}

impl Timeline {
    /// Whether nothing at all is known of what was asked for.
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }
}

/// Puts everything in order. Each thing is told once.
pub fn timeline(gathered: &Gathered) -> Timeline {
    let mut steps = Vec::new();
    let known = gathered.objects.iter().filter(|(_, told)| told.is_known());
    let known: Vec<(&Place, &Told)> = known.collect();
    for (place, told) in &known {
        steps.extend(told.node.entries.iter().map(|it| entry(place, it)));
        steps.extend(told.node.derived.iter().map(|it| derived(place, it)));
        if let Some(seen) = &told.seen {
            steps.push(mirror(place, seen));
            steps.extend(forgotten(place, seen, gathered));
        }
    }
    steps.extend(gathered.events.values().map(|it| event(it, gathered)));
    for finding in &gathered.findings {
        steps.extend(history(finding));
    }
    steps.extend(
        gathered
            .matches
            .iter()
            .map(|(place, it)| matched(place, it)),
    );
    for (place, paid) in &gathered.paid_out {
        let at = paid.paid.created;
        steps.push(by_stripe(place, at, What::PaidOut(paid.clone())));
    }
    for by in &gathered.paid_by {
        let what = What::PaidBy(by.clone());
        steps.push(by_stripe(&gathered.asked, by.created, what));
    }
    steps.sort_by_cached_key(Step::order);
    Timeline {
        asked: gathered.asked.clone(),
        objects: known.into_iter().map(|(place, _)| place.clone()).collect(),
        steps,
        missing: Vec::new(),
        next: Vec::new(),
        is_cut: gathered.is_cut,
    }
}

fn by_stripe(place: &Place, at: i64, what: What) -> Step {
    Step {
        at,
        clock: Clock::Stripe,
        book: place.book.clone(),
        object: place.id.clone(),
        what,
    }
}

fn entry(place: &Place, entry: &Entry) -> Step {
    let what = What::Entry {
        transaction: entry.transaction.clone(),
        kind: entry.kind.clone(),
        amount: entry.amount,
        fee: entry.fee,
        net: entry.net,
        currency: entry.currency.clone(),
        available_on: entry.available_on,
        lines: entry.lines.clone(),
    };
    by_stripe(place, entry.created, what)
}

fn derived(place: &Place, derived: &Derived) -> Step {
    let what = What::Derived {
        rule: derived.rule,
        revision: derived.revision,
        reverses: derived.reverses,
        currency: derived.currency.clone(),
        lines: derived.lines.clone(),
    };
    by_stripe(place, derived.at, what)
}

fn mirror(place: &Place, seen: &Seen) -> Step {
    let what = What::Mirror {
        event: seen.event.clone(),
        shows: seen.state.as_ref().map(Shown::of).unwrap_or_default(),
        deleted: seen.is_deleted,
        ambiguous: seen.is_ambiguous,
    };
    by_stripe(place, seen.at, what)
}

/// Events that a row has heard of and the log does not have.
fn forgotten<'a>(
    place: &'a Place,
    seen: &'a Seen,
    gathered: &'a Gathered,
) -> impl Iterator<Item = Step> + 'a {
    let unknown = seen.heard.iter().filter(|(_, event)| {
        let key = EventKey {
            mode: place.book.mode,
            owner: place.book.owner.clone(),
            id: event.clone(),
        };
        !gathered.events.contains_key(&key)
    });
    unknown.map(|(at, event)| {
        let event = event.clone();
        by_stripe(place, *at, What::Forgotten { event })
    })
}

fn event(event: &LoggedEvent, gathered: &Gathered) -> Step {
    let object = event.object.as_ref().map(|object| object.id.clone());
    Step {
        at: event.created,
        clock: Clock::Stripe,
        book: book_of(event),
        object: object.unwrap_or_else(|| gathered.asked.id.clone()),
        what: What::Event {
            event: event.key.id.clone(),
            kind: event.kind.clone(),
            received_at: event.received_at,
            origin: event.origin.clone(),
            outcome: event.outcome.clone(),
            shows: event.shows.as_ref().map(Shown::of).unwrap_or_default(),
        },
    }
}

fn book_of(event: &LoggedEvent) -> Book {
    Book {
        mode: event.key.mode,
        owner: event.key.owner.clone(),
    }
}

fn matched(place: &Place, kept: &Kept) -> Step {
    let one = &kept.matched;
    Step {
        at: one.at,
        clock: Clock::Ours,
        book: place.book.clone(),
        object: place.id.clone(),
        what: What::Matched(OwnMatch {
            own: one.own.clone(),
            lines: one.lines.clone(),
            standing: kept.standing,
            amount: one.amount,
            currency: one.currency.as_str().to_owned(),
            difference: one.difference,
            reason: one.reason(),
        }),
    }
}

/// The steps of a finding that is about an object, a movement or an event.
fn history(finding: &Finding) -> Vec<Step> {
    let Ok(object) = ObjectId::parse(&finding.subject) else {
        return Vec::new();
    };
    let steps = finding.history.iter().map(|step| Step {
        at: step.at,
        clock: Clock::Ours,
        book: finding.book.clone(),
        object: object.clone(),
        what: What::Finding {
            code: finding.code,
            subject: finding.subject.clone(),
            happened: step.what.clone(),
            state: finding.state,
            stake: finding.stake.clone(),
        },
    });
    steps.collect()
}
