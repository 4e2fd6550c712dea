use proptest::prelude::*;

use super::*;

#[test]
fn days_are_written_as_civil_dates() {
    for (unix_s, text) in [
        (0, "1970-01-01"),
        (951_827_696, "2000-02-29"),
        (1_735_689_599, "2024-12-31"),
        (1_735_689_600, "2025-01-01"),
        (1_795_305_600, "2026-11-22"),
    ] {
        assert_eq!(Day::of(unix_s).to_string(), text);
        assert_eq!(Day::parse(text).unwrap(), Day::of(unix_s));
    }
    assert_eq!(Day::of(i64::MIN).to_string(), "1970-01-01");
    assert_eq!(Day::of(i64::MAX).to_string(), "9999-12-31");
}

#[test]
fn other_texts_are_refused() {
    for text in [
        "",
        "2026-11",
        "2026-11-22-1",
        "2026-13-01",
        "2026-02-29",
        "2026-00-10",
        "2026-01-00",
        "26-11-22",
        "2026-1-02",
        "+026-11-22",
        "1969-12-31",
        "2026-04-31",
    ] {
        assert_eq!(Day::parse(text), Err(NotADay), "{text}");
    }
}

#[test]
fn weekends_are_no_business_days() {
    let friday = Day::parse("2026-11-20").unwrap();
    assert!(friday.is_business_day());
    assert!(!friday.plus(1).is_business_day());
    assert!(!friday.plus(2).is_business_day());
    assert!(friday.plus(3).is_business_day());
    for (from, count, to) in [
        ("2026-11-20", 0, "2026-11-20"),
        ("2026-11-20", 1, "2026-11-23"),
        ("2026-11-20", 5, "2026-11-27"),
        ("2026-11-21", 1, "2026-11-23"),
    ] {
        let reached = Day::parse(from).unwrap().plus_business_days(count);
        assert_eq!(reached.to_string(), to, "{from} + {count}");
    }
    assert_eq!(Day(LAST).plus_business_days(3).to_string(), "9999-12-31");
}

proptest! {
    #[test]
    fn every_day_reads_back_and_borders_the_next(days in 0..LAST) {
        let day = Day(days);
        prop_assert_eq!(Day::parse(&day.to_string()), Ok(day));
        prop_assert_eq!(Day::of(day.start()), day);
        prop_assert_eq!(Day::of(day.end() - 1), day);
        prop_assert_eq!(Day::of(day.end()), day.plus(1));
        prop_assert!(day.to_string() < day.plus(1).to_string());
    }
}
