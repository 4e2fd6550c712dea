//! What one book was charged and converted at in one month.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Conversion, FeeKey, FeeSchedule, Fees, Fx};
use crate::{Day, Entry, Overflow, Rate};

/// Length of `2026-11`.
const MONTH_BYTES: usize = 7;

/// One month in UTC, written `2026-11`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Month(String);

impl Month {
    /// The month of a day.
    pub fn of(day: Day) -> Self {
        let mut text = day.to_string();
        text.truncate(MONTH_BYTES);
        Self(text)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What fees and rates are held against. Both may be empty: then nothing is
/// expected, and the figures are what they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Agreed")]
pub struct Expected {
    /// The agreed prices.
    pub schedule: FeeSchedule,
    /// The rates that the platform expects, by the currency the payer sees and the
    /// one of the balance.
    pub rates: BTreeMap<(String, String), Rate>,
}

/// How people write it down: `{"fees":[…],"rates":{"eur/usd":"1.0842"}}`.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Agreed {
    fees: FeeSchedule,
    rates: BTreeMap<String, String>,
}

/// Why a rate that somebody wrote down cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotExpected {
    /// The pair is not of the form.
    #[error("{0} is no pair of currencies such as eur/usd")]
    Pair(String),
    /// The rate is no decimal number.
    #[error("the rate of {0} is not a positive decimal number in quotes")]
    Rate(String),
}

impl TryFrom<Agreed> for Expected {
    type Error = NotExpected;

    fn try_from(agreed: Agreed) -> Result<Self, NotExpected> {
        let mut rates = BTreeMap::new();
        for (pair, rate) in agreed.rates {
            let (from, to) = pair
                .split_once('/')
                .ok_or_else(|| NotExpected::Pair(pair.clone()))?;
            let rate = Rate::parse(&rate).map_err(|_| NotExpected::Rate(pair.clone()))?;
            rates.insert((from.to_owned(), to.to_owned()), rate);
        }
        Ok(Self {
            schedule: agreed.fees,
            rates,
        })
    }
}

impl Expected {
    fn rate(&self, entry: &Entry) -> Option<Rate> {
        let links = &entry.source.as_ref()?.links;
        let pair = (links.presentment_currency.clone()?, entry.currency.clone());
        self.rates.get(&pair).copied()
    }
}

/// Fees and conversions of a month, added up. Every movement counts once; the order
/// does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthView {
    /// Fees by who takes them, method, country and currency.
    #[serde(with = "pairs")]
    pub fees: BTreeMap<FeeKey, Fees>,
    /// Conversions by pair and way.
    #[serde(with = "pairs")]
    pub conversions: BTreeMap<Conversion, Fx>,
}

impl MonthView {
    /// Whether nothing was charged or converted.
    pub fn is_empty(&self) -> bool {
        self.fees.is_empty() && self.conversions.is_empty()
    }

    /// Adds one entry.
    ///
    /// # Errors
    /// When a sum does not fit; nothing is added then.
    pub fn add(&mut self, entry: &Entry, expected: &Expected) -> Result<(), Overflow> {
        let fees = Fees::of(entry, &expected.schedule)?;
        let conversion = Fx::of(entry, expected.rate(entry))?;
        for (key, fee) in fees {
            self.fees.entry(key).or_default().merge(&fee);
        }
        if let Some((pair, fx)) = conversion {
            self.conversions.entry(pair).or_default().merge(&fx);
        }
        Ok(())
    }

    /// Adds what another book, or another month, adds up to.
    pub fn merge(&mut self, other: &Self) {
        for (key, fees) in &other.fees {
            self.fees.entry(key.clone()).or_default().merge(fees);
        }
        for (pair, fx) in &other.conversions {
            self.conversions.entry(pair.clone()).or_default().merge(fx);
        }
    }
}

/// Maps whose keys are no texts, as lists of pairs.
mod pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<K: Serialize, V: Serialize, S: Serializer>(
        map: &BTreeMap<K, V>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(map)
    }

    pub(super) fn deserialize<'de, K, V, D>(deserializer: D) -> Result<BTreeMap<K, V>, D::Error>
    where
        K: Deserialize<'de> + Ord,
        V: Deserialize<'de>,
        D: Deserializer<'de>,
    {
        Ok(Vec::<(K, V)>::deserialize(deserializer)?
            .into_iter()
            .collect())
    }
}
