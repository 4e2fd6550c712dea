//! What payers do: pay, get back, object.

use serde::{Deserialize, Serialize};

/// A payment, captured or not. Amounts are in the payer's currency; what it means
/// to a balance, its balance transaction says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    /// Authorized amount.
    pub amount: i64,
    /// Captured part; `None` if the version that rendered it does not say.
    pub amount_captured: Option<i64>,
    /// Refunded part.
    pub amount_refunded: i64,
    /// Currency of all three.
    pub currency: String,
    /// `succeeded`, `pending`, `failed`.
    pub status: String,
    /// When it was made.
    pub created: i64,
    /// Whether it was captured.
    pub captured: bool,
    /// Whether it succeeded or was authorized.
    pub paid: bool,
    /// Whether it was refunded whole.
    pub refunded: bool,
    /// Whether it was ever disputed.
    pub disputed: bool,
    /// `None` until captured; with asynchronous capture it comes with a later update.
    pub balance_transaction: Option<String>,
    /// The balance transaction that took a failed payment back.
    pub failure_balance_transaction: Option<String>,
    /// Why it failed.
    pub failure_code: Option<String>,
    /// The platform's share, an `application_fee`.
    pub application_fee: Option<String>,
    /// How large a share was asked for.
    pub application_fee_amount: Option<i64>,
    /// The transfer that a destination charge made.
    pub transfer: Option<String>,
    /// What a destination charge sends on, and where.
    pub transfer_data: Option<TransferData>,
    /// Links separate charges and transfers; chosen by the platform.
    pub transfer_group: Option<String>,
    /// On the receiving side: the platform's transfer that this payment is.
    pub source_transfer: Option<String>,
    /// The account in whose name the payment settles.
    pub on_behalf_of: Option<String>,
    /// The payment intent that made it.
    pub payment_intent: Option<String>,
    /// The invoice it pays, where the version still says so.
    pub invoice: Option<String>,
    /// How it was paid.
    pub payment_method: Option<PaymentMethod>,
    /// What the networks and the fraud checks said.
    pub outcome: Option<Outcome>,
}

/// The part of a destination charge that is sent on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferData {
    /// How much; `None` for all of it.
    pub amount: Option<i64>,
    /// The account that receives it.
    pub destination: String,
}

/// A way to pay, without whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentMethod {
    /// `card`, `sepa_debit`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// Card network.
    pub network: Option<String>,
    /// Country of the card's issuer.
    pub country: Option<String>,
    /// Result of 3-D Secure, if it was tried.
    pub three_d_secure: Option<String>,
}

/// What the networks and the fraud checks said about a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// `authorized`, `issuer_declined`, `blocked`, …
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// `approved_by_network`, `declined_by_network`, …
    pub network_status: Option<String>,
    /// A code that explains the type.
    pub reason: Option<String>,
    /// `normal`, `elevated`, `highest`, …
    pub risk_level: Option<String>,
    /// 0 to 100.
    pub risk_score: Option<i64>,
}

/// Money going back to a payer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// How much.
    pub amount: i64,
    /// Currency of the amount.
    pub currency: String,
    /// `pending`, `requires_action`, `succeeded`, `failed`, `canceled`. Not final.
    pub status: Option<String>,
    /// When it was made.
    pub created: i64,
    /// The payment.
    pub charge: Option<String>,
    /// The payment intent of the payment.
    pub payment_intent: Option<String>,
    /// What it took from the balance.
    pub balance_transaction: Option<String>,
    /// What came back to the balance when it failed.
    pub failure_balance_transaction: Option<String>,
    /// Why it failed.
    pub failure_reason: Option<String>,
    /// Why it was made.
    pub reason: Option<String>,
    /// The reversal of a transfer that was made with it.
    pub transfer_reversal: Option<String>,
    /// On the receiving side: the platform's reversal that this refund is.
    pub source_transfer_reversal: Option<String>,
}

/// A payer's objection to a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispute {
    /// Disputed amount.
    pub amount: i64,
    /// Currency of the amount.
    pub currency: String,
    /// `needs_response`, `under_review`, `won`, `lost`, `warning_…`, … Not final:
    /// there are appeals.
    pub status: String,
    /// Why, by the payer's bank.
    pub reason: String,
    /// When it was opened.
    pub created: i64,
    /// The payment.
    pub charge: String,
    /// The payment intent of the payment.
    pub payment_intent: Option<String>,
    /// What it took from the balance, and what came back. Empty for an inquiry.
    pub balance_transactions: Vec<String>,
    /// Whether a refund could still settle it.
    pub is_charge_refundable: Option<bool>,
    /// Card network.
    pub network: Option<String>,
    /// `chargeback`, `inquiry`, `compliance`, …
    pub case_type: Option<String>,
    /// The network's own code of the reason.
    pub network_reason_code: Option<String>,
    /// Where its defence stands.
    pub evidence: DisputeEvidence,
}

/// Where the defence against a dispute stands, without what it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisputeEvidence {
    /// Until when evidence is accepted.
    pub due_by: Option<i64>,
    /// Whether some is staged.
    pub has_evidence: Option<bool>,
    /// Whether that time has passed without any.
    pub past_due: Option<bool>,
    /// How often some was submitted.
    pub submission_count: Option<i64>,
}

/// An issuer's notice that a payment is fraud.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlyFraudWarning {
    /// The payment.
    pub charge: String,
    /// The payment intent of the payment.
    pub payment_intent: Option<String>,
    /// Which kind of fraud.
    pub fraud_type: String,
    /// Whether a refund could still prevent a dispute.
    pub actionable: bool,
    /// When it was received.
    pub created: i64,
}
