//! Layer B: what the entries of a story amount to.
//!
//! Derived entries say in other accounts what journal entries have left in those
//! of one object: whose money it was, what was earned or lost, what reached a bank.
//! They can be made again from nothing at any time.

mod charge;
mod dispute;
mod settlement;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tributary_domain::ObjectId;

use crate::{Balances, Book, Line, Overflow, Story};

/// Why an entry is derived. A story has at most one effective entry for each rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// What was passed on to connected accounts, out of what the payer paid.
    Allocation,
    /// What is then left of the payment: the platform's margin, or its loss.
    Residual,
    /// What rates moved between a payment and its whole return.
    FxResult,
    /// What the platform called back from connected accounts for a lost dispute.
    DisputeRecovery,
    /// Disputed money that did not come back.
    DisputeOutcome,
    /// Money that reached a bank.
    PayoutSettlement,
    /// The bank's side of a payout that was converted on its way.
    PayoutConversion,
    /// Money that came from a bank.
    TopupSettlement,
}

impl Rule {
    /// Every rule.
    pub const ALL: [Self; 8] = [
        Self::Allocation,
        Self::Residual,
        Self::FxResult,
        Self::DisputeRecovery,
        Self::DisputeOutcome,
        Self::PayoutSettlement,
        Self::PayoutConversion,
        Self::TopupSettlement,
    ];

    /// The name in keys.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allocation => "allocation",
            Self::Residual => "residual",
            Self::FxResult => "fx_result",
            Self::DisputeRecovery => "dispute_recovery",
            Self::DisputeOutcome => "dispute_outcome",
            Self::PayoutSettlement => "payout_settlement",
            Self::PayoutConversion => "payout_conversion",
            Self::TopupSettlement => "topup_settlement",
        }
    }

    /// Grows when the rule gives other lines for the same story: what an earlier
    /// version posted is then reversed and posted anew.
    pub fn version(self) -> u32 {
        1
    }
}

/// An entry that should be in effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Want {
    /// Currency of the lines.
    pub currency: String,
    /// When what it says happened, unix seconds.
    pub at: i64,
    /// Sum to zero; one for each account, in the order of the chart.
    pub lines: Vec<Line>,
}

/// Everything that should be in effect for a story; what is absent should not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Whose book.
    pub book: Book,
    /// The object that the story is about.
    pub root: ObjectId,
    /// The last movement of the story, unix seconds: the date of a reversal that
    /// nothing replaces.
    pub at: i64,
    /// By rule.
    pub entries: BTreeMap<Rule, Want>,
}

impl Wanted {
    /// Wants an entry that moves amounts from some accounts to others, unless it
    /// would be empty.
    fn add(&mut self, rule: Rule, currency: &str, at: i64, moved: Balances) {
        let lines = moved.into_lines();
        if !lines.is_empty() {
            let currency = currency.to_owned();
            self.entries.insert(
                rule,
                Want {
                    currency,
                    at,
                    lines,
                },
            );
        }
    }
}

/// What should be in effect for a story: a function of it, not of its history.
///
/// # Errors
/// When a sum does not fit.
pub fn derive(story: &Story) -> Result<Wanted, Overflow> {
    let mut wanted = Wanted {
        book: story.book().clone(),
        root: story.root().clone(),
        at: story.entries().map(|it| it.created).max().unwrap_or(0),
        entries: BTreeMap::new(),
    };
    charge::derive(story, &mut wanted)?;
    dispute::derive(story, &mut wanted)?;
    settlement::payout(story, &mut wanted)?;
    settlement::topup(story, &mut wanted)?;
    Ok(wanted)
}

/// Moves an amount: debits one account and credits another.
fn transfer(
    moved: &mut Balances,
    debit: crate::Account,
    credit: crate::Account,
    amount: i64,
) -> Result<(), Overflow> {
    moved.add(debit, amount)?;
    moved.add(credit, amount.checked_neg().ok_or(Overflow)?)
}
