//! For programs.

use serde_json::{Map, Value};

use super::{Body, Cell, Report};

/// One object: a list of objects for each table, an object for each record.
pub(super) fn write(report: &Report) -> String {
    let mut all = Map::new();
    for section in &report.sections {
        let value = match &section.body {
            Body::Record(fields) => object(fields.iter().map(|(name, cell)| (*name, cell))),
            Body::Table(table) => {
                let rows = table.rows.iter();
                let rows = rows.map(|row| object(table.columns.iter().copied().zip(row)));
                Value::Array(rows.collect())
            }
        };
        all.insert(section.name.to_owned(), value);
    }
    let mut text = format!("{:#}", Value::Object(all));
    text.push('\n');
    text
}

fn object<'a>(fields: impl Iterator<Item = (&'static str, &'a Cell)>) -> Value {
    let fields = fields.map(|(name, cell)| (name.to_owned(), cell.json()));
    Value::Object(fields.collect())
}
