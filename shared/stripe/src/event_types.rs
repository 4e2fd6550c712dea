//! The types of events that Stripe is known to send.

/// The `type` under which a fetched object is recorded: ours, not Stripe's.
pub(crate) const FETCHED: &str = "tributary.fetched";

/// What comes before the last dot of a type: the object, and of accounts of v2 the
/// part of it. From Stripe's libraries, 2020 to 2026. Sorted.
const SUBJECTS: [&str; 154] = [
    "account",
    "account.application",
    "account.external_account",
    "account_notice",
    "account_signals[delinquency]",
    "application_fee",
    "application_fee.refund",
    "balance",
    "balance_settings",
    "billing.alert",
    "billing.credit_balance_transaction",
    "billing.credit_grant",
    "billing.meter",
    "billing.meter_error_report",
    "billing_portal.configuration",
    "billing_portal.session",
    "capability",
    "capital.financing_offer",
    "capital.financing_transaction",
    "cash_balance",
    "charge",
    "charge.dispute",
    "charge.refund",
    "checkout.session",
    "climate.order",
    "climate.product",
    "coupon",
    "credit_note",
    "crypto.onramp_session",
    "customer",
    "customer.bank_account",
    "customer.card",
    "customer.discount",
    "customer.source",
    "customer.subscription",
    "customer.tax_id",
    "customer_cash_balance_transaction",
    "entitlements.active_entitlement_summary",
    "file",
    "financial_connections.account",
    "financial_connections.session",
    "identity.verification_session",
    "invoice",
    "invoice.payment",
    "invoice_payment",
    "invoiceitem",
    "issuing_authorization",
    "issuing_card",
    "issuing_cardholder",
    "issuing_dispute",
    "issuing_dispute_settlement_detail",
    "issuing_fraud_liability_debit",
    "issuing_personalization_design",
    "issuing_settlement",
    "issuing_token",
    "issuing_transaction",
    "mandate",
    "order",
    "order_return",
    "payment_intent",
    "payment_link",
    "payment_method",
    "payout",
    "person",
    "plan",
    "price",
    "privacy.redaction_job",
    "product",
    "promotion_code",
    "quote",
    "radar.early_fraud_warning",
    "recipient",
    "refund",
    "reporting.report_run",
    "reporting.report_type",
    "reserve.hold",
    "reserve.plan",
    "reserve.release",
    "review",
    "setup_intent",
    "sigma.scheduled_query_run",
    "sku",
    "source",
    "source.transaction",
    "subscription_schedule",
    "tax.form",
    "tax.settings",
    "tax_rate",
    "terminal.reader",
    "test_helpers.test_clock",
    "topup",
    "transfer",
    "treasury.credit_reversal",
    "treasury.debit_reversal",
    "treasury.financial_account",
    "treasury.inbound_transfer",
    "treasury.outbound_payment",
    "treasury.outbound_transfer",
    "treasury.received_credit",
    "treasury.received_debit",
    "v2.billing.cadence",
    "v2.billing.license_fee",
    "v2.billing.license_fee_version",
    "v2.billing.licensed_item",
    "v2.billing.metered_item",
    "v2.billing.pricing_plan",
    "v2.billing.pricing_plan_component",
    "v2.billing.pricing_plan_subscription",
    "v2.billing.pricing_plan_version",
    "v2.billing.rate_card",
    "v2.billing.rate_card_custom_pricing_unit_overage_rate",
    "v2.billing.rate_card_rate",
    "v2.billing.rate_card_subscription",
    "v2.billing.rate_card_version",
    "v2.commerce.product_catalog.imports",
    "v2.core.account",
    "v2.core.account[configuration.card_creator]",
    "v2.core.account[configuration.customer]",
    "v2.core.account[configuration.merchant]",
    "v2.core.account[configuration.money_manager]",
    "v2.core.account[configuration.recipient]",
    "v2.core.account[defaults]",
    "v2.core.account[future_requirements]",
    "v2.core.account[identity]",
    "v2.core.account[requirements]",
    "v2.core.account_link",
    "v2.core.account_person",
    "v2.core.account_signals",
    "v2.core.approval_request",
    "v2.core.batch_job",
    "v2.core.claimable_sandbox",
    "v2.core.event_destination",
    "v2.core.health.api_error",
    "v2.core.health.api_latency",
    "v2.core.health.authorization_rate_drop",
    "v2.core.health.event_generation_failure",
    "v2.core.health.fraud_rate",
    "v2.core.health.issuing_authorization_request_errors",
    "v2.core.health.issuing_authorization_request_timeout",
    "v2.core.health.payment_method_error",
    "v2.core.health.traffic_volume_drop",
    "v2.core.health.webhook_latency",
    "v2.money_management.adjustment",
    "v2.money_management.financial_account",
    "v2.money_management.financial_address",
    "v2.money_management.inbound_transfer",
    "v2.money_management.outbound_payment",
    "v2.money_management.outbound_transfer",
    "v2.money_management.payout_method",
    "v2.money_management.received_credit",
    "v2.money_management.received_debit",
    "v2.money_management.recipient_verification",
    "v2.money_management.transaction",
    "v2.payments.off_session_payment",
];

/// Whether events of this type, an open set, are about something that this version
/// has heard of. Nothing but a count depends on it: a type that is not known says
/// that it is time to read Stripe's changelog.
pub fn is_known_type(kind: &str) -> bool {
    kind == FETCHED
        || snapshot_type(kind)
            .rsplit_once('.')
            .is_some_and(|(subject, _)| SUBJECTS.binary_search(&subject).is_ok())
}

/// The kind of object that events of a type show, where the type says it: a dispute's
/// are `charge.dispute.…`.
#[cfg(feature = "client")]
pub(crate) fn kind_shown_by(kind: &str) -> Option<tributary_domain::ObjectKind> {
    let (subject, _) = snapshot_type(kind).rsplit_once('.')?;
    let kind = match subject {
        "charge.dispute" => "dispute",
        "charge.refund" => "refund",
        "application_fee.refund" => "fee_refund",
        "customer.subscription" => "subscription",
        "invoice.payment" => "invoice_payment",
        subject => subject,
    };
    tributary_domain::ObjectKind::parse(kind).ok()
}

/// Whether an event says that Stripe failed to make others for a while: what they
/// would have told is missing here until something else shows the objects.
pub fn tells_of_missing_events(kind: &str) -> bool {
    kind.starts_with("v2.core.health.event_generation_failure.")
}

/// The type by which snapshot events call what happened: thin events about objects
/// of v1 put `v1.` before it.
pub(crate) fn snapshot_type(kind: &str) -> &str {
    kind.strip_prefix("v1.").unwrap_or(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_are_sorted() {
        assert!(SUBJECTS.is_sorted_by(|one, next| one < next));
    }

    #[test]
    fn known_types() {
        for kind in [
            "charge.succeeded",
            "charge.dispute.funds_withdrawn",
            "charge.a_verb_that_is_new",
            "account.application.deauthorized",
            "account.external_account.updated",
            "customer.subscription.trial_will_end",
            "invoice.payment_succeeded",
            "issuing_authorization.request",
            "reserve.hold.created",
            "v1.charge.succeeded",
            "v1.account_signals[delinquency].created",
            "v2.core.account.updated",
            "v2.core.account[requirements].updated",
            "v2.core.account[configuration.merchant].capability_status_updated",
            FETCHED,
        ] {
            assert!(is_known_type(kind), "{kind}");
        }
    }

    #[test]
    fn unknown_types() {
        for kind in [
            "",
            ".",
            "charge",
            "unheard.of",
            "charge.unheard.of",
            "v1.unheard.of",
            "v1.v1.charge.succeeded",
            "v2.core.account[unheard_of].updated",
            "v2.charge.succeeded",
            "Charge.succeeded",
        ] {
            assert!(!is_known_type(kind), "{kind}");
        }
    }
}
