//! Connected accounts: what they may do, and who answers for them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A connected account, without who is behind it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// `standard`, `express`, `custom`, `none`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Where it does business.
    pub country: Option<String>,
    /// What it settles in unless it says otherwise.
    pub default_currency: Option<String>,
    /// When it was made, where the platform may know.
    pub created: Option<i64>,
    /// Whether it may take payments.
    pub charges_enabled: bool,
    /// Whether it may be paid out.
    pub payouts_enabled: bool,
    /// Whether onboarding is done.
    pub details_submitted: Option<bool>,
    /// Merchant category code.
    pub mcc: Option<String>,
    /// `active`, `inactive`, `pending`, by capability.
    pub capabilities: BTreeMap<String, String>,
    /// What is asked of it.
    pub requirements: Requirements,
    /// Who controls it.
    pub controller: Controller,
    /// How it is paid out.
    pub payouts: PayoutSettings,
    /// Ids of the bank accounts and cards it can be paid out to, as far as listed.
    pub external_accounts: Vec<String>,
}

/// What is asked of an account: names of fields, never their values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requirements {
    /// Needed by the deadline.
    pub currently_due: Vec<String>,
    /// Overdue.
    pub past_due: Vec<String>,
    /// Being checked.
    pub pending_verification: Vec<String>,
    /// When what is due becomes overdue.
    pub current_deadline: Option<i64>,
    /// Why it may not do everything.
    pub disabled_reason: Option<String>,
}

/// Who controls an account and answers for it. All `None` where the version that
/// rendered it does not say: then nothing may be assumed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Controller {
    /// `application` or `account`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Whether this platform is the controller.
    pub is_controller: Option<bool>,
    /// Who pays Stripe's fees: `account`, `application`, …
    pub fees_payer: Option<String>,
    /// Who answers for losses: `application`, `stripe`.
    pub losses_payments: Option<String>,
    /// Who collects what is required: `application`, `stripe`.
    pub requirement_collection: Option<String>,
    /// `full`, `express`, `none`.
    pub stripe_dashboard: Option<String>,
}

/// How an account is paid out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutSettings {
    /// Whether a negative balance is taken from its bank account.
    pub debit_negative_balances: Option<bool>,
    /// When.
    pub schedule: Option<PayoutSchedule>,
}

/// When an account is paid out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutSchedule {
    /// `daily`, `weekly`, `monthly`, `manual`.
    pub interval: Option<String>,
    /// How many days payments wait.
    pub delay_days: Option<i64>,
    /// The day, if weekly.
    pub weekly_anchor: Option<String>,
    /// The day of the month, if monthly.
    pub monthly_anchor: Option<i64>,
}
