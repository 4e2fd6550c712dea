//! What should be there and is not, and what comes next: pure, from what was read and
//! the time by our clock.
//!
//! Every rule says only what follows from something that was read. Nothing is called
//! missing because a table is empty.

mod dispute;
mod events;
mod payment;
mod payout;
mod transfer;

use serde::Serialize;
use tributary_domain::ObjectId;
use tributary_domain::change::State;
use tributary_ledger::revise::effective;
use tributary_ledger::{Day, Derived, Rule};

use super::gather::{Gathered, Told};
use super::ports::Place;
use crate::ledger::mark::transactions;
use crate::own_book::{Kept, Standing};
use crate::reconcile::PAYOUTS_S;

/// One thing that is missing, expected, or to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// A stable code, such as `event_missing`.
    pub code: &'static str,
    /// Of which object.
    #[serde(flatten)]
    pub place: Place,
    /// When it is expected, or until when something has to be done, unix seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<i64>,
    /// What, in a sentence.
    pub says: String,
    /// How to go on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<Remedy>,
}

/// How to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    /// Compare the account's events with Stripe's list.
    ReconcileEvents,
    /// Compare what the account holds and pays out with Stripe.
    ReconcileHoldings,
    /// Look why a message was not worked off: the ledger's dead letters.
    LedgerDeadLetters,
    /// Look why a message was not worked off: the dead letters of the events queue.
    EventsDeadLetters,
    /// Say whether a match of the platform's own book is right.
    AnswerMatch,
    /// The account has to do something.
    AskAccount,
    /// Ask Stripe.
    AskStripe,
}

/// What is missing, and what comes next, each in the order of the objects.
pub(super) fn expect(gathered: &Gathered, now: i64) -> (Vec<Note>, Vec<Note>) {
    let mut view = View {
        gathered,
        now,
        missing: Vec::new(),
        next: Vec::new(),
    };
    for (place, told) in &gathered.objects {
        if told.is_known() {
            view.object(place, told);
        }
    }
    for (place, kept) in &gathered.matches {
        view.matched(place, kept);
    }
    (view.missing, view.next)
}

/// What is looked at, and what was said of it.
struct View<'g> {
    gathered: &'g Gathered,
    now: i64,
    missing: Vec<Note>,
    next: Vec<Note>,
}

fn note(code: &'static str, place: &Place, says: impl Into<String>) -> Note {
    Note {
        code,
        place: place.clone(),
        at: None,
        says: says.into(),
        remedy: None,
    }
}

impl Note {
    fn at(mut self, at: i64) -> Self {
        self.at = Some(at);
        self
    }

    fn remedy(mut self, remedy: Remedy) -> Self {
        self.remedy = Some(remedy);
        self
    }
}

impl View<'_> {
    fn object(&mut self, place: &Place, told: &Told) {
        let Some(seen) = &told.seen else {
            self.without_row(place, told);
            return;
        };
        self.events(place, seen);
        if seen.is_ambiguous {
            let says = "versions of one second that nothing orders: it is being fetched";
            self.next.push(note("fetch_expected", place, says));
        }
        let Some(state) = &seen.state else {
            return;
        };
        self.entries(place, told, state);
        match state {
            State::Payout(payout) => self.payout(place, told, payout),
            State::Charge(charge) => self.charge(place, told, charge),
            State::Refund(refund) => self.refund(place, refund),
            State::Dispute(dispute) => self.dispute(place, told, dispute),
            State::Transfer(transfer) => self.transfer(place, told, transfer),
            _ => {}
        }
    }

    /// The ledger knows it and the mirror does not: its events have not come. Of an
    /// object that only a list of movements tells of, such as an account's refund of a
    /// payment that it received, there may never be one.
    fn without_row(&mut self, place: &Place, told: &Told) {
        let told_of = |kind: &str| told.kind.as_ref().is_some_and(|it| it.as_str() == kind);
        let is_received = place.id.as_str().starts_with("py_");
        let is_announced = told_of("payout") || (told_of("charge") && !is_received);
        if is_announced {
            let says = "it moved money, and no event of it has come";
            let missing = note("never_heard_of", place, says);
            self.missing.push(missing.remedy(Remedy::ReconcileEvents));
        }
    }

    /// The platform's own book may have it, and a person has to say so.
    fn matched(&mut self, place: &Place, kept: &Kept) {
        if kept.standing == Standing::Waiting {
            let own = kept.matched.own.join(" ");
            let says = format!("it may be what the platform's own book has as {own}");
            let waiting = note("match_waits", place, says);
            self.next.push(waiting.remedy(Remedy::AnswerMatch));
        }
    }

    /// Movements that the object names and the ledger does not have.
    fn entries(&mut self, place: &Place, told: &Told, state: &State) {
        for transaction in transactions(state) {
            let entries = &told.node.entries;
            if entries
                .iter()
                .any(|it| it.transaction.as_str() == transaction)
            {
                continue;
            }
            let says = format!("it names the movement {transaction}, which has no entry");
            let missing = note("entry_missing", place, says);
            self.missing.push(missing.remedy(Remedy::ReconcileHoldings));
        }
    }

    /// Whether payouts that were made then are still compared with Stripe.
    fn is_compared(&self, made: i64) -> bool {
        self.now.saturating_sub(made) <= PAYOUTS_S
    }

    fn day(&self) -> Day {
        Day::of(self.now)
    }
}

/// The entries of a rule that are in effect.
fn in_effect(told: &Told, rule: Rule) -> Vec<&Derived> {
    let effective = effective(told.node.derived.iter());
    effective.into_iter().filter(|it| it.rule == rule).collect()
}

/// Whether a movement of an object is booked.
fn is_booked(told: Option<&Told>) -> bool {
    told.is_some_and(|told| !told.node.entries.is_empty())
}

fn object(text: Option<&String>) -> Option<ObjectId> {
    ObjectId::parse(text?).ok()
}
