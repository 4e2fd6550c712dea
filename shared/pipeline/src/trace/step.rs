//! What a timeline is made of.

use std::collections::BTreeMap;

use serde::Serialize;
use tributary_domain::{EventId, ObjectId};
use tributary_ledger::{Book, Line, Rule};
use tributary_reconciliation::finding::{Code, Stake, State};

use super::{Paid, PaidBy, Shown};
use crate::own_book::Standing;

/// Whose clock says when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// Stripe's.
    Stripe,
    /// Ours.
    Ours,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Unix seconds.
    pub at: i64,
    /// By which clock.
    pub clock: Clock,
    /// On whose book.
    pub book: Book,
    /// To which object.
    pub object: ObjectId,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

/// Entries of the platform's own book, and the movements that they stand for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OwnMatch {
    /// The own entries.
    pub own: Vec<String>,
    /// The movements.
    pub lines: Vec<String>,
    /// It is made, or waits for a person.
    pub standing: Standing,
    /// Of the own entries, minor units.
    pub amount: i64,
    /// Currency of both amounts.
    pub currency: String,
    /// The amount less that of the movements.
    pub difference: i64,
    /// Why they belong together.
    pub reason: String,
}

/// What happened. The set is open: readers pass over what they do not know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "step")]
pub enum What {
    /// An event came, or an object was fetched.
    Event {
        /// Which.
        event: EventId,
        /// Stripe's type.
        #[serde(rename = "type")]
        kind: String,
        /// When it was applied, unix seconds by our clock.
        received_at: i64,
        /// `webhook`, `event_bridge`, `fetch`, `backfill`.
        origin: String,
        /// `applied`, `fetch_requested`, `recorded`, `quarantined`.
        outcome: String,
        /// The object as it shows it.
        #[serde(flatten)]
        shows: Shown,
    },
    /// A row heard of an event that is no longer in the log, or not yet.
    Forgotten {
        /// Which.
        event: EventId,
    },
    /// The mirror as it stands.
    Mirror {
        /// The event that decided it.
        event: EventId,
        /// The object as it is shown.
        #[serde(flatten)]
        shows: Shown,
        /// The object is gone.
        deleted: bool,
        /// Versions of one second that nothing orders: a guess.
        ambiguous: bool,
    },
    /// A balance moved: a journal entry.
    Entry {
        /// The balance transaction.
        transaction: ObjectId,
        /// Stripe's type.
        #[serde(rename = "type")]
        kind: String,
        /// Before fees, minor units.
        amount: i64,
        /// Kept back.
        fee: i64,
        /// What the balance moved by.
        net: i64,
        /// Currency of all amounts.
        currency: String,
        /// From when it may be paid out, unix seconds.
        available_on: i64,
        /// Debits positive.
        lines: Vec<Line>,
    },
    /// An entry was derived, or taken back.
    Derived {
        /// Why.
        rule: Rule,
        /// Which one of this rule.
        revision: u32,
        /// The one that it takes back.
        #[serde(skip_serializing_if = "Option::is_none")]
        reverses: Option<u32>,
        /// Currency of the lines.
        currency: String,
        /// Debits positive.
        lines: Vec<Line>,
    },
    /// What a payout paid out.
    PaidOut(Paid),
    /// A payout paid it out.
    PaidBy(PaidBy),
    /// The platform's own book says what a movement was.
    Matched(OwnMatch),
    /// A step in the history of a finding.
    Finding {
        /// What is wrong.
        code: Code,
        /// What it is about.
        subject: String,
        /// `seen`, `gone`, `heal:…`, `accepted:…`, …
        happened: String,
        /// Where it stands now.
        state: State,
        /// What may be lost.
        stake: Stake,
    },
    /// Something that another part of the system has to tell, such as a decision about
    /// a risk.
    Other {
        /// Which part.
        by: String,
        /// What it says.
        says: String,
        /// Ids, codes, amounts and times.
        facts: BTreeMap<String, String>,
    },
}

impl What {
    /// What comes first of what happened in one second: the cause before the effect.
    fn rank(&self) -> u8 {
        match self {
            Self::Entry { .. } => 0,
            Self::Event { .. } | Self::Forgotten { .. } => 1,
            Self::Mirror { .. } => 2,
            Self::Derived { .. } => 3,
            Self::PaidOut(_) | Self::PaidBy(_) => 4,
            Self::Matched(_) => 5,
            Self::Finding { .. } => 6,
            Self::Other { .. } => 7,
        }
    }

    /// Tells two of one kind, object and second apart.
    fn name(&self) -> (String, u32) {
        match self {
            Self::Event { event, .. } | Self::Forgotten { event } | Self::Mirror { event, .. } => {
                (event.to_string(), 0)
            }
            Self::Entry { transaction, .. } => (transaction.to_string(), 0),
            Self::Derived { rule, revision, .. } => (rule.as_str().to_owned(), *revision),
            Self::PaidOut(paid) => (paid.paid.payout.to_string(), 0),
            Self::PaidBy(by) => (by.transaction.to_string(), 0),
            Self::Matched(it) => (format!("{:?} {:?}", it.own, it.lines), 0),
            Self::Finding { code, subject, .. } => (format!("{code}#{subject}"), 0),
            Self::Other { by, says, .. } => (format!("{by}#{says}"), 0),
        }
    }
}

impl Step {
    /// The order of a timeline: by time, then cause before effect, then by name, so that
    /// the same facts always read the same.
    pub fn order(&self) -> impl Ord + use<> {
        let (name, number) = self.what.name();
        let place = (self.book.clone(), self.object.clone());
        (self.at, self.what.rank(), place, name, number)
    }
}
