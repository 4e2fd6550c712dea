//! What an event means to the ledger: whose book to look at, and what to keep in mind.

use std::collections::BTreeSet;

use tributary_domain::change::{DomainEvent, State};
use tributary_domain::{AccountId, Mode, Owner};
use tributary_ledger::{Book, Fact, Says};

use super::ports::PullRequest;

/// What one event means to the ledger.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mark {
    /// Books in which the event says that something was booked.
    pub pulls: Vec<PullRequest>,
    /// What it says of an object from which entries are derived, and on whose book.
    pub fact: Option<(Book, Fact)>,
}

/// What an event means to the ledger.
pub fn mark(event: &DomainEvent) -> Mark {
    let mode = Mode::of(event.livemode);
    let owner = match &event.account {
        None => Owner::Platform,
        Some(account) => Owner::Account(account.clone()),
    };
    let fact = Fact::of(event).filter(|fact| {
        let waits = waits_for_money(&fact.says, event.previous.as_ref());
        fact.kind().is_some() || waits
    });
    let book = |owner| Book { mode, owner };
    let until = event.as_of.created;
    let stake = event.state.as_ref().map_or(0, stake);
    let pull = |owner| PullRequest {
        book: book(owner),
        until,
        since: None,
        stake,
    };
    Mark {
        pulls: booked(event, &owner).into_iter().map(pull).collect(),
        fact: fact.map(|fact| (book(owner), fact)),
    }
}

/// Whether it is about a refund that waits for money, or no longer does: it has no entry
/// yet, and what comes back with it is waited for too.
fn waits_for_money(says: &Says, previous: Option<&State>) -> bool {
    let Says::Refund(refund) = says else {
        return false;
    };
    let before = match previous {
        Some(State::Refund(before)) => before.status.as_deref(),
        _ => None,
    };
    [refund.status.as_deref(), before].contains(&Some("pending"))
}

/// The owners whose books an object's change says something was booked in: those
/// whose transactions it names now and did not name before.
fn booked(event: &DomainEvent, owner: &Owner) -> BTreeSet<Owner> {
    let Some(now) = &event.state else {
        // It moves money, perhaps, and what exactly is not known.
        let told = event.unreadable.is_some() || event.truncated;
        return BTreeSet::from_iter(told.then(|| owner.clone()));
    };
    let before = event.previous.as_ref().map(transactions);
    if transactions(now).is_subset(&before.unwrap_or_default()) {
        return BTreeSet::new();
    }
    let other = counterpart(now).and_then(|account| AccountId::parse(account).ok());
    let mut owners = BTreeSet::from([owner.clone()]);
    owners.extend(other.map(Owner::Account));
    owners
}

/// The transactions that an object names.
pub(crate) fn transactions(state: &State) -> BTreeSet<&str> {
    let (one, other, more): (&Option<String>, &Option<String>, &[String]) = match state {
        State::Charge(it) => (
            &it.balance_transaction,
            &it.failure_balance_transaction,
            &[],
        ),
        State::Refund(it) => (
            &it.balance_transaction,
            &it.failure_balance_transaction,
            &[],
        ),
        State::Transfer(it) => (&it.balance_transaction, &None, &[]),
        State::TransferReversal(it) => (&it.balance_transaction, &None, &[]),
        State::ApplicationFee(it) => (&it.balance_transaction, &None, &[]),
        State::ApplicationFeeRefund(it) => (&it.balance_transaction, &None, &[]),
        State::Dispute(it) => (&None, &None, &it.balance_transactions),
        State::Payout(it) => (
            &it.balance_transaction,
            &it.failure_balance_transaction,
            &[],
        ),
        State::Topup(it) => (&it.balance_transaction, &None, &[]),
        _ => (&None, &None, &[]),
    };
    let texts = one.iter().chain(other).chain(more);
    texts.map(String::as_str).collect()
}

/// The money that an object is about, minor units of its currency. Which part of it was
/// booked is not told before the book is listed.
fn stake(state: &State) -> u64 {
    let amount = match state {
        State::Charge(it) => it.amount,
        State::Refund(it) => it.amount,
        State::Transfer(it) => it.amount,
        State::TransferReversal(it) => it.amount,
        State::ApplicationFee(it) => it.amount,
        State::ApplicationFeeRefund(it) => it.amount,
        State::Dispute(it) => it.amount,
        State::Payout(it) => it.amount,
        State::Topup(it) => it.amount,
        _ => 0,
    };
    amount.unsigned_abs()
}

/// The connected account on whose book the same money is booked.
fn counterpart(state: &State) -> Option<&str> {
    match state {
        State::Charge(charge) => charge
            .transfer_data
            .as_ref()
            .map(|data| data.destination.as_str()),
        State::Transfer(transfer) => transfer.destination.as_deref(),
        State::ApplicationFee(fee) => Some(&fee.account),
        _ => None,
    }
}
