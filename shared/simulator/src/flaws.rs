//! What goes wrong on Stripe's side, on purpose and with a label, so that whoever looks for
//! discrepancies can be held against what is there.

mod spoil;

use std::collections::{BTreeMap, BTreeSet};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::{refs::Owner, timers::Transition, world::World};

const HOUR_S: i64 = 3_600;
const DAY_S: i64 = 86_400;

/// One way of going wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flaw {
    /// An event is never made; a health event tells so.
    EventNotGenerated,
    /// An event is listed and none of its deliveries arrives.
    DeliveryLost,
    /// A transaction has a type that nobody has heard of.
    UnknownType,
    /// The fee of a transaction is not the sum of its details.
    FeeDetails,
    /// A converted payment is not what its rate makes of it.
    ExchangeRate,
    /// A payment from a transfer is smaller than the transfer.
    TransferAmount,
    /// A transfer arrives nowhere.
    OrphanTransfer,
    /// An application fee is larger than what the account paid.
    ApplicationFee,
    /// A payout never arrives.
    PayoutStuck,
    /// A transaction that an automatic payout paid out is not listed with it.
    PayoutUnexplained,
    /// The balance is not the sum of the transactions.
    Balance,
    /// A report lacks a line.
    ReportLine,
    /// The platform's own balance is not the sum of its transactions.
    PlatformBalance,
    /// What is reserved for connected accounts is not what was reserved.
    Reserve,
    /// An event is listed as if it were of the other mode.
    ModeMix,
}

impl Flaw {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::EventNotGenerated,
        Self::DeliveryLost,
        Self::UnknownType,
        Self::FeeDetails,
        Self::ExchangeRate,
        Self::TransferAmount,
        Self::OrphanTransfer,
        Self::ApplicationFee,
        Self::PayoutStuck,
        Self::PayoutUnexplained,
        Self::Balance,
        Self::ReportLine,
        Self::PlatformBalance,
        Self::Reserve,
        Self::ModeMix,
    ];

    /// The code of the discrepancy that it is.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::EventNotGenerated | Self::DeliveryLost => "MISSING_EVENT",
            Self::UnknownType => "UNKNOWN_TYPE",
            Self::FeeDetails => "FEE_MISMATCH",
            Self::ExchangeRate => "FX_MISMATCH",
            Self::TransferAmount => "TRANSFER_AMOUNT_MISMATCH",
            Self::OrphanTransfer => "ORPHAN_TRANSFER",
            Self::ApplicationFee => "APPFEE_MISMATCH",
            Self::PayoutStuck => "PAYOUT_STUCK",
            Self::PayoutUnexplained => "PAYOUT_NOT_EXPLAINED",
            Self::Balance => "BALANCE_MISMATCH_CONNECTED",
            Self::PlatformBalance => "BALANCE_MISMATCH_PLATFORM",
            Self::Reserve => "RESERVE_MISMATCH",
            Self::ModeMix => "MODE_MIX",
            Self::ReportLine => "REPORT_MISMATCH",
        }
    }

    /// Whether it happens by itself instead of to something that is made.
    fn is_spontaneous(self) -> bool {
        self.is_of_the_platform() || matches!(self, Self::UnknownType | Self::Balance)
    }

    /// Whether it is in what Stripe says of the platform's own money.
    fn is_of_the_platform(self) -> bool {
        matches!(self, Self::PlatformBalance | Self::Reserve)
    }
}

/// A flaw that was put into the world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Injected {
    /// What went wrong.
    pub flaw: Flaw,
    /// Whose book shows it.
    pub owner: Owner,
    /// The ids by which it may be named, the most telling one first.
    pub subjects: Vec<String>,
    /// Currency of the amount; empty where no money is at stake.
    pub currency: String,
    /// What is at stake, minor units.
    pub amount: i64,
    /// When, unix seconds.
    pub at: i64,
}

impl Injected {
    /// The code of the discrepancy.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.flaw.code()
    }
}

/// What is to go wrong, and what did.
#[derive(Debug)]
pub(crate) struct Flaws {
    /// Decides about flaws alone, so that a flawed world is else the same.
    rng: ChaCha8Rng,
    /// From when on the next suitable thing goes wrong.
    due: BTreeMap<Flaw, BTreeSet<i64>>,
    pub(crate) injected: Vec<Injected>,
    /// Accounts that have something to explain.
    pub(crate) concerned: BTreeSet<Owner>,
    /// Events none of whose deliveries arrives.
    pub(crate) lost: BTreeSet<String>,
    /// Transactions that reports leave out.
    pub(crate) unreported: BTreeSet<String>,
    /// By how much `GET /v1/balance` is wrong, per owner and currency.
    pub(crate) balances: BTreeMap<(Owner, String), i64>,
    /// By how much its `connect_reserved` is, per currency.
    pub(crate) reserves: BTreeMap<String, i64>,
    /// Events that are listed as of the other mode.
    pub(crate) mixed: BTreeSet<String>,
}

impl Flaws {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            rng: ChaCha8Rng::seed_from_u64(seed ^ 0xf1a3),
            due: BTreeMap::new(),
            injected: Vec::new(),
            concerned: BTreeSet::new(),
            lost: BTreeSet::new(),
            unreported: BTreeSet::new(),
            balances: BTreeMap::new(),
            reserves: BTreeMap::new(),
            mixed: BTreeSet::new(),
        }
    }

    /// Minor units by which an amount is wrong.
    fn drift(&mut self) -> i64 {
        self.rng.random_range(5..60)
    }
}

impl World {
    /// Lets the next suitable thing from `not_before` (unix seconds) on go wrong in this way.
    pub fn inject(&mut self, flaw: Flaw, not_before: i64) {
        if !flaw.is_spontaneous() {
            self.flaws.due.entry(flaw).or_default().insert(not_before);
            return;
        }
        self.timers.add(not_before, Transition::GoWrong { flaw });
    }

    /// Spreads `times` flaws of every kind over what `run` will play. Payouts get stuck early
    /// enough to be overdue at its end.
    pub fn inject_all(&mut self, times: usize) {
        let length = i64::from(self.config.days) * DAY_S;
        for flaw in Flaw::ALL {
            for (number, nth) in (1_i64..).zip(0..times) {
                let offset = match flaw {
                    Flaw::PlatformBalance | Flaw::Reserve | Flaw::ModeMix => 0,
                    _ => self.flaws.rng.random_range(0..HOUR_S),
                };
                let share = match flaw {
                    Flaw::PayoutStuck => length / 10,
                    _ => length * 3 / 4,
                };
                let count = i64::try_from(times).unwrap_or(i64::MAX);
                let at = self.now + HOUR_S + share * i64::try_from(nth).unwrap_or(0) / count;
                self.inject(flaw, at + offset * number % HOUR_S);
            }
        }
    }

    /// What has gone wrong so far, in the order of happening.
    #[must_use]
    pub fn injected(&self) -> &[Injected] {
        &self.flaws.injected
    }

    /// Whether this event is listed as if it were of the other mode.
    #[must_use]
    pub fn is_mixed_up(&self, event: &str) -> bool {
        self.flaws.mixed.contains(event)
    }

    /// Whether no delivery of this event ever arrives.
    #[must_use]
    pub fn is_lost(&self, event: &str) -> bool {
        self.flaws.lost.contains(event)
    }

    /// Somebody on whose account a flaw can happen by itself: one with business.
    pub(crate) fn victim(&mut self) -> Option<Owner> {
        let owners = self.accounts.iter().map(|id| Owner::account(id));
        let open: Vec<Owner> = owners
            .filter(|owner| !self.balance_transactions(owner).is_empty())
            .filter(|owner| self.authorise(owner).is_ok())
            .collect();
        let position = self.flaws.rng.random_range(0..open.len().max(1));
        open.into_iter().nth(position)
    }

    /// Whether a flaw is due, which is then used up.
    pub(crate) fn goes_wrong(&mut self, flaw: Flaw) -> bool {
        let now = self.now;
        let due = self.flaws.due.get_mut(&flaw);
        due.is_some_and(|times| {
            times.first().is_some_and(|at| *at <= now) && times.pop_first().is_some()
        })
    }

    /// By how much the next amount is wrong, if it is to be: minor units, positive.
    pub(crate) fn drift(&mut self, flaw: Flaw) -> Option<i64> {
        self.goes_wrong(flaw).then(|| self.flaws.drift())
    }

    /// Labels what went wrong.
    pub(crate) fn note_flaw(
        &mut self,
        flaw: Flaw,
        owner: &Owner,
        subjects: &[&str],
        money: (i64, &str),
    ) {
        self.flaws.concerned.insert(owner.clone());
        self.flaws.injected.push(Injected {
            flaw,
            owner: owner.clone(),
            subjects: subjects.iter().map(|id| (*id).to_owned()).collect(),
            currency: money.1.to_owned(),
            amount: money.0,
            at: self.now,
        });
    }

    /// Whether something on the account went wrong: then it stays with the platform.
    pub(crate) fn is_flawed(&self, owner: &Owner) -> bool {
        self.flaws.concerned.contains(owner)
    }
}
