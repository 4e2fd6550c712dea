//! What became of a payment.

use super::{Rule, Wanted, transfer};
use crate::{Account, Balances, Entry, Head, Overflow, Story, fact::Says};

/// The accounts that keep a payment's money.
const KEEPERS: [Head; 3] = [Head::CustomerFunds, Head::Sales, Head::TransfersIn];

pub(super) fn derive(story: &Story, wanted: &mut Wanted) -> Result<(), Overflow> {
    let Some((keeper, currency)) = payment(story) else {
        return Ok(());
    };
    let kept = less(0, story.balance(&keeper, currency)?)?;
    let fx = if is_returned(story, &keeper, currency) {
        kept
    } else {
        0
    };
    if fx != 0 {
        let mut moved = Balances::default();
        transfer(&mut moved, keeper.clone(), account(Head::FxGainLoss), fx)?;
        wanted.add(Rule::FxResult, currency, wanted.at, moved);
    }
    if keeper.head() == Head::CustomerFunds {
        pass_on(story, wanted, &keeper, currency, less(kept, fx)?)?;
    }
    Ok(())
}

/// The account that keeps the money of the payment at the root, with its currency;
/// `None` as long as the payment itself is not posted.
fn payment(story: &Story) -> Option<(Account, &str)> {
    let mut entries = story.moved_by(story.root());
    entries.find_map(|entry| {
        KEEPERS
            .map(|head| Account::of(head, story.root()))
            .into_iter()
            .find(|keeper| entry.lines.iter().any(|line| line.account == *keeper))
            .map(|keeper| (keeper, entry.currency.as_str()))
    })
}

/// Allocates what was passed on, and says what the rest is. `held` is what is left
/// of the payment, a positive amount.
fn pass_on(
    story: &Story,
    wanted: &mut Wanted,
    keeper: &Account,
    currency: &str,
    held: i64,
) -> Result<(), Overflow> {
    let mut allocated = Balances::default();
    let mut left = held;
    for id in story.belonging_to(story.root()) {
        let passed_on = Account::of(Head::TransfersOut, id);
        let amount = story.balance(&passed_on, currency)?;
        transfer(&mut allocated, keeper.clone(), passed_on, amount)?;
        left = less(left, amount)?;
    }
    wanted.add(Rule::Allocation, currency, wanted.at, allocated);

    let recovered = recovered(story, currency)?;
    let mut recovery = Balances::default();
    let losses = account(Head::DisputeLosses);
    transfer(&mut recovery, keeper.clone(), losses, recovered)?;
    wanted.add(Rule::DisputeRecovery, currency, wanted.at, recovery);
    left = less(left, recovered)?;

    left = less(left, owed(story, currency)?)?;
    let rest = if left >= 0 {
        Head::PlatformMargin
    } else {
        Head::TransferLosses
    };
    let mut residual = Balances::default();
    transfer(&mut residual, keeper.clone(), account(rest), left)?;
    wanted.add(Rule::Residual, currency, wanted.at, residual);
    Ok(())
}

/// What was called back from connected accounts beyond what payers got back, as far
/// as disputes were lost.
fn recovered(story: &Story, currency: &str) -> Result<i64, Overflow> {
    let mut lost = 0_i64;
    for id in story.belonging_to(story.root()) {
        let is_lost = matches!(story.says(id), Some(Says::Dispute(it)) if it.status == "lost");
        if is_lost {
            let clearing = Account::of(Head::DisputeClearing, id);
            lost = lost
                .checked_add(story.balance(&clearing, currency)?)
                .ok_or(Overflow)?;
        }
    }
    let mut called_back = 0_i64;
    for entry in story.entries().filter(|entry| entry.currency == currency) {
        // A refund takes its part of what was called back: its amount is negative.
        if entry.kind == "transfer_refund" || is_refund(entry) {
            called_back = called_back.checked_add(entry.amount).ok_or(Overflow)?;
        }
    }
    Ok(lost.min(called_back).max(0))
}

/// What refunds that failed have left to be paid to payers in another way: whatever
/// goes out afterwards, to a payer or to a connected account, settles it.
fn owed(story: &Story, currency: &str) -> Result<i64, Overflow> {
    let mut entries: Vec<&Entry> = story
        .entries()
        .filter(|entry| entry.currency == currency)
        .filter(|entry| is_refund(entry) || entry.kind == "transfer")
        .collect();
    // Within one second, a failure is of a refund that was made before.
    entries.sort_unstable_by_key(|entry| (entry.created, entry.amount > 0, &entry.transaction));
    entries.into_iter().try_fold(0_i64, |owed, entry| {
        let owed = owed.checked_add(entry.amount).ok_or(Overflow)?;
        Ok(owed.max(0))
    })
}

/// Refunds, and the ones that came back.
fn is_refund(entry: &Entry) -> bool {
    matches!(
        entry.kind.as_str(),
        "refund" | "payment_refund" | "refund_failure"
    )
}

/// Whether the payer got everything back, counted as the payer saw it. What is left
/// in the balance's currency then, rates have moved.
fn is_returned(story: &Story, keeper: &Account, currency: &str) -> bool {
    let mut left = 0_i128;
    let kept = |entry: &&Entry| entry.lines.iter().any(|line| line.account == *keeper);
    for entry in story.entries().filter(kept) {
        let links = entry.source.as_ref().map(|source| &source.links);
        let presented = links.and_then(|links| links.presentment_amount);
        let Some(presented) = presented.filter(|_| entry.currency == currency) else {
            return false;
        };
        if entry.amount > 0 {
            left += i128::from(presented);
        } else {
            left -= i128::from(presented);
        }
    }
    left == 0
}

fn account(head: Head) -> Account {
    Account::plain(head)
}

fn less(from: i64, amount: i64) -> Result<i64, Overflow> {
    from.checked_sub(amount).ok_or(Overflow)
}
