//! Balance transactions as the API lists them, from any version of 2020 to 2026.
//!
//! What moves money is needed and read exactly; what only describes it may be
//! missing. Of an expanded source the links are kept, and no personal data.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;
use tributary_domain::change::Unreadable;
use tributary_domain::{BalanceTransaction, FeeDetail, Links, ObjectId, Source};

use crate::json;
use crate::normalize::fields::Fields;

/// Reads one balance transaction from its text. A source that no reader may be
/// trusted with, for its users choose the keys of its metadata, costs its links
/// and not the money: the id is kept.
///
/// # Errors
/// Those of [`read_transaction`]; `balance_transaction` when the text is no JSON.
pub fn read_transaction_text(
    text: &str,
    reference_key: &str,
) -> Result<BalanceTransaction, Unreadable> {
    let value = match json::tree(text) {
        Ok(value) => value,
        Err(_) => without_source(text).ok_or(Unreadable {
            field: "balance_transaction",
        })?,
    };
    read_transaction(&value, reference_key)
}

/// The fields of an object, its `source` folded into the source's id.
fn without_source(text: &str) -> Option<Value> {
    let fields: BTreeMap<String, &RawValue> = serde_json::from_str(text).ok()?;
    let read = |(name, raw): (String, &RawValue)| {
        let value = match name.as_str() {
            "source" => json::Fields::read(raw.get()).ok()?.string("id")?.into(),
            _ => json::tree(raw.get()).ok()?,
        };
        Some((name, value))
    };
    fields.into_iter().map(read).collect()
}

/// Reads one balance transaction. Of the source's metadata, the value under
/// `reference_key` is kept: what the platform calls the object in its own books,
/// such as `order_id`.
///
/// # Errors
/// When a field that the ledger needs is missing, or any that is read here is of
/// another type: an amount that is no whole number, an id that is none. The error
/// names the field, never its value.
pub fn read_transaction(
    value: &Value,
    reference_key: &str,
) -> Result<BalanceTransaction, Unreadable> {
    let o = Fields::of(value);
    let kind = o.need_text("type")?;
    Ok(BalanceTransaction {
        id: object_id("id", o.need_text("id")?)?,
        // Versions that do not know the field book as the kind says.
        reporting_category: o
            .text("reporting_category")?
            .unwrap_or_else(|| kind.clone()),
        balance_type: o
            .text("balance_type")?
            .unwrap_or_else(|| balance_type_of(&kind).to_owned()),
        kind,
        currency: o.need_text("currency")?,
        amount: o.need_int("amount")?,
        fee: o.need_int("fee")?,
        net: o.need_int("net")?,
        fee_details: o.list("fee_details", fee_detail)?,
        exchange_rate: o.decimal("exchange_rate")?,
        created: o.need_int("created")?,
        available_on: o.need_int("available_on")?,
        status: o.need_text("status")?,
        source: source(value.get("source"), reference_key)?,
    })
}

/// The balance that a movement changed, where the API version does not say.
fn balance_type_of(kind: &str) -> &'static str {
    if kind.starts_with("issuing_") {
        "issuing"
    } else {
        "payments"
    }
}

fn fee_detail(o: Fields<'_>) -> Result<FeeDetail, Unreadable> {
    Ok(FeeDetail {
        kind: o.need_text("type")?,
        amount: o.need_int("amount")?,
        currency: o.need_text("currency")?,
        application: o.id("application")?,
    })
}

/// The source, which stands there as its id or, expanded, as the object.
fn source(value: Option<&Value>, reference_key: &str) -> Result<Option<Source>, Unreadable> {
    let unreadable = Unreadable { field: "source" };
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(id)) => Ok(Some(Source {
            id: object_id("source", id.clone())?,
            kind: None,
            links: Links::default(),
        })),
        Some(object @ Value::Object(_)) => {
            let o = Fields::of(object);
            let kind = o.text("object")?;
            Ok(Some(Source {
                id: object_id("source", o.text("id")?.ok_or(unreadable)?)?,
                links: links(o, kind.as_deref(), reference_key)?,
                kind,
            }))
        }
        Some(_) => Err(unreadable),
    }
}

/// What an object says of where it belongs. Names mean different things from kind
/// to kind: a payout's `destination` is a bank account.
fn links(o: Fields<'_>, kind: Option<&str>, reference_key: &str) -> Result<Links, Unreadable> {
    let common = Links {
        reference: o.child("metadata")?.entry(reference_key).map(str::to_owned),
        ..Links::default()
    };
    Ok(match kind {
        Some("charge") => charge_links(o, common)?,
        Some("refund") => Links {
            charge: link(o, "charge")?,
            payment_intent: link(o, "payment_intent")?,
            source_transfer_reversal: link(o, "source_transfer_reversal")?,
            presentment_amount: o.int("amount")?,
            presentment_currency: o.text("currency")?,
            ..common
        },
        Some("dispute") => Links {
            charge: link(o, "charge")?,
            payment_intent: link(o, "payment_intent")?,
            presentment_amount: o.int("amount")?,
            presentment_currency: o.text("currency")?,
            ..common
        },
        Some("transfer") => Links {
            source_transaction: link(o, "source_transaction")?,
            destination_payment: link(o, "destination_payment")?,
            destination: o.id("destination")?,
            transfer_group: o.text("transfer_group")?,
            ..common
        },
        Some("transfer_reversal") => Links {
            transfer: link(o, "transfer")?,
            ..common
        },
        Some("application_fee") => Links {
            charge: link(o, "charge")?,
            account: o.id("account")?,
            ..common
        },
        Some("fee_refund") => Links {
            application_fee: link(o, "fee")?,
            ..common
        },
        Some("topup") => Links {
            transfer_group: o.text("transfer_group")?,
            ..common
        },
        _ => common,
    })
}

fn charge_links(o: Fields<'_>, common: Links) -> Result<Links, Unreadable> {
    let method = o.child("payment_method_details")?;
    let payment_method = method.text("type")?;
    let country = match &payment_method {
        Some(kind) => method.part(kind).text("country")?,
        None => None,
    };
    // Charges made for another account before there was `transfer_data`.
    let destination = match o.child("transfer_data")?.id("destination")? {
        Some(destination) => Some(destination),
        None => o.id("destination")?,
    };
    Ok(Links {
        transfer: link(o, "transfer")?,
        source_transfer: link(o, "source_transfer")?,
        application_fee: link(o, "application_fee")?,
        transfer_group: o.text("transfer_group")?,
        payment_intent: link(o, "payment_intent")?,
        presentment_amount: o.int("amount")?,
        presentment_currency: o.text("currency")?,
        destination,
        payment_method,
        country,
        ..common
    })
}

fn link(o: Fields<'_>, field: &'static str) -> Result<Option<ObjectId>, Unreadable> {
    o.id(field)?.map(|id| object_id(field, id)).transpose()
}

fn object_id(field: &'static str, id: String) -> Result<ObjectId, Unreadable> {
    ObjectId::parse(&id).map_err(|_| Unreadable { field })
}
