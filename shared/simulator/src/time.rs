//! Civil time, in UTC.

/// Unix seconds as year, month, day, hour, minute and second. Civil dates from day numbers after
/// Howard Hinnant's algorithm: March-based years in eras of 400 years.
pub(crate) fn civil(at: i64) -> [i64; 6] {
    let (days, second) = (at.div_euclid(86_400), at.rem_euclid(86_400));
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 {
        month_index + 3
    } else {
        month_index - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    [
        year,
        month,
        day,
        second / 3_600,
        second / 60 % 60,
        second % 60,
    ]
}

/// Unix seconds as Stripe's v2 API writes them.
pub(crate) fn rfc3339(at: i64) -> String {
    let [year, month, day, hour, minute, second] = civil(at);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.000Z")
}

#[cfg(test)]
mod tests {
    use super::rfc3339;

    #[test]
    fn times_are_written_in_utc() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(rfc3339(951_827_696), "2000-02-29T12:34:56.000Z");
        assert_eq!(rfc3339(1_735_689_599), "2024-12-31T23:59:59.000Z");
    }
}
