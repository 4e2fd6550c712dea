//! What one book was charged and converted at in one month.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Conversion, Expected, FeeKey, Fees, Fx};
use crate::{Day, Entry, NotADay, Overflow};

/// Length of `2026-11`.
const MONTH_BYTES: usize = 7;

/// One month in UTC, written `2026-11`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Month(String);

/// The text is no month between 1970-01 and 9999-12.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a month of the form 2026-11")]
pub struct NotAMonth;

impl Month {
    /// The month of a day.
    pub fn of(day: Day) -> Self {
        let mut text = day.to_string();
        text.truncate(MONTH_BYTES);
        Self(text)
    }

    /// Reads what `Display` wrote.
    ///
    /// # Errors
    /// When the text is no month.
    pub fn parse(text: &str) -> Result<Self, NotAMonth> {
        let first = Day::parse(&format!("{text}-01"));
        first.map(Self::of).map_err(|NotADay| NotAMonth)
    }
}

impl TryFrom<String> for Month {
    type Error = NotAMonth;

    fn try_from(text: String) -> Result<Self, NotAMonth> {
        Self::parse(&text)
    }
}

impl From<Month> for String {
    fn from(Month(text): Month) -> Self {
        text
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
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
    /// Movements whose numbers do not fit: they are in the ledger, and not in here.
    #[serde(default, skip_serializing_if = "is_none")]
    pub left_out: u64,
}

fn is_none(left_out: &u64) -> bool {
    *left_out == 0
}

impl MonthView {
    /// Whether nothing was charged or converted.
    pub fn is_empty(&self) -> bool {
        self.fees.is_empty() && self.conversions.is_empty() && self.left_out == 0
    }

    /// Adds one entry. One whose numbers do not fit is only counted: a view may not
    /// keep the ledger from being posted.
    pub fn add(&mut self, entry: &Entry, expected: &Expected) {
        match of(entry, expected) {
            Ok(one) => self.merge(&one),
            Err(Overflow) => self.left_out = self.left_out.saturating_add(1),
        }
    }

    /// Takes one entry out that was added while the same was expected.
    pub fn take(&mut self, entry: &Entry, expected: &Expected) {
        let Ok(one) = of(entry, expected) else {
            self.left_out = self.left_out.saturating_sub(1);
            return;
        };
        for (key, fees) in &one.fees {
            if let Some(sum) = self.fees.get_mut(key) {
                sum.take(fees);
            }
        }
        for (pair, fx) in &one.conversions {
            if let Some(sum) = self.conversions.get_mut(pair) {
                sum.take(fx);
            }
        }
        self.fees.retain(|_, fees| *fees != Fees::default());
        self.conversions.retain(|_, fx| *fx != Fx::default());
    }

    /// Adds what another book, or another month, adds up to.
    pub fn merge(&mut self, other: &Self) {
        for (key, fees) in &other.fees {
            self.fees.entry(key.clone()).or_default().merge(fees);
        }
        for (pair, fx) in &other.conversions {
            self.conversions.entry(pair.clone()).or_default().merge(fx);
        }
        self.left_out = self.left_out.saturating_add(other.left_out);
    }
}

/// What one entry was charged and converted at.
fn of(entry: &Entry, expected: &Expected) -> Result<MonthView, Overflow> {
    Ok(MonthView {
        fees: Fees::of(entry, &expected.schedule)?.into_iter().collect(),
        conversions: Fx::of(entry, expected.rate(entry))?.into_iter().collect(),
        left_out: 0,
    })
}

/// What entries add up to, month by month. Months without a fee or a conversion are
/// left out.
pub fn by_month<'a>(
    entries: impl IntoIterator<Item = &'a Entry>,
    expected: &Expected,
) -> BTreeMap<Month, MonthView> {
    let mut months: BTreeMap<Month, MonthView> = BTreeMap::new();
    for entry in entries {
        let month = months.entry(Month::of(entry.day())).or_default();
        month.add(entry, expected);
    }
    months.retain(|_, month| !month.is_empty());
    months
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
