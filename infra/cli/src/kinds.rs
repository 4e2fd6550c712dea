//! What an object is, by the prefix of its id.

use tributary_domain::{ObjectId, ObjectKind};
use tributary_pipeline::trace::id;

/// Beside those that a trace begins with: what events tell most.
///
/// Source: the id of each object in <https://docs.stripe.com/api>.
const PREFIXES: [(&str, &str); 21] = [
    ("cn", "credit_note"),
    ("cs", "checkout.session"),
    ("cus", "customer"),
    ("file", "file"),
    ("ii", "invoiceitem"),
    ("in", "invoice"),
    ("inpay", "invoice_payment"),
    ("issfr", "radar.early_fraud_warning"),
    ("mandate", "mandate"),
    ("pi", "payment_intent"),
    ("plink", "payment_link"),
    ("pm", "payment_method"),
    ("price", "price"),
    ("prod", "product"),
    ("qt", "quote"),
    ("seti", "setup_intent"),
    ("si", "subscription_item"),
    ("sub", "subscription"),
    ("src", "source"),
    ("txn", "balance_transaction"),
    ("txr", "tax_rate"),
];

/// The kind of an object; `None` for an id whose prefix does not tell.
pub fn kind_of(id: &ObjectId) -> Option<ObjectKind> {
    if let Some(kind) = id::kind_of(id) {
        return Some(kind);
    }
    // Of several words the first tells: cs_test_a1.
    let (prefix, rest) = id.as_str().split_once('_')?;
    let (_, kind) = PREFIXES.iter().find(|(known, _)| *known == prefix)?;
    let is_named = !rest.is_empty();
    ObjectKind::parse(kind).ok().filter(|_| is_named)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use tributary_domain::{FetchRequest, Mode, ObjectKey, Owner};
    use tributary_stripe::resource;

    use super::*;

    #[test]
    fn an_id_tells_what_it_is() {
        for (id, kind) in [
            ("po_1", Some("payout")),
            ("cus_1", Some("customer")),
            ("cs_live_a1", Some("checkout.session")),
            ("cus_", None),
            ("order-4711", None),
            ("zzz_1", None),
        ] {
            let told = kind_of(&ObjectId::parse(id).unwrap());
            assert_eq!(told.as_ref().map(ObjectKind::as_str), kind, "{id}");
        }
    }

    /// A prefix of what Stripe shows nowhere would be a trap.
    #[test]
    fn what_is_told_can_be_fetched() {
        for (prefix, kind) in PREFIXES {
            let object = ObjectKey {
                mode: Mode::Live,
                owner: Owner::Platform,
                kind: ObjectKind::parse(kind).unwrap(),
                id: ObjectId::parse(&format!("{prefix}_1")).unwrap(),
            };
            let request = FetchRequest {
                object,
                url: None,
                cause: String::new(),
                fetches: 0,
            };
            assert!(resource::request_path(&request).is_some(), "{kind}");
        }
    }
}
