//! Fees: what was charged, against what was agreed.

use serde::{Deserialize, Serialize};

use crate::{Account, Book, Entry, Head, Overflow};

/// Parts per million: the unit of rates.
const PPM: i128 = 1_000_000;

/// Who takes a fee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Taker {
    /// Stripe, networks and payment methods.
    Stripe,
    /// The platform, of its connected accounts' payments.
    Platform,
}

/// What fees are added up by, within one book.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FeeKey {
    /// Who takes it.
    pub taker: Taker,
    /// How was paid: `card`, `sepa_debit`, …; empty if it is not known.
    pub method: String,
    /// The payer's country, ISO 3166 alpha-2; empty if it is not known.
    pub country: String,
    /// The currency of the balance.
    pub currency: String,
}

/// Payments of one kind, added up. Amounts are minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fees {
    /// How many.
    pub count: u64,
    /// Before fees.
    pub gross: i128,
    /// What was taken.
    pub fee: i128,
    /// How many of them the schedule covers.
    pub covered: u64,
    /// Of those: what was taken.
    pub compared: i128,
    /// Of those: what the schedule says.
    pub expected: i128,
}

/// The price of one kind of payment. What a rule leaves open, it covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeeRule {
    /// Who takes the fee.
    pub taker: Taker,
    /// The currency of the balance, and of the amounts here.
    pub currency: String,
    /// Whose balance: `platform` or `acct_…`.
    #[serde(default)]
    pub owner: Option<String>,
    /// How was paid.
    #[serde(default)]
    pub method: Option<String>,
    /// The payer's country.
    #[serde(default)]
    pub country: Option<String>,
    /// Parts per million of the amount: 29000 is 2.9 %.
    pub rate_ppm: i64,
    /// Minor units on top.
    #[serde(default)]
    pub fixed: i64,
}

/// The agreed prices: of those that cover a payment, the first counts. An account
/// whose fees are billed to the platform has a rule of its own, without a price.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FeeSchedule(pub Vec<FeeRule>);

impl FeeRule {
    fn covers(&self, book: &Book, key: &FeeKey) -> bool {
        let open_or =
            |mine: &Option<String>, theirs: &str| mine.as_deref().is_none_or(|mine| mine == theirs);
        self.taker == key.taker
            && self.currency == key.currency
            && open_or(&self.owner, book.owner.as_str())
            && open_or(&self.method, &key.method)
            && open_or(&self.country, &key.country)
    }

    /// The price of an amount, rounded half away from zero.
    fn price(&self, gross: i64) -> i128 {
        let exact = i128::from(gross) * i128::from(self.rate_ppm);
        (exact + PPM / 2 * exact.signum()) / PPM + i128::from(self.fixed)
    }
}

impl FeeSchedule {
    /// What was agreed for a payment, minor units; `None` if nothing was.
    pub fn expected(&self, book: &Book, key: &FeeKey, gross: i64) -> Option<i128> {
        Some(self.rule(book, key)?.price(gross))
    }

    /// What the schedule as it is now says of payments of one kind together, minor units;
    /// `None` if it says nothing of such. Each was rounded on its own, so that their fees
    /// are up to half a minor unit for each away from it.
    pub fn expected_of(&self, book: &Book, key: &FeeKey, fees: &Fees) -> Option<i128> {
        let rule = self.rule(book, key)?;
        let share = fees.gross.checked_mul(rule.rate_ppm.into())? / PPM;
        let fixed = i128::from(rule.fixed).checked_mul(fees.count.into())?;
        share.checked_add(fixed)
    }

    /// The first that covers such payments.
    fn rule(&self, book: &Book, key: &FeeKey) -> Option<&FeeRule> {
        self.0.iter().find(|rule| rule.covers(book, key))
    }
}

impl Fees {
    /// What a payment cost, for each that took of it; empty for an entry that is no
    /// payment. A transfer that arrives pays the platform at most: what Stripe took
    /// is on the book of the charge.
    ///
    /// # Errors
    /// When a sum does not fit.
    pub fn of(entry: &Entry, schedule: &FeeSchedule) -> Result<Vec<(FeeKey, Self)>, Overflow> {
        if !matches!(entry.kind.as_str(), "charge" | "payment") {
            return Ok(Vec::new());
        }
        let on = |head| entry.on(&Account::plain(head));
        let of_platform = on(Head::PlatformFees);
        let of_stripe = [Head::StripeFees, Head::PaymentMethodFees, Head::TaxOnFees]
            .into_iter()
            .try_fold(0_i64, |sum, head| sum.checked_add(on(head)))
            .ok_or(Overflow)?;
        let received = entry
            .lines
            .iter()
            .any(|line| line.account.head() == Head::TransfersIn);
        let takes_of_transfer = received && of_platform != 0;
        let takers = [
            (Taker::Stripe, of_stripe, !received),
            (
                Taker::Platform,
                of_platform,
                takes_of_transfer || (!received && !entry.book.is_platform()),
            ),
        ];
        Ok(takers
            .into_iter()
            .filter(|(_, _, takes)| *takes)
            .map(|(taker, fee, _)| one(entry, schedule, taker, fee))
            .collect())
    }

    /// Adds others of the same kind.
    pub fn merge(&mut self, other: &Self) {
        self.count = self.count.saturating_add(other.count);
        self.gross = self.gross.saturating_add(other.gross);
        self.fee = self.fee.saturating_add(other.fee);
        self.covered = self.covered.saturating_add(other.covered);
        self.compared = self.compared.saturating_add(other.compared);
        self.expected = self.expected.saturating_add(other.expected);
    }

    /// Takes others out that were added.
    pub fn take(&mut self, other: &Self) {
        self.count = self.count.saturating_sub(other.count);
        self.gross = self.gross.saturating_sub(other.gross);
        self.fee = self.fee.saturating_sub(other.fee);
        self.covered = self.covered.saturating_sub(other.covered);
        self.compared = self.compared.saturating_sub(other.compared);
        self.expected = self.expected.saturating_sub(other.expected);
    }

    /// What was taken of all of it, parts per million, cut off.
    pub fn effective_ppm(&self) -> Option<i128> {
        self.fee.checked_mul(PPM)?.checked_div(self.gross)
    }

    /// What was taken beyond the schedule, minor units; negative when less was.
    pub fn off_schedule(&self) -> i128 {
        self.compared.saturating_sub(self.expected)
    }
}

fn one(entry: &Entry, schedule: &FeeSchedule, taker: Taker, fee: i64) -> (FeeKey, Fees) {
    let links = entry.source.as_ref().map(|source| &source.links);
    let key = FeeKey {
        taker,
        method: links
            .and_then(|it| it.payment_method.clone())
            .unwrap_or_default(),
        country: links.and_then(|it| it.country.clone()).unwrap_or_default(),
        currency: entry.currency.clone(),
    };
    let expected = schedule.expected(&entry.book, &key, entry.amount);
    let fees = Fees {
        count: 1,
        gross: entry.amount.into(),
        fee: fee.into(),
        covered: u64::from(expected.is_some()),
        compared: expected.map_or(0, |_| fee.into()),
        expected: expected.unwrap_or(0),
    };
    (key, fees)
}
