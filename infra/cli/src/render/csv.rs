//! For sheets: RFC 4180, one header for all.

use super::{Body, Cell, Report, Section};

/// What a spreadsheet may take for the beginning of a formula (OWASP, "CSV Injection").
const FORMULA_BEGINS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A report of one section is its table. One of several has a first column `section`
/// and the columns of all of them.
pub(super) fn write(report: &Report) -> String {
    let several = report.sections.len() > 1;
    let mut columns: Vec<&str> = Vec::new();
    for name in report.sections.iter().flat_map(columns_of) {
        if !columns.contains(&name) {
            columns.push(name);
        }
    }
    let mut text = String::new();
    let section = several.then(|| "section".to_owned());
    line(
        &mut text,
        section
            .into_iter()
            .chain(columns.iter().map(|name| (*name).to_owned())),
    );
    for section in &report.sections {
        for row in rows_of(section) {
            let cell = |name: &&str| {
                let found = row.iter().find(|(column, _)| column == name);
                found.map_or_else(String::new, |(_, cell)| guarded(cell))
            };
            let name = several.then(|| section.name.to_owned());
            line(&mut text, name.into_iter().chain(columns.iter().map(cell)));
        }
    }
    text
}

fn columns_of(section: &Section) -> Vec<&'static str> {
    match &section.body {
        Body::Table(table) => table.columns.clone(),
        Body::Record(fields) => fields.iter().map(|(name, _)| *name).collect(),
    }
}

fn rows_of(section: &Section) -> Vec<Vec<(&'static str, &Cell)>> {
    match &section.body {
        Body::Record(fields) => vec![fields.iter().map(|(name, cell)| (*name, cell)).collect()],
        Body::Table(table) => {
            let rows = table.rows.iter();
            rows.map(|row| table.columns.iter().copied().zip(row).collect())
                .collect()
        }
    }
}

/// A text that looks like a formula gets an apostrophe before it, which a spreadsheet
/// does not show.
fn guarded(cell: &Cell) -> String {
    let plain = cell.plain();
    match cell {
        Cell::Text(text) if text.starts_with(FORMULA_BEGINS) => format!("'{plain}"),
        _ => plain,
    }
}

fn line(text: &mut String, fields: impl Iterator<Item = String>) {
    for (index, field) in fields.enumerate() {
        if index > 0 {
            text.push(',');
        }
        match field.contains([',', '"', '\n', '\r']) {
            true => text.push_str(&format!("\"{}\"", field.replace('"', "\"\""))),
            false => text.push_str(&field),
        }
    }
    text.push_str("\r\n");
}
