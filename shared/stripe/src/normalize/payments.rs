//! Charges, refunds, disputes and early fraud warnings.

use tributary_domain::change::state::{
    Charge, Dispute, DisputeEvidence, EarlyFraudWarning, Outcome, PaymentMethod, Refund,
    TransferData,
};

use super::fields::{Fields, Unreadable};

pub(super) fn charge(o: Fields<'_>) -> Result<Charge, Unreadable> {
    Ok(Charge {
        amount: o.need_int("amount")?,
        amount_captured: o.int("amount_captured")?,
        amount_refunded: o.int("amount_refunded")?.unwrap_or(0),
        currency: o.need_text("currency")?,
        status: o.need_text("status")?,
        created: o.need_int("created")?,
        captured: o.flag("captured")?.unwrap_or(false),
        paid: o.flag("paid")?.unwrap_or(false),
        refunded: o.flag("refunded")?.unwrap_or(false),
        disputed: disputed(o)?,
        balance_transaction: o.id("balance_transaction")?,
        failure_balance_transaction: o.id("failure_balance_transaction")?,
        failure_code: o.text("failure_code")?,
        application_fee: o.id("application_fee")?,
        application_fee_amount: o.int("application_fee_amount")?,
        transfer: o.id("transfer")?,
        transfer_data: transfer_data(o.child("transfer_data")?)?,
        transfer_group: o.text("transfer_group")?,
        source_transfer: o.id("source_transfer")?,
        on_behalf_of: o.id("on_behalf_of")?,
        payment_intent: o.id("payment_intent")?,
        invoice: o.id("invoice")?,
        payment_method: payment_method(o.child("payment_method_details")?)?,
        outcome: outcome(o.child("outcome")?)?,
    })
}

/// Versions before 2020-08-27 may name the dispute instead of saying that there
/// is one.
fn disputed(o: Fields<'_>) -> Result<bool, Unreadable> {
    match o.flag("disputed")? {
        Some(disputed) => Ok(disputed),
        None => Ok(o.id("dispute")?.is_some()),
    }
}

fn transfer_data(o: Fields<'_>) -> Result<Option<TransferData>, Unreadable> {
    if !o.exists() {
        return Ok(None);
    }
    Ok(Some(TransferData {
        amount: o.int("amount")?,
        destination: o.need_id("destination")?,
    }))
}

fn payment_method(o: Fields<'_>) -> Result<Option<PaymentMethod>, Unreadable> {
    if !o.exists() {
        return Ok(None);
    }
    let card = o.child("card")?;
    Ok(Some(PaymentMethod {
        kind: o.need_text("type")?,
        network: card.text("network")?,
        country: card.text("country")?,
        three_d_secure: card.child("three_d_secure")?.text("result")?,
    }))
}

fn outcome(o: Fields<'_>) -> Result<Option<Outcome>, Unreadable> {
    if !o.exists() {
        return Ok(None);
    }
    Ok(Some(Outcome {
        kind: o.text("type")?,
        network_status: o.text("network_status")?,
        reason: o.text("reason")?,
        risk_level: o.text("risk_level")?,
        risk_score: o.int("risk_score")?,
    }))
}

pub(super) fn refund(o: Fields<'_>) -> Result<Refund, Unreadable> {
    Ok(Refund {
        amount: o.need_int("amount")?,
        currency: o.need_text("currency")?,
        status: o.text("status")?,
        created: o.need_int("created")?,
        charge: o.id("charge")?,
        payment_intent: o.id("payment_intent")?,
        balance_transaction: o.id("balance_transaction")?,
        failure_balance_transaction: o.id("failure_balance_transaction")?,
        failure_reason: o.text("failure_reason")?,
        reason: o.text("reason")?,
        transfer_reversal: o.id("transfer_reversal")?,
        source_transfer_reversal: o.id("source_transfer_reversal")?,
    })
}

pub(super) fn dispute(o: Fields<'_>) -> Result<Dispute, Unreadable> {
    let card = o.child("payment_method_details")?.child("card")?;
    let evidence = o.child("evidence_details")?;
    Ok(Dispute {
        amount: o.need_int("amount")?,
        currency: o.need_text("currency")?,
        status: o.need_text("status")?,
        reason: o.need_text("reason")?,
        created: o.need_int("created")?,
        charge: o.need_id("charge")?,
        payment_intent: o.id("payment_intent")?,
        balance_transactions: o.ids("balance_transactions")?,
        is_charge_refundable: o.flag("is_charge_refundable")?,
        network: match card.text("network")? {
            Some(network) => Some(network),
            None => card.text("brand")?,
        },
        case_type: card.text("case_type")?,
        network_reason_code: match card.text("network_reason_code")? {
            Some(code) => Some(code),
            None => o.text("network_reason_code")?,
        },
        evidence: DisputeEvidence {
            due_by: evidence.int("due_by")?,
            has_evidence: evidence.flag("has_evidence")?,
            past_due: evidence.flag("past_due")?,
            submission_count: evidence.int("submission_count")?,
        },
    })
}

pub(super) fn early_fraud_warning(o: Fields<'_>) -> Result<EarlyFraudWarning, Unreadable> {
    Ok(EarlyFraudWarning {
        charge: o.need_id("charge")?,
        payment_intent: o.id("payment_intent")?,
        fraud_type: o.need_text("fraud_type")?,
        actionable: o.need_flag("actionable")?,
        created: o.need_int("created")?,
    })
}
