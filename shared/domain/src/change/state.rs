//! Normalized states: what the rules of money, risk and revenue need of an object.
//!
//! Amounts are minor units in `i64`; `currency` is the lower-case code they are in.
//! Times are unix seconds. Texts that Stripe draws from a list are kept as texts:
//! every such list is open. Ids point to objects of the same account unless said
//! otherwise. There are no names, addresses, account numbers or free texts here.

mod accounts;
mod billing;
mod connect;
mod funds;
mod payments;

pub use accounts::{Account, Controller, PayoutSchedule, PayoutSettings, Requirements};
pub use billing::{
    CreditNote, CreditNoteLine, CreditNoteRefund, Invoice, InvoiceLine, InvoicePayment, Period,
    StatusTransitions,
};
pub use connect::{ApplicationFee, ApplicationFeeRefund, FeeSource, Transfer, TransferReversal};
pub use funds::{
    Balance, Funds, InstantFunds, NetFunds, Payout, PayoutTrace, ReserveHold, ReservePlan,
    ReserveRelease, Topup,
};
pub use payments::{
    Charge, Dispute, DisputeEvidence, EarlyFraudWarning, Outcome, PaymentMethod, Refund,
    TransferData,
};

use serde::Serialize;
use serde_json::Value;

use crate::ObjectKind;

/// One object in the domain's terms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "each variant is documented by its type")]
pub enum State {
    Charge(Box<Charge>),
    Refund(Refund),
    Transfer(Transfer),
    TransferReversal(TransferReversal),
    ApplicationFee(ApplicationFee),
    ApplicationFeeRefund(ApplicationFeeRefund),
    Dispute(Dispute),
    Payout(Box<Payout>),
    Topup(Topup),
    Balance(Balance),
    Account(Box<Account>),
    Invoice(Box<Invoice>),
    CreditNote(Box<CreditNote>),
    EarlyFraudWarning(EarlyFraudWarning),
    ReserveHold(ReserveHold),
    ReservePlan(ReservePlan),
    ReserveRelease(ReserveRelease),
}

impl State {
    /// Reads the state of an object of a kind back; `None` for a kind without one.
    ///
    /// The kind decides, not the shape: two kinds may have the same fields.
    ///
    /// # Errors
    /// When a required field is missing or of another type.
    pub fn read(kind: &ObjectKind, state: Value) -> Result<Option<Self>, serde_json::Error> {
        use serde_json::from_value;
        Ok(Some(match kind.as_str() {
            "charge" => Self::Charge(from_value(state)?),
            "refund" => Self::Refund(from_value(state)?),
            "transfer" => Self::Transfer(from_value(state)?),
            "transfer_reversal" => Self::TransferReversal(from_value(state)?),
            "application_fee" => Self::ApplicationFee(from_value(state)?),
            "fee_refund" => Self::ApplicationFeeRefund(from_value(state)?),
            "dispute" => Self::Dispute(from_value(state)?),
            "payout" => Self::Payout(from_value(state)?),
            "topup" => Self::Topup(from_value(state)?),
            "balance" => Self::Balance(from_value(state)?),
            "account" => Self::Account(from_value(state)?),
            "invoice" => Self::Invoice(from_value(state)?),
            "credit_note" => Self::CreditNote(from_value(state)?),
            "radar.early_fraud_warning" => Self::EarlyFraudWarning(from_value(state)?),
            "reserve.hold" => Self::ReserveHold(from_value(state)?),
            "reserve.plan" => Self::ReservePlan(from_value(state)?),
            "reserve.release" => Self::ReserveRelease(from_value(state)?),
            _ => return Ok(None),
        }))
    }
}
