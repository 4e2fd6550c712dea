//! The few fields that sums of money depend on.

use tributary_domain::{ObjectKey, Tree, Unusable};

/// Kinds whose amount is never negative.
const NEVER_NEGATIVE: [&str; 6] = [
    "charge",
    "refund",
    "transfer",
    "dispute",
    "application_fee",
    "topup",
];

/// Kinds whose amount may be negative: debits, reversals, corrections.
const ANY_SIGN: [&str; 4] = [
    "balance_transaction",
    "payout",
    "transfer_reversal",
    "fee_refund",
];

/// Further sums, of those kinds that have them. Absent in older API versions, and
/// `null` where there is nothing to sum.
const FURTHER: [&str; 4] = [
    "amount_captured",
    "amount_refunded",
    "amount_reversed",
    "application_fee_amount",
];

/// Further sums of a balance transaction. Elsewhere `fee` is the id of one.
const FURTHER_OF_BALANCE: [&str; 2] = ["fee", "net"];

/// Refuses an object of a known kind with a sum that is not a whole number of minor
/// units in `i64`, or whose `currency` is not a currency code. Other kinds, and
/// other fields, are nobody's business here.
pub(super) fn check(object: &ObjectKey, body: &Tree<'_>) -> Result<(), Unusable> {
    let kind = object.kind.as_str();
    let never_negative = NEVER_NEGATIVE.contains(&kind);
    if !never_negative && !ANY_SIGN.contains(&kind) {
        return Ok(());
    }
    if minor_units(field(body, "amount")?, "amount")? < 0 && never_negative {
        return Err(Unusable::new(
            "bad_amount",
            format!("amount of a {kind} is negative"),
        ));
    }
    let of_balance = match kind {
        "balance_transaction" => FURTHER_OF_BALANCE.as_slice(),
        _ => &[],
    };
    for name in FURTHER.iter().chain(of_balance) {
        if let Some(sum) = body.get(name).filter(|sum| **sum != Tree::Null) {
            minor_units(sum, name)?;
        }
    }
    check_currency(field(body, "currency")?)
}

fn minor_units(sum: &Tree<'_>, name: &str) -> Result<i64, Unusable> {
    // `as_i64` reads what is written as an integer: 1.0 and 1e3 are refused.
    sum.as_i64()
        .ok_or_else(|| Unusable::new("bad_amount", format!("{name} is not an integer of 64 bits")))
}

fn field<'t, 'a>(body: &'t Tree<'a>, name: &str) -> Result<&'t Tree<'a>, Unusable> {
    body.get(name)
        .ok_or_else(|| Unusable::new("missing_field", format!("{name} is missing")))
}

/// Lower-case letters, three for ISO 4217 and up to eight for stablecoins.
fn check_currency(currency: &Tree<'_>) -> Result<(), Unusable> {
    let is_code =
        |text: &str| (3..=8).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase());
    if currency.as_str().is_some_and(is_code) {
        Ok(())
    } else {
        Err(Unusable::new(
            "bad_currency",
            "currency is not 3 to 8 lower-case letters",
        ))
    }
}
