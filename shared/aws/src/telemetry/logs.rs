//! Logs: JSON lines on standard output, which Lambda gives to CloudWatch.
//!
//! Only ids, types, counts, codes and timings are logged; no payload and no
//! personal data ever reaches a field (docs/LOGGING.md).

use tracing::Level;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::layer;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Starts the logging of the function whose crate is called `function`. `LOG_LEVEL`
/// is one of `error`, `warn`, `info`, `debug`.
///
/// It is the level of this pipeline's own crates. Libraries are heard from `warn` up
/// whatever it says: below that the AWS SDKs write whole requests, payloads included.
pub fn start(function: &str) {
    let level = std::env::var("LOG_LEVEL").unwrap_or_default();
    let level = level.parse().unwrap_or(Level::INFO);
    let filter = Targets::new()
        .with_default(LevelFilter::WARN.min(level.into()))
        .with_target("tributary_", level)
        .with_target(function, level);
    let lines = layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_target(false)
        .with_ansi(false);
    tracing_subscriber::registry()
        .with(filter)
        .with(lines)
        .init();
}
