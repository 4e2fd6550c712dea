//! Exchange rates: integers per day, printed exactly.

use serde_json::{Number, Value};

use crate::exact::round_half_up;

const MICRO: i128 = 1_000_000;

/// A rate in millionths: minor units of the target per minor unit of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rate {
    micro: i64,
}

impl Rate {
    /// The rate of a day. Rates move by up to half a per cent around their base, and Stripe's
    /// conversion margin of one per cent is inside.
    pub(crate) fn on_day(seed: u64, day: i64, from: &str, to: &str) -> Self {
        let base = MICRO * i128::from(cents_micro(from)) / i128::from(cents_micro(to));
        let wiggle = i128::from(noise(seed, day, from, to) % 1_001) - 500;
        Self {
            micro: round_half_up(base * (99_000 + wiggle), 100_000),
        }
    }

    /// `amount` converted, rounded half up to whole minor units.
    pub(crate) fn convert(self, amount: i64) -> i64 {
        round_half_up(i128::from(amount) * i128::from(self.micro), MICRO)
    }

    /// The JSON number, digit for digit.
    pub(crate) fn to_json(self) -> Value {
        let text = format!("{}.{:06}", self.micro / 1_000_000, self.micro % 1_000_000);
        text.parse::<Number>().map_or(Value::Null, Value::Number)
    }
}

/// Worth of one minor unit in millionths of a US cent.
fn cents_micro(currency: &str) -> i64 {
    match currency {
        "chf" => 1_120_000,
        "eur" => 1_084_000,
        "gbp" => 1_268_000,
        "cad" => 731_000,
        "jpy" => 660_000,
        _ => 1_000_000,
    }
}

/// A hash of day and pair (the finaliser of SplitMix64), the same on every machine.
fn noise(seed: u64, day: i64, from: &str, to: &str) -> u64 {
    let mut state = seed ^ day.unsigned_abs().wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for byte in from.bytes().chain(to.bytes()) {
        state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_printed_exactly() {
        assert_eq!(Rate { micro: 1_084_200 }.to_json().to_string(), "1.084200");
        assert_eq!(Rate { micro: 7 }.to_json().to_string(), "0.000007");
    }

    #[test]
    fn conversion_rounds_half_up() {
        let half = Rate { micro: 500_000 };
        assert_eq!(
            (half.convert(1), half.convert(3), half.convert(-1)),
            (1, 2, -1)
        );
    }

    #[test]
    fn rates_move_from_day_to_day() {
        let rates: Vec<Rate> = (0..5)
            .map(|day| Rate::on_day(7, day, "eur", "usd"))
            .collect();
        assert_eq!(
            rates,
            (0..5)
                .map(|day| Rate::on_day(7, day, "eur", "usd"))
                .collect::<Vec<_>>()
        );
        assert!(rates.windows(2).any(|pair| pair[0] != pair[1]));
    }
}
