use proptest::prelude::*;

use super::*;

fn minor(currency: &str, decimal: &str) -> Result<i64, AmountError> {
    Currency::parse(currency.as_bytes())
        .unwrap()
        .minor(decimal.as_bytes())
}

#[test]
fn major_units_become_minor_units() {
    let cases = [
        ("usd", "12.34", 1234),
        ("usd", "-12.3", -1230),
        ("usd", "0.00", 0),
        ("usd", "1.2300", 123),
        ("JPY", "1234", 1234),
        ("jpy", "1234.00", 1234),
        ("kwd", "1.230", 1230),
        ("isk", "5.00", 500),
        ("ugx", "100", 10_000),
        ("usd", "-92233720368547758.08", i64::MIN),
        ("usd", "92233720368547758.07", i64::MAX),
    ];
    for (currency, decimal, expected) in cases {
        assert_eq!(
            minor(currency, decimal),
            Ok(expected),
            "{currency} {decimal}"
        );
    }
}

/// Code, decimals written, minor units to a major one, multiple of payouts.
#[test]
fn currencies_differ() {
    for (code, exponent, factor, payout_multiple) in [
        ("usd", 2, 100, 1),
        ("jpy", 0, 1, 1),
        ("krw", 0, 1, 1),
        ("kwd", 3, 1_000, 10),
        ("tnd", 3, 1_000, 10),
        ("isk", 0, 100, 100),
        ("ugx", 0, 100, 100),
        ("huf", 2, 100, 100),
        ("twd", 2, 100, 100),
        ("usdc", 2, 100, 1),
    ] {
        let currency = Currency::parse(code.as_bytes()).unwrap();
        assert_eq!(currency.exponent(), exponent, "{code}");
        assert_eq!(minor(code, "1"), Ok(factor), "{code}");
        assert_eq!(currency.payout_multiple(), payout_multiple, "{code}");
    }
}

#[test]
fn minor_units_are_written_as_people_do() {
    for (currency, amount, text) in [
        ("usd", 1_234, "12.34"),
        ("usd", -5, "-0.05"),
        ("usd", 0, "0.00"),
        ("usd", i64::MIN, "-92233720368547758.08"),
        ("jpy", 1_234, "1234"),
        ("kwd", 1_230, "1.230"),
        ("isk", 500, "5"),
        ("isk", 550, "5.50"),
        ("isk", -500, "-5"),
    ] {
        let written = Currency::parse(currency.as_bytes()).unwrap().major(amount);
        assert_eq!(written, text);
    }
}

#[test]
fn what_is_no_exact_amount_is_refused() {
    let not_plain = [
        "", "-", ".", ".5", "5.", "1e3", "1,000.00", "+1", " 1", "1.2.3", "--1", "NaN", "１",
    ];
    for decimal in not_plain {
        assert_eq!(
            minor("usd", decimal),
            Err(AmountError::NotPlain),
            "{decimal}"
        );
    }
    assert_eq!(minor("usd", "1.005"), Err(AmountError::TooFine));
    assert_eq!(minor("jpy", "1.5"), Err(AmountError::TooFine));
    assert_eq!(
        minor("usd", "92233720368547758.08"),
        Err(AmountError::TooLarge)
    );
}

#[test]
fn codes_are_letters() {
    assert_eq!(Currency::parse(b"EUR").unwrap().as_str(), "eur");
    assert_eq!(Currency::parse(b"usdc").unwrap().as_str(), "usdc");
    assert_eq!(Currency::parse(b"Eur").unwrap().to_string(), "eur");
    for code in ["", "eu", "eurobonds", "e1r", "é\u{301}"] {
        assert_eq!(Currency::parse(code.as_bytes()), None, "{code}");
    }
}

#[test]
fn the_known_ones_are_found() {
    assert!(KNOWN.is_sorted());
    for code in ["usd", "eur", "jpy", "zmw", "aed"] {
        assert!(
            Currency::parse(code.as_bytes()).unwrap().is_known(),
            "{code}"
        );
    }
    assert!(!Currency::parse(b"usf").unwrap().is_known());
}

/// What nearly every amount is takes the short way, and nothing else does.
#[test]
fn ordinary_amounts_take_the_short_way() {
    let short = |code: &str, decimal: &str| {
        let currency = Currency::parse(code.as_bytes()).unwrap();
        currency.short(decimal.as_bytes())
    };
    for (currency, decimal, expected) in [
        ("usd", "0.00", 0),
        ("usd", "12.34", 1_234),
        ("usd", "-12.30", -1_230),
        ("usd", "9.99", 999),
        ("kwd", "1.002", 1_002),
        ("jpy", "123456789012345678", 123_456_789_012_345_678),
        ("usd", "-123456789012345.67", -12_345_678_901_234_567),
    ] {
        assert_eq!(short(currency, decimal), Some(expected), "{decimal}");
    }
    for (currency, decimal) in [
        ("usd", ""),
        ("usd", "-"),
        ("usd", "5"),
        ("usd", "1.5"),
        ("usd", ".55"),
        ("usd", "555"),
        ("usd", "5."),
        ("usd", "1.2.30"),
        ("usd", "1e3.00"),
        ("usd", "1.0e"),
        ("usd", "1/2.00"),
        ("usd", "1:2.00"),
        ("usd", "1.230"),
        ("jpy", ""),
        ("jpy", "1.0"),
        ("jpy", "1234567890123456789"),
        ("usd", "1234567890123456.78"),
    ] {
        assert_eq!(short(currency, decimal), None, "{decimal}");
    }
}

proptest! {
    #[test]
    fn both_ways_lead_to_the_same(
        decimal in "-?[0-9]{0,20}(\\.[0-9]{0,4})?", currency in "usd|jpy|kwd|isk",
    ) {
        let currency = Currency::parse(currency.as_bytes()).unwrap();
        if let Some(minor) = currency.short(decimal.as_bytes()) {
            prop_assert_eq!(currency.any(decimal.as_bytes()), Ok(minor));
        }
    }

    #[test]
    fn every_amount_comes_back(amount: i64, currency in "usd|jpy|kwd|isk|ugx|huf") {
        let currency = Currency::parse(currency.as_bytes()).unwrap();
        prop_assert_eq!(currency.minor(currency.major(amount).as_bytes()), Ok(amount));
    }

    #[test]
    fn stored_codes_read_back(code in "[a-z]{3,8}") {
        let currency = Currency::parse(code.as_bytes()).unwrap();
        let stored = serde_json::to_string(&currency).unwrap();
        prop_assert_eq!(serde_json::from_str::<Currency>(&stored).unwrap(), currency);
    }
}
