//! What has to hold of every book, as pure checks.
//!
//! A violation is an answer and no error: it becomes a finding, with the money that
//! is at stake.

use tributary_domain::ObjectId;

use crate::{Account, Balances, Entry, Head, Line, Overflow, Story, fact::PayoutFact};

/// What does not hold. Amounts are minor units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Violation {
    /// I1: the lines of an entry do not sum to zero.
    Unbalanced {
        /// What they sum to.
        sum: i128,
    },
    /// I1: an entry does not move the balance at Stripe by its net.
    NotTheNet {
        /// The net.
        net: i64,
        /// What it moves.
        moves: i64,
    },
    /// I2: the entries do not add up to the balance that Stripe reports.
    BalanceDiffers {
        /// Its currency.
        currency: String,
        /// What the entries add up to.
        ledger: i64,
        /// Available and pending.
        stripe: i64,
    },
    /// I3: the entries do not add up to what Stripe says it reserved.
    ReserveDiffers {
        /// Its currency.
        currency: String,
        /// What the entries add up to.
        ledger: i64,
        /// Reserved for connected accounts.
        stripe: i64,
    },
    /// I4: what left the platform did not arrive, or not all of it.
    TransferDiffers {
        /// The transfer.
        transfer: ObjectId,
        /// What the platform passed on, after reversals.
        sent: i64,
        /// What the connected account received, after reversals.
        received: i64,
    },
    /// I5: an automatic payout is not the sum of what it pays out.
    PayoutNotExplained {
        /// The payout.
        payout: ObjectId,
        /// What is left when everything is added.
        rest: i128,
    },
    /// I6: a payout that is over still has money under way.
    StillInTransit {
        /// The payout.
        payout: ObjectId,
        /// How much.
        amount: i64,
    },
}

/// What a violation asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// It is wrong.
    Hard,
    /// What Stripe promises here is not known for certain: raise the alarm, block
    /// nothing.
    Soft,
}

impl Violation {
    /// The invariant's name, `I1` to `I6`.
    pub fn invariant(&self) -> &'static str {
        match self {
            Self::Unbalanced { .. } | Self::NotTheNet { .. } => "I1",
            Self::BalanceDiffers { .. } => "I2",
            Self::ReserveDiffers { .. } => "I3",
            Self::TransferDiffers { .. } => "I4",
            Self::PayoutNotExplained { .. } => "I5",
            Self::StillInTransit { .. } => "I6",
        }
    }

    /// What it asks for.
    pub fn severity(&self) -> Severity {
        match self {
            Self::BalanceDiffers { .. } | Self::ReserveDiffers { .. } => Severity::Soft,
            _ => Severity::Hard,
        }
    }

    /// How much money is at stake, minor units, never negative.
    pub fn at_stake(&self) -> u128 {
        let difference = |one: i64, other: i64| i128::from(one) - i128::from(other);
        match self {
            Self::Unbalanced { sum: rest } | Self::PayoutNotExplained { rest, .. } => *rest,
            Self::NotTheNet { net, moves } => difference(*net, *moves),
            Self::BalanceDiffers { ledger, stripe, .. }
            | Self::ReserveDiffers { ledger, stripe, .. } => difference(*ledger, *stripe),
            Self::TransferDiffers { sent, received, .. } => difference(*sent, *received),
            Self::StillInTransit { amount, .. } => i128::from(*amount),
        }
        .unsigned_abs()
    }
}

/// I1: the lines of one entry, of either layer, sum to zero.
pub fn sums_to_zero(lines: &[Line]) -> Option<Violation> {
    let sum: i128 = lines.iter().map(|line| i128::from(line.amount)).sum();
    (sum != 0).then_some(Violation::Unbalanced { sum })
}

/// I1: a journal entry sums to zero and moves the balance at Stripe by its net.
pub fn entry(entry: &Entry) -> Option<Violation> {
    let moves: i64 = entry
        .lines
        .iter()
        .find(|line| line.account.head() == Head::StripeBalance)
        .map_or(0, |line| line.amount);
    let net = entry.net;
    let differs = (moves != net).then_some(Violation::NotTheNet { net, moves });
    sums_to_zero(&entry.lines).or(differs)
}

/// I2: the payments balance is what Stripe reports as available and pending. Read
/// the balance before and after the book was brought up to date, and compare only
/// if nothing moved.
pub fn balance(currency: &str, balances: &Balances, stripe: i64) -> Option<Violation> {
    let ledger = balances.of(&Account::named(Head::StripeBalance, "payments"));
    (ledger != stripe).then(|| Violation::BalanceDiffers {
        currency: currency.to_owned(),
        ledger,
        stripe,
    })
}

/// I3: what the platform reserved for its accounts is what Stripe reports.
pub fn reserve(currency: &str, balances: &Balances, stripe: i64) -> Option<Violation> {
    let ledger = balances.of(&Account::plain(Head::ConnectReserved));
    (ledger != stripe).then(|| Violation::ReserveDiffers {
        currency: currency.to_owned(),
        ledger,
        stripe,
    })
}

/// I4: what the platform passed on is what the account received, by the journal
/// entries of both books. Of a transfer that was converted nothing can be said.
///
/// # Errors
/// When a sum does not fit.
pub fn transfer(
    transfer: &ObjectId,
    sent: &Story,
    payment: &ObjectId,
    received: &Story,
) -> Result<Option<Violation>, Overflow> {
    let currency_of = |story: &Story, account: &Account| {
        let mut entries = story.entries();
        entries
            .find(|entry| entry.on(account) != 0)
            .map(|entry| entry.currency.clone())
    };
    let out = Account::of(Head::TransfersOut, transfer);
    let into = Account::of(Head::TransfersIn, payment);
    let (paid_in, got_in) = (currency_of(sent, &out), currency_of(received, &into));
    let Some(currency) = paid_in.as_ref().or(got_in.as_ref()) else {
        return Ok(None);
    };
    if got_in.as_ref().is_some_and(|other| other != currency) {
        return Ok(None);
    }
    let sent = sent.balance(&out, currency)?;
    let received = received.balance(&into, currency)?;
    let received = received.checked_neg().ok_or(Overflow)?;
    Ok((sent != received).then(|| Violation::TransferDiffers {
        transfer: transfer.clone(),
        sent,
        received,
    }))
}

/// I5: the nets of everything that Stripe lists for an automatic payout, its own
/// movement among them, sum to zero.
pub fn payout(payout: &ObjectId, nets: impl IntoIterator<Item = i64>) -> Option<Violation> {
    let rest: i128 = nets.into_iter().map(i128::from).sum();
    (rest != 0).then(|| Violation::PayoutNotExplained {
        payout: payout.clone(),
        rest,
    })
}

/// I6: nothing is under way any more once a payout is paid, has failed or was
/// canceled. `balances` are those of both layers, in the balance's currency.
pub fn settled(payout: &ObjectId, fact: &PayoutFact, balances: &Balances) -> Option<Violation> {
    let is_over = matches!(fact.status.as_str(), "paid" | "failed" | "canceled");
    let amount = balances.of(&Account::of(Head::PayoutInTransit, payout));
    (is_over && amount != 0).then(|| Violation::StillInTransit {
        payout: payout.clone(),
        amount,
    })
}
