//! Layer A: one journal entry for each balance transaction.
//!
//! ```text
//! stripe_balance:<balance type>   + net
//! the account of each fee         + fee
//! the account of the type         − amount
//! ```

mod contra;

use tributary_domain::BalanceTransaction;

use crate::{Account, Balances, Book, Entry, Head, Overflow};

/// A posted transaction, and what somebody should know about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// What is written to the book.
    pub entry: Entry,
    /// Why an alarm or a finding is due. The entry is balanced nevertheless, and
    /// the balance at Stripe is right.
    pub doubts: Vec<Doubt>,
}

/// What an entry could not be sure of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doubt {
    /// No rule for this type on this book: posted to `suspense:type`.
    UnknownType {
        /// Stripe's type.
        kind: String,
    },
    /// An adjustment whose category says nothing: posted to `suspense:adjustment`.
    UnknownAdjustment {
        /// Stripe's reporting category.
        category: String,
    },
    /// The object behind the source is not known: posted to `suspense:unlinked`.
    Unlinked {
        /// Stripe's type.
        kind: String,
    },
    /// A balance that no rule knows: posted to it, and outside the balance that
    /// Stripe reports as available and pending.
    UnknownBalanceType {
        /// Stripe's balance type.
        balance_type: String,
    },
    /// A fee without an account: posted to `fee:type`.
    UnknownFeeType {
        /// Stripe's type of fee detail.
        kind: String,
    },
    /// The fee is not the sum of its details: the difference is on `fee:unclassified`.
    FeeDetailsDiffer {
        /// The part that the details do not explain, minor units.
        difference: i64,
    },
}

/// Why a transaction cannot be posted. It becomes a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unpostable {
    /// Stripe's own arithmetic does not hold.
    #[error("net {net} is not amount {amount} less fee {fee}")]
    NetDiffers {
        /// Before fees, minor units.
        amount: i64,
        /// Kept back, minor units.
        fee: i64,
        /// What the balance is said to have moved by, minor units.
        net: i64,
    },
    /// A sum does not fit.
    #[error(transparent)]
    Overflow(#[from] Overflow),
}

/// What Stripe calls the balances that it is known to keep.
const BALANCE_TYPES: [&str; 4] = [
    "payments",
    "issuing",
    "refund_and_dispute_prefunding",
    "risk_reserved",
];

/// Whether a rule knows what Stripe keeps on a balance of this type.
pub fn is_known_balance(balance_type: &str) -> bool {
    BALANCE_TYPES.contains(&balance_type)
}

/// The entry of a transaction on a book.
///
/// # Errors
/// When its amounts contradict each other or do not fit.
pub fn post(book: &Book, transaction: &BalanceTransaction) -> Result<Posted, Unpostable> {
    let BalanceTransaction {
        amount, fee, net, ..
    } = *transaction;
    if amount.checked_sub(fee) != Some(net) {
        return Err(Unpostable::NetDiffers { amount, fee, net });
    }
    let mut doubts = Vec::new();
    let mut lines = Balances::default();
    let balance_type = &transaction.balance_type;
    if !is_known_balance(balance_type) {
        doubts.push(Doubt::UnknownBalanceType {
            balance_type: balance_type.clone(),
        });
    }
    lines.add(Account::named(Head::StripeBalance, balance_type), net)?;
    post_fees(transaction, &mut lines, &mut doubts)?;
    let (contra, doubt) = contra::contra(book, transaction);
    doubts.extend(doubt);
    lines.add(contra, amount.checked_neg().ok_or(Overflow)?)?;
    Ok(Posted {
        entry: entry(book, transaction, lines),
        doubts,
    })
}

fn entry(book: &Book, transaction: &BalanceTransaction, lines: Balances) -> Entry {
    Entry {
        book: book.clone(),
        transaction: transaction.id.clone(),
        created: transaction.created,
        available_on: transaction.available_on,
        currency: transaction.currency.clone(),
        amount: transaction.amount,
        fee: transaction.fee,
        net: transaction.net,
        kind: transaction.kind.clone(),
        reporting_category: transaction.reporting_category.clone(),
        balance_type: transaction.balance_type.clone(),
        fee_details: transaction.fee_details.clone(),
        exchange_rate: transaction.exchange_rate.clone(),
        source: transaction.source.clone(),
        lines: lines.into_lines(),
    }
}

/// Posts the details that can be, and what is then left of the fee.
fn post_fees(
    transaction: &BalanceTransaction,
    lines: &mut Balances,
    doubts: &mut Vec<Doubt>,
) -> Result<(), Overflow> {
    let mut difference = transaction.fee;
    for detail in &transaction.fee_details {
        // An amount of another currency cannot be added: it stays in the difference.
        if detail.currency != transaction.currency {
            continue;
        }
        let account = match fee_account(&detail.kind) {
            Some(head) => Account::plain(head),
            None => {
                let kind = detail.kind.clone();
                let account = Account::named(Head::FeeType, &kind);
                doubts.push(Doubt::UnknownFeeType { kind });
                account
            }
        };
        lines.add(account, detail.amount)?;
        difference = difference.checked_sub(detail.amount).ok_or(Overflow)?;
    }
    if difference != 0 {
        doubts.push(Doubt::FeeDetailsDiffer { difference });
        lines.add(Account::plain(Head::FeeUnclassified), difference)?;
    }
    Ok(())
}

fn fee_account(kind: &str) -> Option<Head> {
    Some(match kind {
        "application_fee" => Head::PlatformFees,
        "stripe_fee" => Head::StripeFees,
        "payment_method_passthrough_fee" => Head::PaymentMethodFees,
        "tax" => Head::TaxOnFees,
        "withheld_tax" => Head::WithheldTax,
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
