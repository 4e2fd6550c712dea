//! Payouts: which are stuck, which came back, which are explained.

use std::fmt;

use tributary_domain::ObjectId;

use super::Month;
use crate::{
    Book, Day, Violation,
    fact::{Fact, PayoutFact, Says},
    invariants,
};

/// Business days after the expected arrival when a payout counts as stuck.
pub const STUCK_AFTER_BUSINESS_DAYS: u32 = 5;

/// Whether a payout is known to be the sum of what it pays out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Explained {
    /// Its movements sum to zero.
    ToZero,
    /// They do not: so much is left, minor units.
    Off(i128),
    /// Stripe has not said yet what it consists of, or nobody has asked.
    NotYet,
    /// A manual or instant payout: Stripe never says.
    Never,
}

/// One payout as it stands on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayoutRow {
    /// Whose.
    pub book: Book,
    /// Which.
    pub id: ObjectId,
    /// Minor units of `currency`; negative when it comes from the bank.
    pub amount: i64,
    /// The currency of the bank account.
    pub currency: String,
    /// Stripe's status.
    pub status: String,
    /// When it is expected at the bank.
    pub arrives: Day,
    /// On its way, and long overdue.
    pub stuck: bool,
    /// It failed although it had been paid: the seller believes to have the money.
    pub failed_after_paid: bool,
    /// Why it failed.
    pub failure_code: Option<String>,
    /// Whether it is the sum of what it pays out.
    pub explained: Explained,
}

impl PayoutRow {
    /// The row of a payout; `None` for a fact of something else. `nets` are those of
    /// everything that Stripe lists for it, its own movement among them, if they
    /// have been read.
    pub fn of(book: &Book, fact: &Fact, today: Day, nets: Option<&[i64]>) -> Option<Self> {
        let Says::Payout(payout) = &fact.says else {
            return None;
        };
        let arrives = Day::of(payout.arrival_date);
        Some(Self {
            book: book.clone(),
            id: fact.id.clone(),
            amount: payout.amount,
            currency: payout.currency.clone(),
            status: payout.status.clone(),
            arrives,
            stuck: is_stuck(payout, today),
            failed_after_paid: payout.status == "failed" && payout.was_paid,
            failure_code: payout.failure_code.clone(),
            explained: explained(&fact.id, payout, nets),
        })
    }
}

/// The objects that somebody may have to look at, by what is wrong or may become so.
/// Those that are over are on no shelf, but for payouts that failed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shelf {
    /// A payout on its way: stuck, should it stay there for too long.
    UnderWay,
    /// A dispute or a top-up of which it is not known yet how it ends.
    Undecided,
    /// A payout that failed; by the month in which it was expected at the bank.
    Failed(Month),
}

impl Shelf {
    /// Where an object stands, if it does; `None` for a fact of another kind.
    pub fn of(fact: &Fact) -> Option<Self> {
        match &fact.says {
            Says::Payout(payout) => match payout.status.as_str() {
                "pending" | "in_transit" => Some(Self::UnderWay),
                "failed" => Some(Self::Failed(Month::of(Day::of(payout.arrival_date)))),
                _ => None,
            },
            // The lists of Stripe's texts are open: what is not known to be over is not.
            Says::Dispute(dispute) => {
                let over = ["won", "lost", "warning_closed", "prevented"];
                (!over.contains(&dispute.status.as_str())).then_some(Self::Undecided)
            }
            Says::Topup(topup) => {
                let over = ["succeeded", "failed", "canceled", "reversed"];
                (!over.contains(&topup.status.as_str())).then_some(Self::Undecided)
            }
            _ => None,
        }
    }
}

impl fmt::Display for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnderWay => f.write_str("under_way"),
            Self::Undecided => f.write_str("undecided"),
            Self::Failed(month) => write!(f, "failed#{month}"),
        }
    }
}

/// Whether a payout is on its way for too long.
pub fn is_stuck(payout: &PayoutFact, today: Day) -> bool {
    let is_under_way = matches!(payout.status.as_str(), "pending" | "in_transit");
    let arrives = Day::of(payout.arrival_date);
    is_under_way && today > arrives.plus_business_days(STUCK_AFTER_BUSINESS_DAYS)
}

fn explained(id: &ObjectId, payout: &PayoutFact, nets: Option<&[i64]>) -> Explained {
    if !payout.automatic || payout.method.as_deref() == Some("instant") {
        return Explained::Never;
    }
    match nets {
        None => Explained::NotYet,
        Some(nets) => match invariants::payout(id, nets.iter().copied()) {
            Some(Violation::PayoutNotExplained { rest, .. }) => Explained::Off(rest),
            _ => Explained::ToZero,
        },
    }
}
