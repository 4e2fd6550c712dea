//! What is expected of fees and rates, written by people.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use tributary_ledger::views::Expected;

use super::ledger;
use crate::context::Context;
use crate::failure::Failure;
use crate::options::Change;
use crate::render::Report;

/// A price list.
#[derive(Debug, Args)]
pub struct Expect {
    /// JSON with `fees` and `rates`, see docs/LEDGER.md. Without it, what is in use is
    /// printed.
    file: Option<PathBuf>,
    #[command(flatten)]
    change: Change,
}

impl Expect {
    pub(super) async fn run(self, context: &Context) -> Result<Report, Failure> {
        let Some(file) = self.file else {
            let text = ledger(context).await?.expected_text().await?;
            return Ok(Report::text(text.unwrap_or_else(|| "{}\n".to_owned())));
        };
        let text = std::fs::read_to_string(&file).map_err(|error| {
            let name = file.display();
            Failure::usage(
                format!("{name} cannot be read: {error}"),
                "Name a file with JSON.",
            )
        })?;
        let expected = Expected::parse(&text).map_err(|error| {
            Failure::usage(
                format!("{}: {error}", file.display()),
                "Nothing was changed; docs/LEDGER.md has the form.",
            )
        })?;
        if !self.change.dry_run {
            ledger(context).await?.expect(&text).await?;
        }
        let rates: usize = expected.rates.values().map(BTreeMap::len).sum();
        let report = Report::new()
            .record("expected")
            .field("fee_rules", expected.schedule.0.len())
            .field("rates", rates)
            .field("dry_run", self.change.dry_run)
            .done();
        Ok(match self.change.dry_run {
            true => report,
            false => report.hint("It counts for what is booked from now on."),
        })
    }
}
