//! What Stripe sends here, and whether the key may ask.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use tributary_aws::ControlTable;
use tributary_aws::secrets::api_key;
use tributary_domain::Owner;
use tributary_pacing::{Gate, Share};
use tributary_stripe::STRIPE_VERSION;
use tributary_stripe::Secret;
use tributary_stripe::client::{FetchError, StripeClient};

use super::{Finding, or_good};
use crate::context::Context;
use crate::door::Door;
use crate::failure::Failure;

/// Longest that Stripe is waited for.
const PATIENCE: Duration = Duration::from_secs(15);
/// Stripe keeps at most 16 endpoints of each scope.
const ENDPOINTS: &str = "/v1/webhook_endpoints?limit=100";

/// Types without which money moves unseen, by who sends them. Balances and books are
/// listed as well, so what is missing here comes late, not never.
const OF_PLATFORM: [&str; 14] = [
    "application_fee.created",
    "application_fee.refunded",
    "charge.captured",
    "charge.dispute.closed",
    "charge.dispute.created",
    "charge.refunded",
    "charge.succeeded",
    "payout.created",
    "payout.failed",
    "payout.paid",
    "topup.succeeded",
    "transfer.created",
    "transfer.reversed",
    "transfer.updated",
];
const OF_ACCOUNTS: [&str; 12] = [
    "account.application.deauthorized",
    "account.updated",
    "charge.captured",
    "charge.dispute.closed",
    "charge.dispute.created",
    "charge.dispute.funds_reinstated",
    "charge.dispute.funds_withdrawn",
    "charge.refunded",
    "charge.succeeded",
    "payout.created",
    "payout.failed",
    "payout.paid",
];

/// An endpoint, as Stripe lists it
/// (https://docs.stripe.com/api/webhook_endpoints/object).
#[derive(Debug, Deserialize)]
struct Endpoint {
    url: String,
    status: String,
    api_version: Option<String>,
    enabled_events: Vec<String>,
    /// Set on those that receive the events of connected accounts.
    application: Option<String>,
}

#[derive(Debug, Deserialize)]
struct List {
    data: Vec<Endpoint>,
}

/// Looks at the webhook endpoints that Stripe has for this stack.
///
/// # Errors
/// When there is no stack.
pub async fn stripe(context: &Context) -> Result<Vec<Finding>, Failure> {
    let Ok(key) = api_key(
        context.aws().await?,
        context.output("StripeApiKeySecretId").await?,
    )
    .await
    else {
        let what = "not asked: there is no API key";
        return Ok(vec![Finding::unknown(
            "stripe",
            "",
            what,
            "see secrets, above",
        )]);
    };
    let client = client(context, &key).await?;
    let answer = match client.get(ENDPOINTS, &Owner::Platform).await {
        Ok(answer) => answer,
        Err(error) => return Ok(vec![not_listed(&error)]),
    };
    let listed: Result<List, _> = serde_json::from_str(&answer.body);
    let Ok(List { data }) = listed else {
        let what = "the list of webhook endpoints cannot be read";
        return Ok(vec![Finding::unknown(
            "stripe",
            "",
            what,
            "see Stripe's changelog",
        )]);
    };
    let door = Door::of(context).await?;
    let mut findings = of_endpoint(&data, &door.url("platform"), &OF_PLATFORM, false);
    findings.extend(of_endpoint(&data, &door.url("connect"), &OF_ACCOUNTS, true));
    Ok(or_good(
        findings,
        "stripe",
        "both endpoints are enabled, of this version, and sent what is needed",
    ))
}

/// Within the same budget as the functions: one call.
async fn client(context: &Context, key: &str) -> Result<StripeClient, Failure> {
    let parameters = &context.stack().await?.parameters;
    let base = parameters
        .get("StripeApiBase")
        .map_or("https://api.stripe.com", String::as_str);
    let limit = parameters.get("StripeRequestsPerSecond");
    let limit = limit.and_then(|text| text.parse().ok()).unwrap_or(25);
    let table = context.output("ControlTableName").await?.to_owned();
    let control = ControlTable::new(context.aws().await?, table);
    let gate = Gate::new(Share::at_random(limit, 10), Arc::new(control));
    let secret = Secret::new(key).map_err(|error| Failure::failed(error.to_string()))?;
    let client = StripeClient::new(base, &secret, PATIENCE, Arc::new(gate));
    client.map_err(|error| Failure::failed(error.to_string()))
}

fn not_listed(error: &FetchError) -> Finding {
    let remedy = match error {
        FetchError::Refused { status: 403, .. } => {
            "let the restricted key read webhook endpoints, or look in the Dashboard"
        }
        FetchError::Refused { status: 401, .. } => "store a key that is valid: README, step 4",
        _ => "see status.stripe.com, and StripeApiBase",
    };
    Finding::bad(
        "stripe",
        "",
        format!("the endpoints are not listed: {error}"),
        remedy,
    )
}

fn of_endpoint(all: &[Endpoint], url: &str, needed: &[&str], of_accounts: bool) -> Vec<Finding> {
    let Some(endpoint) = all.iter().find(|endpoint| endpoint.url == url) else {
        return vec![Finding::bad(
            "stripe",
            url,
            "Stripe has no endpoint of this URL",
            "create it: README, step 2",
        )];
    };
    let mut findings = Vec::from_iter(of_scope(endpoint, of_accounts));
    let mut bad = |what: String, remedy| findings.push(Finding::bad("stripe", url, what, remedy));
    if endpoint.status != "enabled" {
        bad(
            format!("it is {}", endpoint.status),
            "enable it in the Dashboard, and resend what failed",
        );
    }
    match endpoint.api_version.as_deref() {
        Some(STRIPE_VERSION) => {}
        other => bad(
            format!(
                "its version is {}, not {STRIPE_VERSION}",
                other.unwrap_or("the account's")
            ),
            "create one with api_version, then delete this one: README, step 2",
        ),
    }
    let enabled: BTreeSet<&str> = endpoint.enabled_events.iter().map(String::as_str).collect();
    let missing: Vec<&str> = needed
        .iter()
        .filter(|kind| !enabled.contains(*kind))
        .copied()
        .collect();
    if !enabled.contains("*") && !missing.is_empty() {
        bad(
            format!("it is not sent {}", missing.join(", ")),
            "add them to the endpoint's events, or choose all",
        );
    }
    findings
}

/// Stripe does not say outright whose events an endpoint receives. One of connected
/// accounts names the Connect application (github.com/stripe/stripe-dotnet/issues/1876).
fn of_scope(endpoint: &Endpoint, of_accounts: bool) -> Option<Finding> {
    let url = endpoint.url.as_str();
    match (of_accounts, &endpoint.application) {
        (false, Some(_)) => Some(Finding::bad(
            "stripe",
            url,
            "it receives the events of connected accounts, not the platform's own",
            "create one for your account, then delete this one: README, step 2",
        )),
        (true, None) => Some(Finding::unknown(
            "stripe",
            url,
            "Stripe names no Connect application for it: it may receive the platform's own events only",
            "the Dashboard has to say `Connected accounts`; if not, create it with connect=true",
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]

    use super::*;

    fn endpoint(events: &[&str]) -> Endpoint {
        Endpoint {
            url: "https://x/connect".to_owned(),
            status: "enabled".to_owned(),
            api_version: Some(STRIPE_VERSION.to_owned()),
            enabled_events: events.iter().map(|event| (*event).to_owned()).collect(),
            application: Some("ca_1".to_owned()),
        }
    }

    fn found(endpoint: Endpoint) -> Vec<String> {
        let found = of_endpoint(&[endpoint], "https://x/connect", &OF_ACCOUNTS, true);
        found.into_iter().map(|finding| finding.what).collect()
    }

    #[test]
    fn everything_by_a_star_or_by_name_is_right() {
        assert!(found(endpoint(&["*"])).is_empty());
        assert!(found(endpoint(&OF_ACCOUNTS)).is_empty());
    }

    #[test]
    fn what_is_missing_is_named() {
        let what = found(endpoint(&OF_ACCOUNTS[1..]));
        assert_eq!(what, ["it is not sent account.application.deauthorized"]);
    }

    #[test]
    fn scope_version_status_and_url_are_looked_at() {
        let wrong = Endpoint {
            status: "disabled".to_owned(),
            api_version: None,
            application: None,
            ..endpoint(&["*"])
        };
        assert_eq!(found(wrong).len(), 3);
        assert_eq!(
            of_endpoint(&[], "https://x/platform", &OF_PLATFORM, false).len(),
            1
        );
    }
}
