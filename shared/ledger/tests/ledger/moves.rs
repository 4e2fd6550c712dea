//! The movements that flows are made of.

use tributary_domain::Links;

use crate::sample::{Movement, id, movement};

pub(crate) fn charge(amount: i64) -> Movement {
    movement("charge", "charge", amount).from("charge", "ch_1")
}

pub(crate) fn transfer(name: &str, amount: i64) -> Movement {
    movement("transfer", "transfer", -amount).linked("transfer", name, |links: &mut Links| {
        links.source_transaction = Some(id("ch_1"));
        links.destination_payment = Some(id(&name.replace("tr_", "py_")));
    })
}

pub(crate) fn payment(name: &str, amount: i64) -> Movement {
    movement("payment", "charge", amount).linked("charge", name, |links| {
        links.source_transfer = Some(id(&name.replace("py_", "tr_")));
    })
}

pub(crate) fn earning(amount: i64) -> Movement {
    movement("application_fee", "platform_earning", amount).from("application_fee", "fee_1")
}

pub(crate) fn earning_refund(name: &str, amount: i64) -> Movement {
    movement("application_fee_refund", "platform_earning_refund", -amount).from("fee_refund", name)
}

pub(crate) fn refund(name: &str, amount: i64) -> Movement {
    movement("refund", "refund", -amount).linked("refund", name, |links| {
        links.charge = Some(id("ch_1"));
    })
}

pub(crate) fn refund_failure(name: &str, amount: i64) -> Movement {
    movement("refund_failure", "refund_failure", amount).linked("refund", name, |links| {
        links.charge = Some(id("ch_1"));
    })
}

pub(crate) fn reversal(name: &str, amount: i64) -> Movement {
    movement("transfer_refund", "transfer_reversal", amount).linked(
        "transfer_reversal",
        name,
        |links| links.transfer = Some(id("tr_1")),
    )
}

pub(crate) fn payment_refund(name: &str, amount: i64) -> Movement {
    movement("payment_refund", "refund", -amount).linked("refund", name, |links| {
        links.charge = Some(id("py_1"));
        links.source_transfer_reversal = Some(id("trr_1"));
    })
}

pub(crate) fn withdrawal(amount: i64, fee: i64) -> Movement {
    disputed("dispute", -amount).fee("stripe_fee", fee)
}

pub(crate) fn disputed(category: &str, amount: i64) -> Movement {
    movement("adjustment", category, amount).linked("dispute", "dp_1", |links| {
        links.charge = Some(id("ch_1"));
    })
}
