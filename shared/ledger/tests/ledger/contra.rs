//! The table of contra accounts, row by row, on both books.

use tributary_domain::Links;
use tributary_ledger::{Book, Doubt};

use crate::sample::{Movement, account, connected, id, movement, platform};

fn charge(links: &mut Links) {
    links.charge = Some(id("ch_1"));
}

fn received(links: &mut Links) {
    links.source_transfer = Some(id("tr_1"));
}

fn called_back(links: &mut Links) {
    links.charge = Some(id("py_1"));
    links.source_transfer_reversal = Some(id("trr_1"));
}

fn reversal(links: &mut Links) {
    links.transfer = Some(id("tr_1"));
}

/// Posts a movement: its contra account gets the opposite of its amount, the
/// balance its net, and the sum is zero.
fn posts(book: &Book, movement: &Movement, contra: &str) -> Vec<Doubt> {
    let (entry, doubts) = movement.post(book);
    let kind = &movement.0.kind;
    assert_eq!(
        entry.on(&account(contra)),
        -entry.amount,
        "{kind} on {book}"
    );
    assert_eq!(entry.on(&account("stripe_balance:payments")), entry.net);
    assert_eq!(entry.lines.iter().map(|line| line.amount).sum::<i64>(), 0);
    doubts
}

const BOTH: [fn() -> Book; 2] = [platform, connected];

/// A row whose rule holds on the books given.
macro_rules! rows {
    ($($row:ident: $books:expr, $kinds:expr, $category:literal, $source:expr, $contra:literal;)*) => {
        $(
            #[test]
            fn $row() {
                for book in $books {
                    for kind in $kinds {
                        for amount in [10_000, -10_000] {
                            let movement = $source(movement(kind, $category, amount));
                            assert_eq!(posts(&book(), &movement, $contra), [], "{kind}");
                        }
                    }
                }
            }
        )*
    };
}

fn from(kind: &'static str, source: &'static str) -> impl Fn(Movement) -> Movement {
    move |movement| movement.from(kind, source)
}

fn with(
    kind: &'static str,
    source: &'static str,
    link: fn(&mut Links),
) -> impl Fn(Movement) -> Movement {
    move |movement| movement.linked(kind, source, link)
}

fn alone(movement: Movement) -> Movement {
    movement
}

rows! {
    charge_on_the_platform:
        [platform], ["charge", "payment"], "charge", from("charge", "ch_1"), "customer_funds:ch_1";
    direct_charge:
        [connected], ["charge", "payment"], "charge", from("charge", "ch_1"), "sales:ch_1";
    received_transfer:
        [connected], ["payment"], "charge", with("charge", "py_1", received), "transfers_in:py_1";
    refund_on_the_platform:
        [platform], ["refund", "payment_refund"], "refund", with("refund", "re_1", charge),
        "customer_funds:ch_1";
    refund_of_a_direct_charge:
        [connected], ["refund", "payment_refund"], "refund", with("refund", "re_1", charge),
        "sales:ch_1";
    partial_capture_reversal:
        [platform], ["refund"], "partial_capture_reversal", with("refund", "re_1", charge),
        "customer_funds:ch_1";
    refund_by_transfer_reversal:
        [connected], ["payment_refund"], "refund", with("refund", "pyr_1", called_back),
        "transfers_in:py_1";
    refund_failure_on_the_platform:
        [platform], ["refund_failure", "payment_refund"], "refund_failure",
        with("refund", "re_1", charge), "customer_funds:ch_1";
    refund_failure_of_a_direct_charge:
        [connected], ["refund_failure", "payment_refund"], "refund_failure",
        with("refund", "re_1", charge), "sales:ch_1";
    charge_failure_on_the_platform:
        [platform], ["payment_failure_refund", "payment_reversal"], "charge_failure",
        from("charge", "py_1"), "customer_funds:py_1";
    charge_failure_of_a_direct_charge:
        [connected], ["payment_failure_refund", "payment_reversal"], "charge_failure",
        from("charge", "py_1"), "sales:py_1";
    charge_failure_of_a_received_transfer:
        [connected], ["payment_failure_refund", "payment_reversal"], "charge_failure",
        with("charge", "py_1", received), "transfers_in:py_1";
    dispute:
        BOTH, ["adjustment"], "dispute", with("dispute", "dp_1", charge), "dispute_clearing:dp_1";
    dispute_reversal:
        BOTH, ["adjustment"], "dispute_reversal", with("dispute", "dp_1", charge),
        "dispute_clearing:dp_1";
    other_adjustment_of_a_dispute:
        BOTH, ["adjustment"], "other_adjustment", from("dispute", "dp_1"),
        "dispute_clearing:dp_1";
    adjustment_of_a_fee:
        BOTH, ["adjustment"], "fee", alone, "expense:stripe_fees";
    adjustment_of_a_failed_refund:
        [platform], ["adjustment"], "refund_failure", with("refund", "re_1", charge),
        "customer_funds:ch_1";
    transfer:
        [platform], ["transfer"], "transfer", from("transfer", "tr_1"), "transfers_out:tr_1";
    transfer_reversal:
        [platform], ["transfer_refund", "transfer_cancel", "transfer_failure"],
        "transfer_reversal", with("transfer_reversal", "trr_1", reversal), "transfers_out:tr_1";
    transfer_that_failed:
        [platform], ["transfer_cancel", "transfer_failure"], "transfer_reversal",
        from("transfer", "tr_1"), "transfers_out:tr_1";
    application_fee:
        [platform], ["application_fee"], "platform_earning", from("application_fee", "fee_1"),
        "revenue:application_fees";
    application_fee_refund_on_the_platform:
        [platform], ["application_fee_refund"], "platform_earning_refund",
        from("fee_refund", "fr_1"), "contra_revenue:application_fee_refunds";
    application_fee_refund_as_an_adjustment:
        [connected], ["adjustment"], "other_adjustment", from("fee_refund", "fr_1"),
        "expense:platform_fees";
    payout:
        BOTH, ["payout"], "payout", from("payout", "po_1"), "payout_in_transit:po_1";
    payout_reversal:
        BOTH, ["payout_failure", "payout_cancel"], "payout_reversal", from("payout", "po_1"),
        "payout_in_transit:po_1";
    topup:
        BOTH, ["topup", "topup_reversal"], "topup", from("topup", "tu_1"),
        "topup_in_transit:tu_1";
    stripe_fee:
        BOTH, ["stripe_fee"], "fee", alone, "expense:stripe_fees";
    stripe_fx_fee:
        BOTH, ["stripe_fx_fee"], "fee", alone, "expense:fx_fees";
    tax_fee:
        BOTH, ["tax_fee"], "tax", alone, "expense:tax_on_fees";
    tax_fund:
        BOTH, ["tax_fund"], "tax", alone, "liability:tax_withheld";
    fee_credit_funding:
        BOTH, ["fee_credit_funding"], "fee", alone, "expense:stripe_fees";
    reserve_transaction:
        [platform], ["reserve_transaction"], "connect_reserved_funds", alone, "connect_reserved";
    connect_collection_transfer_on_the_platform:
        [platform], ["connect_collection_transfer"], "connect_collection_transfer",
        from("account", "acct_1"), "expense:connected_account_losses:acct_1";
    connect_collection_transfer_on_the_account:
        [connected], ["connect_collection_transfer"], "connect_collection_transfer",
        from("account", "acct_1"), "platform_loss_cover";
    reserved_funds:
        BOTH, ["reserved_funds"], "risk_reserved_funds", alone, "risk_reserved_by_stripe";
    reserve_hold_and_release:
        BOTH, ["reserve_hold", "reserve_release"], "risk_reserved_funds",
        from("reserve.hold", "resv_1"), "reserve_transit:resv_1";
    payment_network_reserve:
        BOTH, ["payment_network_reserve_hold", "payment_network_reserve_release"],
        "payment_network_reserve_hold", alone, "network_reserve";
    payout_minimum_balance:
        BOTH, ["payout_minimum_balance_hold", "payout_minimum_balance_release"],
        "payout_minimum_balance_hold", alone, "minimum_balance_hold";
    advance:
        BOTH, ["advance", "advance_funding"], "advance", alone, "instant_advance_transit";
    payment_unreconciled:
        BOTH, ["payment_unreconciled"], "unreconciled_customer_funds", alone,
        "liability:unreconciled_customer_funds";
    stripe_balance_payment_debit:
        BOTH, ["stripe_balance_payment_debit", "stripe_balance_payment_debit_reversal"], "fee",
        alone, "expense:stripe_balance_payments";
    inbound_transfer:
        BOTH, ["inbound_transfer", "inbound_transfer_reversal"], "inbound_transfer", alone,
        "inbound_transit";
    brazil_receivables:
        BOTH, ["obligation_outbound", "obligation_reversal_inbound", "anticipation_repayment"],
        "other_adjustment", alone, "brazil_receivables";
    climate:
        BOTH, ["climate_order_purchase", "climate_order_refund", "contribution"], "contribution",
        alone, "expense:climate";
    issuing:
        BOTH, ["issuing_transaction", "issuing_authorization_hold",
            "issuing_dispute_provisional_credit"],
        "issuing_transaction", alone, "issuing_transit";
    sources_that_were_not_read_are_known_by_their_ids:
        BOTH, ["adjustment"], "other_adjustment",
        |movement: Movement| movement.unread("dp_1"), "dispute_clearing:dp_1";
}

#[test]
fn other_adjustments_wait_in_suspense() {
    for book in BOTH {
        let movement = movement("adjustment", "other_adjustment", -700);
        let category = "other_adjustment".to_owned();
        assert_eq!(
            posts(&book(), &movement, "suspense:adjustment"),
            [Doubt::UnknownAdjustment { category }]
        );
    }
}

#[test]
fn anything_else_waits_in_suspense() {
    for (book, kind) in [
        (platform(), "quantum_settlement"),
        (connected(), "quantum_settlement"),
        // What only a platform has, on an account's book.
        (connected(), "transfer"),
        (connected(), "transfer_refund"),
        (connected(), "application_fee"),
        (connected(), "reserve_transaction"),
    ] {
        let movement = movement(kind, "whatever", -700).from("transfer", "tr_1");
        let doubts = posts(&book, &movement, &format!("suspense:type:{kind}"));
        let kind = kind.to_owned();
        assert_eq!(doubts, [Doubt::UnknownType { kind }]);
    }
}

/// Without the object behind it, the money is right and waits for a person.
#[test]
fn movements_without_their_object_wait_in_suspense() {
    let of_charge = ["charge", "refund", "refund_failure", "payment_reversal"];
    let of_object = [
        "transfer",
        "payout",
        "payout_failure",
        "topup",
        "reserve_hold",
    ];
    for kind in of_charge.into_iter().chain(of_object) {
        let doubts = posts(
            &platform(),
            &movement(kind, "whatever", 500),
            "suspense:unlinked:txn_1",
        );
        let kind = kind.to_owned();
        assert_eq!(doubts, [Doubt::Unlinked { kind }]);
    }
    for (book, kind, source) in [
        (platform(), "refund", "re_1"),
        (connected(), "refund", "re_1"),
        (platform(), "transfer_refund", "trr_1"),
        // A payment without a card, or a transfer: nothing tells.
        (connected(), "payment", "py_1"),
    ] {
        let movement = movement(kind, "whatever", 500).unread(source);
        let doubts = posts(&book, &movement, &format!("suspense:unlinked:{source}"));
        let kind = kind.to_owned();
        assert_eq!(doubts, [Doubt::Unlinked { kind }]);
    }
}
