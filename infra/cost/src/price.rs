//! Prices, and money as whole nano-dollars.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::{Add, AddAssign};
use std::path::Path;

use serde::{Deserialize, Deserializer, Serialize};

use crate::count::{Counts, Stage, Unit};
use crate::error::CostError;

/// Billionths of a dollar.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Nano(pub i128);

/// Nano-dollars of a dollar.
const DOLLAR: i128 = 1_000_000_000;
/// What prices are told for.
const MILLION: i128 = 1_000_000;

impl Nano {
    /// Dollars for a picture. Never for a sum.
    pub fn for_a_picture(self) -> f64 {
        self.0 as f64 / DOLLAR as f64
    }

    /// What is left for each of `of` of what was for each of `parts`.
    pub fn share(self, parts: u64, of: u64) -> Self {
        let divisor = i128::from(of.max(1));
        Self((self.0 * i128::from(parts) + divisor / 2).div_euclid(divisor))
    }

    /// Dollars as they are written, such as `0.625`: no more than nine decimals.
    fn parse(text: &str) -> Option<Self> {
        let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
        if part.len() > 9 || whole.is_empty() || part.is_empty() {
            return None;
        }
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(part) {
            return None;
        }
        let whole: i128 = whole.parse().ok()?;
        let part: i128 = format!("{part:0<9}").parse().ok()?;
        Some(Self(whole.checked_mul(DOLLAR)?.checked_add(part)?))
    }
}

impl Add for Nano {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Nano {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl std::iter::Sum for Nano {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Add::add)
    }
}

impl fmt::Display for Nano {
    /// Dollars with three decimals, rounded half up.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let thousandths = (self.0 + 500_000).div_euclid(1_000_000);
        let text = format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000);
        f.pad(&text)
    }
}

/// What so many of a unit cost.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// For `per` of them.
    #[serde(deserialize_with = "dollars")]
    pub dollars: Nano,
    /// How many that is for.
    pub per: u64,
    /// How sure it is: `V` verified, `U` not.
    pub mark: Mark,
    /// Where it stands.
    pub source: String,
}

/// How sure a price is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
pub enum Mark {
    /// Read in a public source.
    V,
    /// Not verified.
    U,
}

fn dollars<'de, D: Deserializer<'de>>(text: D) -> Result<Nano, D::Error> {
    let text = String::deserialize(text)?;
    Nano::parse(&text).ok_or_else(|| serde::de::Error::custom(format!("{text} is no price")))
}

/// What Lambda bills for an invocation: an assumption, not a count.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Duration {
    invocation_us: u64,
    item_us: u64,
}

impl Duration {
    /// Billed milliseconds of an invocation with so many items.
    pub fn billed_ms(self, items: usize) -> u64 {
        (self.invocation_us + self.item_us * items as u64).div_ceil(1_000)
    }
}

/// A dated price list.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// Where.
    pub region: String,
    /// When.
    pub as_of: String,
    prices: BTreeMap<Unit, Price>,
    kept: BTreeMap<String, Price>,
    durations: BTreeMap<String, Duration>,
}

impl Prices {
    /// Reads a price file.
    pub fn load(path: &Path) -> Result<Self, CostError> {
        let text = std::fs::read_to_string(path)?;
        serde_yaml_ng::from_str(&text).map_err(|error| CostError::Prices(error.to_string()))
    }

    /// What Lambda bills for a function's invocations.
    pub fn duration(&self, function: &str) -> Result<Duration, CostError> {
        let found = self.durations.get(function).copied();
        found.ok_or_else(|| CostError::Prices(format!("no duration for {function}")))
    }

    /// The price of a unit.
    pub fn of(&self, unit: Unit) -> Result<&Price, CostError> {
        let found = self.prices.get(&unit);
        found.ok_or_else(|| CostError::Prices(format!("no price for {unit:?}")))
    }

    /// What a million cost, if `of` cost `count` units: rounded once, half up.
    pub fn per_million(&self, unit: Unit, count: u64, of: u64) -> Result<Nano, CostError> {
        Ok(share(self.of(unit)?, count, of))
    }

    /// What keeping costs for a month and a million, if `of` left so many bytes.
    pub fn kept_per_million(&self, name: &str, bytes: u64, of: u64) -> Result<Nano, CostError> {
        let price = self.kept.get(name);
        let price = price.ok_or_else(|| CostError::Prices(format!("no price for {name}")))?;
        Ok(share(price, bytes, of))
    }

    /// Dollars for a million by stage, if `of` counted this.
    pub fn bill(&self, counts: &Counts, of: u64) -> Result<Bill, CostError> {
        let mut bill = Bill::default();
        for (stage, unit, count) in counts.iter() {
            let amount = self.per_million(unit, count, of)?;
            *bill.stages.entry(stage).or_default() += amount;
            *bill.units.entry((stage, unit)).or_default() += amount;
        }
        Ok(bill)
    }
}

fn share(price: &Price, count: u64, of: u64) -> Nano {
    let dividend = i128::from(count) * price.dollars.0 * MILLION;
    let divisor = (i128::from(price.per) * i128::from(of)).max(1);
    Nano((dividend + divisor / 2).div_euclid(divisor))
}

/// Dollars for a million of something.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bill {
    /// By stage.
    pub stages: BTreeMap<Stage, Nano>,
    /// By stage and unit.
    pub units: BTreeMap<(Stage, Unit), Nano>,
}

impl Bill {
    /// A stage's part.
    pub fn stage(&self, stage: Stage) -> Nano {
        self.stages.get(&stage).copied().unwrap_or_default()
    }

    /// From the webhook to the event applied and durable.
    pub fn applied(&self) -> Nano {
        let stages = Stage::ALL
            .into_iter()
            .filter(|stage| stage.is_before_the_bus());
        stages.map(|stage| self.stage(stage)).sum()
    }

    /// With the domain events that consumers get.
    pub fn total(&self) -> Nano {
        self.stages.values().copied().sum()
    }

    /// The part of `applied` that rests on assumed durations.
    pub fn assumed(&self) -> Nano {
        let units = self.units.iter();
        let assumed = units
            .filter(|((stage, unit), _)| *unit == Unit::LambdaMbMs && stage.is_before_the_bus());
        assumed.map(|(_, amount)| *amount).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prices() -> Prices {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        Prices::load(&folder.join("prices/us-east-1-2026-11.yaml")).unwrap()
    }

    #[test]
    fn dollars_are_read_to_the_nano() {
        assert_eq!(Nano::parse("0.625"), Some(Nano(625_000_000)));
        assert_eq!(Nano::parse("13.3334"), Some(Nano(13_333_400_000)));
        assert_eq!(Nano::parse("3"), Some(Nano(3_000_000_000)));
        for wrong in ["", ".5", "1.", "-1", "1e3", "0.0000000001", "+1"] {
            assert_eq!(Nano::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn dollars_are_shown_rounded_half_up() {
        let shown = [0, 499_999, 500_000, 3_249_499_999, 12_240_000_000];
        let shown = shown.map(|nano| Nano(nano).to_string());
        assert_eq!(shown, ["0.000", "0.000", "0.001", "3.249", "12.240"]);
    }

    /// The rows of the cost model that the design began with.
    #[test]
    fn a_million_of_one_each_costs_what_the_list_says() {
        let prices = prices();
        let million = |unit, count| prices.per_million(unit, count, 1_000).unwrap().to_string();
        assert_eq!(million(Unit::HttpApiRequest, 1_000), "1.000");
        assert_eq!(million(Unit::RestApiRequest, 1_000), "3.500");
        assert_eq!(million(Unit::WriteUnit, 2_000), "1.250");
        assert_eq!(million(Unit::ReadHalfUnit, 1_000), "0.063");
        // One send, and a tenth of a receive and of a delete.
        assert_eq!(million(Unit::SqsRequest, 1_200), "0.480");
        assert_eq!(million(Unit::SqsFairSurcharge, 1_200), "0.120");
        // 256 MB for 8 ms.
        assert_eq!(million(Unit::LambdaMbMs, 256 * 8 * 1_000), "0.027");
        // 2.5 KB of logs.
        assert_eq!(million(Unit::LogByte, 2_500_000), "1.250");
    }

    #[test]
    fn every_unit_has_a_price_with_a_source() {
        let prices = prices();
        let units = prices.prices.len();
        assert_eq!(units, 15);
        for price in prices.prices.values().chain(prices.kept.values()) {
            assert!(price.per > 0 && price.dollars > Nano(0) && !price.source.is_empty());
        }
    }

    #[test]
    fn a_batch_is_billed_in_whole_milliseconds() {
        let apply = prices().duration("apply_event").unwrap();
        assert_eq!(apply.billed_ms(10), 60);
        assert_eq!(apply.billed_ms(1), 12);
    }

    #[test]
    fn the_parts_of_a_bill_add_up() {
        let mut counts = Counts::default();
        counts.add(Stage::Ingress, Unit::HttpApiRequest, 10);
        counts.add(Stage::Ingress, Unit::LambdaMbMs, 10 * 256 * 8);
        counts.add(Stage::Writes, Unit::WriteUnit, 20);
        counts.add(Stage::FanOut, Unit::BusEvent, 10);
        counts.add(Stage::Consumers, Unit::LambdaMbMs, 10 * 512 * 20);
        let bill = prices().bill(&counts, 10).unwrap();
        assert_eq!(bill.total().0 - bill.applied().0, DOLLAR + 133_334_000);
        assert_eq!(bill.assumed(), Nano(26_666_800));
        assert_eq!(bill.applied(), Nano(2_250_000_000 + 26_666_800));
    }
}
