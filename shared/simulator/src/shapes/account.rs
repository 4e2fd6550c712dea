//! Accounts, their banks and settings.

use serde_json::{Value, json};

use super::{customer::person, list};
use crate::{accounts::Profile, fees::Market, fields::Fields};

/// An `account` object before it is onboarded.
pub(crate) fn account(
    id: &str,
    profile: &Profile,
    position: usize,
    created: i64,
    bank_account: &Value,
) -> Value {
    let person = person(position);
    let payer = if profile.platform_pays_fees {
        "application"
    } else {
        "account"
    };
    let losses = if profile.platform_covers_losses {
        "application"
    } else {
        "stripe"
    };
    let currently_due = ["tos_acceptance.date", "tos_acceptance.ip"];
    json!({
        "id": id, "object": "account", "business_profile": {
            "mcc": "5734", "name": format!("{} & Co.", person.name), "product_description": null,
            "support_email": person.email, "support_phone": person.phone, "url": null,
        },
        "business_type": "individual",
        "capabilities": { "card_payments": "pending", "transfers": "pending" },
        "charges_enabled": false, "controller": {
            "fees": { "payer": payer }, "is_controller": true, "losses": { "payments": losses },
            "requirement_collection": "stripe", "stripe_dashboard": { "type": "express" },
            "type": "application",
        },
        "country": profile.market.country, "created": created,
        "default_currency": profile.market.currency, "details_submitted": false,
        "email": person.email,
        "external_accounts": list(
            &format!("/v1/accounts/{id}/external_accounts"),
            std::slice::from_ref(bank_account),
        ),
        "future_requirements": requirements(&[], None),
        "metadata": { "seller_tier": "standard" }, "payouts_enabled": false,
        "requirements": requirements(&currently_due, Some("requirements.past_due")),
        "settings": {
            "dashboard": { "display_name": person.name, "timezone": "Etc/UTC" },
            "payments": { "statement_descriptor": "CANARY MARKET" },
            "payouts": {
                "debit_negative_balances": true, "statement_descriptor": null,
                "schedule": { "delay_days": profile.delay_days, "interval": profile.interval },
            },
        },
        "tos_acceptance": { "date": null, "ip": null, "user_agent": null }, "type": "express",
    })
}

fn requirements(currently_due: &[&str], disabled_reason: Option<&str>) -> Value {
    json!({
        "alternatives": [], "current_deadline": null, "currently_due": currently_due,
        "disabled_reason": disabled_reason, "errors": [], "eventually_due": currently_due,
        "past_due": [], "pending_verification": [],
    })
}

/// The merge patch of a finished onboarding.
pub(crate) fn onboarded() -> Value {
    json!({
        "capabilities": { "card_payments": "active", "transfers": "active" },
        "charges_enabled": true, "details_submitted": true, "payouts_enabled": true,
        "requirements": { "currently_due": [], "disabled_reason": null, "eventually_due": [] },
    })
}

/// The `v2.core.account` view of a v1 account, with everything that a request can include.
pub(crate) fn account_v2(account: &Value, livemode: bool) -> Value {
    let active = |enabled| if enabled { "active" } else { "restricted" };
    let collector = |path| match account.pointer(path).and_then(Value::as_str) {
        Some("application") => "application",
        _ => "stripe",
    };
    let due = account.pointer("/requirements/currently_due");
    let due = due.and_then(Value::as_array).into_iter().flatten();
    let due: Vec<Value> = due.map(|what| json!({ "description": what })).collect();
    json!({
        "id": account.text("id"), "object": "v2.core.account",
        "applied_configurations": ["merchant", "recipient"],
        "configuration": { "merchant": { "capabilities": {
            "card_payments": { "status": active(account.flag("charges_enabled")) },
            "stripe_balance": { "payouts": { "status": active(account.flag("payouts_enabled")) } },
        } } },
        "contact_email": account.text_opt("email"), "dashboard": "express",
        "defaults": {
            "currency": account.text("default_currency"), "locales": null,
            "responsibilities": {
                "fees_collector": collector("/controller/fees/payer"),
                "losses_collector": collector("/controller/losses/payments"),
                "requirements_collector": "stripe",
            },
        },
        "display_name": account.get("business_profile").and_then(|it| it.text_opt("name")),
        "identity": {
            "country": account.text("country").to_lowercase(),
            "entity_type": account.text_opt("business_type"),
            "individual": { "email": account.text_opt("email") },
        },
        "livemode": livemode, "metadata": account.get("metadata"),
        "requirements": { "collector": "stripe", "entries": due, "summary": null },
    })
}

/// A `bank_account` object.
pub(crate) fn bank_account(id: &str, account: &str, market: Market, position: usize) -> Value {
    let person = person(position);
    json!({
        "id": id, "object": "bank_account", "account": account,
        "account_holder_name": person.name, "account_holder_type": "individual",
        "account_type": null, "available_payout_methods": ["standard", "instant"],
        "bank_name": "STRIPE TEST BANK", "country": market.country, "currency": market.currency,
        "default_for_currency": true, "fingerprint": format!("Canary{position:010}"),
        "last4": person.last4, "metadata": {}, "routing_number": "110000000", "status": "new",
    })
}

/// The `balance_settings` object.
pub(crate) fn balance_settings(profile: &Profile) -> Value {
    json!({
        "object": "balance_settings", "payments": {
            "debit_negative_balances": true,
            "payouts": {
                "minimum_balance_by_currency": null,
                "schedule": { "interval": profile.interval },
                "statement_descriptor": null, "status": "enabled",
            },
            "settlement_timing": {
                "delay_days": profile.delay_days, "delay_days_override": null,
            },
        },
    })
}
