//! RFC 3339 timestamps in whole seconds.

/// Seconds of a day; Unix time has no leap seconds.
const DAY_S: i64 = 86_400;

/// The unix second in which an RFC 3339 timestamp lies: a fraction is cut off, as
/// Stripe's own integer timestamps do. `None` when the text is not RFC 3339.
pub fn unix_seconds(text: &str) -> Option<i64> {
    let (date, rest) = text.split_at_checked(10)?;
    let (time, rest) = rest.strip_prefix(['T', 't'])?.split_at_checked(8)?;
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let [hour, minute, second] = numbers(time, ':', [2, 2, 2])?;
    let valid_day = (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day);
    if !valid_day || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let local = days_from_civil(year, month, day) * DAY_S + hour * 3600 + minute * 60 + second;
    Some(local - offset_s(without_fraction(rest)?)?)
}

/// Reads three numbers of fixed width.
fn numbers(text: &str, separator: char, widths: [usize; 3]) -> Option<[i64; 3]> {
    let mut parts = text.split(separator);
    let mut numbers = [0; 3];
    for (number, width) in numbers.iter_mut().zip(widths) {
        *number = digits(parts.next()?, width)?;
    }
    parts.next().is_none().then_some(numbers)
}

fn digits(text: &str, width: usize) -> Option<i64> {
    let plain = text.len() == width && text.bytes().all(|b| b.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

fn without_fraction(text: &str) -> Option<&str> {
    let Some(fraction) = text.strip_prefix('.') else {
        return Some(text);
    };
    let zone = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
    (zone.len() < fraction.len()).then_some(zone)
}

/// Seconds east of UTC.
fn offset_s(zone: &str) -> Option<i64> {
    if matches!(zone, "Z" | "z") {
        return Some(0);
    }
    let (sign, rest) = match zone.strip_prefix('+') {
        Some(rest) => (1, rest),
        None => (-1, zone.strip_prefix('-')?),
    };
    let (hours, minutes) = rest.split_once(':')?;
    let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
    (hours <= 23 && minutes <= 59).then_some(sign * (hours * 3600 + minutes * 60))
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 in the Gregorian calendar. Years are counted from March,
/// so that the leap day is the last of its year and months need no table.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    365 * year + leap_days + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_timestamps() {
        let cases = [
            ("1970-01-01T00:00:00Z", 0),
            ("2024-09-26T17:46:22.134Z", 1_727_372_782),
            ("2000-02-29T23:59:59.999999999Z", 951_868_799),
            ("2024-12-31T23:30:00-05:30", 1_735_707_600),
            ("2024-01-01T05:30:00+05:30", 1_704_067_200),
            ("2024-01-01T23:59:01+23:59", 1_704_067_201),
            ("1969-12-31T23:59:59.9Z", -1),
            ("2016-12-31t23:59:60z", 1_483_228_800),
        ];
        for (text, seconds) in cases {
            assert_eq!(unix_seconds(text), Some(seconds), "{text}");
        }
    }

    #[test]
    fn not_rfc_3339() {
        let cases = [
            "",
            "1727372782",
            "2024-09-26",
            "2024-09-26T17:46:22",
            "2024-09-26 17:46:22Z",
            "2024-13-01T00:00:00Z",
            "2023-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "2024-04-31T00:00:00Z",
            "2024-00-01T00:00:00Z",
            "2024-01-00T00:00:00Z",
            "2024-01-01T24:00:00Z",
            "2024-01-01T00:60:00Z",
            "2024-01-01T00:00:61Z",
            "2024-01-01T00:00:00+24:00",
            "2024-01-01T00:00:00-00:60",
            "2024-01-01T00:00:00+1:00",
            "2024-01-01T00:00:00",
            "2024-01-01-01T00:00Z",
            "2024-01-0100:00:00Z",
            "2024-01-01T00:00:00.Z",
            "2024-01-01T00:00:00+0100",
            "2024-01-01T00:00:00Zjunk",
            "+024-01-01T00:00:00Z",
            "２０２４-01-01T00:00:00Z",
        ];
        for text in cases {
            assert_eq!(unix_seconds(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn days_follow_each_other(year in 0_i64..=9999, month in 1_i64..=12, day in 1_i64..=31) {
            prop_assume!(day <= days_in(year, month));
            let (y, m, d) = match (month, day) {
                (12, 31) => (year + 1, 1, 1),
                (_, last) if last == days_in(year, month) => (year, month + 1, 1),
                _ => (year, month, day + 1),
            };
            prop_assert_eq!(days_from_civil(y, m, d), days_from_civil(year, month, day) + 1);
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,40}") {
            let _ = unix_seconds(&text);
        }
    }
}
