//! What reached a bank, and what came from one.

use super::{Rule, Wanted, transfer};
use crate::{
    Account, Balances, Head, Overflow, Story,
    fact::{PayoutFact, Says},
};

/// A paid payout is at the bank. One that failed, even after it was paid, is not:
/// its money came back by a journal entry of its own.
pub(super) fn payout(story: &Story, wanted: &mut Wanted) -> Result<(), Overflow> {
    let Some(Says::Payout(payout)) = story.says(story.root()) else {
        return Ok(());
    };
    let in_transit = Account::of(Head::PayoutInTransit, story.root());
    let Some(currency) = story
        .moved_by(story.root())
        .next()
        .map(|entry| entry.currency.as_str())
    else {
        return Ok(());
    };
    let amount = story.balance(&in_transit, currency)?;
    if payout.status != "paid" || amount == 0 {
        return Ok(());
    }
    let mut moved = Balances::default();
    if payout.currency == currency {
        transfer(&mut moved, bank(payout), in_transit, amount)?;
        wanted.add(Rule::PayoutSettlement, currency, payout.arrival_date, moved);
        return Ok(());
    }
    let between = Account::of(Head::FxClearing, story.root());
    transfer(&mut moved, between.clone(), in_transit, amount)?;
    wanted.add(Rule::PayoutSettlement, currency, payout.arrival_date, moved);
    let mut arrived = Balances::default();
    transfer(&mut arrived, bank(payout), between, payout.amount)?;
    let at = payout.arrival_date;
    wanted.add(Rule::PayoutConversion, &payout.currency, at, arrived);
    Ok(())
}

fn bank(payout: &PayoutFact) -> Account {
    match &payout.destination {
        Some(destination) => Account::of(Head::Bank, destination),
        None => Account::plain(Head::Bank),
    }
}

/// A top-up that succeeded left the bank. Of which one, Stripe does not say.
pub(super) fn topup(story: &Story, wanted: &mut Wanted) -> Result<(), Overflow> {
    let Some(Says::Topup(topup)) = story.says(story.root()) else {
        return Ok(());
    };
    let in_transit = Account::of(Head::TopupInTransit, story.root());
    let Some(entry) = story.moved_by(story.root()).next() else {
        return Ok(());
    };
    if topup.status == "succeeded" {
        let amount = story.balance(&in_transit, &entry.currency)?;
        let mut moved = Balances::default();
        transfer(&mut moved, Account::plain(Head::Bank), in_transit, amount)?;
        wanted.add(Rule::TopupSettlement, &entry.currency, wanted.at, moved);
    }
    Ok(())
}
