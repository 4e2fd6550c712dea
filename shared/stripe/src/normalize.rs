//! From Stripe's objects, as any API version of 2020 to 2026 renders them, to the
//! domain's states.
//!
//! What later versions renamed is looked for in both places; what they dropped is
//! `None`; what is not listed here, new fields and personal data alike, is left
//! behind. A field of another type than documented makes the object unreadable:
//! misread money must not pass for absent money.

mod accounts;
mod billing;
mod connect;
pub(crate) mod fields;
mod funds;
mod payments;

use fields::Fields;
use tributary_domain::change::{Normalized, State};
use tributary_domain::{Document, ObjectKind};

/// The state of an object of a kind; `None` for a kind of which nothing but the
/// identity is published.
///
/// # Errors
/// When a field that the kind's rules need is missing, or any that they use is of
/// another type. The error names the field, never its value.
pub fn state(kind: &ObjectKind, body: &Document) -> Normalized {
    let Some(read) = reader(kind.as_str()) else {
        return Ok(None);
    };
    let value = body.value();
    read(Fields::of(&value)).map(Some)
}

type Reader = fn(Fields<'_>) -> Result<State, fields::Unreadable>;

fn reader(kind: &str) -> Option<Reader> {
    Some(match kind {
        "charge" => |o| Ok(State::Charge(Box::new(payments::charge(o)?))),
        "refund" => |o| Ok(State::Refund(payments::refund(o)?)),
        "dispute" => |o| Ok(State::Dispute(payments::dispute(o)?)),
        "radar.early_fraud_warning" => {
            |o| Ok(State::EarlyFraudWarning(payments::early_fraud_warning(o)?))
        }
        "transfer" => |o| Ok(State::Transfer(connect::transfer(o)?)),
        "transfer_reversal" => |o| Ok(State::TransferReversal(connect::transfer_reversal(o)?)),
        "application_fee" => |o| Ok(State::ApplicationFee(connect::application_fee(o)?)),
        "fee_refund" => |o| {
            Ok(State::ApplicationFeeRefund(
                connect::application_fee_refund(o)?,
            ))
        },
        "payout" => |o| Ok(State::Payout(Box::new(funds::payout(o)?))),
        "topup" => |o| Ok(State::Topup(funds::topup(o)?)),
        "balance" => |o| Ok(State::Balance(funds::balance(o)?)),
        "reserve.hold" => |o| Ok(State::ReserveHold(funds::reserve_hold(o)?)),
        "reserve.plan" => |o| Ok(State::ReservePlan(funds::reserve_plan(o)?)),
        "reserve.release" => |o| Ok(State::ReserveRelease(funds::reserve_release(o)?)),
        "account" => |o| Ok(State::Account(Box::new(accounts::account(o)?))),
        "invoice" => |o| Ok(State::Invoice(Box::new(billing::invoice(o)?))),
        "credit_note" => |o| Ok(State::CreditNote(Box::new(billing::credit_note(o)?))),
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
