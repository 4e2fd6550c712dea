//! Payouts that somebody may have to look at.

use tributary_ledger::Day;
use tributary_ledger::views::{PayoutRow, Shelf};
use tributary_pipeline::ledger::Views;

use super::{Selection, ledger};
use crate::accounts::mode_of_stack;
use crate::context::{Context, now};
use crate::failure::Failure;
use crate::render::{Report, Table};

pub(super) async fn run(selection: &Selection, context: &Context) -> Result<Report, Failure> {
    let (ledger, mode) = (ledger(context).await?, mode_of_stack(context).await?);
    let owner = selection.account.as_ref();
    let failed = Shelf::Failed(selection.month());
    let failed = ledger.payouts(mode, &failed, owner).await?;
    let under_way = ledger.payouts(mode, &Shelf::UnderWay, owner).await?;
    let (today, on_their_way) = (Day::of(now()), under_way.len());
    let rows = failed.iter().chain(&under_way);
    let rows = rows.filter_map(|(book, fact)| PayoutRow::of(book, fact, today, None));
    let rows: Vec<PayoutRow> = rows
        .filter(|row| row.stuck || row.status == "failed")
        .collect();
    Ok(shown(rows, on_their_way))
}

/// Those that people believe to have arrived first, then those that hang, then by how
/// long they are overdue.
fn shown(mut rows: Vec<PayoutRow>, on_their_way: usize) -> Report {
    rows.sort_by_key(|row| (!row.failed_after_paid, !row.stuck, row.arrives));
    let count = |is_one: fn(&PayoutRow) -> bool| rows.iter().filter(|row| is_one(row)).count();
    let report = Report::new()
        .record("payouts")
        .field("under_way", on_their_way)
        .field("stuck", count(|row| row.stuck))
        .field("failed", count(|row| row.status == "failed"))
        .field("failed_after_paid", count(|row| row.failed_after_paid))
        .done();
    let mut table = Table::new(&[
        "account",
        "payout",
        "amount",
        "currency",
        "status",
        "arrives",
        "is_stuck",
        "failed_after_paid",
        "failure_code",
    ]);
    for row in rows {
        table.row([
            row.book.owner.as_str().into(),
            row.id.as_str().into(),
            row.amount.into(),
            row.currency.into(),
            row.status.into(),
            row.arrives.to_string().into(),
            row.stuck.into(),
            row.failed_after_paid.into(),
            row.failure_code.into(),
        ]);
    }
    report.table(
        "stuck_or_failed",
        table.saying_when_empty("no payout is stuck or has failed"),
    )
}
