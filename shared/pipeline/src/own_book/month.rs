//! Months: what the book is kept and matched by.

use std::fmt;
use std::ops::{Range, RangeInclusive};

use serde::{Deserialize, Serialize};
use tributary_ledger::Day;

/// A month in UTC, written `2026-11`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Month {
    /// Its first day.
    first: Day,
}

/// The text is no month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a month of the form 2026-11")]
pub struct NotAMonth;

impl Month {
    /// The month of a day.
    pub fn of(day: Day) -> Self {
        let month: String = day.to_string().chars().take(7).collect();
        Self::parse(&month).unwrap_or(Self { first: day })
    }

    /// The month of a moment, unix seconds.
    pub fn at(unix_s: i64) -> Self {
        Self::of(Day::of(unix_s))
    }

    /// Reads what `Display` wrote.
    ///
    /// # Errors
    /// When the text is no month.
    pub fn parse(text: &str) -> Result<Self, NotAMonth> {
        let first = Day::parse(&format!("{text}-01")).map_err(|_| NotAMonth)?;
        Ok(Self { first })
    }

    /// The month after it.
    #[must_use]
    pub fn next(self) -> Self {
        // No month has more than 31 days, and none has fewer than 28.
        Self::of(self.first.plus(31))
    }

    /// The month before it.
    #[must_use]
    pub fn before(self) -> Self {
        Self::of(self.first.plus(-1))
    }

    /// Its days.
    pub fn days(self) -> RangeInclusive<Day> {
        self.first..=self.next().first.plus(-1)
    }

    /// Its seconds, unix time.
    pub fn seconds(self) -> Range<i64> {
        self.first.start()..self.next().first.start()
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = self.first.to_string();
        f.write_str(day.get(..7).unwrap_or(&day))
    }
}

impl TryFrom<String> for Month {
    type Error = NotAMonth;

    fn try_from(text: String) -> Result<Self, NotAMonth> {
        Self::parse(&text)
    }
}

impl From<Month> for String {
    fn from(month: Month) -> Self {
        month.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_follow_each_other() {
        let mut month = Month::parse("2023-12").unwrap();
        for (text, days) in [
            ("2023-12", 31),
            ("2024-01", 31),
            ("2024-02", 29),
            ("2024-03", 31),
        ] {
            assert_eq!(month.to_string(), text);
            let seconds = month.seconds();
            assert_eq!((seconds.end - seconds.start) / 86_400, days, "{text}");
            assert_eq!(month.next().before(), month);
            assert_eq!(Month::at(seconds.end - 1), month);
            month = month.next();
        }
        for text in ["", "2024", "2024-13", "2024-1", "2024-01-01"] {
            assert_eq!(Month::parse(text), Err(NotAMonth), "{text}");
        }
    }
}
