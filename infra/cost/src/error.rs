//! Why there are no figures.

use tributary_bench::BenchError;

/// What stops a run. A run that stops prints no figures at all.
#[derive(Debug, thiserror::Error)]
pub enum CostError {
    /// A function did not start, or did not answer.
    #[error(transparent)]
    Function(#[from] BenchError),
    /// A setting of the run is no number.
    #[error("{0}={1} is not a whole number")]
    Setting(&'static str, String),
    /// The price file is not one.
    #[error("the prices: {0}")]
    Prices(String),
    /// The template does not say what it has to.
    #[error("template.yaml: {0}")]
    Template(String),
    /// The mirror is not the truth, or an event was lost: what was counted would be
    /// the cost of something else.
    #[error("not what was to be counted: {0}")]
    Wrong(String),
    /// The tables could not be read back.
    #[error("the tables: {0}")]
    Store(String),
    /// The file system or a socket.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// JSON that is none.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}
