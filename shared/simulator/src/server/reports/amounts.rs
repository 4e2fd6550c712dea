//! How reports write amounts and times.

use crate::time::civil;

/// Currencies whose minor unit is the unit itself.
const WHOLE: [&str; 15] = [
    "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf",
    "xof", "xpf",
];

/// An amount of minor units in major units: `-12.05`, and `500` where there is nothing smaller.
pub(super) fn decimal(minor: i64, currency: &str) -> String {
    if WHOLE.contains(&currency) {
        return minor.to_string();
    }
    let sign = if minor < 0 { "-" } else { "" };
    let minor = minor.unsigned_abs();
    format!("{sign}{}.{:02}", minor / 100, minor % 100)
}

/// Unix seconds as `2026-09-01 00:00:00`, in UTC.
pub(super) fn time(at: i64) -> String {
    let [year, month, day, hour, minute, second] = civil(at);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
}

#[cfg(test)]
mod tests {
    use super::{decimal, time};

    #[test]
    fn amounts_are_decimals_of_their_currency() {
        let cases = [
            (1_205, "usd", "12.05"),
            (-5, "eur", "-0.05"),
            (-11_500, "usd", "-115.00"),
            (500, "jpy", "500"),
            (0, "gbp", "0.00"),
        ];
        for (minor, currency, written) in cases {
            assert_eq!(decimal(minor, currency), written);
        }
        assert_eq!(time(951_827_696), "2000-02-29 12:34:56");
    }
}
