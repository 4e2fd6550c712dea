//! Days of the civil calendar in UTC, without a clock.

use std::fmt;

use serde::{Deserialize, Serialize};

const DAY_S: i64 = 86_400;
/// The last day that four digits can write, 9999-12-31.
const LAST: i32 = 2_932_896;

/// One day in UTC, written `2026-11-22`: how books are cut for comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Day(i32);

/// The text is no day between 1970-01-01 and 9999-12-31.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a day of the form 2026-11-22")]
pub struct NotADay;

impl Day {
    /// The day of a moment in unix seconds; moments outside 1970 to 9999 count as
    /// the nearest day inside.
    pub fn of(unix_s: i64) -> Self {
        let days = unix_s.div_euclid(DAY_S).clamp(0, LAST.into());
        Self(i32::try_from(days).unwrap_or(LAST))
    }

    /// Its first second, unix seconds.
    pub fn start(self) -> i64 {
        i64::from(self.0).saturating_mul(DAY_S)
    }

    /// The first second after it, unix seconds.
    pub fn end(self) -> i64 {
        self.start().saturating_add(DAY_S)
    }

    /// The day so many days later, or earlier when negative.
    #[must_use]
    pub fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days).clamp(0, LAST))
    }

    /// Whether banks work: Monday to Friday. Holidays differ by country, and are
    /// not known here.
    pub fn is_business_day(self) -> bool {
        // 1970-01-01 was a Thursday.
        let days_after_monday = self.0.saturating_add(3).rem_euclid(7);
        days_after_monday < 5
    }

    /// The day on which so many business days have passed since this one.
    #[must_use]
    pub fn plus_business_days(self, count: u32) -> Self {
        let mut day = self;
        for _ in 0..count {
            day = day.plus(1);
            while !day.is_business_day() && day.0 < LAST {
                day = day.plus(1);
            }
        }
        day
    }

    /// Year, month and day of the month. Howard Hinnant's algorithm: years that
    /// start in March, in eras of 400 years.
    fn civil(self) -> (i32, i32, i32) {
        let shifted = self.0.saturating_add(719_468);
        let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        (year_of_era + era * 400 + i32::from(month <= 2), month, day)
    }

    /// The way back. `None` for a month or day that the calendar does not have.
    fn of_civil(year: i32, month: i32, day: i32) -> Option<Self> {
        let shifted_year = year - i32::from(month <= 2);
        let (era, year_of_era) = (shifted_year.div_euclid(400), shifted_year.rem_euclid(400));
        let shifted_month = if month > 2 { month - 3 } else { month + 9 };
        let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        let found = Self(era * 146_097 + day_of_era - 719_468);
        (found.0 >= 0 && found.civil() == (year, month, day)).then_some(found)
    }

    /// Reads what `Display` wrote.
    ///
    /// # Errors
    /// When the text is no day.
    pub fn parse(text: &str) -> Result<Self, NotADay> {
        let digits = |part: &str, width: usize| -> Option<i32> {
            let written = part.len() == width && part.bytes().all(|b| b.is_ascii_digit());
            written.then(|| part.parse().ok()).flatten()
        };
        let mut parts = text.split('-');
        let (Some(year), Some(month), Some(day), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(NotADay);
        };
        let (Some(year), Some(month), Some(day)) =
            (digits(year, 4), digits(month, 2), digits(day, 2))
        else {
            return Err(NotADay);
        };
        Self::of_civil(year, month, day).ok_or(NotADay)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl TryFrom<String> for Day {
    type Error = NotADay;

    fn try_from(text: String) -> Result<Self, NotADay> {
        Self::parse(&text)
    }
}

impl From<Day> for String {
    fn from(day: Day) -> Self {
        day.to_string()
    }
}

#[cfg(test)]
mod tests;
