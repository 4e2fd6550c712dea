//! The columns of the reports, by Stripe's names.
//!
//! Source: <https://docs.stripe.com/reports/report-types/balance> and `…/connect`.

use serde_json::Value;

use super::kinds::{About, Kind};
use super::{amounts, rows::Line};
use crate::Fields;

pub(super) const ACTIVITY_DEFAULT: [&str; 17] = [
    "balance_transaction_id",
    "created_utc",
    "created",
    "available_on_utc",
    "available_on",
    "currency",
    "gross",
    "fee",
    "net",
    "reporting_category",
    "source_id",
    "description",
    "customer_facing_amount",
    "customer_facing_currency",
    "automatic_payout_id",
    "automatic_payout_effective_at_utc",
    "automatic_payout_effective_at",
];

const ACTIVITY_MORE: [&str; 13] = [
    "regulatory_tag",
    "customer_id",
    "charge_id",
    "payment_intent_id",
    "charge_created_utc",
    "charge_created",
    "invoice_id",
    "payment_method_type",
    "card_brand",
    "card_funding",
    "card_country",
    "statement_descriptor",
    "dispute_reason",
];

pub(super) const PAYOUT_DEFAULT: [&str; 16] = [
    "payout_id",
    "effective_at_utc",
    "effective_at",
    "currency",
    "gross",
    "fee",
    "net",
    "reporting_category",
    "balance_transaction_id",
    "description",
    "payout_expected_arrival_date",
    "payout_status",
    "payout_reversed_at_utc",
    "payout_reversed_at",
    "payout_type",
    "payout_description",
];

const PAYOUT_MORE: [&str; 2] = ["payout_destination_id", "regulatory_tag"];

/// Whether reports of this kind have the column.
pub(super) fn known(kind: Kind, column: &str) -> bool {
    let (default, more) = match kind.about {
        About::Payouts => (&PAYOUT_DEFAULT[..], &PAYOUT_MORE[..]),
        About::Activity | About::PaidOut => (&ACTIVITY_DEFAULT[..], &ACTIVITY_MORE[..]),
    };
    default.contains(&column)
        || more.contains(&column)
        || (column == "connected_account" && kind.connected)
        || (kind.about != About::Payouts && metadata_key(column).is_some())
}

/// The object and the key of `payment_metadata[order_id]`.
fn metadata_key(column: &str) -> Option<(&str, &str)> {
    let (object, rest) = column.split_once("_metadata[")?;
    let key = rest.strip_suffix(']')?;
    ["payment", "refund", "transfer"]
        .contains(&object)
        .then_some((object, key))
}

/// What a line shows in a column; empty where it has nothing to say.
pub(super) fn cell(line: &Line<'_>, column: &str) -> String {
    let transaction = line.transaction;
    let amount =
        |member: &str| amounts::decimal(transaction.int(member), transaction.text("currency"));
    match column {
        "balance_transaction_id" => transaction.text("id").to_owned(),
        "created_utc" | "created" => amounts::time(transaction.int("created")),
        "available_on_utc" | "available_on" => amounts::time(transaction.int("available_on")),
        "currency" => transaction.text("currency").to_owned(),
        "gross" => amount("amount"),
        "fee" => amount("fee"),
        "net" => amount("net"),
        "reporting_category" => transaction.text("reporting_category").to_owned(),
        "source_id" | "payout_id" => transaction.text("source").to_owned(),
        "description" => transaction.text("description").to_owned(),
        "connected_account" => line.account.unwrap_or_default().to_owned(),
        "automatic_payout_id" => of(line.payout, "id"),
        "automatic_payout_effective_at_utc" | "automatic_payout_effective_at" => {
            line.payout.map_or_else(String::new, |payout| {
                amounts::time(payout.int("arrival_date"))
            })
        }
        _ if column.starts_with("payout_") || column.starts_with("effective_at") => {
            payout_cell(line, column)
        }
        _ => source_cell(line, column),
    }
}

fn payout_cell(line: &Line<'_>, column: &str) -> String {
    let Some(payout) = line.source else {
        return String::new();
    };
    match column {
        "effective_at_utc" | "effective_at" => amounts::time(line.effective_at()),
        "payout_expected_arrival_date" => amounts::time(payout.int("arrival_date")),
        "payout_status" => payout.text("status").to_owned(),
        "payout_reversed_at_utc" | "payout_reversed_at" => match line.returned_at {
            Some(at) => amounts::time(at),
            None => String::new(),
        },
        "payout_type" => payout.text("type").to_owned(),
        "payout_description" => payout.text("description").to_owned(),
        "payout_destination_id" => payout.text("destination").to_owned(),
        _ => String::new(),
    }
}

fn source_cell(line: &Line<'_>, column: &str) -> String {
    let card = line.charge.and_then(|charge| {
        charge
            .get("payment_method_details")
            .and_then(|details| details.get("card"))
    });
    match column {
        "customer_facing_amount" => line.facing().map_or_else(String::new, |source| {
            amounts::decimal(source.int("amount"), source.text("currency"))
        }),
        "customer_facing_currency" => of(line.facing(), "currency"),
        "customer_id" => of(line.charge, "customer"),
        "charge_id" => of(line.charge, "id"),
        "payment_intent_id" => of(line.charge, "payment_intent"),
        "charge_created_utc" | "charge_created" => line
            .charge
            .map_or_else(String::new, |charge| amounts::time(charge.int("created"))),
        "payment_method_type" => of(
            line.charge
                .and_then(|charge| charge.get("payment_method_details")),
            "type",
        ),
        "card_brand" => of(card, "brand"),
        "card_funding" => of(card, "funding"),
        "card_country" => of(card, "country"),
        "dispute_reason" => of(line.source_of("dispute"), "reason"),
        _ => metadata_key(column).map_or_else(String::new, |(object, key)| {
            let about = match object {
                "payment" => line.charge,
                other => line.source_of(other),
            };
            of(about.and_then(|object| object.get("metadata")), key)
        }),
    }
}

fn of(object: Option<&Value>, member: &str) -> String {
    object
        .map(|object| object.text(member).to_owned())
        .unwrap_or_default()
}
