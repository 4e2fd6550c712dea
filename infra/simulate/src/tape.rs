//! Log lines on tape, to be searched for what must never be in one.

use std::cell::RefCell;
use std::fmt::{self, Write};

use memchr::memmem;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::DefaultGuard;
use tracing::{Event, Level, Metadata, Subscriber};

/// Stands in every name, e-mail address and signing secret of the simulated world.
pub const CANARY: &str = "canary";
/// The number of every card.
pub const CARD: &str = "4000056655665556";

thread_local! {
    static TAPE: RefCell<String> = const { RefCell::new(String::new()) };
}

struct Recorder;

/// Records what this thread logs at level INFO and above, until the guard is dropped.
pub fn record() -> DefaultGuard {
    tracing::subscriber::set_default(Recorder)
}

/// Empties the tape. Gives a line that shows a canary, if there is one.
pub fn wind() -> Option<String> {
    TAPE.with_borrow_mut(|tape| {
        let leak = [CANARY, CARD]
            .iter()
            .filter_map(|canary| memmem::find(tape.as_bytes(), canary.as_bytes()))
            .find_map(|at| {
                let start = tape.get(..at)?.rfind('\n').map_or(0, |end| end + 1);
                tape.get(start..)?.lines().next().map(str::to_owned)
            });
        tape.clear();
        leak
    })
}

impl Subscriber for Recorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::INFO
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        TAPE.with_borrow_mut(|tape| attributes.record(&mut Line(tape)));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        TAPE.with_borrow_mut(|tape| values.record(&mut Line(tape)));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        TAPE.with_borrow_mut(|tape| {
            event.record(&mut Line(tape));
            tape.push('\n');
        });
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.push_str(field.name());
        self.0.push('=');
        self.0.push_str(value);
        self.0.push(' ');
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let _ = write!(self.0, "{}={value:?} ", field.name());
    }
}
