//! Balances, payouts, top-ups and reserves.

use serde_json::Value;
use tributary_domain::change::state::{
    Balance, Funds, InstantFunds, NetFunds, Payout, PayoutTrace, ReserveHold, ReservePlan,
    ReserveRelease, Topup,
};

use super::fields::{Fields, Unreadable};

pub(super) fn payout(o: Fields<'_>) -> Result<Payout, Unreadable> {
    Ok(Payout {
        amount: o.need_int("amount")?,
        currency: o.need_text("currency")?,
        status: o.need_text("status")?,
        created: o.need_int("created")?,
        arrival_date: o.need_int("arrival_date")?,
        automatic: o.need_flag("automatic")?,
        method: o.text("method")?,
        kind: o.text("type")?,
        source_type: o.text("source_type")?,
        destination: o.id("destination")?,
        balance_transaction: o.id("balance_transaction")?,
        failure_balance_transaction: o.id("failure_balance_transaction")?,
        failure_code: o.text("failure_code")?,
        reconciliation_status: o.text("reconciliation_status")?,
        original_payout: o.id("original_payout")?,
        reversed_by: o.id("reversed_by")?,
        application_fee: o.id("application_fee")?,
        application_fee_amount: o.int("application_fee_amount")?,
        trace: payout_trace(o.child("trace_id")?)?,
    })
}

fn payout_trace(o: Fields<'_>) -> Result<Option<PayoutTrace>, Unreadable> {
    if !o.exists() {
        return Ok(None);
    }
    Ok(Some(PayoutTrace {
        status: o.text("status")?,
        value: o.text("value")?,
    }))
}

pub(super) fn topup(o: Fields<'_>) -> Result<Topup, Unreadable> {
    Ok(Topup {
        amount: o.need_int("amount")?,
        currency: o.need_text("currency")?,
        status: o.need_text("status")?,
        created: o.need_int("created")?,
        expected_availability_date: o.int("expected_availability_date")?,
        balance_transaction: o.id("balance_transaction")?,
        failure_code: o.text("failure_code")?,
        transfer_group: o.text("transfer_group")?,
    })
}

pub(super) fn balance(o: Fields<'_>) -> Result<Balance, Unreadable> {
    if !o.has("available") {
        return Err(Unreadable { field: "available" });
    }
    let prefunding = o.child("refund_and_dispute_prefunding")?;
    Ok(Balance {
        available: o.list("available", funds)?,
        pending: o.list("pending", funds)?,
        connect_reserved: o.list("connect_reserved", funds)?,
        instant_available: o.list("instant_available", instant_funds)?,
        issuing_available: o.child("issuing")?.list("available", funds)?,
        prefunding_available: prefunding.list("available", funds)?,
        prefunding_pending: prefunding.list("pending", funds)?,
    })
}

fn funds(o: Fields<'_>) -> Result<Funds, Unreadable> {
    Ok(Funds {
        amount: o.need_int("amount")?,
        currency: o.need_text("currency")?,
        source_types: o.dictionary("source_types", Value::as_i64)?,
    })
}

fn instant_funds(o: Fields<'_>) -> Result<InstantFunds, Unreadable> {
    Ok(InstantFunds {
        amount: o.need_int("amount")?,
        currency: o.need_text("currency")?,
        net_available: o.list("net_available", net_funds)?,
    })
}

fn net_funds(o: Fields<'_>) -> Result<NetFunds, Unreadable> {
    Ok(NetFunds {
        amount: o.need_int("amount")?,
        destination: o.need_id("destination")?,
    })
}

pub(super) fn reserve_hold(o: Fields<'_>) -> Result<ReserveHold, Unreadable> {
    let schedule = o.child("release_schedule")?;
    Ok(ReserveHold {
        amount: o.need_int("amount")?,
        amount_releasable: o.int("amount_releasable")?,
        currency: o.need_text("currency")?,
        created: o.need_int("created")?,
        created_by: o.need_text("created_by")?,
        reason: o.text("reason")?,
        release_after: schedule.int("release_after")?,
        scheduled_release: schedule.int("scheduled_release")?,
        reserve_plan: o.id("reserve_plan")?,
        source_charge: o.id("source_charge")?,
        source_type: o.text("source_type")?,
    })
}

pub(super) fn reserve_plan(o: Fields<'_>) -> Result<ReservePlan, Unreadable> {
    let fixed = o.child("fixed_release")?;
    Ok(ReservePlan {
        percent: o.int("percent")?,
        currency: o.text("currency")?,
        created: o.need_int("created")?,
        created_by: o.need_text("created_by")?,
        status: o.need_text("status")?,
        kind: o.need_text("type")?,
        days_after_charge: o.child("rolling_release")?.int("days_after_charge")?,
        release_after: fixed.int("release_after")?,
        scheduled_release: fixed.int("scheduled_release")?,
        disabled_at: o.int("disabled_at")?,
    })
}

pub(super) fn reserve_release(o: Fields<'_>) -> Result<ReserveRelease, Unreadable> {
    let source = o.child("source_transaction")?;
    Ok(ReserveRelease {
        amount: o.need_int("amount")?,
        currency: o.need_text("currency")?,
        created: o.need_int("created")?,
        released_at: o.int("released_at")?,
        created_by: o.need_text("created_by")?,
        reason: o.need_text("reason")?,
        reserve_hold: o.id("reserve_hold")?,
        reserve_plan: o.id("reserve_plan")?,
        source_dispute: source.id("dispute")?,
        source_refund: source.id("refund")?,
    })
}
