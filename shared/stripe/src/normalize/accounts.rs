//! Connected accounts.

use serde_json::Value;
use tributary_domain::change::state::{
    Account, Controller, PayoutSchedule, PayoutSettings, Requirements,
};

use super::fields::{Fields, Unreadable};

pub(super) fn account(o: Fields<'_>) -> Result<Account, Unreadable> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    Ok(Account {
        kind: o.text("type")?,
        country: o.text("country")?,
        default_currency: o.text("default_currency")?,
        created: o.int("created")?,
        charges_enabled: o.need_flag("charges_enabled")?,
        payouts_enabled: o.need_flag("payouts_enabled")?,
        details_submitted: o.flag("details_submitted")?,
        mcc: o.child("business_profile")?.text("mcc")?,
        capabilities: o.dictionary("capabilities", text)?,
        requirements: requirements(o.child("requirements")?)?,
        controller: controller(o.child("controller")?)?,
        payouts: payouts(o.child("settings")?.child("payouts")?)?,
        external_accounts: o.ids("external_accounts")?,
    })
}

fn requirements(o: Fields<'_>) -> Result<Requirements, Unreadable> {
    Ok(Requirements {
        currently_due: o.ids("currently_due")?,
        past_due: o.ids("past_due")?,
        pending_verification: o.ids("pending_verification")?,
        current_deadline: o.int("current_deadline")?,
        disabled_reason: o.text("disabled_reason")?,
    })
}

fn controller(o: Fields<'_>) -> Result<Controller, Unreadable> {
    Ok(Controller {
        kind: o.text("type")?,
        is_controller: o.flag("is_controller")?,
        fees_payer: o.child("fees")?.text("payer")?,
        losses_payments: o.child("losses")?.text("payments")?,
        requirement_collection: o.text("requirement_collection")?,
        stripe_dashboard: o.child("stripe_dashboard")?.text("type")?,
    })
}

fn payouts(o: Fields<'_>) -> Result<PayoutSettings, Unreadable> {
    let schedule = o.child("schedule")?;
    Ok(PayoutSettings {
        debit_negative_balances: o.flag("debit_negative_balances")?,
        schedule: match schedule.exists() {
            false => None,
            true => Some(PayoutSchedule {
                interval: schedule.text("interval")?,
                delay_days: schedule.int("delay_days")?,
                weekly_anchor: schedule.text("weekly_anchor")?,
                monthly_anchor: schedule.int("monthly_anchor")?,
            }),
        },
    })
}
