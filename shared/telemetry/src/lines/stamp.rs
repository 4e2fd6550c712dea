//! When a line was written, as RFC 3339.

use std::fmt::Write as _;
use std::time::Duration;

use tributary_ledger::Day;

/// Writes `2026-11-27T08:30:00.123Z`.
pub(super) fn write(since_epoch: Duration, line: &mut String) {
    let seconds = i64::try_from(since_epoch.as_secs()).unwrap_or(i64::MAX);
    let of_day = seconds.rem_euclid(86_400);
    // Writing to a string cannot fail.
    let _ = write!(
        line,
        "{}T{:02}:{:02}:{:02}.{:03}Z",
        Day::of(seconds),
        of_day / 3_600,
        of_day / 60 % 60,
        of_day % 60,
        since_epoch.subsec_millis()
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_rfc_3339() {
        let mut line = String::new();
        write(Duration::from_millis(1_764_232_200_042), &mut line);
        assert_eq!(line, "2025-11-27T08:30:00.042Z");
        assert_eq!(
            tributary_domain::time::unix_seconds(&line),
            Some(1_764_232_200)
        );
    }
}
