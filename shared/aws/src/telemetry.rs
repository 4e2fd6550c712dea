//! Logs: JSON lines on standard output, which Lambda gives to CloudWatch.
//!
//! Only ids, types, counts, codes and timings are logged; no payload and no
//! personal data ever reaches a field (docs/LOGGING.md).

/// Starts logging. `LOG_LEVEL` is one of `error`, `warn`, `info`, `debug`.
pub fn start() {
    let level = std::env::var("LOG_LEVEL").unwrap_or_default();
    let level = level.parse().unwrap_or(tracing::Level::INFO);
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_target(false)
        .with_ansi(false)
        .with_max_level(level)
        .init();
}

/// The time, unix seconds.
pub fn unix_now() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(0, |since| {
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    })
}
