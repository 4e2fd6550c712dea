//! Spans: one for each record that a function works on, in the trace of what it is
//! about (docs/adr/0022-spans-without-a-library.md).
//!
//! Places in a trace are made from what happens ([`TraceParent`]), so nothing has to
//! be handed from step to step but what the domain has anyway. A span that is begun
//! where nobody records is nothing: its place is not even asked for.

mod attribute;
#[cfg(feature = "otel")]
pub mod otlp;
#[cfg(feature = "otel")]
pub mod recorder;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use tributary_domain::TraceParent;

pub use attribute::Attribute;

/// What a span does in a trace, as OpenTelemetry counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Work inside.
    Internal = 1,
    /// Answers a request.
    Server = 2,
    /// Works on a message.
    Consumer = 5,
}

/// Where in a trace a span is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The span itself.
    pub own: TraceParent,
    /// What it is part of; `None` for the first of a road.
    pub parent: Option<TraceParent>,
}

impl Place {
    /// A step of which the trace knows only that it is part of another: each try is a
    /// span of its own.
    pub fn within(parent: TraceParent) -> Self {
        Self {
            own: parent.at("try", &unique()),
            parent: Some(parent),
        }
    }
}

/// A text that no other step of this process has, nor one of another by any chance.
fn unique() -> String {
    static STEPS: AtomicU64 = AtomicU64::new(0);
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let step = STEPS.fetch_add(1, Ordering::Relaxed);
    let process = std::process::id();
    format!("{}#{process}#{step}", since.unwrap_or_default().as_nanos())
}

/// A step that is under way. It ends when it is dropped.
#[derive(Debug, Default)]
pub struct Span {
    #[cfg(feature = "otel")]
    open: Option<Box<recorder::Open>>,
}

#[cfg(feature = "otel")]
impl Span {
    /// Begins a step. `place` is asked for only if spans are recorded.
    pub fn begin(name: &'static str, kind: Kind, place: impl FnOnce() -> Place) -> Self {
        Self {
            open: recorder::is_on().then(|| Box::new(recorder::Open::new(name, kind, place()))),
        }
    }

    /// Whether anybody would see one.
    pub fn are_recorded() -> bool {
        recorder::is_on()
    }

    /// Whether anybody will see it.
    pub fn is_recorded(&self) -> bool {
        self.open.is_some()
    }

    /// Where it is, for those that link to it.
    pub fn place(&self) -> Option<&TraceParent> {
        self.open.as_ref().map(|open| &open.place.own)
    }

    /// Links it to a span of any trace.
    pub fn link(&mut self, to: Option<&TraceParent>) {
        if let (Some(open), Some(to)) = (&mut self.open, to) {
            open.link(to);
        }
    }

    /// Adds an attribute: `note!` does it for fields of the vocabulary.
    pub fn put(&mut self, name: &'static str, value: Attribute) {
        if let Some(open) = &mut self.open {
            open.put(name, value);
        }
    }

    /// Gives it the place of a step that is done once for all: the next step's parent.
    pub fn settle_at(&mut self, own: impl FnOnce() -> TraceParent) {
        if let Some(open) = &mut self.open {
            open.place.own = own();
        }
    }

    /// Says that the step did not do what it was to do.
    pub fn fail(&mut self) {
        if let Some(open) = &mut self.open {
            open.failed = true;
        }
    }
}

#[cfg(feature = "otel")]
impl Drop for Span {
    fn drop(&mut self) {
        if let Some(open) = self.open.take() {
            recorder::keep(*open);
        }
    }
}

#[cfg(not(feature = "otel"))]
impl Span {
    /// Begins nothing.
    pub fn begin(_: &'static str, _: Kind, _: impl FnOnce() -> Place) -> Self {
        Self {}
    }

    /// Nobody would see one.
    pub fn are_recorded() -> bool {
        false
    }

    /// Nobody will see it.
    pub fn is_recorded(&self) -> bool {
        false
    }

    /// It is nowhere.
    pub fn place(&self) -> Option<&TraceParent> {
        None
    }

    /// Links nothing.
    pub fn link(&mut self, _: Option<&TraceParent>) {}

    /// Adds nothing.
    pub fn put(&mut self, _: &'static str, _: Attribute) {}

    /// It stays nowhere.
    pub fn settle_at(&mut self, _: impl FnOnce() -> TraceParent) {}

    /// Says nothing.
    pub fn fail(&mut self) {}
}

impl Span {
    /// The span of a whole batch, in a trace of its own: what it did together for
    /// records of many traces.
    pub fn of_batch(name: &'static str) -> Self {
        Self::begin(name, Kind::Consumer, || Place {
            own: TraceParent::of_work(&unique()),
            parent: None,
        })
    }

    /// Links two spans to each other.
    pub fn link_both(&mut self, other: &mut Self) {
        other.link(self.place());
        self.link(other.place());
    }
}
