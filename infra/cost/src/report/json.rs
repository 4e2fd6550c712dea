//! The figures for machines. Money is nano-dollars.

use serde_json::{Value, json};

use super::{Report, items};
use crate::error::CostError;
use crate::price::{Bill, Prices};
use crate::scenario::Counted;

pub(super) fn summary(report: &Report) -> Result<Value, CostError> {
    let pipeline = |counted: &[Counted]| -> Result<Vec<Value>, CostError> {
        counted
            .iter()
            .map(|one| scenario(one, &report.prices))
            .collect()
    };
    let columns = report.columns.iter();
    let columns = columns.map(|column| json!({ "name": column.name, "bill": bill(&column.bill), "applied_per_webhook": column.per_webhook }));
    Ok(json!({
        "region": report.prices.region,
        "as_of": report.prices.as_of,
        "unit": "nano-dollars per million",
        "columns": columns.collect::<Vec<_>>(),
        "ours": pipeline(&report.ours)?,
        "conventional": pipeline(&report.reference)?,
        "growth": report.growth,
    }))
}

fn bill(bill: &Bill) -> Value {
    let stages = bill
        .stages
        .iter()
        .map(|(stage, amount)| (stage.name().to_owned(), json!(amount)));
    json!({
        "stages": Value::Object(stages.collect()),
        "applied": bill.applied(),
        "total": bill.total(),
        "assumed": bill.assumed(),
    })
}

fn scenario(one: &Counted, prices: &Prices) -> Result<Value, CostError> {
    let counts = one.tally.counts.iter();
    let counts = counts
        .map(|(stage, unit, count)| json!({ "stage": stage.name(), "unit": unit, "count": count }));
    Ok(json!({
        "scenario": one.kind,
        "of": one.of,
        "webhooks": one.webhooks,
        "stored_bytes": one.stored_bytes,
        "bill": bill(&one.bill(prices)?),
        "counts": counts.collect::<Vec<_>>(),
        "requests": one.tally.requests,
        "items": items::sizes(&one.tally.writes),
    }))
}
