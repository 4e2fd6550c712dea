//! Bills and their corrections, as revenue is recognized from them.

use serde::{Deserialize, Serialize};

/// A bill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invoice {
    /// `draft`, `open`, `paid`, `uncollectible`, `void`.
    pub status: Option<String>,
    /// Currency of every amount here.
    pub currency: String,
    /// When it was made.
    pub created: i64,
    /// Before discounts and exclusive tax.
    pub subtotal: i64,
    /// After both.
    pub total: i64,
    /// Sum of all discounts.
    pub discount: i64,
    /// Tax on top of the prices.
    pub tax_exclusive: i64,
    /// Tax within the prices.
    pub tax_inclusive: i64,
    /// What is to be paid after the customer's balance.
    pub amount_due: i64,
    /// What was paid.
    pub amount_paid: i64,
    /// What is still to be paid.
    pub amount_remaining: i64,
    /// The customer's balance before it; negative is credit.
    pub starting_balance: Option<i64>,
    /// The customer's balance after it, once it is final.
    pub ending_balance: Option<i64>,
    /// Credit notes before payment.
    pub pre_payment_credit_notes: i64,
    /// Credit notes after payment.
    pub post_payment_credit_notes: i64,
    /// Whether it was paid outside Stripe, where the version says so.
    pub paid_out_of_band: Option<bool>,
    /// Why it was made.
    pub billing_reason: Option<String>,
    /// `charge_automatically`, `send_invoice`.
    pub collection_method: Option<String>,
    /// The subscription it bills.
    pub subscription: Option<String>,
    /// The account in whose name it is.
    pub on_behalf_of: Option<String>,
    /// The account that receives the payment.
    pub transfer_destination: Option<String>,
    /// The platform's share, where the version says so.
    pub application_fee_amount: Option<i64>,
    /// When it is to be paid.
    pub due_date: Option<i64>,
    /// The time it looks back on, for usage.
    pub period: Option<Period>,
    /// When it became what it is.
    pub status_transitions: StatusTransitions,
    /// How it was paid, as far as listed.
    pub payments: Vec<InvoicePayment>,
    /// What it bills, as far as listed.
    pub lines: Vec<InvoiceLine>,
    /// Whether all lines are listed; if not, the rest has to be read from Stripe.
    pub lines_complete: bool,
}

/// A time, its end excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// Unix seconds.
    pub start: i64,
    /// Unix seconds; equal to the start for something without duration.
    pub end: i64,
}

/// When an invoice became what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusTransitions {
    /// `open`.
    pub finalized_at: Option<i64>,
    /// `paid`.
    pub paid_at: Option<i64>,
    /// `uncollectible`.
    pub marked_uncollectible_at: Option<i64>,
    /// `void`.
    pub voided_at: Option<i64>,
}

/// One payment of an invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoicePayment {
    /// How much it paid, where the version says so.
    pub amount: Option<i64>,
    /// `open`, `paid`, `canceled`, where the version says so.
    pub status: Option<String>,
    /// The payment.
    pub charge: Option<String>,
    /// The payment intent.
    pub payment_intent: Option<String>,
}

/// What one line of an invoice bills.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceLine {
    /// Its id.
    pub id: String,
    /// Before discounts and exclusive tax; negative for a credit.
    pub amount: i64,
    /// Currency of every amount here.
    pub currency: String,
    /// Sum of its discounts.
    pub discount: i64,
    /// Tax on top of the amount.
    pub tax_exclusive: i64,
    /// Tax within the amount.
    pub tax_inclusive: i64,
    /// The time it is for.
    pub period: Period,
    /// Whether it corrects a time already billed.
    pub proration: bool,
    /// The subscription it bills.
    pub subscription: Option<String>,
    /// The item of that subscription.
    pub subscription_item: Option<String>,
    /// The invoice item it bills.
    pub invoice_item: Option<String>,
    /// The price.
    pub price: Option<String>,
    /// What was sold.
    pub product: Option<String>,
}

/// A correction of a bill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditNote {
    /// `issued`, `void`.
    pub status: String,
    /// When in the life of the invoice it was made; `mixed` is both.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// Currency of every amount here.
    pub currency: String,
    /// When it was made.
    pub created: i64,
    /// When it takes effect, if not when it was made.
    pub effective_at: Option<i64>,
    /// When it was taken back.
    pub voided_at: Option<i64>,
    /// The invoice.
    pub invoice: String,
    /// Before discounts and exclusive tax.
    pub subtotal: i64,
    /// After both.
    pub total: i64,
    /// Sum of all discounts.
    pub discount: i64,
    /// Tax on top of the prices.
    pub tax_exclusive: i64,
    /// Tax within the prices.
    pub tax_inclusive: i64,
    /// What it took off the amount to be paid, where the version says so.
    pub pre_payment_amount: Option<i64>,
    /// What it gave back of the amount paid, where the version says so.
    pub post_payment_amount: Option<i64>,
    /// What was given back outside Stripe.
    pub out_of_band_amount: Option<i64>,
    /// What was added to the customer's balance.
    pub customer_balance_transaction: Option<String>,
    /// What was given back to the payer.
    pub refunds: Vec<CreditNoteRefund>,
    /// What it corrects, as far as listed; empty if not by line.
    pub lines: Vec<CreditNoteLine>,
    /// Whether all lines are listed.
    pub lines_complete: bool,
}

/// A refund that a credit note made or stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditNoteRefund {
    /// The refund.
    pub refund: Option<String>,
    /// How much of it belongs to the credit note, where the version says so.
    pub amount: Option<i64>,
}

/// What one line of a credit note corrects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditNoteLine {
    /// Its id.
    pub id: String,
    /// `invoice_line_item`, `custom_line_item`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Before discounts and exclusive tax.
    pub amount: i64,
    /// Sum of its discounts.
    pub discount: i64,
    /// Tax on top of the amount.
    pub tax_exclusive: i64,
    /// Tax within the amount.
    pub tax_inclusive: i64,
    /// The line of the invoice.
    pub invoice_line_item: Option<String>,
}
