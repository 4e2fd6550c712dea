//! Why there are no figures.

use std::path::PathBuf;

/// What stops a run. A run that stops prints no figures at all.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// A binary is not there.
    #[error("there is no {}: `make bench` builds it", .0.display())]
    NotBuilt(PathBuf),
    /// A function did not ask for work, or did not answer, in time.
    #[error("{function} did not {what} in time; its log is {}", .log.display())]
    Silent {
        /// The function.
        function: String,
        /// What was waited for.
        what: &'static str,
        /// Where it may say why.
        log: PathBuf,
    },
    /// A function reported that an invocation, or its start, failed.
    #[error("{function} failed: {report}")]
    Failed {
        /// The function.
        function: String,
        /// What it told the Runtime API.
        report: String,
    },
    /// An answer or a count is not what it has to be: the figures would describe
    /// something else than the road of an event.
    #[error("not what was to be measured: {0}")]
    Unexpected(String),
    /// `/proc` does not say what it says on Linux.
    #[error("/proc has no {0} for a process")]
    Proc(&'static str),
    /// The file system, a socket or a process.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// JSON that is none.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}
