//! Exchange: the rate that money was converted at, against the rate expected.

use serde::{Deserialize, Serialize};

use crate::{Entry, Overflow, Rate};

/// Which way converted money went. Payments and returns have rates of different
/// days: added together they would have none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// To the balance.
    In,
    /// From it.
    Out,
}

/// What conversions are added up by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Conversion {
    /// The currency that the payer saw.
    pub from: String,
    /// The currency of the balance.
    pub to: String,
    /// Which way.
    pub way: Way,
}

/// Conversions of one kind, added up. Amounts are positive minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fx {
    /// How many.
    pub count: u64,
    /// What the payer saw.
    pub presented: i128,
    /// What moved the balance.
    pub settled: i128,
    /// What it would have been at the rate that Stripe states, each rounded.
    pub stated: i128,
    /// Of those with a reference rate: what moved the balance.
    pub compared: i128,
    /// Of those with a reference rate: what it would have been at that.
    pub reference: i128,
}

impl Fx {
    /// What an entry converted, beside the rate that the platform expected for that
    /// day and pair. `None` for an entry that converted nothing, or does not say
    /// how much of what.
    ///
    /// # Errors
    /// When an amount does not fit.
    pub fn of(
        entry: &Entry,
        reference: Option<Rate>,
    ) -> Result<Option<(Conversion, Self)>, Overflow> {
        let Some((presented, from, rate)) = converted(entry) else {
            return Ok(None);
        };
        let way = if entry.amount < 0 { Way::Out } else { Way::In };
        let settled = i128::from(entry.amount).abs();
        let at_reference = reference.map(|rate| rate.convert(presented)).transpose()?;
        let kind = Conversion {
            from: from.to_owned(),
            to: entry.currency.clone(),
            way,
        };
        let fx = Self {
            count: 1,
            presented: presented.into(),
            settled,
            stated: rate.convert(presented)?.into(),
            compared: at_reference.map_or(0, |_| settled),
            reference: at_reference.map_or(0, i128::from),
        };
        Ok(Some((kind, fx)))
    }

    /// Adds others of the same kind.
    pub fn merge(&mut self, other: &Self) {
        self.count = self.count.saturating_add(other.count);
        self.presented = self.presented.saturating_add(other.presented);
        self.settled = self.settled.saturating_add(other.settled);
        self.stated = self.stated.saturating_add(other.stated);
        self.compared = self.compared.saturating_add(other.compared);
        self.reference = self.reference.saturating_add(other.reference);
    }

    /// Takes others out that were added.
    pub fn take(&mut self, other: &Self) {
        self.count = self.count.saturating_sub(other.count);
        self.presented = self.presented.saturating_sub(other.presented);
        self.settled = self.settled.saturating_sub(other.settled);
        self.stated = self.stated.saturating_sub(other.stated);
        self.compared = self.compared.saturating_sub(other.compared);
        self.reference = self.reference.saturating_sub(other.reference);
    }

    /// The rate that all of them together had.
    pub fn effective_rate(&self) -> Option<Rate> {
        Rate::between(self.presented, self.settled)
    }

    /// How far the amounts are from the rates that Stripe states: nothing but
    /// rounding, unless something is wrong.
    pub fn off_stated(&self) -> i128 {
        self.settled.saturating_sub(self.stated)
    }

    /// How far they are from the expected rates: what conversion cost when money
    /// came and this is negative, or when money went and this is positive.
    pub fn off_reference(&self) -> i128 {
        self.compared.saturating_sub(self.reference)
    }
}

fn converted(entry: &Entry) -> Option<(i64, &str, Rate)> {
    let links = &entry.source.as_ref()?.links;
    let from = links.presentment_currency.as_deref()?;
    let rate = Rate::parse(entry.exchange_rate.as_deref()?).ok()?;
    (from != entry.currency).then_some((links.presentment_amount?, from, rate))
}
