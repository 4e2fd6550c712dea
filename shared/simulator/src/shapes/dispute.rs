//! Disputes.

use serde_json::{Value, json};

use crate::fields::Fields;

const ANSWER_WITHIN_S: i64 = 14 * 86_400;

/// A `dispute` object of a charge, before any money is withdrawn.
pub(crate) fn dispute(
    id: &str,
    charge: &Value,
    amount: i64,
    reason: &str,
    inquiry: bool,
    created: i64,
) -> Value {
    let person = charge.get("billing_details");
    json!({
        "id": id, "object": "dispute", "amount": amount, "balance_transactions": [],
        "charge": charge.text("id"), "created": created, "currency": charge.text("currency"),
        "enhanced_eligibility_types": [], "evidence": {
            "billing_address": null, "customer_communication": null,
            "customer_email_address": person.and_then(|it| it.text_opt("email")),
            "customer_name": person.and_then(|it| it.text_opt("name")),
            "product_description": null, "receipt": null, "uncategorized_text": null,
        },
        "evidence_details": {
            "due_by": created + ANSWER_WITHIN_S, "has_evidence": false, "past_due": false,
            "submission_count": 0,
        },
        "is_charge_refundable": inquiry, "livemode": charge.flag("livemode"), "metadata": {},
        "payment_intent": charge.text_opt("payment_intent"), "payment_method_details": {
            "card": {
                "brand": "visa", "case_type": if inquiry { "inquiry" } else { "chargeback" },
                "network_reason_code": "10.4",
            },
            "type": "card",
        },
        "reason": reason,
        "status": if inquiry { "warning_needs_response" } else { "needs_response" },
    })
}
