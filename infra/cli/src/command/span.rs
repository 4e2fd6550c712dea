//! A stretch of time on the command line.

use clap::Args;
use tributary_domain::time::unix_seconds;
use tributary_ledger::Day;

use crate::context::now;
use crate::failure::Failure;

/// A stretch of time: from and to are part of it.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Span {
    /// From then on: a day (2026-11-22), a moment (2026-11-22T08:00:00Z), or as long ago as 90s, 15m, 6h, 3d.
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Until then; a day is meant whole.
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
}

impl Span {
    /// First and last second, unix seconds.
    ///
    /// # Errors
    /// When a text is no time, or the stretch ends before it begins.
    pub(super) fn read(&self) -> Result<(Option<i64>, Option<i64>), Failure> {
        let since = self
            .since
            .as_deref()
            .map(|text| moment(text, false))
            .transpose()?;
        let until = self
            .until
            .as_deref()
            .map(|text| moment(text, true))
            .transpose()?;
        if let (Some(since), Some(until)) = (since, until)
            && since > until
        {
            return Err(Failure::usage(
                "--since is later than --until",
                "Turn them round.",
            ));
        }
        Ok((since, until))
    }
}

fn moment(text: &str, is_end: bool) -> Result<i64, Failure> {
    if let Ok(day) = Day::parse(text) {
        return Ok(if is_end {
            day.end().saturating_sub(1)
        } else {
            day.start()
        });
    }
    if let Some(at) = unix_seconds(text) {
        return Ok(at);
    }
    let ago = ago(text).ok_or_else(|| {
        Failure::usage(
            format!("`{text}` is no time"),
            "Give a day (2026-11-22), a moment (2026-11-22T08:00:00Z), or how long ago (90s, 15m, 6h, 3d).",
        )
    })?;
    Ok(now().saturating_sub(ago))
}

/// Seconds of `15m`.
fn ago(text: &str) -> Option<i64> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let count: u32 = digits.parse().ok()?;
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    Some(i64::from(count) * unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(since: &str, until: &str) -> Result<(Option<i64>, Option<i64>), Failure> {
        Span {
            since: Some(since.to_owned()),
            until: Some(until.to_owned()),
        }
        .read()
    }

    #[test]
    fn days_are_whole() {
        let read = span("2026-01-01", "2026-01-01");
        assert_eq!(read, Ok((Some(1_767_225_600), Some(1_767_311_999))));
    }

    #[test]
    fn moments_and_lengths() {
        let read = span("2026-01-01T00:00:01Z", "2026-01-01T01:00:01+01:00");
        assert_eq!(read, Ok((Some(1_767_225_601), Some(1_767_225_601))));
        assert_eq!(ago("15m"), Some(900));
        for text in ["", "m", "-1m", "1w", "1.5h", "é"] {
            assert_eq!(ago(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_named() {
        assert!(
            span("yesterday", "2026-01-01").is_err_and(|e| e.to_string().contains("yesterday"))
        );
        assert!(span("2026-01-02", "2026-01-01").is_err());
    }
}
