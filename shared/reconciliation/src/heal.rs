//! What to do about a finding. To decide is one thing, to do it another: this decides.
//!
//! Everything decided here brings us what Stripe says, by the road on which it would
//! have come anyway, and is written as an entry or version of its own. So every heal
//! can be repeated, none overwrites anything, and none can reach Stripe's side.

mod caps;

use serde::{Deserialize, Serialize};

use crate::compare::fact::LEDGER;
use crate::finding::{Code, Finding, State};

pub use caps::{Caps, Spent};

/// Most tries to heal one finding. What is still there then is no accident.
const TRIES_MAX: usize = 2;

/// What the platform allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// What rates may explain of a disagreement without a person, minor units.
    pub fx_max: u64,
    /// How far back the first look for late movements goes, days.
    pub rescan_days: u32,
    /// How far back the second one goes, days.
    pub rescan_days_max: u32,
    /// How much may be done at once.
    pub caps: Caps,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            fx_max: 100,
            rescan_days: 3,
            rescan_days_max: 30,
            caps: Caps::default(),
        }
    }
}

/// What is to be done about a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heal {
    /// List the book's movements again and post those without an entry.
    Pull {
        /// How far back, days before the finding was last seen.
        days: u32,
    },
    /// Send the event that Stripe listed on the ordinary road.
    Backfill,
    /// Read the object again, for the mirror.
    Refetch,
    /// Tell the ledger what the mirror shows.
    Tell,
    /// Write an entry that takes the later one back.
    ReverseLater,
    /// The posting has put the unexplained part on `fee:unclassified`: label it so.
    LabelFee,
    /// Label the difference as one of rates: what is derived books it on
    /// `fx_gain_loss`.
    LabelFx,
    /// Hold what is under the wrong key, for a person.
    Quarantine,
    /// Nothing.
    Leave(Why),
}

/// Why nothing is done about a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// It is not open.
    Settled,
    /// Only a person can tell which side is right.
    NeedsAPerson,
    /// It was healed as often as may be, and is still there.
    DidNotHelp,
    /// It tells, and nothing is wrong.
    Information,
    /// More money than a machine may label.
    TooMuch,
    /// This run has healed as much as it may.
    RunCapReached,
    /// This run has healed as much of this account as it may.
    AccountCapReached,
}

impl Why {
    /// As it stands in the history.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Settled => "settled",
            Self::NeedsAPerson => "needs_a_person",
            Self::DidNotHelp => "did_not_help",
            Self::Information => "information",
            Self::TooMuch => "too_much",
            Self::RunCapReached => "run_cap_reached",
            Self::AccountCapReached => "account_cap_reached",
        }
    }

    /// Whether a later run may heal what this one left.
    pub fn is_a_cap(self) -> bool {
        matches!(self, Self::RunCapReached | Self::AccountCapReached)
    }
}

impl Heal {
    /// As it stands in the history.
    pub fn as_text(&self) -> String {
        match self {
            Self::Pull { days } => format!("heal:pull_{days}_days"),
            Self::Backfill => "heal:backfill".to_owned(),
            Self::Refetch => "heal:refetch".to_owned(),
            Self::Tell => "heal:tell".to_owned(),
            Self::ReverseLater => "heal:reverse_later".to_owned(),
            Self::LabelFee => "heal:label_fee".to_owned(),
            Self::LabelFx => "heal:label_fx".to_owned(),
            Self::Quarantine => "heal:quarantine".to_owned(),
            Self::Leave(why) => format!("left:{}", why.as_str()),
        }
    }
}

impl Heal {
    /// Whether the finding is explained by it, with nothing left to look at again.
    pub fn is_label(&self) -> bool {
        matches!(self, Self::LabelFee | Self::LabelFx)
    }
}

/// Decides about one finding, and books the heal on what the run has spent.
pub fn heal(finding: &Finding, policy: &Policy, spent: &mut Spent) -> Heal {
    if finding.state != State::Open {
        return Heal::Leave(Why::Settled);
    }
    let wanted = wanted(finding, policy);
    if matches!(wanted, Heal::Leave(_)) {
        return wanted;
    }
    match spent.spend(&finding.book, &policy.caps) {
        Ok(()) => wanted,
        Err(why) => Heal::Leave(why),
    }
}

/// What the taxonomy says, however much was done already.
fn wanted(finding: &Finding, policy: &Policy) -> Heal {
    let tries = finding.heals();
    let once_more = |heal: Heal| match tries {
        ..TRIES_MAX => heal,
        _ => Heal::Leave(Why::DidNotHelp),
    };
    match finding.code {
        Code::MissingEvent => once_more(Heal::Backfill),
        Code::MissingLedgerEntry => once_more(Heal::Pull {
            days: if tries == 0 {
                policy.rescan_days
            } else {
                policy.rescan_days_max
            },
        }),
        Code::DuplicateEntry => once_more(Heal::ReverseLater),
        Code::StatusMismatch | Code::StaleMirror if finding.evidence.contains_key(LEDGER) => {
            once_more(Heal::Tell)
        }
        Code::StatusMismatch | Code::StaleMirror => once_more(Heal::Refetch),
        // What one side has not been told yet, another look shows.
        Code::OrphanTransfer | Code::AppFeeMismatch => once_more(Heal::Refetch),
        Code::PayoutNotExplained
        | Code::BalanceMismatchPlatform
        | Code::BalanceMismatchConnected
        | Code::ReserveMismatch => once_more(Heal::Pull {
            days: if tries == 0 {
                policy.rescan_days
            } else {
                policy.rescan_days_max
            },
        }),
        Code::FeeMismatch if finding.evidence.contains_key(UNCLASSIFIED) => Heal::LabelFee,
        Code::FxMismatch if finding.stake.amount <= policy.fx_max => Heal::LabelFx,
        Code::FxMismatch => Heal::Leave(Why::TooMuch),
        Code::ModeMix => once_more(Heal::Quarantine),
        Code::PayoutUnattributable => Heal::Leave(Why::Information),
        Code::FeeMismatch
        | Code::OrphanEntry
        | Code::AmountMismatch
        | Code::TransferAmountMismatch
        | Code::PayoutStuck
        | Code::UnknownType
        | Code::ReportMismatch
        | Code::UnmatchedPlatformEntry
        | Code::AmbiguousMatch => Heal::Leave(Why::NeedsAPerson),
    }
}

/// The evidence of a fee whose details do not explain all of it, minor units.
pub const UNCLASSIFIED: &str = "unclassified";

#[cfg(test)]
mod tests;
