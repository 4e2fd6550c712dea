//! Logs: JSON lines on standard output, which Lambda gives to CloudWatch.
//!
//! What may be in them is for `tributary-telemetry` to decide (docs/LOGGING.md).

use tracing::Level;
use tributary_telemetry::lines::{Lines, Stdout};
use tributary_telemetry::panics;

/// Starts the logging of the function whose crate is called `function`. `LOG_LEVEL`
/// is one of `error`, `warn`, `info`. Metrics are told apart by the name that
/// Lambda gave the function, `AWS_LAMBDA_FUNCTION_NAME`.
pub fn start(function: &'static str) {
    let level = std::env::var("LOG_LEVEL").unwrap_or_default();
    let level = level.parse().unwrap_or(Level::INFO);
    let called = std::env::var("AWS_LAMBDA_FUNCTION_NAME");
    let called = called.unwrap_or_else(|_| function.to_owned());
    let lines = Lines::new([function], level, Stdout).called(&called);
    // Fails if something else is listening already, which then goes on.
    let _ = tracing::subscriber::set_global_default(lines);
    panics::report_places();
}
