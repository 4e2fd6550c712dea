//! Stripe's price list and proportional shares, in whole minor units.

use crate::exact::round_half_up;

/// One country's settlement currency and prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Market {
    pub(crate) country: &'static str,
    pub(crate) currency: &'static str,
    /// Hundredths of a per cent of the amount.
    rate_bp: i64,
    /// Minor units on top of the rate.
    fixed: i64,
    /// Minor units for a dispute received.
    pub(crate) dispute_fee: i64,
}

const MARKETS: [Market; 5] = [
    Market {
        country: "US",
        currency: "usd",
        rate_bp: 290,
        fixed: 30,
        dispute_fee: 1500,
    },
    Market {
        country: "DE",
        currency: "eur",
        rate_bp: 150,
        fixed: 25,
        dispute_fee: 2000,
    },
    Market {
        country: "GB",
        currency: "gbp",
        rate_bp: 150,
        fixed: 20,
        dispute_fee: 2000,
    },
    Market {
        country: "CA",
        currency: "cad",
        rate_bp: 290,
        fixed: 30,
        dispute_fee: 1500,
    },
    Market {
        country: "JP",
        currency: "jpy",
        rate_bp: 360,
        fixed: 0,
        dispute_fee: 1300,
    },
];

const UNITED_STATES: Market = MARKETS[0];

impl Market {
    /// The market of a country; unknown countries are priced like the United States.
    pub(crate) fn of_country(country: &str) -> Self {
        MARKETS
            .into_iter()
            .find(|market| market.country == country)
            .unwrap_or(UNITED_STATES)
    }

    /// The market that settles in a currency.
    pub(crate) fn of_currency(currency: &str) -> Self {
        MARKETS
            .into_iter()
            .find(|market| market.currency == currency)
            .unwrap_or(UNITED_STATES)
    }

    /// Stripe's fee for a card payment of `amount` minor units.
    pub(crate) fn card_fee(&self, amount: i64) -> i64 {
        share(amount, self.rate_bp, 10_000).saturating_add(self.fixed)
    }
}

/// Stripe's fee for an instant payout: 1 %, at least 50 minor units.
pub(crate) fn instant_payout_fee(amount: i64) -> i64 {
    share(amount, 1, 100).max(50)
}

/// `amount × part / whole`, rounded half up.
pub(crate) fn share(amount: i64, part: i64, whole: i64) -> i64 {
    round_half_up(i128::from(amount) * i128::from(part), i128::from(whole))
}

/// What a step from `before` to `after` out of `whole` costs of `amount`: the steps of a sequence
/// add up to the share of their sum, so that rounding never accumulates.
pub(crate) fn step_share(amount: i64, before: i64, after: i64, whole: i64) -> i64 {
    share(amount, after, whole) - share(amount, before, whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_card_fee() {
        assert_eq!(Market::of_country("US").card_fee(10_000), 320);
        assert_eq!(Market::of_country("JP").card_fee(5_000), 180);
    }

    #[test]
    fn fees_round_half_up() {
        assert_eq!(share(50, 1, 100), 1);
        assert_eq!(share(49, 1, 100), 0);
        assert_eq!(share(-50, 1, 100), -1);
    }

    #[test]
    fn steps_add_up_to_the_whole() {
        assert_eq!(step_share(800, 0, 400, 1000), 320);
        assert_eq!(step_share(800, 400, 1000, 1000), 480);
        let thirds: i64 = [(0, 1), (1, 2), (2, 3)]
            .map(|(a, b)| step_share(100, a, b, 3))
            .iter()
            .sum();
        assert_eq!(thirds, 100);
    }
}
