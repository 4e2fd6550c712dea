//! The figures, for people, for machines and as pictures.

mod items;
mod json;
mod pictures;
mod tables;

use std::fmt;
use std::path::Path;

use crate::error::CostError;
use crate::growth::Growth;
use crate::price::{Bill, Prices};
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
        if let Some(load) = find(&ours, Kind::Load) {
            let bill = load.bill(&prices)?;
            columns.push(Column {
                name: "HTTP API",
                bill,
            });
            let bill = load.bill_by_function_url(&prices)?;
            columns.push(Column {
                name: "function URL",
                bill,
            });
        }
        if let Some(low) = find(&ours, Kind::Low) {
            let bill = low.bill(&prices)?;
            columns.push(Column {
                name: "batches of 1",
                bill,
            });
        }
        if let Some(low) = find(&reference, Kind::Low) {
            let bill = low.bill(&prices)?;
            columns.push(Column {
                name: "conventional",
                bill,
            });
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
