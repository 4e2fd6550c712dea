//! `view`: payouts, exchange rates and fees, as the ledger keeps them, and what is
//! expected of rates and fees.

mod expect;
mod payouts;
mod sums;

use std::collections::BTreeMap;

use clap::{Args, Subcommand};
use tributary_aws::DynamoLedger;
use tributary_domain::Owner;
use tributary_ledger::views::{Month, MonthView};
use tributary_ledger::{Book, Day};
use tributary_pipeline::ledger::Views;

use crate::accounts::{mode_of_stack, owner};
use crate::context::{Context, now};
use crate::failure::Failure;
use crate::render::{Cell, Report};

/// Payouts, exchange rates, fees.
#[derive(Debug, Subcommand)]
pub enum View {
    /// List payouts that are stuck, or that failed in a month: before or after they were paid.
    Payouts(Selection),
    /// Show the rates at which money was converted, against those expected.
    Fx(Sums),
    /// Show what payments cost by method and country, against the agreed prices.
    Fees(Sums),
    /// Put agreed prices and expected rates in use, or show those that are.
    Expect(expect::Expect),
}

/// Whose, and when.
#[derive(Debug, Args)]
pub struct Selection {
    /// Whose: acct_… or `platform`. Without it, all together.
    #[arg(long, value_parser = owner)]
    account: Option<Owner>,
    /// Which month, UTC, such as 2026-11. Without it, this one.
    #[arg(long, value_parser = month)]
    month: Option<Month>,
}

/// Whose, when, and how much of it.
#[derive(Debug, Args)]
pub struct Sums {
    #[command(flatten)]
    selection: Selection,
    /// List the accounts, those that are furthest from what is expected first.
    #[arg(long)]
    by_account: bool,
}

fn month(text: &str) -> Result<Month, String> {
    Month::parse(text).map_err(|error| error.to_string())
}

impl View {
    pub(super) async fn run(self, context: &Context) -> Result<Report, Failure> {
        match self {
            Self::Payouts(selection) => payouts::run(&selection, context).await,
            Self::Fx(sums) => {
                let books = sums.selection.books(context).await?;
                Ok(sums.shown(&books, sums::fx))
            }
            Self::Fees(sums) => {
                let books = sums.selection.books(context).await?;
                Ok(sums.shown(&books, sums::fees))
            }
            Self::Expect(expect) => expect.run(context).await,
        }
    }
}

type Books = BTreeMap<Book, MonthView>;

impl Selection {
    fn month(&self) -> Month {
        let this = || Month::of(Day::of(now()));
        self.month.clone().unwrap_or_else(this)
    }

    async fn books(&self, context: &Context) -> Result<Books, Failure> {
        let (ledger, mode) = (ledger(context).await?, mode_of_stack(context).await?);
        let (month, owner) = (self.month(), self.account.as_ref());
        Ok(ledger.month(mode, &month, owner).await?)
    }
}

impl Sums {
    fn shown(&self, books: &Books, show: impl Fn(&Books, bool) -> crate::render::Table) -> Report {
        let all: MonthView = books.values().fold(MonthView::default(), |mut all, view| {
            all.merge(view);
            all
        });
        let report = Report::new()
            .record("month")
            .field("month", self.selection.month().to_string())
            .field("accounts", books.len())
            .field("left_out", all.left_out)
            .done()
            .table("sums", show(books, false));
        match self.by_account {
            true => report.table("accounts", show(books, true)),
            false => report,
        }
    }
}

async fn ledger(context: &Context) -> Result<DynamoLedger, Failure> {
    let table = context.output("LedgerTableName").await?;
    Ok(DynamoLedger::new(context.aws().await?, table.to_owned()))
}

/// Sums of many accounts, in minor units. What no ledger could hold is cut off.
fn money(sum: i128) -> Cell {
    let most = if sum < 0 { i64::MIN } else { i64::MAX };
    Cell::Number(i64::try_from(sum).unwrap_or(most))
}

#[cfg(test)]
mod tests;
