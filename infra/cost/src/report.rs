//! The figures, for people, for machines and as pictures.

mod items;
mod json;
mod pictures;
mod tables;

use std::fmt;
use std::path::Path;

use crate::error::CostError;
use crate::growth::Growth;
use crate::price::{Bill, Nano, Prices};
use crate::scenario::{Counted, Kind};

/// Everything that a run found.
#[derive(Debug)]
pub struct Report {
    /// The price list.
    pub prices: Prices,
    /// Our functions, in every scenario.
    pub ours: Vec<Counted>,
    /// The conventional pipeline; empty without Node.
    pub reference: Vec<Counted>,
    /// How it grows.
    pub growth: Option<Growth>,
    /// The bills of the columns, in their order.
    columns: Vec<Column>,
}

/// A pipeline and what a million events cost on it.
#[derive(Debug)]
struct Column {
    name: &'static str,
    bill: Bill,
    /// What is applied and durable of a million webhooks, repeated ones among them.
    per_webhook: Nano,
}

impl Report {
    /// Bills what was counted.
    pub fn new(
        prices: Prices,
        ours: Vec<Counted>,
        reference: Vec<Counted>,
        growth: Option<Growth>,
    ) -> Result<Self, CostError> {
        let mut columns = Vec::new();
        let mut column = |name, counted: &Counted, bill: Bill| {
            let per_webhook = bill.applied().share(counted.of, counted.webhooks);
            columns.push(Column {
                name,
                bill,
                per_webhook,
            });
        };
        if let Some(load) = find(&ours, Kind::Load) {
            column("HTTP API", load, load.bill(&prices)?);
            column("function URL", load, load.bill_by_function_url(&prices)?);
        }
        if let Some(low) = find(&ours, Kind::Low) {
            column("batches of 1", low, low.bill(&prices)?);
        }
        if let Some(low) = find(&reference, Kind::Low) {
            column("conventional", low, low.bill(&prices)?);
        }
        Ok(Self {
            prices,
            ours,
            reference,
            growth,
            columns,
        })
    }

    /// Writes the figures for machines.
    pub fn write_json(&self, file: &Path) -> Result<(), CostError> {
        let text = serde_json::to_string_pretty(&json::summary(self)?)?;
        Ok(std::fs::write(file, text + "\n")?)
    }

    /// Draws the pictures.
    pub fn draw(&self, folder: &Path) -> Result<(), CostError> {
        std::fs::create_dir_all(folder)?;
        for (name, svg) in pictures::all(self) {
            std::fs::write(folder.join(name), svg)?;
        }
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        tables::write(f, self)
    }
}

fn find(counted: &[Counted], kind: Kind) -> Option<&Counted> {
    counted.iter().find(|one| one.kind == kind)
}
