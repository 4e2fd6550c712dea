//! What the platform writes down for one balance transaction.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde_json::Value;

use super::OwnEntry;
use crate::{fields::Fields, refs::Owner, world::World};

const HOUR_S: i64 = 3_600;

/// The entry for a transaction, without an id; `None` for what the platform keeps no book of, such
/// as fees that Stripe bills, reserves and top-ups.
pub(super) fn entry(
    world: &World,
    owner: &Owner,
    transaction: &Value,
    draw: &mut ChaCha8Rng,
) -> Option<OwnEntry> {
    let source = world.object(owner, transaction.text_opt("source")?)?;
    let (kind, known_by) = known_by(source)?;
    let all = draw.random_range(0..3) > 0;
    let mut references: Vec<(&'static str, String)> = known_by
        .iter()
        .filter_map(|(column, path)| Some((*column, value(source, path)?.to_owned())))
        .collect();
    if !all {
        references.truncate(1);
    }
    // The shop books when the order is placed, a little before or after the money.
    let early = draw.random_range(-HOUR_S..HOUR_S / 6);
    Some(OwnEntry {
        id: String::new(),
        account: owner.clone(),
        kind,
        occurred_at: transaction.int("created") + early,
        currency: transaction.text("currency").to_owned(),
        amount: transaction.int("amount"),
        references,
        counterparty: source.text("customer").to_owned(),
    })
}

type KnownBy = &'static [(&'static str, &'static str)];

/// The platform's word for the object, and the columns that its references stand in, with where
/// the object has them.
fn known_by(source: &Value) -> Option<(&'static str, KnownBy)> {
    Some(match source.text("object") {
        "charge" if source.text_opt("source_transfer").is_some() => (
            "seller_credit",
            &[("transfer", "source_transfer"), ("charge", "id")],
        ),
        "charge" => ("order", &[("order", "order_id")]),
        "refund" if source.text_opt("source_transfer_reversal").is_some() => {
            ("seller_debit", &[("refund", "id")])
        }
        "refund" => ("refund", &[("refund", "id")]),
        "transfer" => (
            "transfer",
            &[("transfer", "id"), ("transfer_group", "transfer_group")],
        ),
        "application_fee" => ("platform_fee", &[("reference", "id")]),
        "dispute" => ("dispute", &[("dispute", "id")]),
        "payout" => ("payout", &[("payout", "id")]),
        _ => return None,
    })
}

/// A member of the object, or of its metadata.
fn value<'v>(source: &'v Value, name: &str) -> Option<&'v str> {
    source
        .text_opt(name)
        .or_else(|| source.get("metadata")?.text_opt(name))
}

/// Two neighbouring digits in each other's place; `None` where that changes nothing.
pub(super) fn swapped(amount: i64) -> Option<i64> {
    let (rest, tens, units) = (amount / 100, amount / 10 % 10, amount % 10);
    (amount > 100 && tens != units).then(|| rest * 100 + units * 10 + tens)
}

pub(super) fn transaction_id(transaction: &Value) -> String {
    transaction.text("id").to_owned()
}

pub(super) fn one_of_mille(draw: &mut ChaCha8Rng, per_mille: u32) -> bool {
    draw.random_range(0..1_000_u32) < per_mille
}
