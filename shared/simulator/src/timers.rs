//! What happens by itself when time passes.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    flaws::Flaw,
    params::{DisputeOutcome, RefundParams},
    refs::Owner,
    world::World,
};

/// A transition that is due at some time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Transition {
    /// The money of an asynchronously captured charge moves.
    Settle { owner: Owner, charge: String },
    /// Pending funds become available.
    Mature { owner: Owner },
    /// The daily automatic payout.
    Sweep { owner: Owner },
    /// A payout leaves for the bank.
    SendPayout { owner: Owner, payout: String },
    /// A payout arrives.
    PayPayout { owner: Owner, payout: String },
    /// The bank sends a payout back.
    FailPayout {
        owner: Owner,
        payout: String,
        code: &'static str,
    },
    /// The owner of a disabled bank account corrects it.
    CorrectBank { owner: Owner },
    /// The transactions of an automatic payout are all known.
    ReconcilePayout { owner: Owner, payout: String },
    /// A refund that waited for funds is tried again.
    RetryRefund { owner: Owner, refund: String },
    /// A customer gets back what is left of a charge.
    Refund { owner: Owner, charge: String },
    /// The bank sends a refund back.
    FailRefund { owner: Owner, refund: String },
    /// The account contests a dispute.
    ContestDispute { owner: Owner, dispute: String },
    /// The bank decides a dispute.
    CloseDispute {
        owner: Owner,
        dispute: String,
        outcome: DisputeOutcome,
    },
    /// The platform pays for an account that stayed negative for 180 days.
    CollectReserve { owner: Owner, currency: String },
    /// Something goes wrong by itself.
    GoWrong { flaw: Flaw },
    /// The platform converts what it earned in foreign currencies.
    ConvertForeign,
    /// The platform takes a payout back from an account's bank.
    ReversePayout { owner: Owner, payout: String },
}

impl Transition {
    fn owner(&self) -> &Owner {
        match self {
            Self::Settle { owner, .. }
            | Self::Mature { owner }
            | Self::Sweep { owner }
            | Self::SendPayout { owner, .. }
            | Self::PayPayout { owner, .. }
            | Self::FailPayout { owner, .. }
            | Self::CorrectBank { owner }
            | Self::ReconcilePayout { owner, .. }
            | Self::RetryRefund { owner, .. }
            | Self::Refund { owner, .. }
            | Self::FailRefund { owner, .. }
            | Self::ContestDispute { owner, .. }
            | Self::CloseDispute { owner, .. }
            | Self::ReversePayout { owner, .. }
            | Self::CollectReserve { owner, .. } => owner,
            Self::ConvertForeign | Self::GoWrong { .. } => &Owner::Platform,
        }
    }
}

/// Transitions by time, first come first served within a second.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    due: BTreeMap<(i64, u64), Transition>,
    sequence: u64,
    maturities: BTreeSet<(i64, Owner)>,
}

impl Timers {
    pub(crate) fn add(&mut self, at: i64, transition: Transition) {
        self.sequence += 1;
        self.due.insert((at, self.sequence), transition);
    }

    /// Plans the maturity of an owner's funds once per time.
    pub(crate) fn add_maturity(&mut self, at: i64, owner: &Owner) {
        if self.maturities.insert((at, owner.clone())) {
            self.add(
                at,
                Transition::Mature {
                    owner: owner.clone(),
                },
            );
        }
    }

    fn pop_until(&mut self, at: i64) -> Option<(i64, Transition)> {
        let first = self.due.first_entry().filter(|entry| entry.key().0 <= at)?;
        let ((time, _), transition) = first.remove_entry();
        Some((time, transition))
    }
}

impl World {
    /// Lets time pass until `at` (unix seconds) and runs every transition that is due on the way.
    pub fn advance_to(&mut self, at: i64) {
        while let Some((time, transition)) = self.timers.pop_until(at) {
            self.now = self.now.max(time);
            self.run_transition(transition);
            self.settle_reserves();
        }
        self.now = self.now.max(at);
    }

    /// A transition whose object has meanwhile gone another way is refused by its verb; that is
    /// the normal fate of a timer, not an error.
    fn run_transition(&mut self, transition: Transition) {
        if self.authorise(transition.owner()).is_err() {
            return;
        }
        match transition {
            Transition::Settle { owner, charge } => self.settle(&owner, &charge),
            Transition::Mature { owner } => self.mature(&owner),
            Transition::Sweep { owner } => self.sweep_daily(&owner),
            Transition::SendPayout { owner, payout } => self.send_payout(&owner, &payout),
            Transition::PayPayout { owner, payout } => {
                self.pay_payout(&owner, &payout).unwrap_or_default();
            }
            Transition::FailPayout {
                owner,
                payout,
                code,
            } => {
                self.fail_payout(&owner, &payout, code).unwrap_or_default();
            }
            Transition::CorrectBank { owner } => self.correct_bank(&owner),
            Transition::ReconcilePayout { owner, payout } => {
                self.reconcile_payout(&owner, &payout);
            }
            Transition::RetryRefund { owner, refund } => self.retry_refund(&owner, &refund),
            Transition::Refund { owner, charge } => {
                let _ = self.refund(&owner, &RefundParams::full(&charge));
            }
            Transition::FailRefund { owner, refund } => {
                self.fail_refund(&owner, &refund, "lost_or_stolen_card")
                    .unwrap_or_default();
            }
            Transition::ContestDispute { owner, dispute } => self.contest(&owner, &dispute),
            Transition::CloseDispute {
                owner,
                dispute,
                outcome,
            } => {
                self.close_dispute(&owner, &dispute, outcome)
                    .unwrap_or_default();
            }
            Transition::CollectReserve { owner, currency } => {
                self.collect_reserve(&owner, &currency);
            }
            Transition::GoWrong { flaw } => self.go_wrong(flaw),
            Transition::ConvertForeign => self.convert_foreign(),
            Transition::ReversePayout { owner, payout } => {
                self.reverse_payout(&owner, &payout).unwrap_or_default();
            }
        }
    }
}
