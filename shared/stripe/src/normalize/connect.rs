//! Transfers, application fees, and both on their way back.

use tributary_domain::change::state::{
    ApplicationFee, ApplicationFeeRefund, FeeSource, Transfer, TransferReversal,
};

use super::fields::{Fields, Unreadable};

pub(super) fn transfer(o: Fields<'_>) -> Result<Transfer, Unreadable> {
    Ok(Transfer {
        amount: o.need_int("amount")?,
        amount_reversed: o.int("amount_reversed")?.unwrap_or(0),
        currency: o.need_text("currency")?,
        created: o.need_int("created")?,
        reversed: o.flag("reversed")?.unwrap_or(false),
        destination: o.id("destination")?,
        destination_payment: o.id("destination_payment")?,
        source_transaction: o.id("source_transaction")?,
        balance_transaction: o.id("balance_transaction")?,
        transfer_group: o.text("transfer_group")?,
        source_type: o.text("source_type")?,
    })
}

pub(super) fn transfer_reversal(o: Fields<'_>) -> Result<TransferReversal, Unreadable> {
    Ok(TransferReversal {
        amount: o.need_int("amount")?,
        currency: o.need_text("currency")?,
        created: o.need_int("created")?,
        transfer: o.need_id("transfer")?,
        balance_transaction: o.id("balance_transaction")?,
        destination_payment_refund: o.id("destination_payment_refund")?,
        source_refund: o.id("source_refund")?,
    })
}

pub(super) fn application_fee(o: Fields<'_>) -> Result<ApplicationFee, Unreadable> {
    Ok(ApplicationFee {
        amount: o.need_int("amount")?,
        amount_refunded: o.int("amount_refunded")?.unwrap_or(0),
        currency: o.need_text("currency")?,
        created: o.need_int("created")?,
        refunded: o.flag("refunded")?.unwrap_or(false),
        account: o.need_id("account")?,
        charge: o.id("charge")?,
        originating_transaction: o.id("originating_transaction")?,
        fee_source: fee_source(o.child("fee_source")?)?,
        balance_transaction: o.id("balance_transaction")?,
    })
}

fn fee_source(o: Fields<'_>) -> Result<Option<FeeSource>, Unreadable> {
    if !o.exists() {
        return Ok(None);
    }
    Ok(Some(FeeSource {
        kind: o.need_text("type")?,
        charge: o.id("charge")?,
        payout: o.id("payout")?,
    }))
}

pub(super) fn application_fee_refund(o: Fields<'_>) -> Result<ApplicationFeeRefund, Unreadable> {
    Ok(ApplicationFeeRefund {
        amount: o.need_int("amount")?,
        currency: o.need_text("currency")?,
        created: o.need_int("created")?,
        fee: o.need_id("fee")?,
        balance_transaction: o.id("balance_transaction")?,
    })
}
