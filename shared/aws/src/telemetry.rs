//! What a function tells of itself.

mod logs;
#[cfg(feature = "otel")]
mod otlp;
mod traces;

pub use logs::start;
pub use traces::Traces;

/// The time, unix seconds.
pub fn unix_now() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(0, |since| {
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    })
}
