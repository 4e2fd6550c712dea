//! How a dispute ended.

use super::{Rule, Wanted, transfer};
use crate::{Account, Balances, Entry, Head, Overflow, Rate, Story, fact::Says};

/// Stripe rounds what it converts: so much may be missing although all came back.
const ROUNDING: i64 = 1;

pub(super) fn derive(story: &Story, wanted: &mut Wanted) -> Result<(), Overflow> {
    let Some(Says::Dispute(dispute)) = story.says(story.root()) else {
        return Ok(());
    };
    let Some(entry) = story.moved_by(story.root()).next() else {
        return Ok(());
    };
    let currency = &entry.currency;
    let clearing = Account::of(Head::DisputeClearing, story.root());
    let missing = story.balance(&clearing, currency)?;
    let lost = match dispute.status.as_str() {
        "lost" => missing,
        "won" => not_returned(story, currency, missing)?,
        // It is not over, or never took anything.
        _ => return Ok(()),
    };
    let mut moved = Balances::default();
    let losses = Account::plain(Head::DisputeLosses);
    transfer(&mut moved, losses, clearing.clone(), lost)?;
    let by_rate = missing.checked_sub(lost).ok_or(Overflow)?;
    transfer(
        &mut moved,
        Account::plain(Head::FxGainLoss),
        clearing,
        by_rate,
    )?;
    wanted.add(Rule::DisputeOutcome, currency, wanted.at, moved);
    Ok(())
}

/// Of what is missing after a dispute was won: what did not come back. Where the
/// payer paid in another currency, that is valued at the rate of the return, and
/// the rest was moved by the rates.
fn not_returned(story: &Story, currency: &str, missing: i64) -> Result<i64, Overflow> {
    let mut returns = story
        .moved_by(story.root())
        .filter(|entry| entry.amount > 0 && entry.currency == currency);
    let Some(first) = returns.next() else {
        return Ok(missing);
    };
    let Some(whole) = at_the_rate_of(first) else {
        return Ok(missing);
    };
    let mut returned = first.amount;
    for entry in returns {
        returned = returned.checked_add(entry.amount).ok_or(Overflow)?;
    }
    let short = whole.checked_sub(returned).ok_or(Overflow)?;
    Ok(if short > ROUNDING { short } else { 0 })
}

/// The disputed amount, converted at the rate of an entry; `None` if it was not
/// converted, or it is not known what.
fn at_the_rate_of(entry: &Entry) -> Option<i64> {
    let rate = Rate::parse(entry.exchange_rate.as_deref()?).ok()?;
    let links = &entry.source.as_ref()?.links;
    rate.convert(links.presentment_amount?).ok()
}
