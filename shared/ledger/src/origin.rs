//! What kind of object moved the money.

use tributary_domain::{ObjectId, Source};

/// The kinds that decide where a movement is posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    Charge,
    Refund,
    Dispute,
    Transfer,
    TransferReversal,
    FeeRefund,
    Other,
}

/// The prefixes of Stripe's ids, for sources that were not read with the list.
const PREFIXES: [(&str, Origin); 9] = [
    ("ch_", Origin::Charge),
    ("py_", Origin::Charge),
    ("re_", Origin::Refund),
    ("pyr_", Origin::Refund),
    ("dp_", Origin::Dispute),
    ("du_", Origin::Dispute),
    ("tr_", Origin::Transfer),
    ("trr_", Origin::TransferReversal),
    ("fr_", Origin::FeeRefund),
];

impl Origin {
    pub(crate) fn of(source: &Source) -> Self {
        match source.kind.as_deref() {
            Some("charge") => Self::Charge,
            Some("refund") => Self::Refund,
            Some("dispute") => Self::Dispute,
            Some("transfer") => Self::Transfer,
            Some("transfer_reversal") => Self::TransferReversal,
            Some("fee_refund") => Self::FeeRefund,
            Some(_) => Self::Other,
            None => Self::of_prefix(source.id.as_str()),
        }
    }

    fn of_prefix(id: &str) -> Self {
        let found = PREFIXES.iter().find(|(prefix, _)| id.starts_with(prefix));
        found.map_or(Self::Other, |(_, origin)| *origin)
    }
}

/// The payment that a movement belongs to: its source, or what that points to.
pub(crate) fn charge_of(source: &Source) -> Option<&ObjectId> {
    match Origin::of(source) {
        Origin::Charge => Some(&source.id),
        _ => source.links.charge.as_ref(),
    }
}

/// The transfer that a movement belongs to.
pub(crate) fn transfer_of(source: &Source) -> Option<&ObjectId> {
    match Origin::of(source) {
        Origin::Transfer => Some(&source.id),
        _ => source.links.transfer.as_ref(),
    }
}
