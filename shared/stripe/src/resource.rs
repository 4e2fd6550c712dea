//! Where Stripe's API keeps what an event was about.

use std::fmt::Write;

use tributary_domain::{FetchRequest, ObjectKey};

/// Longest path accepted from an event, in bytes.
const PATH_BYTES_MAX: usize = 1024;

/// Kinds of which every account has exactly one, without an id. A `cash_balance`
/// has no id either but belongs to a customer, of whom there are many.
const SINGLETONS: [(&str, &str); 3] = [
    ("balance", "/v1/balance"),
    ("balance_settings", "/v1/balance_settings"),
    ("tax.settings", "/v1/tax/settings"),
];

/// Kinds that belong to the connected account that owns the object.
const PARTS_OF_ACCOUNTS: [(&str, &str); 3] = [
    ("bank_account", "external_accounts"),
    ("capability", "capabilities"),
    ("person", "persons"),
];

/// Kinds with a collection of their own. Left out are those that are read through
/// a parent whose id the key does not hold: sources and tax ids of customers,
/// reversals, fee refunds.
const COLLECTIONS: [(&str, &str); 60] = [
    ("account", "/v1/accounts"),
    ("application_fee", "/v1/application_fees"),
    ("balance_transaction", "/v1/balance_transactions"),
    ("billing.alert", "/v1/billing/alerts"),
    (
        "billing.credit_balance_transaction",
        "/v1/billing/credit_balance_transactions",
    ),
    ("billing.credit_grant", "/v1/billing/credit_grants"),
    ("billing.meter", "/v1/billing/meters"),
    (
        "billing_portal.configuration",
        "/v1/billing_portal/configurations",
    ),
    ("charge", "/v1/charges"),
    ("checkout.session", "/v1/checkout/sessions"),
    ("coupon", "/v1/coupons"),
    ("credit_note", "/v1/credit_notes"),
    ("customer", "/v1/customers"),
    ("dispute", "/v1/disputes"),
    ("entitlements.feature", "/v1/entitlements/features"),
    ("file", "/v1/files"),
    ("file_link", "/v1/file_links"),
    (
        "financial_connections.account",
        "/v1/financial_connections/accounts",
    ),
    (
        "identity.verification_session",
        "/v1/identity/verification_sessions",
    ),
    ("invoice", "/v1/invoices"),
    ("invoice_payment", "/v1/invoice_payments"),
    ("invoiceitem", "/v1/invoiceitems"),
    ("issuing.authorization", "/v1/issuing/authorizations"),
    ("issuing.card", "/v1/issuing/cards"),
    ("issuing.cardholder", "/v1/issuing/cardholders"),
    ("issuing.dispute", "/v1/issuing/disputes"),
    ("issuing.token", "/v1/issuing/tokens"),
    ("issuing.transaction", "/v1/issuing/transactions"),
    ("mandate", "/v1/mandates"),
    ("payment_intent", "/v1/payment_intents"),
    ("payment_link", "/v1/payment_links"),
    ("payment_method", "/v1/payment_methods"),
    ("payout", "/v1/payouts"),
    ("plan", "/v1/plans"),
    ("price", "/v1/prices"),
    ("product", "/v1/products"),
    ("promotion_code", "/v1/promotion_codes"),
    ("quote", "/v1/quotes"),
    (
        "radar.early_fraud_warning",
        "/v1/radar/early_fraud_warnings",
    ),
    ("refund", "/v1/refunds"),
    ("reporting.report_run", "/v1/reporting/report_runs"),
    ("reporting.report_type", "/v1/reporting/report_types"),
    ("reserve.hold", "/v1/reserve/holds"),
    ("reserve.plan", "/v1/reserve/plans"),
    ("reserve.release", "/v1/reserve/releases"),
    ("review", "/v1/reviews"),
    ("setup_intent", "/v1/setup_intents"),
    ("source", "/v1/sources"),
    ("subscription", "/v1/subscriptions"),
    ("subscription_item", "/v1/subscription_items"),
    ("subscription_schedule", "/v1/subscription_schedules"),
    ("tax_rate", "/v1/tax_rates"),
    ("terminal.reader", "/v1/terminal/readers"),
    ("test_helpers.test_clock", "/v1/test_helpers/test_clocks"),
    ("topup", "/v1/topups"),
    ("transfer", "/v1/transfers"),
    (
        "treasury.financial_account",
        "/v1/treasury/financial_accounts",
    ),
    ("treasury.transaction", "/v1/treasury/transactions"),
    (ACCOUNT_V2, "/v2/core/accounts"),
    ("v2.core.event_destination", "/v2/core/event_destinations"),
];

/// Accounts of v2, whose parts the API leaves `null` unless they are asked for.
const ACCOUNT_V2: &str = "v2.core.account";

/// Asks for all parts of such an account that connected accounts of a platform
/// have.
const ACCOUNT_V2_PARTS: &str = concat!(
    "?include[0]=configuration.customer",
    "&include[1]=configuration.merchant",
    "&include[2]=configuration.recipient",
    "&include[3]=defaults",
    "&include[4]=future_requirements",
    "&include[5]=identity",
    "&include[6]=requirements",
);

/// What to GET for a request: the path that a thin event named if that is a plain
/// one, otherwise that of the object, and the query without which the answer would
/// not be whole. `None` when there is no known way to fetch the object.
pub fn request_path(request: &FetchRequest) -> Option<String> {
    let mut path = match &request.url {
        Some(url) if is_safe_path(url) => url.clone(),
        _ => path(&request.object)?,
    };
    if request.object.kind.as_str() == ACCOUNT_V2 {
        path.push_str(ACCOUNT_V2_PARTS);
    }
    Some(path)
}

/// The API path of one object, its id percent-encoded; `None` for kinds that have
/// no path of their own or that are not known here.
pub fn path(object: &ObjectKey) -> Option<String> {
    let kind = object.kind.as_str();
    if let Some((_, path)) = SINGLETONS.iter().find(|(member, _)| *member == kind) {
        return Some((*path).to_owned());
    }
    let id = object.id.as_str();
    // Encoding leaves dots alone, and `.` and `..` are steps, not names.
    if matches!(id, "." | "..") {
        return None;
    }
    let id = percent_encoded(id);
    if let Some(account) = object.owner.account()
        && let Some((_, parts)) = PARTS_OF_ACCOUNTS.iter().find(|(member, _)| *member == kind)
    {
        return Some(format!("/v1/accounts/{account}/{parts}/{id}"));
    }
    let (_, collection) = COLLECTIONS.iter().find(|(member, _)| *member == kind)?;
    Some(format!("{collection}/{id}"))
}

/// Every path below which objects are read by kind.
#[cfg(feature = "client")]
pub(crate) fn roots() -> impl Iterator<Item = &'static str> {
    SINGLETONS.iter().chain(&COLLECTIONS).map(|(_, path)| *path)
}

/// Whether an account has exactly one object of this kind, known by its kind.
pub(crate) fn is_singleton(kind: &str) -> bool {
    SINGLETONS.iter().any(|(member, _)| *member == kind)
}

/// Whether a path that an event named may be requested with our key: a plain path
/// of Stripe's API, without host, query, fragment, escapes or steps upwards.
pub fn is_safe_path(path: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'_' | b'-' | b'.');
    let step = |segment: &str| matches!(segment, "" | "." | "..");
    let Some(rest) = path
        .strip_prefix("/v1/")
        .or_else(|| path.strip_prefix("/v2/"))
    else {
        return false;
    };
    path.len() <= PATH_BYTES_MAX && path.bytes().all(plain) && !rest.split('/').any(step)
}

/// Encodes all but the unreserved characters of RFC 3986.
fn percent_encoded(text: &str) -> String {
    text.bytes()
        .fold(String::with_capacity(text.len()), |mut out, byte| {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
                out.push(char::from(byte));
            } else {
                // Writing to a String cannot fail.
                let _ = write!(out, "%{byte:02X}");
            }
            out
        })
}
