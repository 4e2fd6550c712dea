use super::*;

#[test]
fn an_express_account_of_2024() {
    let body = json!({
        "id": "acct_1", "object": "account", "type": "express", "country": "US",
        "default_currency": "usd", "created": 2, "charges_enabled": true,
        "payouts_enabled": false, "details_submitted": true, "email": "jenny@example.com",
        "business_profile": {"mcc": "5734", "name": "Jenny's", "support_phone": "+1"},
        "individual": {"first_name": "Jenny", "dob": {"year": 1990}},
        "capabilities": {"card_payments": "active", "transfers": "pending"},
        "requirements": {"currently_due": ["individual.dob.day"], "past_due": [],
            "pending_verification": [], "eventually_due": ["external_account"],
            "current_deadline": 9, "disabled_reason": "requirements.past_due", "errors": []},
        "controller": {"type": "application", "is_controller": true,
            "fees": {"payer": "application_express"}, "losses": {"payments": "application"},
            "requirement_collection": "stripe", "stripe_dashboard": {"type": "express"}},
        "settings": {"payouts": {"debit_negative_balances": true, "statement_descriptor": "JENNY",
            "schedule": {"interval": "weekly", "delay_days": 2, "weekly_anchor": "monday"}}},
        "external_accounts": {"object": "list", "has_more": false, "data": [
            {"id": "ba_1", "object": "bank_account", "last4": "6789",
                "account_holder_name": "Jenny", "fingerprint": "f"}]},
    });
    assert_eq!(
        normalized("account", body),
        json!({
            "type": "express", "country": "US", "default_currency": "usd", "created": 2,
            "charges_enabled": true, "payouts_enabled": false, "details_submitted": true,
            "mcc": "5734", "capabilities": {"card_payments": "active", "transfers": "pending"},
            "requirements": {"currently_due": ["individual.dob.day"], "past_due": [],
                "pending_verification": [], "current_deadline": 9,
                "disabled_reason": "requirements.past_due"},
            "controller": {"type": "application", "is_controller": true,
                "fees_payer": "application_express", "losses_payments": "application",
                "requirement_collection": "stripe", "stripe_dashboard": "express"},
            "payouts": {"debit_negative_balances": true, "schedule": {"interval": "weekly",
                "delay_days": 2, "weekly_anchor": "monday", "monthly_anchor": null}},
            "external_accounts": ["ba_1"],
        })
    );
}

#[test]
fn a_standard_account_of_2020_assumes_nothing() {
    let body = json!({
        "id": "acct_1", "object": "account", "type": "standard", "charges_enabled": false,
        "payouts_enabled": false,
    });
    let state = normalized("account", body);
    assert_eq!(state["controller"]["losses_payments"], Value::Null);
    assert_eq!(state["payouts"]["schedule"], Value::Null);
    assert_eq!(state["requirements"]["past_due"], json!([]));
    assert_eq!(state["capabilities"], json!({}));
}

#[test]
fn what_an_account_may_do_is_essential() {
    let body = json!({"id": "acct_1", "object": "account", "charges_enabled": true});
    assert_eq!(unreadable("account", body), "payouts_enabled");
}
