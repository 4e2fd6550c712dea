//! What an id says of itself.

use tributary_domain::{EventId, ObjectId, ObjectKind};

/// The kinds of objects by the prefixes of their ids.
///
/// Source: the id of each object in <https://docs.stripe.com/api>.
const PREFIXES: [(&str, &str); 13] = [
    ("ch", "charge"),
    ("py", "charge"),
    ("re", "refund"),
    ("pyr", "refund"),
    ("dp", "dispute"),
    ("du", "dispute"),
    ("po", "payout"),
    ("tr", "transfer"),
    ("trr", "transfer_reversal"),
    ("fee", "application_fee"),
    ("fr", "fee_refund"),
    ("tu", "topup"),
    ("acct", "account"),
];

/// What somebody asks about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// An event.
    Event(EventId),
    /// A movement of a balance.
    Transaction(ObjectId),
    /// An object of a kind that the mirror or the ledger knows.
    Object(ObjectKind, ObjectId),
    /// Anything else: perhaps a reference of the platform's own, such as an order's
    /// number.
    Reference(String),
}

impl Asked {
    /// Reads an id as a person typed it.
    pub fn read(text: &str) -> Self {
        let text = text.trim();
        if let Ok(event) = EventId::parse(text) {
            return Self::Event(event);
        }
        let Ok(id) = ObjectId::parse(text) else {
            return Self::Reference(text.to_owned());
        };
        if text.starts_with("txn_") {
            return Self::Transaction(id);
        }
        match kind_of(&id) {
            Some(kind) => Self::Object(kind, id),
            None => Self::Reference(text.to_owned()),
        }
    }
}

/// The kind of an object by its id; `None` for one whose prefix says nothing.
pub fn kind_of(id: &ObjectId) -> Option<ObjectKind> {
    let (prefix, rest) = id.as_str().split_once('_')?;
    if rest.is_empty() {
        return None;
    }
    let (_, kind) = PREFIXES.iter().find(|(known, _)| *known == prefix)?;
    ObjectKind::parse(kind).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn ids_say_what_they_are() {
        let object = |kind: &str, id: &str| {
            Asked::Object(
                ObjectKind::parse(kind).unwrap(),
                ObjectId::parse(id).unwrap(),
            )
        };
        for (text, asked) in [
            ("po_1Qx", object("payout", "po_1Qx")),
            (" py_1 ", object("charge", "py_1")),
            ("pyr_1", object("refund", "pyr_1")),
            ("trr_1", object("transfer_reversal", "trr_1")),
            ("evt_1", Asked::Event(EventId::parse("evt_1").unwrap())),
            (
                "txn_1",
                Asked::Transaction(ObjectId::parse("txn_1").unwrap()),
            ),
        ] {
            assert_eq!(Asked::read(text), asked, "{text}");
        }
        for text in ["", "po_", "order 4711", "poo_1", "ORD-1_2", "\u{7}"] {
            let asked = Asked::read(text);
            assert!(matches!(asked, Asked::Reference(_)), "{text}: {asked:?}");
        }
    }
}
