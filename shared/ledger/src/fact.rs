//! What domain events tell about objects, as far as derived entries need it.

use serde::{Deserialize, Serialize};
use tributary_domain::ObjectId;
use tributary_domain::change::{DomainEvent, Sequence, State};

/// What is known of one object. Facts of one object [join](Fact::join): in whatever
/// order they arrive, the same one is left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// Which object.
    pub id: ObjectId,
    /// The greatest is the latest.
    pub sequence: Sequence,
    /// What it is and how it stands.
    pub says: Says,
}

/// An object's state and links. Statuses are Stripe's texts: the lists are open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[expect(missing_docs, reason = "each variant is documented by its type")]
pub enum Says {
    Charge(ChargeFact),
    Refund(RefundFact),
    Dispute(DisputeFact),
    Transfer(TransferFact),
    TransferReversal(ReversalFact),
    Payout(PayoutFact),
    Topup(TopupFact),
}

/// A payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChargeFact {
    /// `succeeded`, `pending`, `failed`.
    pub status: String,
    /// The transfer that a destination charge made.
    pub transfer: Option<ObjectId>,
}

/// Money going back to a payer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundFact {
    /// `pending`, `succeeded`, `failed`, `canceled`.
    pub status: Option<String>,
    /// The payment.
    pub charge: Option<ObjectId>,
}

/// A payer's objection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisputeFact {
    /// `won`, `lost`, `under_review`, …
    pub status: String,
    /// The payment.
    pub charge: Option<ObjectId>,
}

/// Money passed on to a connected account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferFact {
    /// The payment that funds it.
    pub source_transaction: Option<ObjectId>,
    /// The account that receives it.
    pub destination: Option<String>,
    /// The payment that it is there.
    pub destination_payment: Option<ObjectId>,
}

/// Passed-on money coming back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReversalFact {
    /// The transfer.
    pub transfer: Option<ObjectId>,
    /// The refund to the payer that caused it.
    pub source_refund: Option<ObjectId>,
}

/// Money on its way to a bank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutFact {
    /// `pending`, `in_transit`, `paid`, `failed`, `canceled`.
    pub status: String,
    /// Whether it was ever seen `paid`: it can fail afterwards.
    pub was_paid: bool,
    /// Minor units of `currency`; negative when it comes from the bank.
    pub amount: i64,
    /// The currency of the bank account.
    pub currency: String,
    /// When it was made, unix seconds.
    pub created: i64,
    /// When it is expected at the bank, unix seconds.
    pub arrival_date: i64,
    /// Whether a schedule made it: only then does Stripe say what it consists of.
    pub automatic: bool,
    /// `standard`, `instant`.
    pub method: Option<String>,
    /// The bank account or card.
    pub destination: Option<ObjectId>,
    /// Why it failed.
    pub failure_code: Option<String>,
    /// `completed` once Stripe has said what it consists of.
    pub reconciliation_status: Option<String>,
}

/// Money on its way from a bank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopupFact {
    /// `pending`, `succeeded`, `failed`, `canceled`, `reversed`.
    pub status: String,
}

impl Fact {
    /// What an event tells; `None` if it is about nothing that entries are derived
    /// from, or if the object is gone or could not be read.
    pub fn of(event: &DomainEvent) -> Option<Self> {
        Self::told(&event.object.id, &event.sequence, event.state.as_ref()?)
    }

    /// What a state of an object tells; `None` if entries are not derived from such.
    pub fn told(id: &ObjectId, sequence: &Sequence, state: &State) -> Option<Self> {
        Some(Self {
            id: id.clone(),
            sequence: sequence.clone(),
            says: says(state)?,
        })
    }

    /// The later of two facts of one object, with what only the earlier one saw.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        let (mut later, earlier) = if other.sequence > self.sequence {
            (other, self)
        } else {
            (self, other)
        };
        if let (Says::Payout(now), Says::Payout(before)) = (&mut later.says, &earlier.says) {
            now.was_paid |= before.was_paid;
        }
        later
    }

    /// What Stripe calls its object; `None` if no derived entry depends on facts of the
    /// kind.
    pub fn kind(&self) -> Option<&'static str> {
        match &self.says {
            Says::Dispute(_) => Some("dispute"),
            Says::Payout(_) => Some("payout"),
            Says::Topup(_) => Some("topup"),
            // What belongs to what, the entries say.
            Says::Charge(_) | Says::Refund(_) | Says::Transfer(_) | Says::TransferReversal(_) => {
                None
            }
        }
    }

    /// The object's status, if it always has one.
    pub fn status(&self) -> Option<&str> {
        match &self.says {
            Says::Charge(charge) => Some(&charge.status),
            Says::Dispute(dispute) => Some(&dispute.status),
            Says::Payout(payout) => Some(&payout.status),
            Says::Topup(topup) => Some(&topup.status),
            Says::Refund(refund) => refund.status.as_deref(),
            Says::Transfer(_) | Says::TransferReversal(_) => None,
        }
    }

    /// The object whose story it belongs to, if that is not its own.
    pub fn belongs_to(&self) -> Option<&ObjectId> {
        match &self.says {
            Says::Refund(refund) => refund.charge.as_ref(),
            Says::Dispute(dispute) => dispute.charge.as_ref(),
            Says::Transfer(transfer) => transfer.source_transaction.as_ref(),
            Says::TransferReversal(reversal) => reversal.transfer.as_ref(),
            Says::Charge(_) | Says::Payout(_) | Says::Topup(_) => None,
        }
    }
}

/// A text that is no id links to nothing.
fn link(id: Option<&String>) -> Option<ObjectId> {
    ObjectId::parse(id?).ok()
}

fn says(state: &State) -> Option<Says> {
    Some(match state {
        State::Charge(charge) => Says::Charge(ChargeFact {
            status: charge.status.clone(),
            transfer: link(charge.transfer.as_ref()),
        }),
        State::Refund(refund) => Says::Refund(RefundFact {
            status: refund.status.clone(),
            charge: link(refund.charge.as_ref()),
        }),
        State::Dispute(dispute) => Says::Dispute(DisputeFact {
            status: dispute.status.clone(),
            charge: link(Some(&dispute.charge)),
        }),
        State::Transfer(transfer) => Says::Transfer(TransferFact {
            source_transaction: link(transfer.source_transaction.as_ref()),
            destination: transfer.destination.clone(),
            destination_payment: link(transfer.destination_payment.as_ref()),
        }),
        State::TransferReversal(reversal) => Says::TransferReversal(ReversalFact {
            transfer: link(Some(&reversal.transfer)),
            source_refund: link(reversal.source_refund.as_ref()),
        }),
        State::Payout(payout) => Says::Payout(PayoutFact {
            status: payout.status.clone(),
            was_paid: payout.status == "paid",
            amount: payout.amount,
            currency: payout.currency.clone(),
            created: payout.created,
            arrival_date: payout.arrival_date,
            automatic: payout.automatic,
            method: payout.method.clone(),
            destination: link(payout.destination.as_ref()),
            failure_code: payout.failure_code.clone(),
            reconciliation_status: payout.reconciliation_status.clone(),
        }),
        State::Topup(topup) => Says::Topup(TopupFact {
            status: topup.status.clone(),
        }),
        _ => return None,
    })
}
