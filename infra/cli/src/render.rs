//! What commands answer, and how it is written: for people, for programs, for sheets.
//!
//! A report is a list of sections, each a table or a record under a name. The names of
//! sections and columns are the keys of the JSON, and promised.

mod cell;
mod csv;
mod human;
mod json;

use std::io::Write;

use clap::ValueEnum;

use crate::exit::Exit;

pub use cell::Cell;
pub(crate) use cell::rfc3339;

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Aligned columns, for people.
    Table,
    /// One JSON object; the keys are stable.
    Json,
    /// Comma-separated, safe to open in a spreadsheet.
    Csv,
}

/// A command's answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Report {
    sections: Vec<Section>,
    hints: Vec<String>,
    text: Option<String>,
    exit: Exit,
}

/// One part of it.
#[derive(Debug, Clone, PartialEq)]
struct Section {
    name: &'static str,
    body: Body,
}

#[derive(Debug, Clone, PartialEq)]
enum Body {
    Table(Table),
    Record(Vec<(&'static str, Cell)>),
}

/// Rows with named columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    columns: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
    said_once: Vec<&'static str>,
    when_empty: Option<&'static str>,
}

impl Table {
    /// A table without rows. Columns are named in `snake_case`, with their unit last.
    pub fn new(columns: &[&'static str]) -> Self {
        Self {
            columns: columns.to_vec(),
            rows: Vec::new(),
            said_once: Vec::new(),
            when_empty: None,
        }
    }

    /// What people are told if there are no rows, where its name is no plural noun.
    #[must_use]
    pub fn saying_when_empty(mut self, sentence: &'static str) -> Self {
        self.when_empty = Some(sentence);
        self
    }

    /// Columns that people are told once, above the table, where all rows agree: what
    /// differs is what they look for.
    #[must_use]
    pub fn saying_once(mut self, columns: &[&'static str]) -> Self {
        self.said_once = columns.to_vec();
        self
    }

    /// Adds a row with a cell for each column.
    pub fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        let mut cells: Vec<Cell> = cells.into_iter().collect();
        cells.resize(self.columns.len(), Cell::Nothing);
        self.rows.push(cells);
    }

    /// The cells of a column, which may not be there.
    fn cells(&self, column: &str) -> impl Iterator<Item = &Cell> {
        let at = self.columns.iter().position(|name| *name == column);
        self.rows.iter().filter_map(move |row| row.get(at?))
    }

    /// What every row has in a column, if that is to be said once.
    fn once(&self, column: &str) -> Option<&Cell> {
        let mut cells = self.cells(column);
        let first = cells.next()?;
        let is_once = self.rows.len() > 1 && self.said_once.contains(&column);
        (is_once && cells.all(|cell| cell == first)).then_some(first)
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

/// A record that is being filled in.
#[derive(Debug)]
pub struct Record {
    report: Report,
    name: &'static str,
    fields: Vec<(&'static str, Cell)>,
}

impl Record {
    /// Adds a field.
    #[must_use]
    pub fn field(mut self, name: &'static str, value: impl Into<Cell>) -> Self {
        self.fields.push((name, value.into()));
        self
    }

    /// Back to the report.
    #[must_use]
    pub fn done(mut self) -> Report {
        self.report.sections.push(Section {
            name: self.name,
            body: Body::Record(self.fields),
        });
        self.report
    }
}

impl Report {
    /// An empty report of success.
    pub fn new() -> Self {
        Self::default()
    }

    /// A text that has its own form, such as a script: every format writes it as it is.
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            text: Some(text.into()),
            ..Self::default()
        }
    }

    /// Adds a table.
    #[must_use]
    pub fn table(mut self, name: &'static str, table: Table) -> Self {
        self.sections.push(Section {
            name,
            body: Body::Table(table),
        });
        self
    }

    /// Begins a record, which [`Record::done`] adds.
    #[must_use]
    pub fn record(self, name: &'static str) -> Record {
        Record {
            report: self,
            name,
            fields: Vec::new(),
        }
    }

    /// Adds a line for people only, such as what to do next.
    #[must_use]
    pub fn hint(mut self, line: impl Into<String>) -> Self {
        self.hints.push(line.into());
        self
    }

    /// How the command ends.
    #[must_use]
    pub fn ending(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }

    /// How the command ends.
    pub fn exit(&self) -> Exit {
        self.exit
    }

    /// Written out; `width` is the terminal's, if it is one.
    pub fn render(&self, format: Format, width: Option<u16>) -> String {
        match (&self.text, format) {
            (Some(text), _) => text.clone(),
            (None, Format::Table) => human::write(self, width),
            (None, Format::Json) => json::write(self),
            (None, Format::Csv) => csv::write(self),
        }
    }
}

/// Writes a report to standard output. A reader that has gone away, as `head` does, is
/// no failure.
pub fn print(report: &Report, format: Format) {
    let terminal = console::Term::stdout();
    let width = terminal.is_term().then(|| terminal.size().1);
    let text = report.render(format, width);
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}

#[cfg(test)]
mod tests;
