use super::*;

fn invoice() -> Value {
    json!({
        "id": "in_1", "object": "invoice", "status": "paid", "currency": "usd", "created": 2,
        "subtotal": 3_100, "total": 3_040, "amount_due": 3_040, "amount_paid": 3_040,
        "amount_remaining": 0, "starting_balance": 0, "ending_balance": 0,
        "billing_reason": "subscription_cycle", "collection_method": "charge_automatically",
        "customer_email": "jenny@example.com", "customer_name": "Jenny",
        "total_discount_amounts": [{"amount": 310, "discount": "di_1"}],
        "period_start": 100, "period_end": 200,
        "status_transitions": {"finalized_at": 3, "paid_at": 4,
            "marked_uncollectible_at": null, "voided_at": null},
    })
}

fn line() -> Value {
    json!({
        "id": "il_1", "object": "line_item", "amount": 3_100, "currency": "usd",
        "description": "Jenny's plan", "period": {"start": 100, "end": 200},
        "discount_amounts": [{"amount": 300, "discount": "di_1"}, {"amount": 10}],
    })
}

fn expected_line() -> Value {
    json!({
        "id": "il_1", "amount": 3_100, "currency": "usd", "discount": 310,
        "tax_exclusive": 250, "tax_inclusive": 20, "period": {"start": 100, "end": 200},
        "proration": true, "subscription": "sub_1", "subscription_item": "si_1",
        "invoice_item": null, "price": "price_1", "product": "prod_1",
    })
}

fn expected() -> Value {
    json!({
        "status": "paid", "currency": "usd", "created": 2, "subtotal": 3_100, "total": 3_040,
        "discount": 310, "tax_exclusive": 250, "tax_inclusive": 20, "amount_due": 3_040,
        "amount_paid": 3_040, "amount_remaining": 0, "starting_balance": 0, "ending_balance": 0,
        "pre_payment_credit_notes": 0, "post_payment_credit_notes": 0, "paid_out_of_band": null,
        "billing_reason": "subscription_cycle", "collection_method": "charge_automatically",
        "subscription": "sub_1", "on_behalf_of": null, "transfer_destination": null,
        "application_fee_amount": null, "due_date": null, "period": {"start": 100, "end": 200},
        "status_transitions": {"finalized_at": 3, "paid_at": 4,
            "marked_uncollectible_at": null, "voided_at": null},
        "payments": [{"amount": null, "status": null, "charge": "ch_1",
            "payment_intent": "pi_1"}],
        "lines": [expected_line()], "lines_complete": true,
    })
}

#[test]
fn an_invoice_of_2020() {
    let line = with(
        &line(),
        json!({
            "proration": true, "type": "subscription", "subscription": "sub_1",
            "subscription_item": "si_1", "price": {"id": "price_1", "product": "prod_1"},
            "tax_amounts": [{"amount": 250, "inclusive": false, "tax_rate": "txr_1"},
                {"amount": 20, "inclusive": true, "tax_rate": "txr_2"}],
        }),
    );
    let body = with(
        &invoice(),
        json!({
            "subscription": "sub_1", "charge": "ch_1", "payment_intent": "pi_1", "tax": 270,
            "total_tax_amounts": [{"amount": 250, "inclusive": false},
                {"amount": 20, "inclusive": true}],
            "lines": {"object": "list", "data": [line], "has_more": false},
        }),
    );
    assert_eq!(normalized("invoice", body), expected());
}

#[test]
fn the_same_invoice_since_basil() {
    let line = with(
        &line(),
        json!({
            "parent": {"type": "subscription_item_details", "invoice_item_details": null,
                "subscription_item_details": {"proration": true, "subscription": "sub_1",
                    "subscription_item": "si_1", "invoice_item": null}},
            "pricing": {"type": "price_details", "unit_amount_decimal": "3100",
                "price_details": {"price": "price_1", "product": "prod_1"}},
            "taxes": [{"amount": 250, "tax_behavior": "exclusive"},
                {"amount": 20, "tax_behavior": "inclusive"}],
        }),
    );
    let body = with(
        &invoice(),
        json!({
            "parent": {"type": "subscription_details",
                "subscription_details": {"subscription": "sub_1", "metadata": {}}},
            "total_taxes": [{"amount": 250, "tax_behavior": "exclusive"},
                {"amount": 20, "tax_behavior": "inclusive"}],
            "payments": {"object": "list", "data": [{"amount_paid": 3_040, "status": "paid",
                "payment": {"type": "payment_intent", "payment_intent": "pi_1"}}]},
            "lines": {"object": "list", "data": [line], "has_more": true},
        }),
    );
    let mut expected = expected();
    expected["payments"] = json!([{"amount": 3_040, "status": "paid", "charge": null,
        "payment_intent": "pi_1"}]);
    expected["lines_complete"] = json!(false);
    assert_eq!(normalized("invoice", body), expected);
}

#[test]
fn an_invoice_item_of_either_shape() {
    let old = with(
        &line(),
        json!({"invoice_item": "ii_1", "plan": {"id": "gold"}}),
    );
    let new = with(
        &line(),
        json!({"parent": {"type": "invoice_item_details",
            "invoice_item_details": {"invoice_item": "ii_1", "proration": false}},
            "pricing": {"price_details": {"price": "gold"}}}),
    );
    let first_line = |line| {
        let state = normalized("invoice", with(&invoice(), json!({"lines": [line]})));
        state["lines"][0].clone()
    };
    let old = first_line(old);
    assert_eq!(old, first_line(new));
    assert_eq!(old["invoice_item"], "ii_1");
    assert_eq!(old["price"], "gold");
    assert_eq!(old["proration"], false);
}

/// What is listed says more than the one payment that there could be before.
#[test]
fn a_payment_is_known_by_its_list_its_charge_or_its_intent() {
    let payments = |fields| normalized("invoice", with(&invoice(), fields))["payments"].clone();
    let one = |charge: Value, intent: Value| json!([{"amount": null, "status": null, "charge": charge, "payment_intent": intent}]);
    assert_eq!(payments(json!({})), json!([]));
    assert_eq!(
        payments(json!({"charge": "ch_1"})),
        one(json!("ch_1"), Value::Null)
    );
    assert_eq!(
        payments(json!({"payment_intent": "pi_1"})),
        one(Value::Null, json!("pi_1"))
    );
    let listed = json!({"charge": "ch_1",
        "payments": [{"amount_paid": 7, "payment": {"charge": "ch_2"}}]});
    let listed = payments(listed);
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
    assert_eq!(
        (&listed[0]["amount"], &listed[0]["charge"]),
        (&json!(7), &json!("ch_2"))
    );
}

#[test]
fn a_tax_that_is_only_a_sum_is_on_top() {
    let state = normalized("invoice", with(&invoice(), json!({"tax": 270})));
    assert_eq!(
        (&state["tax_exclusive"], &state["tax_inclusive"]),
        (&json!(270), &json!(0))
    );
}

#[test]
fn sums_do_not_overflow() {
    let parts = json!([{"amount": i64::MAX}, {"amount": 1}]);
    let discounts = with(&invoice(), json!({"total_discount_amounts": parts}));
    assert_eq!(unreadable("invoice", discounts), "total_discount_amounts");
    let taxes = with(&invoice(), json!({"total_taxes": parts}));
    assert_eq!(unreadable("invoice", taxes), "total_taxes");
}

fn credit_note() -> Value {
    json!({
        "id": "cn_1", "object": "credit_note", "status": "issued", "type": "post_payment",
        "reason": "order_change", "currency": "usd", "created": 2, "invoice": "in_1",
        "subtotal": 500, "total": 540, "discount_amount": 10, "memo": "sorry, Jenny",
        "lines": {"has_more": false, "data": [{"id": "cnli_1", "type": "invoice_line_item",
            "amount": 500, "discount_amount": 10, "invoice_line_item": "il_1",
            "tax_amounts": [{"amount": 50, "inclusive": false}]}]},
    })
}

#[test]
fn a_credit_note_of_2022() {
    let fields = json!({"refund": "re_1", "tax_amounts": [{"amount": 50, "inclusive": false}]});
    assert_eq!(
        normalized("credit_note", with(&credit_note(), fields)),
        json!({
            "status": "issued", "type": "post_payment", "reason": "order_change",
            "currency": "usd", "created": 2, "effective_at": null, "voided_at": null,
            "invoice": "in_1", "subtotal": 500, "total": 540, "discount": 10,
            "tax_exclusive": 50, "tax_inclusive": 0, "pre_payment_amount": null,
            "post_payment_amount": null, "out_of_band_amount": null,
            "customer_balance_transaction": null,
            "refunds": [{"refund": "re_1", "amount": null}],
            "lines": [{"id": "cnli_1", "type": "invoice_line_item", "amount": 500,
                "discount": 10, "tax_exclusive": 50, "tax_inclusive": 0,
                "invoice_line_item": "il_1"}],
            "lines_complete": true,
        })
    );
}

#[test]
fn a_credit_note_of_2026() {
    let body = with(
        &credit_note(),
        json!({
            "total_taxes": [{"amount": 50, "tax_behavior": "exclusive"}],
            "pre_payment_amount": 0, "post_payment_amount": 540, "effective_at": 3,
            "refunds": [{"refund": {"id": "re_1", "amount": 540}, "amount_refunded": 540}],
        }),
    );
    let state = normalized("credit_note", body);
    assert_eq!(state["tax_exclusive"], 50);
    assert_eq!(state["refunds"], json!([{"refund": "re_1", "amount": 540}]));
    assert_eq!(state["post_payment_amount"], 540);
}

#[test]
fn a_credit_note_lists_its_refunds_or_names_one() {
    let refunds =
        |fields| normalized("credit_note", with(&credit_note(), fields))["refunds"].clone();
    let listed = json!([{"refund": "re_2", "amount_refunded": 540}]);
    assert_eq!(
        refunds(json!({"refund": "re_1", "refunds": listed})),
        json!([{"refund": "re_2", "amount": 540}])
    );
    assert_eq!(refunds(json!({})), json!([]));
}

#[test]
fn a_credit_note_says_whether_its_lines_go_on() {
    let more = json!({"lines": {"has_more": true, "data": []}});
    let state = normalized("credit_note", with(&credit_note(), more));
    assert_eq!(state["lines_complete"], false);
}
