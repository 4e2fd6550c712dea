//! What states of objects tell, and the forms in which the ledger is stored.

use serde_json::{Value, json};
use tributary_domain::change::{Sequence, State};
use tributary_domain::{ObjectId, ObjectKind};
use tributary_ledger::{Derived, Fact, Rule, Says};

use crate::sample::{account, dispute, id, platform};

fn told(kind: &str, object: &str, state: Value) -> Option<Fact> {
    let state = State::read(&ObjectKind::parse(kind).unwrap(), state).unwrap();
    Fact::told(&id(object), &Sequence::new("7"), &state.unwrap())
}

fn belongs_to(kind: &str, object: &str, state: Value) -> Option<ObjectId> {
    told(kind, object, state).unwrap().belongs_to().cloned()
}

fn refund() -> Value {
    json!({"amount": 1, "currency": "usd", "created": 1, "charge": "ch_1", "status": "failed"})
}

fn reversal() -> Value {
    json!({"amount": 1, "currency": "usd", "created": 1, "transfer": "tr_1",
           "source_refund": "re_1"})
}

fn transfer(charge: Option<&str>) -> Value {
    json!({"amount": 1, "amount_reversed": 0, "currency": "usd", "created": 1,
           "reversed": false, "destination": "acct_1", "destination_payment": "py_1",
           "source_transaction": charge})
}

fn payout(status: &str) -> Value {
    json!({"amount": 500, "currency": "usd", "status": status, "created": 1,
           "arrival_date": 86_400, "automatic": true, "destination": "ba_1"})
}

#[test]
fn states_tell_what_they_belong_to() {
    assert_eq!(belongs_to("refund", "re_1", refund()), Some(id("ch_1")));
    assert_eq!(
        belongs_to("transfer_reversal", "trr_1", reversal()),
        Some(id("tr_1"))
    );
    let linked = transfer(Some("ch_1"));
    assert_eq!(belongs_to("transfer", "tr_1", linked), Some(id("ch_1")));
    assert_eq!(belongs_to("transfer", "tr_1", transfer(None)), None);
    assert_eq!(belongs_to("payout", "po_1", payout("paid")), None);
}

#[test]
fn a_paid_payout_was_paid() {
    for (status, was_paid) in [("paid", true), ("in_transit", false), ("failed", false)] {
        let Says::Payout(payout) = told("payout", "po_1", payout(status)).unwrap().says else {
            panic!("a payout");
        };
        assert_eq!(
            (payout.was_paid, payout.destination),
            (was_paid, Some(id("ba_1")))
        );
    }
}

#[test]
fn other_objects_tell_nothing() {
    let fee = json!({"amount": 1, "currency": "usd", "created": 1, "fee": "fee_1"});
    assert_eq!(told("fee_refund", "fr_1", fee), None);
}

#[test]
fn the_later_fact_stays_whoever_joins_it() {
    let fact = |sequence: &str, status: &str| Fact {
        id: id("dp_1"),
        sequence: Sequence::new(sequence),
        says: dispute(status),
    };
    let (early, late) = (fact("9", "under_review"), fact("10", "won"));
    assert_eq!(early.clone().join(late.clone()), late);
    assert_eq!(late.clone().join(early), late);
}

/// Facts are stored as they are written here: another form would not be read back.
#[test]
fn facts_have_one_form() {
    let fact = told("refund", "re_1", refund()).unwrap();
    let text = serde_json::to_string(&fact).unwrap();
    let expected = format!(
        r#"{{"id":"re_1","sequence":"{:0>40}","says":{{"kind":"refund","status":"failed","charge":"ch_1"}}}}"#,
        7
    );
    assert_eq!(text, expected);
    for (kind, object, state) in [
        ("refund", "re_1", refund()),
        ("transfer", "tr_1", transfer(Some("ch_1"))),
        ("transfer_reversal", "trr_1", reversal()),
        ("payout", "po_1", payout("paid")),
    ] {
        let fact = told(kind, object, state).unwrap();
        let stored = serde_json::to_string(&fact).unwrap();
        assert_eq!(serde_json::from_str::<Fact>(&stored).unwrap(), fact);
    }
}

#[test]
fn derived_entries_have_one_form() {
    let entry = Derived {
        book: platform(),
        root: id("ch_1"),
        rule: Rule::Residual,
        version: 1,
        revision: 2,
        reverses: Some(1),
        at: 5,
        currency: "usd".to_owned(),
        lines: vec![
            (account("customer_funds:ch_1"), -7).into(),
            (account("revenue:platform_margin"), 7).into(),
        ],
    };
    let text = serde_json::to_string(&entry).unwrap();
    assert_eq!(
        text,
        concat!(
            r#"{"book":"live#platform","root":"ch_1","rule":"residual","version":1,"#,
            r#""revision":2,"reverses":1,"at":5,"currency":"usd","#,
            r#""lines":[["customer_funds:ch_1",-7],["revenue:platform_margin",7]]}"#
        )
    );
    assert_eq!(serde_json::from_str::<Derived>(&text).unwrap(), entry);
    for rule in Rule::ALL {
        let written = serde_json::to_string(&rule).unwrap();
        assert_eq!(written, format!("\"{}\"", rule.as_str()));
    }
}
