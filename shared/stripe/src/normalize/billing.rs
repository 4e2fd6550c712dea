//! Invoices and credit notes.
//!
//! Version 2025-03-31.basil moved half of an invoice: what it bills to `parent`,
//! how it was paid to `payments`, taxes to `taxes`. Both shapes are read, and
//! versions before 2020-08-27 with `tax` as a mere sum as well.

use tributary_domain::change::state::{
    CreditNote, CreditNoteLine, CreditNoteRefund, Invoice, InvoiceLine, InvoicePayment, Period,
    StatusTransitions,
};

use super::fields::{Fields, Unreadable};

pub(super) fn invoice(o: Fields<'_>) -> Result<Invoice, Unreadable> {
    let times = o.child("status_transitions")?;
    let tax = taxes(o, &["total_taxes", "total_tax_amounts"])?.or_sum(o.int("tax")?);
    Ok(Invoice {
        status: o.text("status")?,
        currency: o.need_text("currency")?,
        created: o.need_int("created")?,
        subtotal: o.need_int("subtotal")?,
        total: o.need_int("total")?,
        discount: sum(o, "total_discount_amounts")?,
        tax_exclusive: tax.exclusive,
        tax_inclusive: tax.inclusive,
        amount_due: o.need_int("amount_due")?,
        amount_paid: o.need_int("amount_paid")?,
        amount_remaining: o.need_int("amount_remaining")?,
        starting_balance: o.int("starting_balance")?,
        ending_balance: o.int("ending_balance")?,
        pre_payment_credit_notes: o.int("pre_payment_credit_notes_amount")?.unwrap_or(0),
        post_payment_credit_notes: o.int("post_payment_credit_notes_amount")?.unwrap_or(0),
        paid_out_of_band: o.flag("paid_out_of_band")?,
        billing_reason: o.text("billing_reason")?,
        collection_method: o.text("collection_method")?,
        subscription: match o.id("subscription")? {
            Some(id) => Some(id),
            None => o
                .child("parent")?
                .child("subscription_details")?
                .id("subscription")?,
        },
        on_behalf_of: o.id("on_behalf_of")?,
        transfer_destination: o.child("transfer_data")?.id("destination")?,
        application_fee_amount: o.int("application_fee_amount")?,
        due_date: o.int("due_date")?,
        period: match (o.int("period_start")?, o.int("period_end")?) {
            (Some(start), Some(end)) => Some(Period { start, end }),
            _ => None,
        },
        status_transitions: StatusTransitions {
            finalized_at: times.int("finalized_at")?,
            paid_at: times.int("paid_at")?,
            marked_uncollectible_at: times.int("marked_uncollectible_at")?,
            voided_at: times.int("voided_at")?,
        },
        payments: payments(o)?,
        lines: o.list("lines", invoice_line)?,
        lines_complete: !o.has_more("lines")?,
    })
}

/// The list, or the one payment that an invoice could have before there was one.
fn payments(o: Fields<'_>) -> Result<Vec<InvoicePayment>, Unreadable> {
    let listed = o.list("payments", |payment| {
        let made = payment.child("payment")?;
        Ok(InvoicePayment {
            amount: payment.int("amount_paid")?,
            status: payment.text("status")?,
            charge: made.id("charge")?,
            payment_intent: made.id("payment_intent")?,
        })
    })?;
    let (charge, payment_intent) = (o.id("charge")?, o.id("payment_intent")?);
    if !listed.is_empty() || (charge.is_none() && payment_intent.is_none()) {
        return Ok(listed);
    }
    Ok(vec![InvoicePayment {
        amount: None,
        status: None,
        charge,
        payment_intent,
    }])
}

fn invoice_line(o: Fields<'_>) -> Result<InvoiceLine, Unreadable> {
    let parent = o.child("parent")?;
    let of_item = parent.child("invoice_item_details")?;
    let of_subscription = parent.child("subscription_item_details")?;
    let details = if of_subscription.exists() {
        of_subscription
    } else {
        of_item
    };
    let prices = [o.child("pricing")?.child("price_details")?, o];
    let tax = taxes(o, &["taxes", "tax_amounts"])?;
    let period = o.child("period")?;
    Ok(InvoiceLine {
        id: o.need_text("id")?,
        amount: o.need_int("amount")?,
        currency: o.need_text("currency")?,
        discount: sum(o, "discount_amounts")?,
        tax_exclusive: tax.exclusive,
        tax_inclusive: tax.inclusive,
        period: Period {
            start: period.need_int("start")?,
            end: period.need_int("end")?,
        },
        proration: first(&[o, details], |o| o.flag("proration"))?.unwrap_or(false),
        subscription: first(&[o, details], |o| o.id("subscription"))?,
        subscription_item: first(&[o, details], |o| o.id("subscription_item"))?,
        invoice_item: first(&[o, details], |o| o.id("invoice_item"))?,
        price: match first(&prices, |o| o.id("price"))? {
            Some(price) => Some(price),
            None => o.id("plan")?,
        },
        product: product(o)?,
    })
}

/// What was sold: beside the price since basil, within it or the plan before.
fn product(o: Fields<'_>) -> Result<Option<String>, Unreadable> {
    let details = o.child("pricing")?.child("price_details")?;
    match details.id("product")? {
        Some(product) => Ok(Some(product)),
        None => first(&[o.child("price")?, o.child("plan")?], |o| o.id("product")),
    }
}

pub(super) fn credit_note(o: Fields<'_>) -> Result<CreditNote, Unreadable> {
    let tax = taxes(o, &["total_taxes", "tax_amounts"])?;
    Ok(CreditNote {
        status: o.need_text("status")?,
        kind: o.text("type")?,
        reason: o.text("reason")?,
        currency: o.need_text("currency")?,
        created: o.need_int("created")?,
        effective_at: o.int("effective_at")?,
        voided_at: o.int("voided_at")?,
        invoice: o.need_id("invoice")?,
        subtotal: o.need_int("subtotal")?,
        total: o.need_int("total")?,
        discount: o.int("discount_amount")?.unwrap_or(0),
        tax_exclusive: tax.exclusive,
        tax_inclusive: tax.inclusive,
        pre_payment_amount: o.int("pre_payment_amount")?,
        post_payment_amount: o.int("post_payment_amount")?,
        out_of_band_amount: o.int("out_of_band_amount")?,
        customer_balance_transaction: o.id("customer_balance_transaction")?,
        refunds: credit_note_refunds(o)?,
        lines: o.list("lines", credit_note_line)?,
        lines_complete: !o.has_more("lines")?,
    })
}

fn credit_note_refunds(o: Fields<'_>) -> Result<Vec<CreditNoteRefund>, Unreadable> {
    let listed = o.list("refunds", |part| {
        Ok(CreditNoteRefund {
            refund: part.id("refund")?,
            amount: part.int("amount_refunded")?,
        })
    })?;
    match o.id("refund")? {
        Some(refund) if listed.is_empty() => Ok(vec![CreditNoteRefund {
            refund: Some(refund),
            amount: None,
        }]),
        _ => Ok(listed),
    }
}

fn credit_note_line(o: Fields<'_>) -> Result<CreditNoteLine, Unreadable> {
    let tax = taxes(o, &["taxes", "tax_amounts"])?;
    Ok(CreditNoteLine {
        id: o.need_text("id")?,
        kind: o.text("type")?,
        amount: o.need_int("amount")?,
        discount: o.int("discount_amount")?.unwrap_or(0),
        tax_exclusive: tax.exclusive,
        tax_inclusive: tax.inclusive,
        invoice_line_item: o.id("invoice_line_item")?,
    })
}

#[derive(Default)]
struct Tax {
    exclusive: i64,
    inclusive: i64,
    listed: bool,
}

impl Tax {
    /// A sum that no list explains counts as tax on top, the only kind there was.
    fn or_sum(self, sum: Option<i64>) -> Self {
        match sum {
            Some(exclusive) if !self.listed => Self { exclusive, ..self },
            _ => self,
        }
    }
}

/// Sums the first of these lists that is there.
fn taxes(o: Fields<'_>, lists: &[&'static str]) -> Result<Tax, Unreadable> {
    for &field in lists {
        let mut tax = Tax::default();
        for (amount, inclusive) in o.list(field, one_tax)? {
            let side = if inclusive {
                &mut tax.inclusive
            } else {
                &mut tax.exclusive
            };
            *side = side.checked_add(amount).ok_or(Unreadable { field })?;
            tax.listed = true;
        }
        if tax.listed {
            return Ok(tax);
        }
    }
    Ok(Tax::default())
}

fn one_tax(o: Fields<'_>) -> Result<(i64, bool), Unreadable> {
    let inclusive = match o.flag("inclusive")? {
        Some(inclusive) => inclusive,
        None => o.text("tax_behavior")?.as_deref() == Some("inclusive"),
    };
    Ok((o.need_int("amount")?, inclusive))
}

fn sum(o: Fields<'_>, field: &'static str) -> Result<i64, Unreadable> {
    let amounts = o.list(field, |part| part.need_int("amount"))?;
    amounts
        .into_iter()
        .try_fold(0_i64, i64::checked_add)
        .ok_or(Unreadable { field })
}

/// The first of several places that has a field.
fn first<T>(
    places: &[Fields<'_>],
    read: impl Fn(Fields<'_>) -> Result<Option<T>, Unreadable>,
) -> Result<Option<T>, Unreadable> {
    for place in places {
        if let Some(found) = read(*place)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}
