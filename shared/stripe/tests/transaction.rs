//! Balance transactions, from the wire to the domain.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use serde_json::{Value, json};
use tributary_domain::{BalanceTransaction, Links, ObjectId};
use tributary_stripe::read_transaction;
use tributary_stripe::transaction::read_transaction_text;

fn sample() -> Value {
    json!({
        "id": "txn_1", "object": "balance_transaction", "amount": 10_000, "fee": 320,
        "net": 9_680, "currency": "usd", "created": 1_700_000_000,
        "available_on": 1_700_172_800, "type": "charge", "reporting_category": "charge",
        "balance_type": "payments", "status": "pending", "source": "ch_1",
        "exchange_rate": null, "description": "who@example.com",
        "fee_details": [
            {"amount": 300, "application": null, "currency": "usd",
             "description": "Stripe processing fees", "type": "stripe_fee"},
            {"amount": 20, "application": "ca_1", "currency": "usd", "type": "application_fee"},
        ],
    })
}

fn with(field: &str, value: Value) -> Value {
    let mut sample = sample();
    sample[field] = value;
    sample
}

fn without(field: &str) -> Value {
    let mut sample = sample();
    sample.as_object_mut().unwrap().remove(field);
    sample
}

fn read(value: &Value) -> BalanceTransaction {
    read_transaction(value, "order_id").unwrap()
}

fn unreadable(value: &Value) -> &'static str {
    read_transaction(value, "order_id").unwrap_err().field
}

fn id(text: &str) -> Option<ObjectId> {
    Some(ObjectId::parse(text).unwrap())
}

#[test]
fn a_transaction_with_the_id_of_its_source() {
    let read = read(&sample());
    assert_eq!((read.amount, read.fee, read.net), (10_000, 320, 9_680));
    assert_eq!(read.kind, "charge");
    assert_eq!(read.balance_type, "payments");
    assert_eq!(read.available_on, 1_700_172_800);
    assert_eq!(read.fee_details[1].amount, 20);
    assert_eq!(read.fee_details[1].kind, "application_fee");
    assert_eq!(read.fee_details[1].application.as_deref(), Some("ca_1"));
    let source = read.source.unwrap();
    assert_eq!((source.id.as_str(), source.kind), ("ch_1", None));
}

#[test]
fn what_moves_money_is_needed() {
    let needed = [
        "id",
        "type",
        "currency",
        "amount",
        "fee",
        "net",
        "created",
        "available_on",
        "status",
    ];
    for field in needed {
        assert_eq!(unreadable(&without(field)), field);
        assert_eq!(unreadable(&with(field, json!([]))), field);
    }
}

#[test]
fn amounts_are_whole_numbers_of_64_bits() {
    let most = with("amount", json!(i64::MIN));
    assert_eq!(read(&most).amount, i64::MIN);
    for amount in ["1.0", "1e3", "\"1\"", "9223372036854775808", "0.1"] {
        let amount: Value = serde_json::from_str(amount).unwrap();
        for field in ["amount", "fee", "net"] {
            assert_eq!(unreadable(&with(field, amount.clone())), field);
        }
        let details = json!([{"amount": amount, "currency": "usd", "type": "tax"}]);
        assert_eq!(unreadable(&with("fee_details", details)), "amount");
    }
}

#[test]
fn an_exchange_rate_keeps_its_digits() {
    for rate in ["1.08437000000000000001", "0.0071", "1", "1.5e-7"] {
        let quoted = json!(rate);
        let number: Value = serde_json::from_str(rate).unwrap();
        for value in [quoted, number] {
            let read = read(&with("exchange_rate", value));
            assert_eq!(read.exchange_rate.as_deref(), Some(rate));
        }
    }
    assert_eq!(read(&without("exchange_rate")).exchange_rate, None);
    assert_eq!(
        unreadable(&with("exchange_rate", json!("dear"))),
        "exchange_rate"
    );
    assert_eq!(
        unreadable(&with("exchange_rate", json!(true))),
        "exchange_rate"
    );
}

#[test]
fn versions_differ_in_what_they_say() {
    assert_eq!(
        read(&without("reporting_category")).reporting_category,
        "charge"
    );
    assert_eq!(read(&without("balance_type")).balance_type, "payments");
    let mut card = without("balance_type");
    card["type"] = json!("issuing_transaction");
    assert_eq!(read(&card).balance_type, "issuing");
    assert_eq!(read(&without("source")).source, None);
    assert_eq!(read(&with("source", Value::Null)).source, None);
    assert!(read(&without("fee_details")).fee_details.is_empty());
    let new = with("type", json!("a_type_of_tomorrow"));
    assert_eq!(read(&new).kind, "a_type_of_tomorrow");
}

#[test]
fn an_expanded_charge_gives_its_links_and_nothing_personal() {
    let charge = json!({
        "id": "ch_1", "object": "charge", "amount": 9_200, "currency": "eur",
        "payment_intent": {"id": "pi_1", "object": "payment_intent"}, "transfer": "tr_1",
        "transfer_data": {"amount": null, "destination": "acct_1"}, "transfer_group": "order-7",
        "source_transfer": null, "metadata": {"order_id": "7", "email": "who@example.com"},
        "payment_method_details": {"type": "card", "card": {"country": "FR", "last4": "4242"}},
        "billing_details": {"email": "who@example.com"},
    });
    let read = read(&with("source", charge));
    let text = serde_json::to_string(&read).unwrap();
    assert!(
        !text.contains("who@example.com") && !text.contains("4242"),
        "{text}"
    );
    let source = read.source.unwrap();
    assert_eq!(source.kind.as_deref(), Some("charge"));
    let links = source.links;
    assert_eq!(links.payment_intent, id("pi_1"));
    assert_eq!(links.transfer, id("tr_1"));
    assert_eq!(links.destination.as_deref(), Some("acct_1"));
    assert_eq!(links.transfer_group.as_deref(), Some("order-7"));
    assert_eq!(links.reference.as_deref(), Some("7"));
    assert_eq!(links.presentment_amount, Some(9_200));
    assert_eq!(links.presentment_currency.as_deref(), Some("eur"));
    assert_eq!(links.payment_method.as_deref(), Some("card"));
    assert_eq!(links.country.as_deref(), Some("FR"));
}

/// What an object of a kind says, of everything that an object may say.
fn links(kind: &str) -> Links {
    let object = json!({
        "id": "x_1", "object": kind, "amount": 7, "currency": "eur", "charge": {"id": "ch_1"},
        "payment_intent": "pi_1", "source_transfer_reversal": "trr_1", "transfer": "tr_1",
        "source_transaction": "ch_2", "source_transfer": "tr_2", "destination_payment": "py_1",
        "destination": "acct_1", "account": "acct_2", "fee": "fee_1", "transfer_group": "g",
        "application_fee": "fee_2",
        "metadata": {"order_id": "o"},
    });
    read(&with("source", object)).source.unwrap().links
}

fn common() -> Links {
    Links {
        reference: Some("o".to_owned()),
        ..Links::default()
    }
}

/// What a payer saw.
fn presented() -> Links {
    Links {
        presentment_amount: Some(7),
        presentment_currency: Some("eur".to_owned()),
        payment_intent: id("pi_1"),
        ..common()
    }
}

fn own_links(kind: &str) -> Links {
    match kind {
        "charge" => Links {
            transfer: id("tr_1"),
            source_transfer: id("tr_2"),
            application_fee: id("fee_2"),
            transfer_group: Some("g".to_owned()),
            destination: Some("acct_1".to_owned()),
            ..presented()
        },
        "refund" => Links {
            charge: id("ch_1"),
            source_transfer_reversal: id("trr_1"),
            ..presented()
        },
        "dispute" => Links {
            charge: id("ch_1"),
            ..presented()
        },
        "transfer" => Links {
            source_transaction: id("ch_2"),
            destination_payment: id("py_1"),
            destination: Some("acct_1".to_owned()),
            transfer_group: Some("g".to_owned()),
            ..common()
        },
        "transfer_reversal" => Links {
            transfer: id("tr_1"),
            ..common()
        },
        "application_fee" => Links {
            charge: id("ch_1"),
            account: Some("acct_2".to_owned()),
            ..common()
        },
        "fee_refund" => Links {
            application_fee: id("fee_1"),
            ..common()
        },
        "topup" => Links {
            transfer_group: Some("g".to_owned()),
            ..common()
        },
        _ => common(),
    }
}

#[test]
fn every_kind_of_source_gives_its_own_links() {
    for kind in [
        "charge",
        "refund",
        "dispute",
        "transfer",
        "transfer_reversal",
        "application_fee",
        "fee_refund",
        "topup",
        // The destination of a payout is a bank account, and no connected one.
        "payout",
        "of_tomorrow",
    ] {
        assert_eq!(links(kind), own_links(kind), "{kind}");
    }
    let without_kind = with("source", json!({"id": "x_1", "charge": 7}));
    assert_eq!(read(&without_kind).source.unwrap().links, Links::default());
}

#[test]
fn a_source_that_is_none_is_unreadable() {
    for source in [
        json!(7),
        json!(""),
        json!({"object": "charge"}),
        json!("a\nb"),
    ] {
        assert_eq!(
            unreadable(&with("source", source.clone())),
            "source",
            "{source}"
        );
    }
    let charge = json!({"id": "ch_1", "object": "charge", "transfer": 7});
    assert_eq!(unreadable(&with("source", charge)), "transfer");
}

/// Connected accounts choose the keys of their charges' metadata.
#[test]
fn a_reserved_key_in_metadata_costs_the_links_and_not_the_money() {
    let charge = json!({"id": "ch_1", "object": "charge", "transfer": "tr_1",
        "metadata": {"KEY": "1"}});
    let text = with("source", charge).to_string();
    let text = text.replace("KEY", "$serde_json::private::Number");
    let read = read_transaction_text(&text, "order_id").unwrap();
    assert_eq!(read.amount, 10_000);
    let source = read.source.unwrap();
    assert_eq!(source.id.as_str(), "ch_1");
    assert_eq!(source.links, Links::default());
}
