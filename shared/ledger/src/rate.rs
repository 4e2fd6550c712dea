//! Exchange rates, exactly as they were written.

use std::fmt;

use crate::Overflow;

/// Digits that a rate may have after the point, and in all.
const DIGITS_MAX: u32 = 18;

/// A positive decimal number without rounding: `digits / 10^scale`. Minor units of
/// one currency times the rate are minor units of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    digits: i64,
    scale: u32,
}

/// The text is no positive decimal number of at most 18 digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a positive decimal number")]
pub struct NotARate;

impl Rate {
    /// Reads a JSON number: digits, a point, an exponent.
    ///
    /// # Errors
    /// When it is none, not positive, or too long.
    pub fn parse(text: &str) -> Result<Self, NotARate> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()),
            None => (text, Some(0)),
        };
        let exponent = exponent
            .filter(|it| it.unsigned_abs() <= DIGITS_MAX)
            .ok_or(NotARate)?;
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let dotted = mantissa.contains('.');
        let is_number = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        let complete = !whole.is_empty() && (!dotted || !fraction.is_empty());
        if !complete || !is_number(whole) || !is_number(fraction) {
            return Err(NotARate);
        }
        let fraction = fraction.trim_end_matches('0');
        let mut digits: i64 = format!("{whole}{fraction}").parse().map_err(|_| NotARate)?;
        let places = i32::try_from(fraction.len()).map_err(|_| NotARate)?;
        let mut scale = places.checked_sub(exponent).ok_or(NotARate)?;
        while scale < 0 {
            digits = digits.checked_mul(10).ok_or(NotARate)?;
            scale += 1;
        }
        let scale = u32::try_from(scale).map_err(|_| NotARate)?;
        if digits <= 0 || scale > DIGITS_MAX {
            return Err(NotARate);
        }
        Ok(Self { digits, scale })
    }

    /// What an amount is in the other currency, rounded half away from zero.
    ///
    /// # Errors
    /// When it does not fit.
    pub fn convert(self, amount: i64) -> Result<i64, Overflow> {
        let exact = i128::from(amount) * i128::from(self.digits);
        let unit = 10_i128.checked_pow(self.scale).ok_or(Overflow)?;
        let half = unit / 2 * exact.signum();
        i64::try_from((exact + half) / unit).map_err(|_| Overflow)
    }

    /// The rate that made one sum of another, cut off after six decimals; `None`
    /// for an empty sum.
    pub fn between(from: i128, to: i128) -> Option<Self> {
        let digits = to.checked_mul(1_000_000)?.checked_div(from)?;
        let digits = i64::try_from(digits).ok().filter(|digits| *digits > 0)?;
        Some(Self { digits, scale: 6 })
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(unit) = 10_i64.checked_pow(self.scale) else {
            return Err(fmt::Error);
        };
        write!(f, "{}", self.digits / unit)?;
        if self.scale > 0 {
            let width = usize::try_from(self.scale).unwrap_or_default();
            write!(f, ".{:0width$}", self.digits % unit)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn rates_are_read_exactly() {
        for (text, written) in [
            ("1.084200", "1.0842"),
            ("0.000007", "0.000007"),
            ("7e-06", "0.000007"),
            ("1.5E2", "150"),
            ("149", "149"),
            ("0.9", "0.9"),
        ] {
            assert_eq!(Rate::parse(text).unwrap().to_string(), written);
        }
        for text in [
            "",
            "0",
            "0.0",
            "-1.2",
            "1.",
            ".5",
            "1.2.3",
            "NaN",
            "1e99",
            "+1",
            "1,2",
            "1e",
            "12345678901234567890",
        ] {
            assert_eq!(Rate::parse(text), Err(NotARate), "{text}");
        }
    }

    #[test]
    fn conversion_rounds_half_away_from_zero() {
        let rate = Rate::parse("0.5").unwrap();
        for (amount, converted) in [(1, 1), (3, 2), (-1, -1), (-3, -2), (4, 2), (0, 0)] {
            assert_eq!(rate.convert(amount), Ok(converted));
        }
        assert_eq!(Rate::parse("1.0842").unwrap().convert(10_000), Ok(10_842));
        assert_eq!(Rate::parse("9").unwrap().convert(i64::MAX), Err(Overflow));
    }

    #[test]
    fn the_rate_between_sums() {
        assert_eq!(
            Rate::between(10_000, 10_842).unwrap().to_string(),
            "1.084200"
        );
        assert_eq!(Rate::between(0, 1), None);
    }

    proptest! {
        #[test]
        fn whole_rates_multiply(amount in -1_000_000_000_i64..1_000_000_000, rate in 1_i64..1_000) {
            let parsed = Rate::parse(&rate.to_string()).unwrap();
            prop_assert_eq!(parsed.convert(amount), Ok(amount * rate));
        }
    }
}
