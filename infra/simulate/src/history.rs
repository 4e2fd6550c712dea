//! What happened at Stripe, and what Stripe says about it.
//!
//! A history is made before its run begins: the objects, their states in the order
//! in which they came, and for each change a notice, Stripe's event. Beside every
//! notice stands what it has to lead to, known from how it was made.

mod draw;
mod tell;
mod text;

use tributary_domain::Change;

use crate::shapes::{Fixed, Shape, State};

pub(crate) use draw::draw;
pub(crate) use text::bridged;

/// When every history begins: midnight, unix seconds.
pub(crate) const START: i64 = 1_763_856_000;

/// The owners: the platform, and its connected accounts.
pub(crate) const OWNERS: [&str; 4] = ["platform", "acct_1", "acct_2", "acct_3"];

/// An object.
pub(crate) struct Thing {
    /// Its place among all.
    pub(crate) number: usize,
    pub(crate) shape: &'static Shape,
    pub(crate) fixed: Fixed,
    /// Its owner's place among [`OWNERS`].
    pub(crate) owner: usize,
    /// Its key in the mirror.
    pub(crate) key: String,
}

/// An object as one notice shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) thing: usize,
    pub(crate) at: i64,
    pub(crate) source: String,
    pub(crate) change: Change,
    /// Canonical.
    pub(crate) body: String,
    /// Canonical.
    pub(crate) previous: Option<String>,
}

/// What a notice has to lead to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Expected {
    /// A version in the mirror.
    Version(Seen),
    /// A fetch.
    Fetch,
    /// Nothing but its record.
    Record,
    /// The quarantine, under a code.
    Held(&'static str),
}

/// One rendering of a notice.
pub(crate) struct Rendering {
    pub(crate) body: String,
    /// Where in the body the digit stands that differs between deliveries.
    pub(crate) pending_at: Option<usize>,
    pub(crate) expected: Expected,
}

/// One event of Stripe's. More than one rendering: whichever comes first counts.
pub(crate) struct Notice {
    /// Its key in the event log.
    pub(crate) key: String,
    /// When it is sent, unix seconds.
    pub(crate) at: i64,
    pub(crate) owner: usize,
    pub(crate) renderings: Vec<Rendering>,
    /// The object that it shows.
    pub(crate) thing: usize,
    /// The object and its state from now on; `None` once it is gone.
    pub(crate) truth: Option<(usize, Option<State>)>,
}

/// All that happened.
pub(crate) struct History {
    pub(crate) things: Vec<Thing>,
    pub(crate) notices: Vec<Notice>,
}

impl History {
    /// The object of a key.
    pub(crate) fn thing(&self, key: &str) -> Option<usize> {
        self.things.iter().position(|thing| thing.key == key)
    }
}
