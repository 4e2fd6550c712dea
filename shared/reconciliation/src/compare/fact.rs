//! What the ledger knows of an object, and what the mirror shows: the ledger is told by
//! events on the bus, and one that is lost there comes by no other road.

use tributary_domain::ObjectKey;
use tributary_domain::change::State;
use tributary_ledger::{Book, Fact};

use crate::finding::{Code, Finding, Scope};

/// The evidence of what the ledger knows: a status, or `none`.
pub const LEDGER: &str = "ledger";

/// The comparison. No other covers it: whatever finds it, the same closes it.
pub fn scope() -> Scope {
    Scope::new("facts", LEDGER)
}

/// What the mirror shows, as a fact behind what the ledger knows: it is newer than that,
/// and older than whatever an event tells later. `None` if the ledger keeps none of such.
pub fn behind(known: Option<&Fact>, object: &ObjectKey, shown: &State) -> Option<Fact> {
    let sequence = known.map(|known| known.sequence.behind());
    let told = Fact::told(&object.id, &sequence.unwrap_or_default(), shown)?;
    let told = Some(told).filter(|told| told.kind().is_some())?;
    Some(match known {
        Some(known) => known.clone().join(told),
        None => told,
    })
}

/// Compares what the ledger knows of an object with `shown`, which is [`behind`] it.
pub fn compare(
    object: &ObjectKey,
    known: Option<&Fact>,
    shown: &Fact,
    state: &State,
    now: i64,
) -> Option<Finding> {
    if known.is_some_and(|known| known.says == shown.says) {
        return None;
    }
    let status = known.map(Fact::status);
    let code = match status == Some(shown.status()) {
        true => Code::StaleMirror,
        false => Code::StatusMismatch,
    };
    let status = status.flatten().unwrap_or("none");
    Some(found(code, object, status, shown, state, now))
}

/// A payout that is over by what the ledger knows, and has `amount` (minor units) under
/// way all the same: invariant I6.
pub fn in_transit(
    object: &ObjectKey,
    known: &Fact,
    amount: i64,
    state: &State,
    now: i64,
) -> Finding {
    let status = known.status().unwrap_or("none");
    found(Code::StatusMismatch, object, status, known, state, now).with("in_transit", amount)
}

fn found(
    code: Code,
    object: &ObjectKey,
    ledger: &str,
    shown: &Fact,
    state: &State,
    now: i64,
) -> Finding {
    let book = Book {
        mode: object.mode,
        owner: object.owner.clone(),
    };
    let (amount, currency) = match state {
        State::Payout(payout) => (payout.amount, payout.currency.as_str()),
        State::Dispute(dispute) => (dispute.amount, dispute.currency.as_str()),
        State::Topup(topup) => (topup.amount, topup.currency.as_str()),
        _ => (0, ""),
    };
    Finding::new(code, &book, &object.id, &scope(), now)
        .with("kind", &object.kind)
        .with(LEDGER, ledger)
        .with("mirror", shown.status().unwrap_or("none"))
        .at_stake(amount, currency)
}
