//! All that is written while something runs.

use std::fmt;
use std::sync::{Arc, Mutex};

use tracing::Level;
use tributary_telemetry::lines::{Lines, Out};

const FUNCTIONS: [&str; 4] = [
    "apply_event",
    "fetch_object",
    "ingest_webhook",
    "publish_changes",
];

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<String>>);

impl Out for Kept {
    fn take(&self, line: &str) {
        self.0.lock().unwrap().push_str(line);
    }
}

/// Listens as a function does, at the most talkative level.
pub(crate) struct Heard {
    kept: Kept,
    _listening: tracing::subscriber::DefaultGuard,
}

impl Heard {
    pub(crate) fn begin() -> Self {
        let kept = Kept::default();
        let lines = Lines::new(FUNCTIONS, Level::TRACE, kept.clone());
        Self {
            kept,
            _listening: tracing::subscriber::set_default(lines),
        }
    }

    /// Keeps what a `Debug` shows, for whoever puts it into an error or a panic.
    pub(crate) fn shown(&self, what: &impl fmt::Debug) {
        self.kept.take(&format!("{what:?}\n{what:#?}\n"));
    }

    /// What was written since the last time.
    pub(crate) fn take(&self) -> String {
        std::mem::take(&mut *self.kept.0.lock().unwrap())
    }

    /// Looks for what must not be there.
    pub(crate) fn assert_silent(&self, about: &str) -> usize {
        let text = self.take();
        let found = text.lines().find(|line| {
            let line = line.to_lowercase();
            line.contains("canary") || line.contains("4000056655665556")
        });
        assert!(found.is_none(), "{about}: {}", found.unwrap_or_default());
        text.lines().count()
    }
}
