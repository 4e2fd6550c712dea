//! The other side: which account a movement is posted against, by its type.

use tributary_domain::{BalanceTransaction, Source};

use super::Doubt;
use crate::{
    Account, Book, Head,
    origin::{Origin, charge_of, transfer_of},
};

type Contra = (Account, Option<Doubt>);

/// The account that a movement is posted against.
pub(super) fn contra(book: &Book, transaction: &BalanceTransaction) -> Contra {
    let known = of_payments(book, transaction)
        .or_else(|| of_transfers(book, transaction))
        .or_else(|| of_one_object(book, transaction))
        .or_else(|| plain(book, &transaction.kind).map(|head| (Account::plain(head), None)));
    known.unwrap_or_else(|| {
        let kind = transaction.kind.clone();
        let account = Account::named(Head::SuspenseType, &kind);
        (account, Some(Doubt::UnknownType { kind }))
    })
}

/// Payments, refunds, and adjustments: what a charge is behind.
fn of_payments(book: &Book, transaction: &BalanceTransaction) -> Option<Contra> {
    match transaction.kind.as_str() {
        "charge"
        | "payment"
        | "refund"
        | "payment_refund"
        | "refund_failure"
        | "payment_failure_refund"
        | "payment_reversal" => Some(of_charge(book, transaction)),
        "adjustment" => Some(adjustment(book, transaction)),
        _ => None,
    }
}

/// The account that keeps a payment's money.
fn of_charge(book: &Book, transaction: &BalanceTransaction) -> Contra {
    let source = transaction.source.as_ref();
    let Some((source, charge)) = source.and_then(|it| Some((it, charge_of(it)?))) else {
        return unlinked(transaction);
    };
    if book.is_platform() {
        return (Account::of(Head::CustomerFunds, charge), None);
    }
    let received =
        source.links.source_transfer.is_some() || source.links.source_transfer_reversal.is_some();
    // Every transfer arrives as a `py_…`, and so do payments without a card: unread,
    // one cannot be told from the other.
    if source.kind.is_none() && !received && charge.as_str().starts_with("py_") {
        return unlinked(transaction);
    }
    let head = if received {
        Head::TransfersIn
    } else {
        Head::Sales
    };
    (Account::of(head, charge), None)
}

/// Only the category tells adjustments apart.
fn adjustment(book: &Book, transaction: &BalanceTransaction) -> Contra {
    let origin = transaction.source.as_ref().map(Origin::of);
    match transaction.reporting_category.as_str() {
        "dispute" | "dispute_reversal" => of_source(Head::DisputeClearing, transaction),
        _ if origin == Some(Origin::Dispute) => of_source(Head::DisputeClearing, transaction),
        "refund_failure" | "refund" | "charge_failure" => of_charge(book, transaction),
        "fee" => (Account::plain(Head::StripeFees), None),
        "platform_earning_refund" if book.is_platform() => {
            (Account::plain(Head::ApplicationFeeRefunds), None)
        }
        // A share that the platform gave back without refunding the payment.
        _ if origin == Some(Origin::FeeRefund) && !book.is_platform() => {
            (Account::plain(Head::PlatformFees), None)
        }
        category => (
            Account::plain(Head::SuspenseAdjustment),
            Some(Doubt::UnknownAdjustment {
                category: category.to_owned(),
            }),
        ),
    }
}

/// Transfers leave the platform's book only.
fn of_transfers(book: &Book, transaction: &BalanceTransaction) -> Option<Contra> {
    match transaction.kind.as_str() {
        "transfer" | "transfer_refund" | "transfer_cancel" | "transfer_failure"
            if book.is_platform() =>
        {
            let transfer = transaction.source.as_ref().and_then(transfer_of);
            Some(match transfer {
                Some(transfer) => (Account::of(Head::TransfersOut, transfer), None),
                None => unlinked(transaction),
            })
        }
        _ => None,
    }
}

/// Accounts kept by the object that moved the money.
fn of_one_object(book: &Book, transaction: &BalanceTransaction) -> Option<Contra> {
    let head = match transaction.kind.as_str() {
        "payout" | "payout_failure" | "payout_cancel" => Head::PayoutInTransit,
        "topup" | "topup_reversal" => Head::TopupInTransit,
        "reserve_hold" | "reserve_release" => Head::ReserveTransit,
        "connect_collection_transfer" if book.is_platform() => Head::ConnectedAccountLosses,
        _ => return None,
    };
    Some(of_source(head, transaction))
}

/// Accounts that are kept as a whole.
fn plain(book: &Book, kind: &str) -> Option<Head> {
    Some(match kind {
        "application_fee" if book.is_platform() => Head::ApplicationFees,
        "application_fee_refund" if book.is_platform() => Head::ApplicationFeeRefunds,
        "application_fee_refund" => Head::PlatformFees,
        "stripe_fee" | "fee_credit_funding" => Head::StripeFees,
        "stripe_fx_fee" => Head::FxFees,
        "tax_fee" => Head::TaxOnFees,
        "tax_fund" => Head::TaxWithheld,
        "reserve_transaction" if book.is_platform() => Head::ConnectReserved,
        "connect_collection_transfer" => Head::LossCover,
        "reserved_funds" => Head::RiskReserved,
        "payment_network_reserve_hold" | "payment_network_reserve_release" => Head::NetworkReserve,
        "payout_minimum_balance_hold" | "payout_minimum_balance_release" => {
            Head::MinimumBalanceHold
        }
        "advance" | "advance_funding" => Head::InstantAdvance,
        "payment_unreconciled" => Head::UnreconciledFunds,
        "stripe_balance_payment_debit" | "stripe_balance_payment_debit_reversal" => {
            Head::StripeBalancePayments
        }
        "inbound_transfer" | "inbound_transfer_reversal" => Head::InboundTransit,
        "obligation_outbound" | "obligation_reversal_inbound" | "anticipation_repayment" => {
            Head::BrazilReceivables
        }
        "contribution" => Head::Climate,
        _ if kind.starts_with("climate_order_") => Head::Climate,
        _ if kind.starts_with("issuing_") => Head::IssuingTransit,
        _ => return None,
    })
}

fn of_source(head: Head, transaction: &BalanceTransaction) -> Contra {
    match &transaction.source {
        Some(source) => (Account::of(head, &source.id), None),
        None => unlinked(transaction),
    }
}

fn unlinked(transaction: &BalanceTransaction) -> Contra {
    let source = transaction.source.as_ref();
    let id = source.map_or(&transaction.id, |Source { id, .. }| id);
    let kind = transaction.kind.clone();
    (
        Account::of(Head::SuspenseUnlinked, id),
        Some(Doubt::Unlinked { kind }),
    )
}
