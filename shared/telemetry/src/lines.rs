//! Lines of JSON, one for each event: `{"timestamp":…,"level":…,…,"message":…}`.

mod fields;
mod stamp;

use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Level, Metadata, Subscriber};

use crate::metrics::direct;
use fields::Fields;

/// Crates of ours, but for the functions' own.
const OURS: &str = "tributary_";

/// Fields and values that were left out since the process began.
static DROPPED: AtomicU64 = AtomicU64::new(0);

/// How many fields and values were left out since the process began, because they
/// were not in the vocabulary or not of their form.
pub fn dropped() -> u64 {
    DROPPED.load(Ordering::Relaxed)
}

/// Writes what our crates log. Of libraries it writes that they said something, how
/// bad it is and where in their code, from `warn` up: what they say may quote what
/// they were given.
#[derive(Debug)]
pub struct Lines<W> {
    functions: Vec<&'static str>,
    level: Level,
    out: W,
    called: String,
}

/// Standard output, one write for each line.
#[derive(Debug, Clone, Copy)]
pub struct Stdout;

/// Where lines go.
pub trait Out: Send + Sync + 'static {
    /// Takes one line, its end included. What cannot be written is lost: there is
    /// nobody left to tell.
    fn take(&self, line: &str);
}

impl Out for Stdout {
    fn take(&self, line: &str) {
        let _ = io::stdout().lock().write_all(line.as_bytes());
    }
}

impl<W: Out> Lines<W> {
    /// Lines of the functions whose crates are called so, from `level` up.
    pub fn new(functions: impl IntoIterator<Item = &'static str>, level: Level, out: W) -> Self {
        Self {
            functions: functions.into_iter().collect(),
            level,
            out,
            called: "local".to_owned(),
        }
    }

    /// With the name that Lambda gives the function, which metrics are told apart by.
    #[must_use]
    pub fn called(mut self, name: &str) -> Self {
        // Nothing else is part of such a name, and nothing of this has to be escaped.
        let is_of_names = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        self.called = name.chars().filter(is_of_names).collect();
        self
    }

    fn is_ours(&self, metadata: &Metadata<'_>) -> bool {
        let target = metadata.target();
        let package = target
            .split_once("::")
            .map_or(target, |(package, _)| package);
        package.starts_with(OURS) || self.functions.contains(&package)
    }

    fn wants(&self, metadata: &Metadata<'_>) -> bool {
        let least = match self.is_ours(metadata) {
            true => self.level,
            false => self.level.min(Level::WARN),
        };
        metadata.is_event() && *metadata.level() <= least
    }
}

impl<W: Out> Subscriber for Lines<W> {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        match self.wants(metadata) {
            true => Interest::always(),
            false => Interest::never(),
        }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        self.wants(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::from_level(self.level))
    }

    fn event(&self, event: &Event<'_>) {
        let metadata = event.metadata();
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let since = since.unwrap_or_default();
        let mut line = String::with_capacity(256);
        line.push_str(r#"{"timestamp":""#);
        stamp::write(since, &mut line);
        // Levels are words: nothing to escape. Writing to a string cannot fail.
        let _ = write!(line, r#"","level":"{}""#, metadata.level());
        let mut fields = Fields::new(&mut line);
        match self.is_ours(metadata) {
            true => event.record(&mut fields),
            false => of_a_library(metadata, &mut fields),
        }
        let (dropped, metrics) = fields.end();
        DROPPED.fetch_add(dropped, Ordering::Relaxed);
        direct(&mut line, &metrics, &self.called, since);
        line.push_str("}\n");
        self.out.take(&line);
    }

    // No span is ever wanted.
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

fn of_a_library(metadata: &Metadata<'_>, fields: &mut Fields<'_>) {
    let file = metadata.file().and_then(|path| Path::new(path).file_name());
    fields.text("library", metadata.target());
    fields.text(
        "file",
        file.and_then(|name| name.to_str()).unwrap_or_default(),
    );
    fields.number("line", metadata.line().unwrap_or_default().into());
    fields.text("message", "a library has something to say");
}

#[cfg(test)]
mod tests;
