//! Spans that have ended, until they are sent or lost.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tributary_domain::TraceParent;

use super::{Attribute, Kind, Place};
use crate::form::Form;
use crate::vocabulary::find;

/// Most spans that wait: an invocation works on a hundred records at most, and a pull
/// posts a thousand lines of a page at most.
const WAITING_MAX: usize = 2_048;
/// Most links of a span; OpenTelemetry's own default.
const LINKS_MAX: usize = 128;

static ON: AtomicBool = AtomicBool::new(false);
static WAITING: Mutex<Vec<Ended>> = Mutex::new(Vec::new());
static LOST: AtomicU64 = AtomicU64::new(0);

/// A step under way.
#[derive(Debug)]
pub struct Open {
    name: &'static str,
    kind: Kind,
    pub(super) place: Place,
    began: Duration,
    attributes: Vec<(&'static str, Attribute)>,
    links: Vec<TraceParent>,
    pub(super) failed: bool,
}

/// A step that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// What was done.
    pub name: &'static str,
    /// Its part in the trace.
    pub kind: Kind,
    /// Where in the trace.
    pub place: Place,
    /// When it began, since 1970.
    pub began: Duration,
    /// When it ended, since 1970.
    pub ended: Duration,
    /// Fields of the vocabulary.
    pub attributes: Vec<(&'static str, Attribute)>,
    /// Spans of other roads that have to do with it.
    pub links: Vec<TraceParent>,
    /// Whether it did not do what it was to do.
    pub failed: bool,
}

fn now() -> Duration {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default()
}

impl Open {
    pub(super) fn new(name: &'static str, kind: Kind, place: Place) -> Self {
        Self {
            name,
            kind,
            place,
            began: now(),
            attributes: Vec::new(),
            links: Vec::new(),
            failed: false,
        }
    }

    pub(super) fn link(&mut self, to: &TraceParent) {
        if self.links.len() < LINKS_MAX && !self.links.contains(to) {
            self.links.push(to.clone());
        }
    }

    /// The same rule as for lines: what is not of its field's form is left out.
    pub(super) fn put(&mut self, name: &'static str, value: Attribute) {
        let form = find(name).map(|field| field.form);
        let is_allowed = match (&value, form) {
            (Attribute::Number(_), Some(Form::Number)) => true,
            (Attribute::Flag(_), Some(Form::Flag)) => true,
            (Attribute::Text(text), Some(form)) => form.admits(text),
            _ => false,
        };
        if is_allowed {
            self.attributes.push((name, value));
        }
    }
}

/// Whether spans are recorded.
pub fn is_on() -> bool {
    ON.load(Ordering::Relaxed)
}

/// Records spans from now on: there is somewhere to send them.
pub fn turn_on() {
    ON.store(true, Ordering::Relaxed);
}

/// Takes what waits.
pub fn drain() -> Vec<Ended> {
    let mut waiting = WAITING.lock().unwrap_or_else(PoisonError::into_inner);
    std::mem::take(&mut *waiting)
}

/// Counts spans that could not be sent.
pub fn lose(spans: usize) {
    let spans = u64::try_from(spans).unwrap_or(u64::MAX);
    LOST.fetch_add(spans, Ordering::Relaxed);
}

/// Spans that were lost since the process began.
pub fn lost() -> u64 {
    LOST.load(Ordering::Relaxed)
}

pub(super) fn keep(open: Open) {
    let ended = Ended {
        name: open.name,
        kind: open.kind,
        place: open.place,
        began: open.began,
        ended: now(),
        attributes: open.attributes,
        links: open.links,
        failed: open.failed,
    };
    let mut waiting = WAITING.lock().unwrap_or_else(PoisonError::into_inner);
    match waiting.len() < WAITING_MAX {
        true => waiting.push(ended),
        false => lose(1),
    }
}
