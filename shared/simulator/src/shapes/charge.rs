//! Charges and payments.

use serde_json::{Value, json};

use super::{customer::person, list};
use crate::fields::Fields;

/// What a `charge` object is made from.
pub(crate) struct Charge<'a> {
    pub(crate) id: &'a str,
    /// Presentment amount, minor units.
    pub(crate) amount: i64,
    pub(crate) currency: &'a str,
    pub(crate) customer: Option<&'a str>,
    /// Position of the payer among the made-up people.
    pub(crate) person: usize,
    pub(crate) created: i64,
    pub(crate) livemode: bool,
}

/// A captured `charge` whose money has not moved yet.
pub(crate) fn charge(charge: &Charge<'_>) -> Value {
    let person = person(charge.person);
    let mut json = json!({
        "id": charge.id, "object": "charge", "amount": charge.amount,
        "amount_captured": charge.amount, "amount_refunded": 0, "application": null,
        "application_fee": null, "application_fee_amount": null, "balance_transaction": null,
        "billing_details": {
            "address": {
                "city": person.city, "country": null, "line1": "1 Canary Row", "line2": null,
                "postal_code": "10117", "state": null,
            },
            "email": person.email, "name": person.name, "phone": person.phone, "tax_id": null,
        },
        "calculated_statement_descriptor": "CANARY MARKET", "captured": true,
        "created": charge.created, "currency": charge.currency, "customer": charge.customer,
        "description": "Order", "disputed": false, "failure_balance_transaction": null,
        "failure_code": null, "failure_message": null, "fraud_details": {},
        "livemode": charge.livemode, "metadata": { "order": "open" }, "on_behalf_of": null,
        "paid": true, "payment_intent": null, "payment_method": null,
    });
    json.set("outcome", outcome());
    json.set("payment_method_details", card(person.last4));
    let rest = json!({
        "receipt_email": person.email, "receipt_number": null, "receipt_url": null,
        "refunded": false, "review": null, "shipping": null, "source_transfer": null,
        "statement_descriptor": null, "statement_descriptor_suffix": null,
        "status": "succeeded", "transfer": null, "transfer_data": null, "transfer_group": null,
    });
    if let (Some(object), Value::Object(rest)) = (json.as_object_mut(), rest) {
        object.extend(rest);
    }
    json
}

fn outcome() -> Value {
    json!({
        "advice_code": null, "network_advice_code": null, "network_decline_code": null,
        "network_status": "approved_by_network", "reason": null, "risk_level": "normal",
        "risk_score": 21, "seller_message": "Payment complete.", "type": "authorized",
    })
}

fn card(last4: &str) -> Value {
    json!({
        "card": {
            "amount_authorized": null, "brand": "visa",
            "checks": {
                "address_line1_check": null, "address_postal_code_check": "pass",
                "cvc_check": "pass",
            },
            "country": "US", "exp_month": 8, "exp_year": 2030, "fingerprint": "AOB934RVNwzk6xtn",
            "funding": "credit", "installments": null, "last4": last4, "mandate": null,
            "network": "visa", "three_d_secure": null, "wallet": null,
        },
        "type": "card",
    })
}

/// Adds what API version 2020-08-27 shows of a charge and later versions do not.
pub(crate) fn legacy_charge(charge: &mut Value) {
    let url = format!("/v1/charges/{}/refunds", charge.text("id"));
    charge.set("refunds", list(&url, &[]));
    charge.set("invoice", Value::Null);
    charge.set("order", Value::Null);
    charge.set("source", Value::Null);
}
