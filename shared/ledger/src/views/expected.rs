//! What the platform expects to be charged, and at which rates money is to be
//! converted: written by people, checked before anything is held against it.

use std::collections::BTreeMap;

use serde::Deserialize;
use tributary_domain::Owner;

use super::{FeeRule, FeeSchedule};
use crate::{Day, Entry, Rate};

/// Parts per million that are the whole.
const WHOLE_PPM: i64 = 1_000_000;

/// What fees and rates are held against. Both may be empty: then nothing is
/// expected, and the figures are what they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Agreed")]
pub struct Expected {
    /// The agreed prices.
    pub schedule: FeeSchedule,
    /// The rates that the platform expects, by the currency the payer sees and the
    /// one of the balance, and by the day from which each counts.
    pub rates: BTreeMap<(String, String), BTreeMap<Day, Rate>>,
}

/// How people write it down: `{"fees":[…],"rates":{"eur/usd":"1.0842"}}`, or a pair's
/// rates by day, `{"eur/usd":{"2026-11-01":"1.0842","2026-12-01":"1.0911"}}`.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Agreed {
    fees: FeeSchedule,
    rates: BTreeMap<String, AgreedRates>,
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "a rate has to be a decimal number in quotes, or such numbers by day"
)]
enum AgreedRates {
    Always(String),
    Since(BTreeMap<Day, String>),
}

impl AgreedRates {
    fn by_day(self) -> BTreeMap<Day, String> {
        match self {
            // Before every movement.
            Self::Always(rate) => BTreeMap::from([(Day::of(0), rate)]),
            Self::Since(rates) => rates,
        }
    }
}

/// Why what somebody wrote down cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotExpected {
    /// It is not of the form; says where.
    #[error("{0}")]
    Form(String),
    /// A rule has a field that no payment can have.
    #[error("fee rule {rule}: {field} has to be {form}")]
    Rule {
        /// Which, counted from 1.
        rule: usize,
        /// The field.
        field: &'static str,
        /// What it has to be.
        form: &'static str,
    },
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
        let FeeSchedule(rules) = &agreed.fees;
        for (rule, number) in rules.iter().zip(1..) {
            check(rule).map_err(|(field, form)| NotExpected::Rule {
                rule: number,
                field,
                form,
            })?;
        }
        let mut rates = BTreeMap::new();
        for (pair, agreed) in agreed.rates {
            let currencies = pair.split_once('/');
            let (from, to) = currencies
                .filter(|(from, to)| is_currency(from) && is_currency(to) && from != to)
                .ok_or_else(|| NotExpected::Pair(pair.clone()))?;
            let mut by_day = BTreeMap::new();
            for (day, rate) in agreed.by_day() {
                let rate = Rate::parse(&rate).map_err(|_| NotExpected::Rate(pair.clone()))?;
                by_day.insert(day, rate);
            }
            rates.insert((from.to_owned(), to.to_owned()), by_day);
        }
        Ok(Self {
            schedule: agreed.fees,
            rates,
        })
    }
}

/// Names the field of a rule that would keep it from ever covering a payment, or
/// from being a price.
fn check(rule: &FeeRule) -> Result<(), (&'static str, &'static str)> {
    let open_or =
        |field: &Option<String>, is_valid: fn(&str) -> bool| field.as_deref().is_none_or(is_valid);
    if !is_currency(&rule.currency) {
        return Err(("currency", "three lower-case letters such as usd"));
    }
    if !open_or(&rule.owner, |owner| Owner::parse(owner).is_ok()) {
        return Err(("owner", "platform or an id such as acct_1"));
    }
    if !open_or(&rule.country, |country| {
        is_letters(country, 2, u8::is_ascii_uppercase)
    }) {
        return Err(("country", "two capital letters such as DE"));
    }
    if !(0..=WHOLE_PPM).contains(&rule.rate_ppm) {
        return Err(("rate_ppm", "parts per million from 0 to 1000000"));
    }
    if rule.fixed < 0 {
        return Err(("fixed", "minor units, 0 or more"));
    }
    Ok(())
}

fn is_currency(text: &str) -> bool {
    is_letters(text, 3, u8::is_ascii_lowercase)
}

fn is_letters(text: &str, count: usize, is_one: fn(&u8) -> bool) -> bool {
    text.len() == count && text.as_bytes().iter().all(is_one)
}

impl Expected {
    /// Reads what people wrote.
    ///
    /// # Errors
    /// Names the line and column, the rule and field, or the pair that is wrong.
    pub fn parse(text: &str) -> Result<Self, NotExpected> {
        let agreed: Agreed =
            serde_json::from_str(text).map_err(|error| NotExpected::Form(error.to_string()))?;
        Self::try_from(agreed)
    }

    /// The rate that is expected for what an entry converted, if one is: the newest that
    /// counts on the day on which it was booked.
    pub fn rate(&self, entry: &Entry) -> Option<Rate> {
        let links = &entry.source.as_ref()?.links;
        let pair = (links.presentment_currency.clone()?, entry.currency.clone());
        let day = Day::of(entry.created);
        let (_, rate) = self.rates.get(&pair)?.range(..=day).next_back()?;
        Some(*rate)
    }
}
